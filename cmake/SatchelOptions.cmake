# SPDX-License-Identifier: MIT
# What every room is compiled with: the INTERFACE target satchel_options.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, RelWithDebInfo, Release, MinSizeRel" FORCE)
endif()

add_library(satchel_options INTERFACE)
target_compile_features(satchel_options INTERFACE c_std_11)
target_compile_options(satchel_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wvla -Werror -fvisibility=hidden)
target_include_directories(satchel_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)

option(SATCHEL_SANITIZE "Build everything with ASan and UBSan" OFF)
if(SATCHEL_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

option(SATCHEL_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)
if(SATCHEL_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "SATCHEL_FUZZ needs clang: cmake --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
