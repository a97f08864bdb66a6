#include "formulations/setpart.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

// Measured with CBC at 2:4, where copies of the program dominate.
constexpr double kBytesPerGroup = 1000;

}  // namespace

struct SetPartition::Layout {
  struct Segment {
    int first_column;  // in the problem
    int first_group;   // column of the program
    Subsets groups;
  };
  std::vector<Segment> segments;

  // Columns of the problem, ascending.
  std::vector<int> group(int program_column) const {
    const auto after = std::upper_bound(segments.begin(), segments.end(), program_column,
                                        [](int q, const Segment& s) { return q < s.first_group; });
    const Segment& segment = *std::prev(after);
    auto columns = segment.groups.subset(static_cast<std::size_t>(program_column - segment.first_group));
    for (int& column : columns) column += segment.first_column;
    return columns;
  }
};

double SetPartition::group_count(const Segments& segments, const Pattern& pattern) {
  double count = 0;
  for (const int length : segments.lengths()) count += binomial(length, pattern.group);
  return count;
}

std::string SetPartition::refusal(const Segments& segments, const Pattern& pattern) {
  const double groups = group_count(segments, pattern);
  if (groups <= kMostGroups) return {};
  return fmt::format(
      "{:.3g} groups of {} columns, about {:.2g} GB in the MIP solver; the limit is {:.0f} groups", groups,
      pattern.group, groups * kBytesPerGroup / 1e9, kMostGroups);
}

std::optional<SetPartition> SetPartition::build(const Problem& problem, int first_segment, int segment_count,
                                                int threads, const std::function<bool()>& should_stop) {
  const Segments& segments = problem.segments();
  const auto lengths = segments.lengths().begin() + first_segment;
  if (const std::string text = refusal(Segments({lengths, lengths + segment_count}), problem.pattern());
      !text.empty()) {
    throw UnsupportedError("setpart", {}, text, kAdvice);
  }
  auto layout = std::make_shared<Layout>();
  std::vector<GroupValues> values;
  int groups = 0;
  for (int s = first_segment; s < first_segment + segment_count; ++s) {
    auto table = GroupValues::compute(problem.search_scores(), problem.pattern(), segments.begin(s),
                                      segments.length(s), threads, should_stop);
    if (!table) return std::nullopt;
    layout->segments.push_back({segments.begin(s), groups, table->groups()});
    groups += static_cast<int>(table->count());
    values.push_back(*std::move(table));
  }
  return SetPartition(std::move(layout), std::move(values));
}

SetPartition::SetPartition(std::shared_ptr<const Layout> layout, std::vector<GroupValues> values)
    : layout_(std::move(layout)), values_(std::move(values)) {
  std::size_t groups = 0;
  for (const GroupValues& table : values_) groups += table.count();
  program_.reserve(groups, groups * static_cast<std::size_t>(values_.front().groups().size()));
  for (const GroupValues& table : values_) {
    for (int c = 0; c < table.groups().elements(); ++c) program_.add_row(1, 1);
  }
  for (const GroupValues& table : values_) add_segment(table);
  const int first_column = layout_->segments.front().first_column;
  program_.set_names(
      [first_column](int row) { return fmt::format("column{}", first_column + row); },
      [groups_of = layout_](int q) { return fmt::format("group_{}", fmt::join(groups_of->group(q), "_")); });
}

void SetPartition::add_segment(const GroupValues& values) {
  const Subsets& groups = values.groups();
  const auto& segment = layout_->segments[static_cast<std::size_t>(&values - values_.data())];
  const int first_row = segment.first_column - layout_->segments.front().first_column;
  std::vector<int> columns = groups.subset(0), rows(columns.size());
  const std::vector<double> ones(columns.size(), 1.0);
  for (std::size_t q = 0; q < values.count(); ++q, groups.next(columns)) {
    double total = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      rows[i] = first_row + columns[i];
      total += values.column_total(columns[i]);
    }
    program_.add_column(std::max(0.0, total - values.kept(q)), 0, 1, true, rows, ones);
  }
}

std::vector<int> SetPartition::group(int program_column) const {
  return layout_->group(program_column);
}

std::vector<int> SetPartition::permutation(std::span<const double> solution) const {
  const int first_column = layout_->segments.front().first_column;
  std::vector<std::vector<int>> chosen;
  std::vector<int> times(static_cast<std::size_t>(program_.rows()), 0);
  for (std::size_t q = 0; q < solution.size(); ++q) {
    if (solution[q] < 0.5) continue;
    chosen.push_back(group(static_cast<int>(q)));
    for (const int column : chosen.back()) ++times[static_cast<std::size_t>(column - first_column)];
  }
  if (std::any_of(times.begin(), times.end(), [](int n) { return n != 1; })) {
    throw InternalError("setpart: a solution is no partition of the columns");
  }
  std::sort(chosen.begin(), chosen.end());
  std::vector<int> permutation;
  for (const auto& columns : chosen) permutation.insert(permutation.end(), columns.begin(), columns.end());
  return permutation;
}

std::vector<double> SetPartition::solution(std::span<const int> permutation) const {
  std::vector<double> solution(static_cast<std::size_t>(program_.columns()), 0.0);
  std::size_t position = 0;
  for (const auto& segment : layout_->segments) {
    const auto size = static_cast<std::size_t>(segment.groups.size());
    for (int done = 0; done < segment.groups.elements(); done += segment.groups.size(), position += size) {
      std::vector<int> columns(permutation.begin() + static_cast<std::ptrdiff_t>(position),
                               permutation.begin() + static_cast<std::ptrdiff_t>(position + size));
      std::sort(columns.begin(), columns.end());
      for (int& column : columns) column -= segment.first_column;
      solution[static_cast<std::size_t>(segment.first_group) + segment.groups.number(columns)] = 1;
    }
  }
  return solution;
}

}  // namespace nmperm
