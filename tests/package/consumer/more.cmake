
# What the test adds to the example of the documentation.
project(consumer LANGUAGES C CXX)
find_package(nmperm 0.1 REQUIRED COMPONENTS c network instances solvers sparse OPTIONAL_COMPONENTS cbc no-such-thing)
if(nmperm_no-such-thing_FOUND)
  message(FATAL_ERROR "a component that is not there was found")
endif()

find_package(nmperm REQUIRED)  # everything
foreach(target core io criteria heuristics formulations solvers sparse onnx instances network c)
  if(NOT TARGET nmperm::${target})
    message(FATAL_ERROR "nmperm::${target} is missing")
  endif()
endforeach()

# Warnings of the package's headers are errors here; its own flags must not arrive.
add_compile_options(-Wall -Wextra -Werror)

add_executable(example_c example.c)
target_link_libraries(example_c PRIVATE nmperm::c m)
set_target_properties(example_c PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF)

add_executable(rooms rooms.cpp)
target_link_libraries(rooms PRIVATE nmperm::network nmperm::instances nmperm::sparse)

if(nmperm_cbc_FOUND)
  add_executable(backend backend.cpp)
  target_link_libraries(backend PRIVATE nmperm::solvers)
  add_executable(backend_c backend.c)
  target_link_libraries(backend_c PRIVATE nmperm::c)
endif()
