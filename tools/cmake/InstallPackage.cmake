# The CMake package: find_package(Pixelfly) in the projects of others. Libraries
# and tools install themselves (pixelfly_install); here is what is not a target.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Pixelfly)

# Headers, TableGen files, and what TableGen made of them, under one root.
foreach(root ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include
             ${PROJECT_SOURCE_DIR}/dialects ${PROJECT_BINARY_DIR}/dialects)
  install(DIRECTORY ${root}/pixelfly DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          FILES_MATCHING PATTERN "*.h" PATTERN "*.inc" PATTERN "*.td"
          PATTERN CMakeFiles EXCLUDE)
endforeach()
install(DIRECTORY include/pixelfly-c runtime/include/pixelfly-rt
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY lib/Model/models/
        DESTINATION ${CMAKE_INSTALL_DATADIR}/pixelfly/models)

install(EXPORT PixelflyTargets NAMESPACE Pixelfly:: DESTINATION ${package_dir})
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/PixelflyConfig.cmake.in
  ${PROJECT_BINARY_DIR}/PixelflyConfig.cmake
  INSTALL_DESTINATION ${package_dir}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_DATADIR)
# Before 1.0, a minor version may change anything.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/PixelflyConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/PixelflyConfig.cmake
              ${PROJECT_BINARY_DIR}/PixelflyConfigVersion.cmake
        DESTINATION ${package_dir})
