// Masks, compressed weights and their product.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "instances/fingerprint.h"
#include "python/arrays.h"
#include "python/bindings.h"
#include "python/problems.h"
#include "sparse/compressed_file.h"
#include "sparse/mask.h"
#include "sparse/product.h"

namespace py = pybind11;

namespace nmperm::python {
namespace {

using Indices = py::array_t<std::int64_t>;
using Floats = py::array_t<float, py::array::c_style>;

Permutation order_of(const std::optional<Indices>& permutation, int columns) {
  if (!permutation) return identity_permutation(columns);
  Permutation order = permutation_of(*permutation, "permutation");
  validate_permutation(order, Segments(columns), "permutation");
  return order;
}

/// What survives, as R x C flags in the order of the scores given (not in the permuted one).
py::array_t<bool> mask(const py::array& scores, const std::optional<Indices>& permutation,
                       const PatternNumbers& pattern) {
  const Problem problem = problem_of(scores, pattern, std::nullopt);
  const Permutation order = order_of(permutation, problem.columns());
  py::array_t<bool> flags({problem.rows(), problem.columns()});
  bool* const out = flags.mutable_data();
  const py::gil_scoped_release without_gil;
  const std::vector<std::uint8_t> permuted = pattern_mask(problem.scores(), problem.pattern(), order);
  const std::size_t columns = order.size();
  for (std::size_t first = 0; first < permuted.size(); first += columns) {
    for (std::size_t i = 0; i < columns; ++i) {
      out[first + static_cast<std::size_t>(order[i])] = permuted[first + i] != 0;
    }
  }
  return flags;
}

/// A compressed weight, with the plan of its product once that is asked for.
class CompressedWeight {
 public:
  CompressedWeight(CompressedMatrix matrix, Permutation permutation, std::string sha256)
      : matrix_(std::move(matrix)), permutation_(std::move(permutation)), sha256_(std::move(sha256)) {}

  const CompressedMatrix& matrix() const { return matrix_; }
  const Permutation& permutation() const { return permutation_; }
  const std::string& sha256() const { return sha256_; }

  const SparseProduct& product() const {
    std::call_once(planned_, [this] { product_ = std::make_unique<const SparseProduct>(matrix_); });
    return *product_;
  }

