// Vector kernels that screen groups: which of many M-subsets may have a small reduced cost?
//
// By the replacement identity, M - 1 columns with threshold t (N-th largest score of every row) and base b
// (sum of the N - 1 larger ones) keep b + sum_r max(t[r], x[r]) together with a column x. Lanes are the
// columns x, so nothing is summed across lanes; a tile of tuples shares the loads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/pattern.h"
#include "core/quantised_scores.h"

namespace nmperm {

/// Columns side by side, in panels of this many.
inline constexpr std::size_t kScanPanel = 32;
/// Rows of bytes that one 32-bit lane holds.
inline constexpr std::size_t kScanRows = 4;

/// The columns as the kernels read them: for every panel, every row (or four rows of bytes), the panel's
/// columns. Columns beyond the last are zeros.
class ScanPanels {
 public:
  /// Floats: `columns` of `rows` scores each. 4 R C bytes.
  ScanPanels(const std::vector<const float*>& columns, std::size_t rows);
  /// Bytes of quantised columns. R C bytes.
  ScanPanels(const std::vector<const std::uint8_t*>& columns, std::size_t rows);

  std::size_t columns() const { return columns_; }
  std::size_t rows() const { return rows_; }
  const float* floats(std::size_t panel) const;
  const std::uint8_t* bytes(std::size_t panel) const;

 private:
  void allocate(std::size_t size_bytes);
  struct Free {
    void operator()(std::byte* data) const;
  };
  std::size_t columns_, rows_;
  std::unique_ptr<std::byte[], Free> data_;
};

/// Threshold and base of M - 1 columns. Writes `rows` floats to `threshold`; returns the base, summed in
/// float32. Columns and `rows` as in core/group_kernels.h.
float tuple_threshold(const float* const* others, const Pattern& pattern, std::size_t rows, float* threshold);

/// A tile of work: tuples of M - 1 columns, each to be completed by the columns first .. columns - 1.
struct ScanTile {
  std::size_t tuples;   ///< a multiple of kScanTuples
  std::size_t stride;   ///< from one tuple's threshold to the next, at least the panels' rows
  std::size_t first;    ///< columns before this one are not asked for
  const float* limit;   ///< for each tuple: hit where value(x) > limit + price[x]
  const float* price;   ///< for each column, padded to whole panels; infinity for columns not asked for
  std::uint32_t* hits;  ///< room for tuples * padded columns; a hit is tuple << 16 | column
};
inline constexpr std::size_t kScanTuples = 4;

/// Hits where sum_r max(threshold[r], x[r]) > limit + price[x]; thresholds: `rows` floats for each tuple.
/// Returns how many. 2 R max-adds a column and tuple.
std::size_t scan_floats(const ScanPanels& panels, const float* thresholds, const ScanTile& tile);

/// The same of bytes with weights: unit * sum_r weight[r] max(threshold[r], x[r]). A quarter of the vector
/// operations (AVX-512 VNNI, half with AVX2).
std::size_t scan_bytes(const ScanPanels& panels, const std::uint8_t* thresholds, const std::int8_t* weights,
                       float unit, const ScanTile& tile);

/// Whether this machine has vector instructions that make scan_bytes() faster than scan_floats().
bool scan_bytes_is_fast();

}  // namespace nmperm
