#include "network/block_alignment.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include "network/constant_view.h"
#include "network/element_scores.h"

namespace nmperm {
namespace {

/// Rows that the worth of a start is estimated from, at most: the sums of some hundred rows order the starts
/// as those of all do.
constexpr int kSampledRows = 512;

int position(const Place& place, int atom) {
  return atom - place.first_atom;
}

/// What a channel keeps inside of its run, for each place in a group that the run may begin at.
class StartValues {
 public:
  StartValues(const ScoreMatrix& scores, const Pattern& pattern, const std::vector<int>& first_columns,
              int length)
      : scores_(scores), pattern_(pattern), group_(static_cast<std::size_t>(pattern.group)) {
    rows_ = std::min(scores.rows(), kSampledRows);
    for (const int first : first_columns) {
      for (int start = 0; start < pattern.group; ++start)
        values_.push_back(kept_inside(first, length, start));
    }
  }

  double at(int channel, int start) const {
    return values_[static_cast<std::size_t>(channel * pattern_.group + start)];
  }

 private:
  double kept_inside(int first, int length, int start) {
    const int lead = (pattern_.group - start) % pattern_.group;  // columns before the first whole group
    double kept = 0;
    for (int c = first + lead; c + pattern_.group <= first + length; c += pattern_.group) {
      for (int r = 0; r < rows_; ++r) {
        for (int i = 0; i < pattern_.group; ++i) group_[static_cast<std::size_t>(i)] = scores_.at(r, c + i);
        std::partial_sort(group_.begin(), group_.begin() + pattern_.keep, group_.end(), std::greater<>());
        for (int i = 0; i < pattern_.keep; ++i)
          kept += static_cast<double>(group_[static_cast<std::size_t>(i)]);
      }
    }
    // Columns at the ends, in groups with neighbours: as much of them as of all on average, nearly.
    const double share = static_cast<double>(pattern_.keep) / pattern_.group;
    const auto add_end = [&](int c) {
      for (int r = 0; r < rows_; ++r) kept += share * 1.5 * static_cast<double>(scores_.at(r, c));
    };
    const int whole = (length - lead) / pattern_.group * pattern_.group;
    for (int c = first; c < first + lead; ++c) add_end(c);
    for (int c = first + lead + whole; c < first + length; ++c) add_end(c);
    return kept;
  }

  const ScoreMatrix& scores_;
  Pattern pattern_;
  std::vector<float> group_;
  int rows_ = 0;
  std::vector<double> values_;
};

/// Exchanges pairs of channels while that helps. order[i] = channel at slot i, whose run begins at starts[i].
Permutation exchange_pairs(const StartValues& values, const std::vector<int>& starts) {
  const int n = static_cast<int>(starts.size());
  Permutation order = identity_permutation(n);
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  for (bool improved = true; improved;) {
    improved = false;
    for (int i = 0; i < n; ++i) {
      for (int j = i + 1; j < n; ++j) {
        const int a = order[at(i)], b = order[at(j)], s = starts[at(i)], t = starts[at(j)];
        const double now = values.at(a, s) + values.at(b, t), then = values.at(a, t) + values.at(b, s);
        if (then <= now * (1 + 1e-12)) continue;
        std::swap(order[at(i)], order[at(j)]);
        improved = true;
      }
    }
  }
  return order;
}

}  // namespace

int run_length(const NetworkPlan& plan, const PermutableSet& set) {
  const auto length = static_cast<int>(set.consumer_roles.size());
  if (length < 2 || length % plan.pattern.group == 0 || set.consumers.size() != 1) return 0;
  const auto atoms = [&](int role) -> const std::vector<int>& {
    return set.classes->roles[static_cast<std::size_t>(set.consumer_roles[static_cast<std::size_t>(role)])];
  };
  const int index = plan.coupling.place_of(atoms(0).front());
  const Place& place = plan.coupling.places[static_cast<std::size_t>(index)];
  if (place.outer_count > 1 || place.length != static_cast<std::int64_t>(length) * set.channels()) return 0;
  std::vector<int> offsets;
  for (int role = 0; role < length; ++role) offsets.push_back(atoms(role).front());
  std::sort(offsets.begin(), offsets.end());
  for (int i = 0; i < length; ++i) {
    if (offsets[static_cast<std::size_t>(i)] != offsets.front() + i) return 0;
  }
  // Every role lies as far behind the first column of its channel as it does in the first channel.
  for (int role = 0; role < length; ++role) {
    const int shift = atoms(role).front() - offsets.front();
    for (std::size_t channel = 0; channel < set.classes->channels(); ++channel) {
      const int first = atoms(role)[channel] - shift;
      if (position(place, first) % length != 0) return 0;
    }
  }
  return length;
}

Result align_runs(const OnnxModel& model, const NetworkPlan& plan, const PermutableSet& set,
                  const Scoring& scoring) {
  const auto begin = std::chrono::steady_clock::now();
  const int length = run_length(plan, set), channels = set.channels();
  std::vector<int> first_columns(static_cast<std::size_t>(channels), INT32_MAX);
  const Place* place = nullptr;
  for (const int role : set.consumer_roles) {
    const auto& atoms = set.classes->roles[static_cast<std::size_t>(role)];
    place = &plan.coupling.places[static_cast<std::size_t>(plan.coupling.place_of(atoms.front()))];
    for (std::size_t c = 0; c < atoms.size(); ++c) {
      first_columns[c] = std::min(first_columns[c], position(*place, atoms[c]));
    }
  }
  const StoredConstant& constant = model.constant(place->constant);
  const ScoreMatrix scores = score_matrix(constant, ConstantView(model, place->constant).bytes(), place->axis,
                                          {}, scoring, model.path() + ":" + constant.name);
  std::vector<int> starts;
  for (const int first : first_columns) starts.push_back(first % plan.pattern.group);
  const StartValues values(scores, plan.pattern, first_columns, length);
  const Permutation order = exchange_pairs(values, starts);

  Permutation columns(static_cast<std::size_t>(scores.columns()));
  for (std::size_t slot = 0; slot < order.size(); ++slot) {
    for (int i = 0; i < length; ++i) {
      columns[static_cast<std::size_t>(first_columns[slot] + i)] =
          first_columns[static_cast<std::size_t>(order[slot])] + i;
    }
  }
  Result result;
  result.solver = "run-alignment";
  result.magnitude = reference_magnitude(scores, plan.pattern);
  result.permutation = identity_permutation(channels);
  const double kept = kept_magnitude(scores, plan.pattern, columns);
  if (kept > result.magnitude.kept) {
    result.magnitude.kept = kept;
    result.permutation = order;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace nmperm