 private:
  CompressedMatrix matrix_;
  Permutation permutation_;
  std::string sha256_;
  mutable std::once_flag planned_;
  mutable std::unique_ptr<const SparseProduct> product_;
};

std::string fingerprint_of_magnitudes(const WeightView& weight) {
  ScoreMatrix scores(weight.rows, weight.columns);
  for (int r = 0; r < weight.rows; ++r) {
    for (int c = 0; c < weight.columns; ++c) scores.at(r, c) = std::abs(weight.at(r, c));
  }
  return fingerprint(scores);
}

/// `weights` is R x C; the mask follows `scores` where there are some, else the magnitudes.
std::unique_ptr<CompressedWeight> compress_weight(const Floats& weights,
                                                  const std::optional<Indices>& permutation,
                                                  const PatternNumbers& numbers,
                                                  const std::optional<py::array>& scores) {
  const Pattern pattern = pattern_of(numbers);
  const WeightView view{{weights.data(), static_cast<std::size_t>(weights.size())},
                        static_cast<int>(weights.shape(0)),
                        static_cast<int>(weights.shape(1))};
  Permutation order = order_of(permutation, view.columns);
  std::optional<ScoreMatrix> matrix;
  if (scores) matrix = problem_of(*scores, numbers, std::nullopt).scores().clone();
  const py::gil_scoped_release without_gil;
  if (!matrix) {
    CompressedMatrix compressed = prune_and_compress(view, pattern, order);
    return std::make_unique<CompressedWeight>(std::move(compressed), std::move(order),
                                              fingerprint_of_magnitudes(view));
  }
  CompressedMatrix compressed = compress(view, pattern, order, pattern_mask(*matrix, pattern, order));
  return std::make_unique<CompressedWeight>(std::move(compressed), std::move(order), fingerprint(*matrix));
}

void save(const CompressedWeight& weight, const py::object& path, const std::string& dtype,
          const std::string& layout, const std::string& name) {
  // Raises OSError, as users of Python expect, where no file can be made there.
  const py::object checked = py::module_::import("nmperm._arguments").attr("output_path")(path);
  write_compressed(checked.cast<std::string>(),
                   {store(weight.matrix(), parse_value_type(dtype)), weight.permutation(), name,
                    weight.sha256(), parse_index_layout(layout)});
}

std::unique_ptr<CompressedWeight> load(const std::string& path) {
  CompressedFile file = read_compressed(open_file(path));
  return std::make_unique<CompressedWeight>(restore(file.weight, path), std::move(file.permutation),
                                            std::move(file.sha256));
}

/// y = weight * activations, [R, n] from [C, n].
py::array_t<float> multiply(const CompressedWeight& weight, const Floats& activations, int threads) {
  const int n = static_cast<int>(activations.shape(1));
  py::array_t<float> y({weight.matrix().rows, n});
  const std::span<const float> b(activations.data(), static_cast<std::size_t>(activations.size()));
  const std::span<float> out(y.mutable_data(), static_cast<std::size_t>(y.size()));
  const int workers =
      threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const py::gil_scoped_release without_gil;
  ProductWorkspace workspace;
  weight.product().multiply(b, n, out, workspace, workers);
  return y;
}

/// A view of what the weight holds, R x (C N / M), kept alive by it.
template <typename Value>
py::array_t<Value> view_of(const py::object& owner, const std::vector<Value>& values) {
  const CompressedMatrix& matrix = owner.cast<const CompressedWeight&>().matrix();
  py::array_t<Value> array(
      {static_cast<py::ssize_t>(matrix.rows), static_cast<py::ssize_t>(matrix.row_size())}, values.data(),
      owner);
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

py::array_t<float> dense(const CompressedWeight& weight) {
  const std::vector<float> values = decompress(weight.matrix());
  py::array_t<float> array({weight.matrix().rows, weight.matrix().columns});
  std::copy(values.begin(), values.end(), array.mutable_data());
  return array;
}

py::tuple shape(const CompressedWeight& weight) {
  return py::make_tuple(weight.matrix().rows, weight.matrix().columns);
}

py::tuple pattern(const CompressedWeight& weight) {
  return py::make_tuple(weight.matrix().pattern.keep, weight.matrix().pattern.group);
}

}  // namespace

void bind_sparse(py::module_& module) {
  module.def("mask", &mask);
  module.def("compress", &compress_weight);
  module.def("load_compressed", &load);
  module.def("multiply", &multiply);
  py::class_<CompressedWeight>(module, "CompressedWeight",
                               "A permuted and pruned weight without its zeros; made by nmperm.compress().")
      .def_property_readonly("shape", &shape, "(rows, columns) of the weight")
      .def_property_readonly("pattern", &pattern, "(N, M)")
      .def_property_readonly(
          "permutation", [](const CompressedWeight& weight) { return array_of(weight.permutation()); },
          "permutation[i] is the original column at place i")
      .def_property_readonly(
          "values",
          [](const py::object& self) {
            return view_of(self, self.cast<const CompressedWeight&>().matrix().values);
          },
          "float32 [rows, columns * N / M], a view")
      .def_property_readonly(
          "places",
          [](const py::object& self) {
            return view_of(self, self.cast<const CompressedWeight&>().matrix().places);
          },
          "uint8 of the same shape: each value's column inside its group of M, a view")
      .def("to_dense", &dense, "The pruned weight, float32 [rows, columns], columns in the permuted order.")
      .def("save", &save, py::arg("path"), py::kw_only(), py::arg("dtype") = "f32",
           py::arg("layout") = "plain", py::arg("name") = "weights",
           "Writes the file that `nmperm compress` writes (docs/compressed.md), whole or not at all.\n\n"
           "dtype is f32, f16, bf16 or i8, layout plain or torch.");
}

}  // namespace nmperm::python
