#include "core/score_matrix.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "core/error.h"

namespace nmperm {

void ScoreMatrix::Free::operator()(float* data) const {
  std::free(data);
}

ScoreMatrix::ScoreMatrix(int rows, int columns) : rows_(rows), columns_(columns), stride_(0) {
  if (rows <= 0 || columns <= 0) {
    throw InputError("scores", {}, "matrix of " + std::to_string(rows) + " x " + std::to_string(columns),
                     "at least one row and one column");
  }
  stride_ = (static_cast<std::size_t>(rows) + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
  if (stride_ >
      std::numeric_limits<std::ptrdiff_t>::max() / sizeof(float) / static_cast<std::size_t>(columns)) {
    throw InputError("scores", {}, "matrix of " + std::to_string(rows) + " x " + std::to_string(columns),
                     "a matrix that fits into memory");
  }
  const std::size_t size_bytes = stride_ * static_cast<std::size_t>(columns) * sizeof(float);
  data_.reset(static_cast<float*>(std::aligned_alloc(kRowAlignment * sizeof(float), size_bytes)));
  if (!data_) throw std::bad_alloc();
  std::memset(data_.get(), 0, size_bytes);
}

ScoreMatrix ScoreMatrix::clone() const {
  ScoreMatrix copy(rows_, columns_);
  std::memcpy(copy.data_.get(), data_.get(), stride_ * static_cast<std::size_t>(columns_) * sizeof(float));
  return copy;
}

}  // namespace nmperm
