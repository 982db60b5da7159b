# SPDX-License-Identifier: MIT
# satchel_amalgamation(recipe): target amalgamation_<recipe>, which runs tools/amalgamate.py. Its two files are
# SATCHEL_DIST_<recipe>/<name>.c and .h. Whoever compiles them depends on the target.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(SATCHEL_DIST_pair ${PROJECT_BINARY_DIR}/dist/netx)
set(SATCHEL_DIST_engine ${PROJECT_BINARY_DIR}/dist/engine)
set(SATCHEL_DIST_NAME_pair nxd_pop3_client)
set(SATCHEL_DIST_NAME_engine pop3_engine)

function(satchel_amalgamation recipe)
  set(tool ${PROJECT_SOURCE_DIR}/tools/amalgamate.py)
  set(output ${SATCHEL_DIST_${recipe}}/${SATCHEL_DIST_NAME_${recipe}})
  set(folders include/satchel src/core src/auth src/login src/netx)
  list(TRANSFORM folders REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/\\1/*.[ch]")
  file(GLOB sources CONFIGURE_DEPENDS ${folders})
  add_custom_command(OUTPUT ${output}.c ${output}.h
    COMMAND ${Python3_EXECUTABLE} ${tool} ${recipe} ${SATCHEL_DIST_${recipe}}
    DEPENDS ${sources} ${tool} ${PROJECT_SOURCE_DIR}/tools/toplevel.py ${PROJECT_SOURCE_DIR}/LICENSE
    COMMENT "Writing ${output}.c and .h" VERBATIM)
  add_custom_target(amalgamation_${recipe} DEPENDS ${output}.c ${output}.h)
endfunction()

# satchel_drop_in(target recipe definitions...): a library of the .c file, with its folder on the include path.
function(satchel_drop_in target recipe)
  add_library(${target} STATIC ${SATCHEL_DIST_${recipe}}/${SATCHEL_DIST_NAME_${recipe}}.c)
  add_dependencies(${target} amalgamation_${recipe})
  target_include_directories(${target} PUBLIC ${SATCHEL_DIST_${recipe}})
  target_compile_definitions(${target} PUBLIC ${ARGN})
  target_link_libraries(${target} PRIVATE satchel_options)
endfunction()
