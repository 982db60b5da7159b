# What every room is compiled with.
add_library(satchel_options INTERFACE)
target_compile_features(satchel_options INTERFACE c_std_11)
target_compile_options(satchel_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror -fvisibility=hidden)
target_include_directories(satchel_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)

option(SATCHEL_SANITIZE "Build everything with ASan and UBSan" OFF)
if(SATCHEL_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
