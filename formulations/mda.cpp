#include "formulations/mda.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

// Measured with CBC at 2:4, where copies of the program dominate.
constexpr double kBytesPerGroup = 1800;

}  // namespace

// Numbers of the x^s_ab: by segment, stage s (from 0), b, a. A column stands in stage s only where s columns
// are below it and M-1-s above, so each stage has the pairs of L-M+2 columns.
struct Mda::Pairings {
  int stages;
  struct Segment {
    int first_column, first_pairing, pairs;
  };
  std::vector<Segment> segments;
  int count = 0;

  explicit Pairings(const GroupColumns& groups) : stages(groups.segments().front().groups.size() - 1) {
    for (const auto& segment : groups.segments()) {
      const int ends = segment.groups.elements() - stages + 1;
      segments.push_back({segment.first_column, count, ends * (ends - 1) / 2});
      count += stages * segments.back().pairs;
    }
  }

  // Columns count from the segment's first.
  int number(const Segment& segment, int stage, int a, int b) const {
    return segment.first_pairing + stage * segment.pairs + (b - stage) * (b - stage - 1) / 2 + a - stage;
  }

  // "1_3_7": stage (from 1) and columns, as the problem counts them.
  std::string name(int pairing) const {
    const auto after = std::upper_bound(segments.begin(), segments.end(), pairing,
                                        [](int p, const Segment& s) { return p < s.first_pairing; });
    const Segment& segment = *std::prev(after);
    const int stage = (pairing - segment.first_pairing) / segment.pairs;
    const int pair = (pairing - segment.first_pairing) % segment.pairs;
    int b = 1;
    while ((b + 1) * b / 2 <= pair) ++b;
    const int a = pair - b * (b - 1) / 2, first = segment.first_column + stage;
    return fmt::format("{}_{}_{}", stage + 1, first + a, first + b);
  }
};

std::string Mda::refusal(const FormulationScope& scope) {
  const double groups = GroupColumns::count(scope);
  if (groups <= kMostGroups) return {};
  return fmt::format(
      "{:.3g} groups of {} columns, about {:.2g} GB in the MIP solver; the limit is {:.0f} groups", groups,
      scope.problem.pattern().group, groups * kBytesPerGroup / 1e9, kMostGroups);
}

std::unique_ptr<Mda> Mda::build(const FormulationScope& scope) {
  if (const std::string text = refusal(scope); !text.empty()) {
    throw UnsupportedError("mda", {}, text, kAdvice);
  }
  auto values = group_values_of(scope);
  if (!values) return nullptr;
  return std::unique_ptr<Mda>(new Mda(scope, *std::move(values)));
}

Mda::Mda(const FormulationScope& scope, std::vector<GroupValues> values)
    : groups_(std::make_shared<GroupColumns>(scope)),
      pairings_(std::make_shared<Pairings>(*groups_)),
      values_(std::move(values)) {
  const int columns = scope.columns();
  for (int i = 0; i < columns; ++i) program_.add_row(1, 1);
  for (int p = 0; p < pairings_->count; ++p) program_.add_row(0, 0);
  const auto all = static_cast<std::size_t>(groups_->count()),
             pairings = static_cast<std::size_t>(pairings_->count);
  program_.reserve(all + pairings, all * static_cast<std::size_t>(2 * pairings_->stages + 1) + pairings);
  add_groups();
  add_pairings();
  program_.set_names(
      [pairs = pairings_, first_column = scope.first_column(), columns](int row) {
        return row < columns ? fmt::format("column{}", first_column + row)
                             : fmt::format("pairing{}", pairs->name(row - columns));
      },
      [groups = groups_, pairs = pairings_](int c) {
        return c < groups->count() ? groups->name("z", c)
                                   : fmt::format("x{}", pairs->name(c - groups->count()));
      });
}

void Mda::add_groups() {
  const int first_column = groups_->segments().front().first_column;
  const int first_pairing_row = program_.rows() - pairings_->count;
  for (std::size_t s = 0; s < values_.size(); ++s) {
    const GroupValues& values = values_[s];
    const auto& segment = pairings_->segments[s];
    std::vector<int> group = values.groups().subset(0), rows(2 * group.size() - 1);
    const std::vector<double> ones(rows.size(), 1.0);
    for (std::size_t q = 0; q < values.count(); ++q, values.groups().next(group)) {
      for (std::size_t i = 0; i < group.size(); ++i) {
        rows[i] = segment.first_column - first_column + group[i];
        if (i + 1 == group.size()) break;
        rows[group.size() + i] =
            first_pairing_row + pairings_->number(segment, static_cast<int>(i), group[i], group[i + 1]);
      }
      program_.add_column(values.pruned(q, group), 0, 1, false, rows, ones);
    }
  }
}

void Mda::add_pairings() {
  const int first_row = program_.rows() - pairings_->count;
  const std::vector<double> minus_one = {-1};
  for (int p = 0; p < pairings_->count; ++p) {
    program_.add_column(0, 0, 1, true, std::vector<int>{first_row + p}, minus_one);
  }
}

std::vector<int> Mda::permutation(std::span<const double> solution) const {
  return groups_->decode(solution);
}

std::vector<double> Mda::solution(std::span<const int> permutation) const {
  std::vector<double> solution(static_cast<std::size_t>(program_.columns()), 0.0);
  groups_->encode(permutation, solution);
  const auto size = static_cast<std::size_t>(pairings_->stages) + 1;
  std::size_t position = 0;
  for (std::size_t s = 0; s < values_.size(); ++s) {
    const auto& segment = pairings_->segments[s];
    for (int done = 0; done < values_[s].groups().elements();
         done += static_cast<int>(size), position += size) {
      std::vector<int> group(permutation.begin() + static_cast<std::ptrdiff_t>(position),
                             permutation.begin() + static_cast<std::ptrdiff_t>(position + size));
      std::sort(group.begin(), group.end());
      for (std::size_t i = 0; i + 1 < size; ++i) {
        const int x = groups_->count() + pairings_->number(segment, static_cast<int>(i),
                                                           group[i] - segment.first_column,
                                                           group[i + 1] - segment.first_column);
        solution[static_cast<std::size_t>(x)] = 1;
      }
    }
  }
  return solution;
}

}  // namespace nmperm
