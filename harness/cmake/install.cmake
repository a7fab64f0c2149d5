# What a plug-in is built from, beside the program and its modules: headers, and how pkg-config and CMake find them. The layout is that of
# the build tree, without the multi-architecture folder, because bin/gcbench looks for its modules in ../lib/gcbench.
install(FILES ${GCB_PUBLIC_HEADERS} DESTINATION include/gcbench)
install(FILES README.md LICENSE DESTINATION share/doc/gcbench)
install(FILES collectors/README.md DESTINATION share/doc/gcbench/collectors)

configure_file(harness/cmake/gcbench.pc.in lib/pkgconfig/gcbench.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/lib/pkgconfig/gcbench.pc DESTINATION lib/pkgconfig)

add_library(plugin INTERFACE)
target_include_directories(plugin INTERFACE $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/include> $<INSTALL_INTERFACE:include>)
install(TARGETS plugin EXPORT gcbench)
install(EXPORT gcbench NAMESPACE gcbench:: FILE gcbenchConfig.cmake DESTINATION lib/cmake/gcbench)
include(CMakePackageConfigHelpers)
set(package ${CMAKE_BINARY_DIR}/lib/cmake/gcbench) # the build tree is a prefix like any other
export(EXPORT gcbench NAMESPACE gcbench:: FILE ${package}/gcbenchConfig.cmake)
write_basic_package_version_file(${package}/gcbenchConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${package}/gcbenchConfigVersion.cmake DESTINATION lib/cmake/gcbench)
