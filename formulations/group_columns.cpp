#include "formulations/group_columns.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {

GroupColumns::GroupColumns(const FormulationScope& scope) {
  for (int s = scope.first_segment; s < scope.first_segment + scope.segment_count; ++s) {
    const int length = scope.problem.segments().length(s);
    segments_.push_back(
        {scope.problem.segments().begin(s), count_, Subsets(length, scope.problem.pattern().group)});
    count_ += static_cast<int>(segments_.back().groups.count());
    columns_ += length;
  }
}

std::vector<int> GroupColumns::group(int number) const {
  const auto after = std::upper_bound(segments_.begin(), segments_.end(), number,
                                      [](int q, const Segment& s) { return q < s.first_group; });
  const Segment& segment = *std::prev(after);
  auto columns = segment.groups.subset(static_cast<std::size_t>(number - segment.first_group));
  for (int& column : columns) column += segment.first_column;
  return columns;
}

std::string GroupColumns::name(const std::string& prefix, int number) const {
  return fmt::format("{}_{}", prefix, fmt::join(group(number), "_"));
}

void GroupColumns::encode(std::span<const int> permutation, std::span<double> solution) const {
  std::fill_n(solution.begin(), count_, 0.0);
  std::size_t position = 0;
  for (const Segment& segment : segments_) {
    const auto size = static_cast<std::size_t>(segment.groups.size());
    for (int done = 0; done < segment.groups.elements(); done += segment.groups.size(), position += size) {
      const auto group = permutation.subspan(position, size);
      std::vector<int> columns(group.begin(), group.end());
      std::sort(columns.begin(), columns.end());
      for (int& column : columns) column -= segment.first_column;
      solution[static_cast<std::size_t>(segment.first_group) + segment.groups.number(columns)] = 1;
    }
  }
}

std::vector<int> GroupColumns::decode(std::span<const double> solution) const {
  const int first_column = segments_.front().first_column;
  std::vector<std::vector<int>> chosen;
  std::vector<int> times(static_cast<std::size_t>(columns_), 0);
  for (int q = 0; q < count_; ++q) {
    if (solution[static_cast<std::size_t>(q)] < 0.5) continue;
    chosen.push_back(group(q));
    for (const int column : chosen.back()) ++times[static_cast<std::size_t>(column - first_column)];
  }
  if (std::any_of(times.begin(), times.end(), [](int n) { return n != 1; })) {
    throw InternalError("a solution is no partition of the columns");
  }
  std::sort(chosen.begin(), chosen.end());
  std::vector<int> permutation;
  for (const auto& columns : chosen) permutation.insert(permutation.end(), columns.begin(), columns.end());
  return permutation;
}

double GroupColumns::count(const FormulationScope& scope) {
  double count = 0;
  for (const int length : scope.lengths()) count += binomial(length, scope.problem.pattern().group);
  return count;
}

std::optional<std::vector<GroupValues>> group_values_of(const FormulationScope& scope) {
  const Problem& problem = scope.problem;
  std::vector<GroupValues> tables;
  for (int s = scope.first_segment; s < scope.first_segment + scope.segment_count; ++s) {
    auto table = GroupValues::compute(problem.search_scores(), problem.pattern(), problem.segments().begin(s),
                                      problem.segments().length(s), scope.threads, scope.should_stop);
    if (!table) return std::nullopt;
    tables.push_back(*std::move(table));
  }
  return tables;
}

}  // namespace nmperm
