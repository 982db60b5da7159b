# SPDX-License-Identifier: MIT
# What `cmake --install` puts where: the client library, two archives made of the rooms' objects, their headers,
# pkg-config files and CMake packages (all relocatable). NetX headers stay in a folder of
# their own. The command's room installs the command.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

file(RELATIVE_PATH SATCHEL_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})

# satchel_install(library): a library, its .pc file and its CMake package, all of the library's name.
function(satchel_install package)
  set(cmakedir ${CMAKE_INSTALL_LIBDIR}/cmake/${package})
  install(TARGETS ${package} EXPORT ${package} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT ${package} NAMESPACE satchel:: DESTINATION ${cmakedir} FILE ${package}Targets.cmake)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/${package}Config.cmake.in
    ${PROJECT_BINARY_DIR}/package/${package}Config.cmake INSTALL_DESTINATION ${cmakedir})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/${package}ConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/package/${package}Config.cmake
    ${PROJECT_BINARY_DIR}/package/${package}ConfigVersion.cmake DESTINATION ${cmakedir})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${package}.pc.in ${PROJECT_BINARY_DIR}/package/${package}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/package/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# satchel_package(PACKAGE name TARGET exported-name ROOMS room...): an archive, its .pc file and its CMake package.
function(satchel_package)
  cmake_parse_arguments(P "" "PACKAGE;TARGET" "ROOMS" ${ARGN})
  add_library(${P_PACKAGE} STATIC)
  foreach(room ${P_ROOMS})
    target_sources(${P_PACKAGE} PRIVATE $<TARGET_OBJECTS:satchel_${room}>)
  endforeach()
  set_target_properties(${P_PACKAGE} PROPERTIES LINKER_LANGUAGE C EXPORT_NAME ${P_TARGET})
  add_library(satchel::${P_TARGET} ALIAS ${P_PACKAGE})
  satchel_install(${P_PACKAGE})
endfunction()

if(TARGET satchel_core AND TARGET satchel_auth AND TARGET satchel_login)
  satchel_package(PACKAGE satchel-pop3 TARGET pop3 ROOMS core auth login)
  target_include_directories(satchel-pop3 INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  install(DIRECTORY include/satchel DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
endif()

if(TARGET satchel-pop3 AND TARGET satchel_netx AND TARGET satchel_nxhost)
  find_package(Threads REQUIRED)
  find_package(OpenSSL REQUIRED)
  satchel_package(PACKAGE nxd-pop3-client TARGET nxd-pop3-client ROOMS netx nxhost)
  target_link_libraries(nxd-pop3-client INTERFACE satchel-pop3 OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
  target_include_directories(nxd-pop3-client INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src/netx> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src/nxhost/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/satchel-nxhost>)
  install(DIRECTORY src/nxhost/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/satchel-nxhost FILES_MATCHING PATTERN *.h)
  install(FILES src/netx/nxd_pop3_client.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/satchel-nxhost)
endif()

if(TARGET satchel-client)
  satchel_install(satchel-client)
endif()

install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
