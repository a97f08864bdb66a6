#include "sparse/pair_plan.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tests/sparse/weights.h"

namespace nmperm {
namespace {

CompressedMatrix random_matrix(int rows, int columns, std::uint64_t seed) {
  const auto weight = testing::random_floats(testing::size_of_matrix(rows, columns), seed);
  return prune_and_compress({weight, rows, columns}, {2, 4}, identity_permutation(columns));
}

/// The dense matrix that a plan's streams describe; checks that every row of a tile is in one pair.
std::vector<float> dense_of(const PairPlan& plan) {
  std::vector<float> dense(testing::size_of_matrix(plan.rows, plan.columns));
  for (int chunk = 0; chunk < plan.chunks(); ++chunk) {
    for (int block = 0; block < plan.blocks(); ++block) {
      const PlanTile& tile = plan.tile(chunk, block);
      std::size_t value = tile.first_value, offset = tile.first_offset;
      std::set<int> seen;
      const auto add = [&](int row, int column, float x) {
        if (row == plan.chunk_rows(chunk)) {  // the row that is not there
          EXPECT_EQ(x, 0.0f);
          return;
        }
        const auto r = static_cast<std::size_t>(plan.chunk_begin(chunk) + row);
        dense[r * static_cast<std::size_t>(plan.columns) +
              static_cast<std::size_t>(block * kPlanBlock + column)] += x;
      };
      for (int p = 0; p < (plan.chunk_rows(chunk) + 1) / 2; ++p) {
        const RowPair& pair = plan.pairs[tile.first_pair + static_cast<std::size_t>(p)];
        EXPECT_TRUE(seen.insert(pair.row0).second);
        EXPECT_TRUE(seen.insert(pair.row1).second);
        const int steps = plan.block_columns(block) / 2, single = pair.single(steps),
                  mixed = pair.mixed(steps);
        for (int k = 0; k < steps; ++k, value += 2) {
          const bool shared = k >= single && (k >= single + 2 * mixed || (k - single) % 2 == 0);
          add(pair.row0, plan.offsets[offset], plan.values[value]);
          add(pair.row1, plan.offsets[shared ? offset : offset + 1], plan.values[value + 1]);
          offset += shared ? 1 : 2;
        }
      }
      EXPECT_LE(*seen.rbegin(), plan.chunk_rows(chunk));
    }
  }
  return dense;
}

TEST(PairPlan, DescribesTheMatrix) {
  for (const int rows : {1, 2, 7, 64, 255, 256, 257, 300}) {
    for (const int columns : {4, 60, 64, 68, 200}) {
      const CompressedMatrix matrix = random_matrix(rows, columns, 1);
      EXPECT_EQ(dense_of(make_pair_plan(matrix)), decompress(matrix)) << rows << " x " << columns;
    }
  }
}

TEST(PairPlan, ChunksAreAboutAsHigh) {
  for (const int rows : {1, 255, 256, 257, 513, 700}) {
    PairPlan plan;
    plan.rows = rows;
    int seen = 0, lowest = rows;
    for (int chunk = 0; chunk < plan.chunks(); ++chunk) {
      EXPECT_EQ(plan.chunk_begin(chunk), seen);
      EXPECT_LE(plan.chunk_rows(chunk), kPlanChunk);
      lowest = std::min(lowest, plan.chunk_rows(chunk));
      seen += plan.chunk_rows(chunk);
    }
    EXPECT_EQ(seen, rows);
    EXPECT_GE(lowest, rows / plan.chunks() - 2);
  }
}

TEST(PairPlan, FindsRowsThatShareTheirColumns) {
  // Ten column sets, each of two rows: everything can be shared.
  const CompressedMatrix half = random_matrix(10, 64, 2);
  CompressedMatrix matrix = half;
  matrix.rows = 20;
  matrix.values.insert(matrix.values.end(), half.values.rbegin(), half.values.rend());
  matrix.places.insert(matrix.places.end(), half.places.begin(), half.places.end());
  EXPECT_EQ(make_pair_plan(matrix).shared(), 1.0);
}

TEST(PairPlan, SharesTwoThirdsOfRandomPatterns) {
  EXPECT_GT(make_pair_plan(random_matrix(256, 256, 3)).shared(), 0.66);
}

}  // namespace
}  // namespace nmperm
