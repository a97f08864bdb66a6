// The extension module `_nmperm` of the package `nmperm`.
#include "python/bindings.h"

PYBIND11_MODULE(_nmperm, module) {
  module.doc() = "Compiled part of nmperm; use the functions of the package.";
  module.attr("__version__") = NMPERM_VERSION;
  nmperm::python::bind_errors(module);
  nmperm::python::bind_solve(module);
  nmperm::python::bind_criteria(module);
  nmperm::python::bind_sparse(module);
  nmperm::python::bind_onnx(module);
  nmperm::python::bind_network(module);
}
