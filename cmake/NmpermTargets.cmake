# How the targets of this project are compiled: one library per room, the same flags everywhere.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Where the backend modules go, below the prefix: the solvers look for them there.
set(NMPERM_BACKEND_INSTALL_DIR lib/nmperm)

# ccache, where it is installed, makes the second build of an unchanged file free.
find_program(NMPERM_CCACHE ccache)
if(NMPERM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${NMPERM_CCACHE})
endif()

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

# nmperm_add_room(NAME SOURCES... LINK TARGETS...): static library nmperm_NAME, installed as nmperm::NAME
# (NmpermInstall.cmake).
function(nmperm_add_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
  add_library(nmperm_${name} STATIC ${ROOM_SOURCES})
  # The project's own warnings are not for those who link the installed library.
  target_link_libraries(nmperm_${name} PUBLIC $<BUILD_INTERFACE:nmperm_flags> ${ROOM_LINK})
  target_compile_features(nmperm_${name} PUBLIC cxx_std_20)
  set_target_properties(nmperm_${name} PROPERTIES EXPORT_NAME ${name})
  set(required_rooms ${ROOM_LINK})
  list(FILTER required_rooms INCLUDE REGEX "^nmperm_")
  list(TRANSFORM required_rooms REPLACE "^nmperm_" "")
  set_property(GLOBAL PROPERTY NMPERM_ROOM_${name}_REQUIRES ${required_rooms})
  set_property(GLOBAL APPEND PROPERTY NMPERM_ROOMS ${name})
  if(NMPERM_FUZZ)
    target_compile_options(nmperm_${name} PRIVATE -fsanitize=fuzzer-no-link)  # the fuzzers' view of what ran
  endif()
endfunction()

# nmperm_precompile(TARGET HEADERS...): these headers are compiled once for all files of the target, where a build from
# nothing is what counts (NMPERM_PRECOMPILE).
function(nmperm_precompile target)
  if(NMPERM_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# nmperm_sanitize_unoptimised(TARGET): for code that computes nothing long, so that optimising it under sanitizers, whose
# checks make much more of it, takes longer than it saves. Nothing that calls the searches at length, because the linker
# takes its copies of the standard library's templates for the rooms too; for the same reason the command that users run
# is optimised like the rooms.
function(nmperm_sanitize_unoptimised target)
  if(NMPERM_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# What tests do takes little time; to optimise it takes long.
function(nmperm_optimise_less target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# nmperm_add_test_helpers(NAME SOURCES... LINK TARGETS... [OPTIMISED]): what tests of several rooms share, compiled once;
# they link test_helpers_NAME. OPTIMISED: as the rooms are, not as tests are.
function(nmperm_add_test_helpers name)
  cmake_parse_arguments(HELPERS "OPTIMISED" "" "SOURCES;LINK" ${ARGN})
  add_library(test_helpers_${name} OBJECT ${HELPERS_SOURCES})
  target_link_libraries(test_helpers_${name} PUBLIC nmperm_flags ${HELPERS_LINK})
  if(NOT HELPERS_OPTIMISED)
    nmperm_optimise_less(test_helpers_${name})
    nmperm_sanitize_unoptimised(test_helpers_${name})
  endif()
endfunction()

# nmperm_add_tests(ROOM SOURCES... LINK TARGETS... [LABELS ...] [COMPUTES]): GoogleTest executable test_ROOM, each case a
# CTest test. COMPUTES: they run long enough that optimising them pays with sanitizers too.
function(nmperm_add_tests room)
  cmake_parse_arguments(TESTS "COMPUTES" "" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(test_${room} ${TESTS_SOURCES})
  target_link_libraries(test_${room} PRIVATE ${TESTS_LINK} GTest::gmock GTest::gtest_main rapidcheck)
  nmperm_optimise_less(test_${room})
  if(NOT TESTS_COMPUTES)
    nmperm_sanitize_unoptimised(test_${room})
  endif()
  nmperm_precompile(test_${room} <gmock/gmock.h> <gtest/gtest.h> <algorithm> <cmath> <string> <vector>)
  set(properties TIMEOUT 300)
  if(TESTS_LABELS)
    list(APPEND properties LABELS "${TESTS_LABELS}")
  endif()
  gtest_discover_tests(test_${room} TEST_PREFIX ${room}. DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()

# nmperm_add_fuzzer(NAME SOURCES... LINK TARGETS...): libFuzzer executable fuzz_NAME, part of the target `fuzzers`.
# Seeds that steer it lie in tests/fuzz/corpus/NAME.
function(nmperm_add_fuzzer name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;LINK" ${ARGN})
  add_executable(fuzz_${name} ${FUZZ_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE ${FUZZ_LINK})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers fuzz_${name})
endfunction()
