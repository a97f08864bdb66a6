# Whether the Python module is built, and for which interpreter: NMPERM_PYTHON, Python_EXECUTABLE.

# Sets `result` to whether this interpreter has NumPy and headers to compile against.
function(nmperm_python_suits interpreter result)
  execute_process(COMMAND ${interpreter} -c
    "import numpy, os, sysconfig; assert os.path.exists(os.path.join(sysconfig.get_path('include'), 'Python.h'))"
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(failed)
    set(${result} FALSE PARENT_SCOPE)
  else()
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

# The first interpreter of PATH need not be the one that NumPy is installed for.
if(NOT Python_EXECUTABLE)
  find_program(NMPERM_PATH_PYTHON python3)
  mark_as_advanced(NMPERM_PATH_PYTHON)
  foreach(interpreter ${NMPERM_PATH_PYTHON} /usr/bin/python3)
    nmperm_python_suits(${interpreter} suits)
    if(suits)
      set(Python_EXECUTABLE ${interpreter})
      break()
    endif()
  endforeach()
endif()

set(NMPERM_PYTHON_DEFAULT OFF)
if(Python_EXECUTABLE AND NOT NMPERM_SANITIZE)
  find_package(Python 3.9 COMPONENTS Interpreter Development.Module)
  set(PYBIND11_FINDPYTHON ON)
  find_package(pybind11 2.10 CONFIG QUIET)
  if(Python_FOUND AND pybind11_FOUND)
    set(NMPERM_PYTHON_DEFAULT ON)
  endif()
endif()
if(NOT NMPERM_PYTHON_DEFAULT AND NOT NMPERM_SANITIZE)
  message(STATUS "The Python module is left out: it needs pybind11, NumPy and Python's headers (scripts/install_debian.sh python)")
endif()
option(NMPERM_PYTHON "Build the Python module (default: where pybind11, NumPy and Python's headers are installed)"
       ${NMPERM_PYTHON_DEFAULT})
if(NMPERM_PYTHON)
  find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
  set(PYBIND11_FINDPYTHON ON)
  find_package(pybind11 2.10 CONFIG REQUIRED)
endif()
