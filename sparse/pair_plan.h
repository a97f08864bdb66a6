// The execution format of the fast 2:4 product: rows in pairs.
//
// Inside a block of columns the order of the products is free. So rows are matched in pairs that share many
// of their columns, and a row of B that both need is loaded once for two multiplications.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sparse/compressed_matrix.h"

namespace nmperm {

/// Columns of a block: one bit each in a 64-bit mask, and a panel of 8 AVX-512 vectors of B is 32 KB.
inline constexpr int kPlanBlock = 64;
/// Most rows among which pairs are sought; their sums stay in the second-level cache.
inline constexpr int kPlanChunk = 256;

/// Two rows of a chunk, counted from its first; an odd row is paired with the one after the last, whose
/// values are zeros. A step of the pair multiplies a value of each row: a shared step with the row of B in
/// `shared` columns that both have, a single step with a row of B for each.
struct RowPair {
  std::uint16_t row0, row1;
  std::uint16_t shared;

  /// A pair of `steps` steps first takes single() steps, then mixed() times a shared and a single one, then
  /// shared steps. So the loads of single steps, more than a multiplication can hide, meet those of shared
  /// ones.
  int mixed(int steps) const { return shared < steps - shared ? shared : steps - shared; }
  int single(int steps) const { return steps - shared - mixed(steps); }
};

/// The rows of one chunk in the columns of one block.
struct PlanTile {
  std::size_t first_pair = 0;    ///< (rows of the chunk + 1) / 2 pairs
  std::size_t first_value = 0;   ///< for each pair, one value of each row in turn
  std::size_t first_offset = 0;  ///< for each pair, a column of the block for a shared step, else two
};

/// A 2:4 matrix in that format. Memory: 4 bytes a value, and 0.5 to 1 for its column.
struct PairPlan {
  int rows = 0, columns = 0;
  std::vector<PlanTile> tiles;  ///< tiles[chunk * blocks() + block]
  std::vector<RowPair> pairs;
  std::vector<float> values;
  std::vector<std::uint8_t> offsets;

  int blocks() const { return (columns + kPlanBlock - 1) / kPlanBlock; }
  int chunks() const { return (rows + kPlanChunk - 1) / kPlanChunk; }
  /// First row of a chunk, even; begin of the chunk after the last: R, or R + 1. All chunks are about as
  /// high.
  int chunk_begin(int chunk) const;
  int chunk_rows(int chunk) const;
  int block_columns(int block) const;
  const PlanTile& tile(int chunk, int block) const {
    return tiles[static_cast<std::size_t>(chunk) * static_cast<std::size_t>(blocks()) +
                 static_cast<std::size_t>(block)];
  }
  /// Share of the values whose row of B is loaded for two of them; 0.5 by chance, 1 at most.
  double shared() const;
};

/// Plans a valid 2:4 matrix. In each tile, rows are matched greedily, the pair with most common columns
/// first. O(R C) + O(R kPlanChunk) for each block.
PairPlan make_pair_plan(const CompressedMatrix& a);

}  // namespace nmperm
