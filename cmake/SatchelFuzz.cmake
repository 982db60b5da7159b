# SPDX-License-Identifier: MIT
# satchel_fuzzer(NAME name SOURCES a.c... [LIBS targets...]): LLVMFuzzerTestOneInput in the sources, corpus in
# tests/fuzz/corpus/NAME/. With SATCHEL_FUZZ it is a libFuzzer program, and one dictionary for all is made from the verb
# table; otherwise it is a CTest that runs the corpus once, and what make_corpus.py makes of the transcripts.
add_custom_target(fuzzers)
if(SATCHEL_FUZZ)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/fuzzers/pop3.dict
    COMMAND verbs dictionary > ${PROJECT_BINARY_DIR}/fuzzers/pop3.dict DEPENDS verbs VERBATIM)
  add_custom_target(fuzz_dictionary DEPENDS ${PROJECT_BINARY_DIR}/fuzzers/pop3.dict)
  add_dependencies(fuzzers fuzz_dictionary)
else()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(SATCHEL_FUZZ_SEEDS ${PROJECT_BINARY_DIR}/seeds)
  add_test(NAME fuzz_seeds
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tests/fuzz/make_corpus.py ${SATCHEL_FUZZ_SEEDS})
  set_tests_properties(fuzz_seeds PROPERTIES FIXTURES_SETUP fuzz_seeds TIMEOUT 60)
endif()

function(satchel_fuzzer)
  cmake_parse_arguments(F "" "NAME" "SOURCES;LIBS" ${ARGN})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${F_NAME})
  add_executable(fuzz_${F_NAME} ${F_SOURCES})
  target_link_libraries(fuzz_${F_NAME} PRIVATE satchel_options ${F_LIBS})
  set_target_properties(fuzz_${F_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzzers)
  add_dependencies(fuzzers fuzz_${F_NAME})
  if(SATCHEL_FUZZ)
    target_link_options(fuzz_${F_NAME} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${F_NAME} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.c)
    add_test(NAME fuzz_corpus_${F_NAME} COMMAND fuzz_${F_NAME} ${corpus} ${SATCHEL_FUZZ_SEEDS}/${F_NAME})
    set_tests_properties(fuzz_corpus_${F_NAME} PROPERTIES FIXTURES_REQUIRED fuzz_seeds TIMEOUT 300)
  endif()
endfunction()
