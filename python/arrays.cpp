#include "python/arrays.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "core/error.h"
#include "io/tensor.h"

namespace py = pybind11;

namespace nmperm::python {
namespace {

/// Where the elements of a weight lie: that of row r and column c at base + rows[r] + c * column_bytes.
struct Layout {
  const std::byte* base = nullptr;
  std::vector<py::ssize_t> rows;
  py::ssize_t column_bytes = 0;
  int columns = 0;
};

[[noreturn]] void refuse(const char* subject, const std::string& problem, const std::string& expected) {
  throw InputError(subject, {}, problem, expected);
}

/// Offsets of all rows: every index of the dimensions but the second, the last running fastest.
std::vector<py::ssize_t> row_offsets(const py::array& array) {
  std::vector<py::ssize_t> offsets = {0};
  for (py::ssize_t d = 0; d < array.ndim(); ++d) {
    if (d == 1) continue;
    std::vector<py::ssize_t> next;
    next.reserve(offsets.size() * static_cast<std::size_t>(array.shape(d)));
    for (const py::ssize_t offset : offsets) {
      for (py::ssize_t i = 0; i < array.shape(d); ++i) next.push_back(offset + i * array.strides(d));
    }
    offsets = std::move(next);
  }
  return offsets;
}

Layout layout_of(const py::array& array, const char* subject) {
  constexpr py::ssize_t kMaxDimensions = 8;
  if (array.ndim() < 2 || array.ndim() > kMaxDimensions) {
    refuse(subject, "array of " + std::to_string(array.ndim()) + " dimensions",
           "a matrix [R, C] or a convolution weight [K, C, ...]");
  }
  constexpr py::ssize_t kLargest = std::numeric_limits<int>::max() - kRowAlignment;
  if (array.shape(1) > kLargest || array.size() / std::max<py::ssize_t>(array.shape(1), 1) > kLargest) {
    refuse(subject, "array of " + std::to_string(array.size()) + " elements",
           "fewer than 2^31 rows and columns");
  }
  if (array.size() == 0) refuse(subject, "empty array", "at least one row and one column");
  return {static_cast<const std::byte*>(array.data()), row_offsets(array), array.strides(1),
          static_cast<int>(array.shape(1))};
}

/// A square of elements as float32, row after row.
constexpr int kTile = kRowAlignment;
using Tile = std::array<float, kTile * kTile>;

/// `count` elements that lie `step_bytes` apart; one by one, because addresses need not be aligned.
template <typename Element>
void load_row(const std::byte* source, py::ssize_t step_bytes, int count, float* row) {
  for (int c = 0; c < count; ++c) {
    Element element;
    std::memcpy(&element, source + c * step_bytes, sizeof element);
    row[c] = static_cast<float>(element);
  }
}

/// binary16, which C++20 has no type for.
struct Half {
  std::uint16_t bits;
};

template <>
void load_row<Half>(const std::byte* source, py::ssize_t step_bytes, int count, float* row) {
  std::array<Half, kTile> halves;
  for (int c = 0; c < count; ++c) {
    std::memcpy(&halves[static_cast<std::size_t>(c)], source + c * step_bytes, sizeof(Half));
  }
  const auto length = static_cast<std::size_t>(count);
  convert_to_float32({.dtype = DType::kF16, .big_endian = false, .fortran_order = false, .shape = {length}},
                     std::as_bytes(std::span(halves).first(length)), std::span(row, length));
}

template <typename Element>
void load_tile(const Layout& layout, int row, int column, int height, int width, Tile& tile) {
  const bool adjacent = layout.column_bytes == sizeof(Element);
  for (int r = 0; r < height; ++r) {
    const std::byte* source =
        layout.base + layout.rows[static_cast<std::size_t>(row + r)] + column * layout.column_bytes;
    float* const to = tile.data() + r * kTile;
    if (adjacent && width == kTile) {
      load_row<Element>(source, sizeof(Element), kTile, to);  // with numbers that compilers know
    } else {
      load_row<Element>(source, layout.column_bytes, width, to);
    }
  }
}

template <typename Element>
void move_tile(ScoreMatrix& matrix, const Layout& layout, int r0, int c0) {
  const int height = std::min(kTile, matrix.rows() - r0), width = std::min(kTile, matrix.columns() - c0);
  Tile tile;
  load_tile<Element>(layout, r0, c0, height, width, tile);
  for (int c = 0; c < width; ++c) {
    float* const column = matrix.column(c0 + c) + r0;
    for (int r = 0; r < height; ++r) column[r] = tile[static_cast<std::size_t>(r * kTile + c)];
  }
}

/// In squares of tiles, row after row: a row of tiles reads pieces of the array's rows that are long enough
/// for memory to deliver them at its full rate.
template <typename Element>
void fill(ScoreMatrix& matrix, const Layout& layout) {
  constexpr int kSquare = 16 * kTile;
  constexpr std::size_t kLarge = 1 << 20;  // below, threads that wait for more work cost more than they save
  const bool large = matrix.stride() * static_cast<std::size_t>(matrix.columns()) > kLarge;
#pragma omp parallel for collapse(2) schedule(static) if (large)
  for (int c0 = 0; c0 < matrix.columns(); c0 += kSquare) {
    for (int r0 = 0; r0 < matrix.rows(); r0 += kSquare) {
      const int last_row = std::min(r0 + kSquare, matrix.rows());
      const int last_column = std::min(c0 + kSquare, matrix.columns());
      for (int r = r0; r < last_row; r += kTile) {
        for (int c = c0; c < last_column; c += kTile) move_tile<Element>(matrix, layout, r, c);
      }
    }
  }
}

}  // namespace

ScoreMatrix score_matrix_of(const py::array& array, const char* subject) {
  const Layout layout = layout_of(array, subject);
  const bool native = array.dtype().byteorder() != '>';
  const bool real = array.dtype().kind() == 'f' && native;
  const py::ssize_t size = array.itemsize();
  if (!real || (size != 2 && size != 4 && size != 8)) {
    refuse(subject, "array of " + py::cast<std::string>(py::str(array.dtype())),
           "float16, float32 or float64");
  }
  const py::gil_scoped_release without_gil;
  ScoreMatrix matrix(static_cast<int>(layout.rows.size()), layout.columns);
  if (size == 2) fill<Half>(matrix, layout);
  if (size == 4) fill<float>(matrix, layout);
  if (size == 8) fill<double>(matrix, layout);
  return matrix;
}

py::array_t<float> array_of(ScoreMatrix matrix, const std::vector<py::ssize_t>& shape) {
  std::vector<py::ssize_t> strides(shape.size());
  py::ssize_t step = sizeof(float);
  for (std::size_t d = shape.size(); d-- > 0;) {
    if (d == 1) continue;
    strides[d] = step;
    step *= shape[d];
  }
  strides[1] = static_cast<py::ssize_t>(matrix.stride() * sizeof(float));
  auto owner = std::make_unique<ScoreMatrix>(std::move(matrix));
  float* const data = owner->column(0);
  const py::capsule keeper(owner.release(), [](void* kept) { delete static_cast<ScoreMatrix*>(kept); });
  return py::array_t<float>(shape, strides, data, keeper);
}

std::vector<py::ssize_t> shape_of(const py::array& array) {
  return {array.shape(), array.shape() + array.ndim()};
}

py::array_t<std::int64_t> array_of(const Permutation& permutation) {
  py::array_t<std::int64_t> array(static_cast<py::ssize_t>(permutation.size()));
  std::copy(permutation.begin(), permutation.end(), array.mutable_data());
  return array;
}

Permutation permutation_of(const py::array_t<std::int64_t>& array, const char* subject) {
  if (array.ndim() != 1) {
    refuse(subject, "array of " + std::to_string(array.ndim()) + " dimensions", "one column number a place");
  }
  Permutation permutation;
  permutation.reserve(static_cast<std::size_t>(array.size()));
  for (py::ssize_t i = 0; i < array.size(); ++i) {
    const std::int64_t column = array.at(i);
    if (column < 0 || column > std::numeric_limits<int>::max()) {
      throw InputError(subject, "position " + std::to_string(i), std::to_string(column),
                       "the number of a column");
    }
    permutation.push_back(static_cast<int>(column));
  }
  return permutation;
}

}  // namespace nmperm::python
