// The scores: nonnegative R x C float32, column-major, each column padded with zeros to the SIMD width.
// Columns are what moves, rows are the SIMD lanes.
#pragma once

#include <cstddef>
#include <memory>

namespace nmperm {

/// Rows of a column are padded to a multiple of this many floats (64 bytes, one AVX-512 register), and every
/// column starts on such a boundary. Zero rows add nothing to any kept magnitude, so kernels read whole
/// vectors.
inline constexpr int kRowAlignment = 16;

/// R x C scores, 4 * C * round_up(R, 16) bytes. Move only; clone() copies. From 4 MiB on they are pages of
/// their own, whose memory is taken when they are first written to.
class ScoreMatrix {
 public:
  /// All zeros. Throws InputError unless both sizes are positive and the matrix is addressable.
  ScoreMatrix(int rows, int columns);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  /// Floats from one column to the next: rows rounded up to kRowAlignment.
  std::size_t stride() const { return stride_; }

  float* column(int c) { return data_.get() + static_cast<std::size_t>(c) * stride_; }
  const float* column(int c) const { return data_.get() + static_cast<std::size_t>(c) * stride_; }
  float& at(int r, int c) { return column(c)[r]; }
  float at(int r, int c) const { return column(c)[r]; }

  ScoreMatrix clone() const;

 private:
  struct Free {
    std::size_t mapped_bytes;  // 0: from the heap
    void operator()(float* data) const;
  };
  int rows_, columns_;
  std::size_t stride_;
  std::unique_ptr<float[], Free> data_;
};

}  // namespace nmperm
