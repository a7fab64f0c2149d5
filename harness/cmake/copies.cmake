# Sources that are compiled once a path. The copy that comes first is compiled and linked before any other copy is compiled, so that the compiler
# shows an error in a source once, not once a path:
#   gcb_compile_after(TARGET FIRST)
# with FIRST the name of a variable, empty before the first call, that names what the later copies wait for. The custom target in between is
# needed: for a library alone Ninja orders the linking, not the compiling.
macro(gcb_compile_after target first)
  if(${first})
    add_dependencies(${target} ${${first}})
  else()
    set(${first} ${target}-first)
    add_custom_target(${${first}} DEPENDS $<TARGET_FILE:${target}>)
    add_dependencies(${${first}} ${target})
  endif()
endmacro()
