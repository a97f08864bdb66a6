// Vector kernels of the certificate checker: the magnitudes that 8 x 8 groups prune, in exact arithmetic.
//
// Scores are integers in float64 whose sum is below 2^53, so that no sum or maximum here is rounded. Highway
// compiles the kernels for every instruction set and picks one at run time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nmperm {

/// Columns of a panel: a panel holds `rows` lines of this many scores, one score a column.
inline constexpr int kPanelColumns = 8;

/// A reduced cost, or part of one, that says: no such group. Two of them can be added; costs of groups are
/// below a quarter of it.
inline constexpr std::int64_t kNoGroup = std::int64_t{1} << 61;

/// The N largest scores of every row of a few columns, with one more column: top[n * rows + r] is the n-th
/// largest of row r, zero where there are fewer. All arrays are 64-byte aligned, `rows` a multiple of 8.
/// O(N rows).
void add_to_largest(const double* top, const double* column, int keep, std::size_t rows, double* with_column);

/// What M - 2 columns, whose N largest scores are `top`, become with each column b of a panel:
///     thresholds[r * 8 + b] = N-th largest score of row r,
///     sums[b] = sum of the N - 1 largest scores of all rows.
/// By the replacement identity the M - 1 columns keep sums[b] + sum_r max(thresholds[r][b], x[r]) together
/// with a column x. O(N rows).
void pair_thresholds(const double* top, const double* panel, int keep, std::size_t rows, double* thresholds,
                     double* sums);

/// Groups of M - 2 columns, b and d, for each b and d of two panels.
struct PairTile {
  const double* thresholds;        ///< of pair_thresholds()
  const double* panel;             ///< of the columns d
  const std::int64_t* first_cost;  ///< for each b: totals minus duals of the M - 1 columns, minus sums[b]
  const std::int64_t* last_cost;   ///< for each d: total minus dual
  int first_last[kPanelColumns];   ///< for each b: the least d, counted in the panel, that makes a group
};

/// reduced[b * 8 + d] = first_cost[b] + last_cost[d] - sum_r max(thresholds[r][b], panel[r][d]), or kNoGroup
/// or more where there is no group; lowers least_first[b * 8 + d] and least_last[d] to them. All arrays are
/// 64-byte aligned. Returns the least of these 64. O(64 rows): at best 8 max-adds a cycle with AVX-512.
std::int64_t reduced_costs(const PairTile& tile, std::size_t rows, std::int64_t* reduced,
                           std::int64_t* least_first, std::int64_t* least_last);

}  // namespace nmperm
