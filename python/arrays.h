// NumPy arrays as score matrices, and back.
#pragma once

#include <vector>

#include <pybind11/numpy.h>

#include "core/permutation.h"
#include "core/score_matrix.h"

namespace nmperm::python {

/// A weight [R, C], or a convolution weight [K, C, ...] whose K * ... rows (in this order) are those of the
/// matrix, as R x C float32: the one copy that a search makes. The array is float16, float32 or float64 in
/// native byte order with any strides; it is read without the GIL and must not change meanwhile.
/// Throws InputError, naming `subject`, where it has one dimension or more than 8, or none of these types.
ScoreMatrix score_matrix_of(const pybind11::array& array, const char* subject);

/// The matrix as a float32 array of that shape ([R, C] or [K, C, ...]) without a copy: Fortran order.
pybind11::array_t<float> array_of(ScoreMatrix matrix, const std::vector<pybind11::ssize_t>& shape);

std::vector<pybind11::ssize_t> shape_of(const pybind11::array& array);

pybind11::array_t<std::int64_t> array_of(const Permutation& permutation);

/// Throws InputError, naming `subject`, where an element is no int.
Permutation permutation_of(const pybind11::array_t<std::int64_t>& array, const char* subject);

}  // namespace nmperm::python
