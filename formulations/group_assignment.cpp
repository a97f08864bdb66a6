#include "formulations/group_assignment.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {

GroupAssignment::GroupAssignment(const FormulationScope& scope, SymmetryBreaking symmetry_breaking)
    : group_size_(scope.problem.pattern().group),
      symmetry_breaking_(symmetry_breaking),
      first_column_(scope.first_column()),
      first_group_(scope.first_column() / scope.problem.pattern().group) {
  for (const int length : scope.lengths()) {
    const Block block{first_column_ + columns_, length,  first_group_ + groups_,
                      length / group_size_,     count(), 0};
    for (int i = 0; i < block.columns; ++i) {
      for (int k = 0; k < block.groups; ++k) {
        variables_.push_back({block.first_column + i, block.first_group + k});
      }
    }
    columns_ += block.columns;
    groups_ += block.groups;
    blocks_.push_back(block);
  }
  rows_ = columns_ + groups_;
  if (symmetry_breaking == SymmetryBreaking::kOff) return;
  for (Block& block : blocks_) {
    block.first_order_row = rows_;
    if (block.groups > 1) rows_ = order_row(block, block.columns - 1, block.groups - 1) + 1;
  }
}

int GroupAssignment::order_row(const Block& block, int i, int k) {
  // Groups 1 .. k-1 have rows for the columns from their own number on.
  return block.first_order_row + (k - 1) * block.columns - (k - 1) * k / 2 + (i - k);
}

const GroupAssignment::Block& GroupAssignment::block_of(int column) const {
  return *std::prev(std::upper_bound(blocks_.begin(), blocks_.end(), column,
                                     [](int c, const Block& block) { return c < block.first_column; }));
}

int GroupAssignment::first_variable(int column) const {
  const Block& block = block_of(column);
  return block.first_variable + (column - block.first_column) * block.groups;
}

void GroupAssignment::add_rows(MixedIntegerProgram& program) const {
  for (int i = 0; i < columns_; ++i) program.add_row(1, 1);
  for (int k = 0; k < groups_; ++k) program.add_row(group_size_, group_size_);
  for (int r = columns_ + groups_; r < rows_; ++r) program.add_row(-kInfinity, 0);
}

void GroupAssignment::append_entries(int v, std::vector<int>& rows, std::vector<double>& coefficients) const {
  const auto [column, group] = variable(v);
  const auto add = [&](int row, double coefficient) {
    rows.push_back(row);
    coefficients.push_back(coefficient);
  };
  add(column - first_column_, 1);
  add(columns_ + group - first_group_, 1);
  if (symmetry_breaking_ == SymmetryBreaking::kOff) return;
  const Block& block = block_of(column);
  const int i = column - block.first_column, k = group - block.first_group;
  if (k > 0 && i >= k) add(order_row(block, i, k), 1);
  if (k + 1 == block.groups) return;
  for (int later = std::max(i, k) + 1; later < block.columns; ++later)
    add(order_row(block, later, k + 1), -1);
}

double GroupAssignment::upper_bound(int v) const {
  const auto [column, group] = variable(v);
  const Block& block = block_of(column);
  const bool excluded = column - block.first_column < group - block.first_group;
  return symmetry_breaking_ == SymmetryBreaking::kOn && excluded ? 0 : 1;
}

std::string GroupAssignment::row_name(int row) const {
  if (row < columns_) return fmt::format("column{}", first_column_ + row);
  if (row < columns_ + groups_) return fmt::format("group{}", first_group_ + row - columns_);
  const auto block = std::prev(std::upper_bound(blocks_.begin(), blocks_.end(), row,
                                                [](int r, const Block& b) { return r < b.first_order_row; }));
  int k = 1;
  while (k + 1 < block->groups && order_row(*block, k + 1, k + 1) <= row) ++k;
  const int i = row - order_row(*block, k, k) + k;
  return fmt::format("order_{}_{}", block->first_column + i, block->first_group + k);
}

std::string GroupAssignment::variable_name(int v) const {
  return fmt::format("x_{}_{}", variable(v).column, variable(v).group);
}

void GroupAssignment::encode(std::span<const int> permutation, std::span<double> solution) const {
  std::fill_n(solution.begin(), count(), 0.0);
  std::size_t position = 0;
  const auto size = static_cast<std::size_t>(group_size_);
  for (const Block& block : blocks_) {
    std::vector<std::vector<int>> groups(static_cast<std::size_t>(block.groups));
    for (auto& group : groups) {
      const auto columns = permutation.subspan(position, size);
      group.assign(columns.begin(), columns.end());
      std::sort(group.begin(), group.end());
      position += size;
    }
    std::sort(groups.begin(), groups.end());
    for (std::size_t k = 0; k < groups.size(); ++k) {
      for (const int column : groups[k]) {
        solution[static_cast<std::size_t>(first_variable(column)) + k] = 1;
      }
    }
  }
}

std::vector<int> GroupAssignment::decode(std::span<const double> solution) const {
  std::vector<std::vector<int>> groups(static_cast<std::size_t>(groups_));
  std::vector<int> times(static_cast<std::size_t>(columns_), 0);
  for (int v = 0; v < count(); ++v) {
    if (solution[static_cast<std::size_t>(v)] < 0.5) continue;
    ++times[static_cast<std::size_t>(variable(v).column - first_column_)];
    groups[static_cast<std::size_t>(variable(v).group - first_group_)].push_back(variable(v).column);
  }
  const bool divides = std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }) &&
                       std::all_of(groups.begin(), groups.end(), [&](const auto& group) {
                         return group.size() == static_cast<std::size_t>(group_size_);
                       });
  if (!divides) throw InternalError("a solution is no division of the columns into groups");
  // A segment's columns are below the next one's, so this sorts within segments.
  std::sort(groups.begin(), groups.end());
  std::vector<int> permutation;
  for (const auto& group : groups) permutation.insert(permutation.end(), group.begin(), group.end());
  return permutation;
}

CompactSize compact_size(const FormulationScope& scope) {
  CompactSize size{0, 0};
  for (const int length : scope.lengths()) {
    const int groups = length / scope.problem.pattern().group;
    size.assignments += static_cast<double>(length) * groups;
  }
  size.products = size.assignments * scope.problem.rows();
  return size;
}

void for_each_deletion(const FormulationScope& scope, std::span<const int> permutation,
                       const std::function<void(int column, int row)>& delete_entry) {
  const Pattern& pattern = scope.problem.pattern();
  const ScoreMatrix& scores = scope.problem.search_scores();
  const auto size = static_cast<std::size_t>(pattern.group);
  for (std::size_t position = 0; position < permutation.size(); position += size) {
    const auto group = permutation.subspan(position, size);
    std::vector<int> columns(group.begin(), group.end());
    for (int r = 0; r < scores.rows(); ++r) {
      std::sort(columns.begin(), columns.end(), [&](int a, int b) {
        return scores.at(r, a) != scores.at(r, b) ? scores.at(r, a) < scores.at(r, b) : a < b;
      });
      for (int n = 0; n < pattern.group - pattern.keep; ++n) {
        delete_entry(columns[static_cast<std::size_t>(n)], r);
      }
    }
  }
}

}  // namespace nmperm
