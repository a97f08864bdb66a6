// The execution format of the 2:4 product with few columns: B stays in registers and is looked up.
//
// A vector holds the values of two rows in the same columns, as many columns as it has lanes; their factors
// are one table lookup in a vector of B. Indices stay packed in two bits each, because a product with few
// columns waits for the weight to come from memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sparse/compressed_matrix.h"

namespace nmperm {

/// Rows that a plan holds together: vector k of a step belongs to the k-th pair of them.
inline constexpr int kLookupRows = 8;
inline constexpr int kLookupPairs = kLookupRows / 2;

/// A 2:4 matrix for vectors of `lanes` float32. Rows are filled up with zeros to a multiple of kLookupRows,
/// columns to one of `lanes`. Memory: 4.25 bytes a value with 16 lanes.
struct LookupPlan {
  int rows = 0, columns = 0;
  int lanes = 0;
  /// For every unit of kLookupRows rows, step of `lanes` columns and pair of rows: lanes / 2 values of the
  /// one row, then of the other.
  std::vector<float> values;
  /// For each such vector, the place of lane i in its group in bits 2 i and 2 i + 1.
  std::vector<std::uint32_t> places;

  int units() const { return (rows + kLookupRows - 1) / kLookupRows; }
  int steps() const { return (columns + lanes - 1) / lanes; }
  int padded_columns() const { return steps() * lanes; }
};

/// Plans a valid 2:4 matrix for 8 or 16 lanes. O(R C).
LookupPlan make_lookup_plan(const CompressedMatrix& a, int lanes);

}  // namespace nmperm
