#include "formulations/setpart.h"

#include <utility>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

// Measured with CBC at 2:4, where copies of the program dominate.
constexpr double kBytesPerGroup = 1000;

}  // namespace

std::string SetPartition::refusal(const FormulationScope& scope) {
  const double groups = GroupColumns::count(scope);
  if (groups <= kMostGroups) return {};
  return fmt::format(
      "{:.3g} groups of {} columns, about {:.2g} GB in the MIP solver; the limit is {:.0f} groups", groups,
      scope.problem.pattern().group, groups * kBytesPerGroup / 1e9, kMostGroups);
}

std::unique_ptr<SetPartition> SetPartition::build(const FormulationScope& scope, Rows rows) {
  if (const std::string text = refusal(scope); !text.empty()) {
    throw UnsupportedError("setpart", {}, text, kAdvice);
  }
  auto values = group_values_of(scope);
  if (!values) return nullptr;
  return std::unique_ptr<SetPartition>(new SetPartition(scope, *std::move(values), rows));
}

SetPartition::SetPartition(const FormulationScope& scope, std::vector<GroupValues> values, Rows rows)
    : groups_(std::make_shared<GroupColumns>(scope)), values_(std::move(values)) {
  const int columns = scope.columns(), group_size = scope.problem.pattern().group;
  for (int i = 0; i < columns; ++i) program_.add_row(1, rows == Rows::kPartition ? 1 : kInfinity);
  for (const int length : scope.lengths()) {
    const int groups = length / group_size;
    if (rows == Rows::kCover) program_.add_row(groups, groups);
  }
  const auto columns_of_program = static_cast<std::size_t>(groups_->count());
  program_.reserve(columns_of_program, columns_of_program * static_cast<std::size_t>(
                                                                group_size + (rows == Rows::kCover ? 1 : 0)));
  for (std::size_t s = 0; s < values_.size(); ++s) add_segment(s, rows);
  program_.set_names(
      [first_column = scope.first_column(), first_segment = scope.first_segment, columns](int row) {
        return row < columns ? fmt::format("column{}", first_column + row)
                             : fmt::format("groups{}", first_segment + row - columns);
      },
      [groups_of = groups_](int q) { return groups_of->name("group", q); });
}

void SetPartition::add_segment(std::size_t segment, Rows rows) {
  const GroupValues& values = values_[segment];
  const int first_row = groups_->segments()[segment].first_column - groups_->segments().front().first_column;
  std::vector<int> group = values.groups().subset(0), entries = group;
  if (rows == Rows::kCover) {
    entries.push_back(program_.rows() - static_cast<int>(values_.size() - segment));
  }
  const std::vector<double> ones(entries.size(), 1.0);
  for (std::size_t q = 0; q < values.count(); ++q, values.groups().next(group)) {
    for (std::size_t i = 0; i < group.size(); ++i) entries[i] = first_row + group[i];
    program_.add_column(values.pruned(q, group), 0, 1, true, entries, ones);
  }
}

std::vector<int> SetPartition::permutation(std::span<const double> solution) const {
  return groups_->decode(solution);
}

std::vector<double> SetPartition::solution(std::span<const int> permutation) const {
  std::vector<double> solution(static_cast<std::size_t>(program_.columns()), 0.0);
  groups_->encode(permutation, solution);
  return solution;
}

}  // namespace nmperm
