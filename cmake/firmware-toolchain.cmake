# SPDX-License-Identifier: MIT
# Bare metal: SATCHEL_MCU is cortex-m3, cortex-m4, cortex-m0plus or rv32.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SATCHEL_MCU)

if(SATCHEL_MCU STREQUAL "rv32")
  set(CMAKE_SYSTEM_PROCESSOR riscv32)
  set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
  set(CMAKE_C_FLAGS_INIT "-march=rv32imac -mabi=ilp32 --specs=picolibc.specs")
elseif(SATCHEL_MCU MATCHES "^cortex-m")
  set(CMAKE_SYSTEM_PROCESSOR arm)
  set(CMAKE_C_COMPILER arm-none-eabi-gcc)
  set(CMAKE_C_FLAGS_INIT "-mcpu=${SATCHEL_MCU} -mthumb")
else()
  message(FATAL_ERROR "SATCHEL_MCU '${SATCHEL_MCU}': cortex-m3, cortex-m4, cortex-m0plus or rv32")
endif()
string(APPEND CMAKE_C_FLAGS_INIT " -ffunction-sections -fdata-sections -fstack-usage -fcallgraph-info=su")
