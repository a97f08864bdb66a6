# What `cmake --install` puts where: the command, the backend modules, the C library with its header and pkg-config file,
# and the rooms as static libraries with headers and targets for find_package(nmperm).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Headers include each other as "core/problem.h": this folder is on the include path of who links a room.
set(NMPERM_INCLUDE_INSTALL_DIR ${CMAKE_INSTALL_INCLUDEDIR}/nmperm)
set(NMPERM_CMAKE_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/nmperm)

install(TARGETS nmperm RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Rooms: each an export set of its own, so that a consumer needs only what its components need.
get_property(rooms GLOBAL PROPERTY NMPERM_ROOMS)
list(REMOVE_ITEM rooms apps bench)  # of use to the command alone
set(folders "")
set(NMPERM_ROOM_REQUIREMENTS "")
foreach(room IN LISTS rooms)
  install(TARGETS nmperm_${room} EXPORT nmperm-${room} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          INCLUDES DESTINATION ${NMPERM_INCLUDE_INSTALL_DIR})
  install(EXPORT nmperm-${room} NAMESPACE nmperm:: DESTINATION ${NMPERM_CMAKE_INSTALL_DIR})
  get_target_property(folder nmperm_${room} SOURCE_DIR)
  list(APPEND folders ${folder})
  get_property(required GLOBAL PROPERTY NMPERM_ROOM_${room}_REQUIRES)
  string(APPEND NMPERM_ROOM_REQUIREMENTS "set(_nmperm_rooms_of_${room} ${required})\n")
endforeach()
list(JOIN rooms " " NMPERM_ROOMS)

list(REMOVE_DUPLICATES folders)
foreach(folder IN LISTS folders)
  file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.h)
  list(FILTER headers EXCLUDE REGEX "/onnx_state.h$")  # protobuf stays inside
  cmake_path(GET folder FILENAME name)
  install(FILES ${headers} DESTINATION ${NMPERM_INCLUDE_INSTALL_DIR}/${name})
endforeach()

# The C interface: a shared library that exports C symbols alone.
install(TARGETS nmperm_c EXPORT nmperm-c
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT nmperm-c NAMESPACE nmperm:: DESTINATION ${NMPERM_CMAKE_INSTALL_DIR})

# Found relative to the file itself, so that the tree can be moved.
set(pkg_config_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH NMPERM_PREFIX_FROM_PKG_CONFIG /prefix/${pkg_config_dir} /prefix)
configure_file(${CMAKE_CURRENT_LIST_DIR}/nmperm.pc.in ${PROJECT_BINARY_DIR}/nmperm.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/nmperm.pc DESTINATION ${pkg_config_dir})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/nmpermConfig.cmake.in
  ${PROJECT_BINARY_DIR}/nmpermConfig.cmake INSTALL_DESTINATION ${NMPERM_CMAKE_INSTALL_DIR}
  PATH_VARS NMPERM_BACKEND_INSTALL_DIR)
# Before 1.0 a minor version may change the C++ interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nmpermConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/nmpermConfig.cmake ${PROJECT_BINARY_DIR}/nmpermConfigVersion.cmake
        DESTINATION ${NMPERM_CMAKE_INSTALL_DIR})
