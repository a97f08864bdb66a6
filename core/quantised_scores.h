// Scores as bytes, for proposals that are evaluated again in full precision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/pattern.h"
#include "core/score_matrix.h"

namespace nmperm {

/// Rows of a byte column are padded to a multiple of this many bytes, one AVX-512 register.
inline constexpr int kByteRowAlignment = 64;

/// The largest byte that scores become, 255 but for very tall matrices: sums over all rows of products with
/// the largest weight fit into 32 signed bits.
int largest_byte(int rows);

/// A score is about weight(row) * unit() * byte. The weight of a row, 1..63, is the smallest that lets its
/// largest score fit, so rows of small scores keep a fine step; quantising is monotone in a row, so order
/// statistics of bytes are bytes of order statistics. Six bits, because the sum of two products of a byte and
/// a weight must fit into 16 signed bits (AVX2's vpmaddubsw); the same everywhere, so all targets agree to
/// the bit. R C bytes.
class QuantisedScores {
 public:
  enum class Rounding {
    kNearest,
    kUp  ///< no byte stands for less than its score, up to the rounding of float64
  };
  /// O(R C).
  explicit QuantisedScores(const ScoreMatrix& scores, Rounding rounding = Rounding::kNearest);

  /// Bytes from one column to the next.
  std::size_t stride() const { return stride_; }
  const std::uint8_t* column(int c) const { return bytes_.get() + static_cast<std::size_t>(c) * stride_; }
  /// stride() weights, 0 beyond the last row.
  const std::int8_t* weights() const { return weights_.data(); }
  double unit() const { return unit_; }

 private:
  struct Free {
    void operator()(std::uint8_t* bytes) const;
  };
  std::size_t stride_ = 0;
  double unit_ = 1;
  std::vector<std::int8_t> weights_;
  std::unique_ptr<std::uint8_t[], Free> bytes_;
};

/// The bytes of a slot's threshold (core/group_kernels.h) from the bytes of the other M - 1 columns of its
/// group: writes `rows` bytes to `threshold`, 64-byte aligned.
void slot_threshold_bytes(const std::uint8_t* const* others, const Pattern& pattern, std::size_t rows,
                          std::uint8_t* threshold);

/// w[i * stride + j] = sum over rows of weights[r] * max(thresholds[i][r], columns[j][r]), for i < m and j <
/// n: the quantised replacement matrix. Thresholds and columns 64-byte aligned, `rows` a multiple of
/// kByteRowAlignment. 64 rows cost one byte maximum and one dot product (AVX-512 VNNI) of 512 bits: four
/// float32 vectors' work.
void max_plus_product_bytes(const std::uint8_t* const* thresholds, std::size_t m,
                            const std::uint8_t* const* columns, std::size_t n, const std::int8_t* weights,
                            std::size_t rows, std::int32_t* w, std::size_t stride);

}  // namespace nmperm
