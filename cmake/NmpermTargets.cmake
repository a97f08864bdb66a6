# How the targets of this project are compiled: one library per room, the same flags everywhere.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(nmperm_flags INTERFACE)
target_include_directories(nmperm_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(nmperm_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-unknown-pragmas)
if(NMPERM_WERROR)
  target_compile_options(nmperm_flags INTERFACE -Werror)
endif()
if(NMPERM_SANITIZE)
  target_compile_options(nmperm_flags INTERFACE -fsanitize=${NMPERM_SANITIZE} -fno-omit-frame-pointer
                                                -fno-sanitize-recover=all)
  target_link_options(nmperm_flags INTERFACE -fsanitize=${NMPERM_SANITIZE})
endif()

# nmperm_add_room(NAME SOURCES... LINK TARGETS...): static library nmperm_NAME.
function(nmperm_add_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
  add_library(nmperm_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(nmperm_${name} PUBLIC nmperm_flags ${ROOM_LINK})
endfunction()

# nmperm_add_tests(ROOM SOURCES... LINK TARGETS... [LABELS ...]): GoogleTest executable test_ROOM, each case a CTest test.
function(nmperm_add_tests room)
  cmake_parse_arguments(TESTS "" "" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(test_${room} ${TESTS_SOURCES})
  target_link_libraries(test_${room} PRIVATE ${TESTS_LINK} GTest::gmock GTest::gtest_main rapidcheck)
  gtest_discover_tests(test_${room} TEST_PREFIX ${room}. DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS "${TESTS_LABELS}" TIMEOUT 300)
endfunction()
