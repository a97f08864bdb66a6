#include "bench/heat_map.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace nmperm {
namespace {

struct Block {
  double kept = 0, total = 0;
  double share() const { return total > 0 ? kept / total : 1; }
};

/// What one row keeps of one group of `columns`.
Block row_of_group(const ScoreMatrix& scores, const Pattern& pattern, const int* columns, int row) {
  std::vector<double> values;
  for (int i = 0; i < pattern.group; ++i)
    values.push_back(static_cast<double>(scores.column(columns[i])[row]));
  std::partial_sort(values.begin(), values.begin() + pattern.keep, values.end(), std::greater<>());
  return {std::accumulate(values.begin(), values.begin() + pattern.keep, 0.0),
          std::accumulate(values.begin(), values.end(), 0.0)};
}

/// blocks[g][b]: group g of the permuted matrix, block b of its rows.
std::vector<std::vector<Block>> blocks_of(const Problem& problem, const Permutation& permutation,
                                          int row_blocks) {
  const int group = problem.pattern().group;
  std::vector<std::vector<Block>> blocks(static_cast<std::size_t>(problem.groups()));
  for (std::size_t g = 0; g < blocks.size(); ++g) {
    blocks[g].resize(static_cast<std::size_t>(row_blocks));
    const int* const columns = permutation.data() + g * static_cast<std::size_t>(group);
    for (int row = 0; row < problem.rows(); ++row) {
      const auto b = static_cast<std::size_t>(static_cast<long long>(row) * row_blocks / problem.rows());
      const Block part = row_of_group(problem.scores(), problem.pattern(), columns, row);
      blocks[g][b].kept += part.kept;
      blocks[g][b].total += part.total;
    }
  }
  return blocks;
}

Block sum_of(const std::vector<Block>& blocks) {
  Block sum;
  for (const Block& block : blocks) sum = {sum.kept + block.kept, sum.total + block.total};
  return sum;
}

}  // namespace

HeatMap kept_shares(const Problem& problem, const Permutation& permutation, int cells) {
  const int row_blocks = std::min(cells, problem.rows());
  auto groups = blocks_of(problem, permutation, row_blocks);
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return sum_of(a).share() > sum_of(b).share(); });
  const std::size_t columns = std::min(static_cast<std::size_t>(cells), groups.size());
  std::vector<std::vector<Block>> joined(static_cast<std::size_t>(row_blocks), std::vector<Block>(columns));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t b = 0; b < joined.size(); ++b) {
      Block& cell = joined[b][g * columns / groups.size()];
      cell = {cell.kept + groups[g][b].kept, cell.total + groups[g][b].total};
    }
  }
  HeatMap shares(joined.size());
  for (std::size_t b = 0; b < joined.size(); ++b) {
    for (const Block& cell : joined[b]) shares[b].push_back(cell.share());
  }
  return shares;
}

}  // namespace nmperm
