// Errors of the library as Python exceptions.
#include <exception>

#include "core/error.h"
#include "python/bindings.h"

namespace py = pybind11;

namespace nmperm::python {

void bind_errors(py::module_& module) {
  // Each translator tries before those that were registered earlier: the base class comes first.
  py::register_local_exception<Error>(module, "InternalError", PyExc_RuntimeError);
  py::register_local_exception<CheckError>(module, "CheckError", PyExc_Exception);
  py::register_local_exception_translator([](std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const InputError& input) {
      PyErr_SetString(PyExc_ValueError, input.what());
    }
  });
  py::register_local_exception<UnsupportedError>(module, "UnsupportedError", PyExc_ValueError);
  module.attr("InternalError").attr("__doc__") = "A defect of this program: an invariant does not hold.";
  module.attr("CheckError").attr("__doc__") = "A proof fails: something is not what it is said to be.";
  module.attr("UnsupportedError").attr("__doc__") =
      "A solver refuses a problem it was not made for, or an optional part is not installed.";
}

}  // namespace nmperm::python
