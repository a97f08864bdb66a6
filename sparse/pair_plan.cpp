#include "sparse/pair_plan.h"

#include <algorithm>
#include <array>
#include <bit>

namespace nmperm {
namespace {

/// Takes the first column out of a mask.
int take_column(std::uint64_t& mask) {
  const int column = std::countr_zero(mask);
  mask &= mask - 1;
  return column;
}

/// The values of a chunk's rows in one block, column by column.
class TileBuilder {
 public:
  TileBuilder(const CompressedMatrix& a, PairPlan& plan) : a_(a), plan_(plan) {}

  void build(int chunk, int block) {
    block_ = block;
    first_row_ = plan_.chunk_begin(chunk);
    rows_ = plan_.chunk_rows(chunk);
    masks_.assign(static_cast<std::size_t>(rows_), 0);
    for (int r = 0; r < rows_; ++r) masks_[static_cast<std::size_t>(r)] = mask_of(r);
    plan_.tiles.push_back({plan_.pairs.size(), plan_.values.size(), plan_.offsets.size()});
    match();
  }

 private:
  std::size_t first_value(int r) const {
    return static_cast<std::size_t>(first_row_ + r) * a_.row_size() +
           static_cast<std::size_t>(block_) * (kPlanBlock / 2);
  }

  std::uint64_t mask_of(int r) const {
    std::uint64_t mask = 0;
    const std::uint8_t* const places = a_.places.data() + first_value(r);
    for (int k = 0; k < plan_.block_columns(block_) / 2; ++k) {
      mask |= std::uint64_t{1} << (k / 2 * 4 + places[k]);
    }
    return mask;
  }

  float value_at(int r, int column) const {
    const std::uint64_t before = masks_[static_cast<std::size_t>(r)] & ((std::uint64_t{1} << column) - 1);
    return a_.values[first_value(r) + static_cast<std::size_t>(std::popcount(before))];
  }

  /// Candidates by the number of common columns, most first.
  void match() {
    std::array<std::vector<std::pair<std::uint16_t, std::uint16_t>>, kPlanBlock + 1> candidates;
    for (int i = 0; i < rows_; ++i) {
      for (int j = i + 1; j < rows_; ++j) {
        const auto common = static_cast<std::size_t>(
            std::popcount(masks_[static_cast<std::size_t>(i)] & masks_[static_cast<std::size_t>(j)]));
        candidates[common].emplace_back(static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(j));
      }
    }
    std::vector<char> matched(static_cast<std::size_t>(rows_), 0);
    for (auto list = candidates.rbegin(); list != candidates.rend(); ++list) {
      for (const auto& [i, j] : *list) {
        if (matched[i] != 0 || matched[j] != 0) continue;
        matched[i] = matched[j] = 1;
        add_pair(i, j);
      }
    }
    const auto odd = std::find(matched.begin(), matched.end(), 0);
    if (odd != matched.end()) add_alone(static_cast<int>(odd - matched.begin()));
  }

  void add_pair(int i, int j) {
    const std::uint64_t mask_i = masks_[static_cast<std::size_t>(i)];
    const std::uint64_t mask_j = masks_[static_cast<std::size_t>(j)];
    std::uint64_t shared = mask_i & mask_j, rest_i = mask_i & ~shared, rest_j = mask_j & ~shared;
    const RowPair pair{static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(j),
                       static_cast<std::uint16_t>(std::popcount(shared))};
    plan_.pairs.push_back(pair);
    const auto add_shared = [&] {
      const int column = take_column(shared);
      plan_.offsets.push_back(static_cast<std::uint8_t>(column));
      plan_.values.insert(plan_.values.end(), {value_at(i, column), value_at(j, column)});
    };
    // Both rows have the same number of values in the block, so the rest is of equal length.
    const auto add_single = [&] {
      const int column_i = take_column(rest_i), column_j = take_column(rest_j);
      plan_.offsets.push_back(static_cast<std::uint8_t>(column_i));
      plan_.offsets.push_back(static_cast<std::uint8_t>(column_j));
      plan_.values.insert(plan_.values.end(), {value_at(i, column_i), value_at(j, column_j)});
    };
    const int steps = plan_.block_columns(block_) / 2;
    for (int k = 0; k < pair.single(steps); ++k) add_single();
    for (int k = 0; k < pair.mixed(steps); ++k) {
      add_shared();
      add_single();
    }
    while (shared != 0) add_shared();
  }

  void add_alone(int i) {
    std::uint64_t columns = masks_[static_cast<std::size_t>(i)];
    plan_.pairs.push_back({static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(rows_),
                           static_cast<std::uint16_t>(std::popcount(columns))});
    while (columns != 0) {
      const int column = take_column(columns);
      plan_.offsets.push_back(static_cast<std::uint8_t>(column));
      plan_.values.insert(plan_.values.end(), {value_at(i, column), 0.0f});
    }
  }

  const CompressedMatrix& a_;
  PairPlan& plan_;
  int block_ = 0, first_row_ = 0, rows_ = 0;
  std::vector<std::uint64_t> masks_;
};

}  // namespace

int PairPlan::chunk_begin(int chunk) const {
  const int row_pairs = rows / 2 + rows % 2;
  return static_cast<int>(2 * (static_cast<long>(row_pairs) * chunk / chunks()));
}

int PairPlan::chunk_rows(int chunk) const {
  return std::min(rows, chunk_begin(chunk + 1)) - chunk_begin(chunk);
}

int PairPlan::block_columns(int block) const {
  return std::min(kPlanBlock, columns - block * kPlanBlock);
}

double PairPlan::shared() const {
  double shared = 0;
  for (const RowPair& pair : pairs) shared += 2.0 * pair.shared;
  return shared / static_cast<double>(values.size());
}

PairPlan make_pair_plan(const CompressedMatrix& a) {
  PairPlan plan;
  plan.rows = a.rows;
  plan.columns = a.columns;
  plan.values.reserve(a.values.size());
  TileBuilder builder(a, plan);
  for (int chunk = 0; chunk < plan.chunks(); ++chunk) {
    for (int block = 0; block < plan.blocks(); ++block) builder.build(chunk, block);
  }
  return plan;
}

}  // namespace nmperm
