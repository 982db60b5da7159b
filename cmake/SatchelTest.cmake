# SPDX-License-Identifier: MIT
# satchel_test(NAME name SOURCES a.c... [LIBS targets...] [LABELS labels...] [ARGS ...]): a cmocka program that CTest runs.
# Label valgrind: in a build without sanitizers it runs under valgrind. Label plain: it also runs there as it is.
# Label long: only `make test-all` runs it.
find_package(PkgConfig REQUIRED)
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
find_program(SATCHEL_VALGRIND valgrind)

set(SATCHEL_TEST_RUNNER "")
if(SATCHEL_VALGRIND AND NOT SATCHEL_SANITIZE)
  set(SATCHEL_TEST_RUNNER ${SATCHEL_VALGRIND} --quiet --error-exitcode=99 --leak-check=full
      --errors-for-leak-kinds=definite,indirect,possible)
endif()

function(satchel_test)
  cmake_parse_arguments(T "" "NAME" "SOURCES;LIBS;LABELS;ARGS" ${ARGN})
  add_executable(test_${T_NAME} ${T_SOURCES})
  target_link_libraries(test_${T_NAME} PRIVATE satchel_options ${T_LIBS} PkgConfig::CMOCKA)
  if("valgrind" IN_LIST T_LABELS)
    add_test(NAME ${T_NAME} COMMAND ${SATCHEL_TEST_RUNNER} $<TARGET_FILE:test_${T_NAME}> ${T_ARGS})
  else()
    add_test(NAME ${T_NAME} COMMAND test_${T_NAME} ${T_ARGS})
  endif()
  set_tests_properties(${T_NAME} PROPERTIES TIMEOUT 300 LABELS "${T_LABELS}")
endfunction()
