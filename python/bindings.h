// The parts of the extension module `_nmperm`, each in a file of its own; module.cpp calls them all.
//
// What is bound here is plain: arrays, numbers and dictionaries. The Python files of the package give it
// arguments with defaults, dataclasses and documentation; _nmperm.pyi states the types.
#pragma once

#include <pybind11/pybind11.h>

namespace nmperm::python {

void bind_errors(pybind11::module_& module);
void bind_solve(pybind11::module_& module);
void bind_criteria(pybind11::module_& module);
void bind_sparse(pybind11::module_& module);
void bind_onnx(pybind11::module_& module);
void bind_network(pybind11::module_& module);

}  // namespace nmperm::python
