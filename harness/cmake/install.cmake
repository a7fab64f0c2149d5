# What a plug-in is built from, beside the program and its modules: headers, and how pkg-config and CMake find them. The layout is that of
# the build tree, without the multi-architecture folder, because bin/gcbench looks for its modules in ../lib/gcbench.
install(FILES ${GCB_PUBLIC_HEADERS} DESTINATION include/gcbench)
install(FILES README.md LICENSE DESTINATION share/doc/gcbench)
install(FILES collectors/README.md DESTINATION share/doc/gcbench/collectors)
install(FILES workloads/README.md DESTINATION share/doc/gcbench/workloads)

get_property(GCB_WORKLOAD_PATHS GLOBAL PROPERTY GCB_PATHS)
list(JOIN GCB_WORKLOAD_PATHS " " GCB_WORKLOAD_PATHS)
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

# Manual pages and completions, from the program's own tables of options.
set(pages ${CMAKE_BINARY_DIR}/share/man/man1)
set(completions ${CMAKE_BINARY_DIR}/share/completions)
add_custom_command(
  OUTPUT ${pages}/gcbench.1
  COMMAND ${CMAKE_COMMAND} -E make_directory ${pages} ${completions}
  COMMAND gcbench manual --into ${pages}
  COMMAND gcbench completions bash > ${completions}/gcbench
  COMMAND gcbench completions zsh > ${completions}/_gcbench
  COMMAND gcbench completions fish > ${completions}/gcbench.fish
  DEPENDS gcbench VERBATIM)
add_custom_target(manual ALL DEPENDS ${pages}/gcbench.1)
install(DIRECTORY ${pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${completions}/gcbench DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/_gcbench DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/gcbench.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
