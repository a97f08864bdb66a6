#include "heuristics/stripe_groups.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "heuristics/kept.h"
#include "heuristics/stripe_group.h"

namespace nmperm {
namespace {

// Beyond this the list of stripe groups itself (k + 1 numbers each) would dwarf the matrix.
constexpr double kMaxStripeGroups = 4e7;

/// Stripes in a group: the requested number of columns, rounded up to whole stripes.
int stripes_per_group(const Pattern& pattern, long long columns) {
  const int stripes = static_cast<int>((columns + pattern.group - 1) / pattern.group);
  return std::clamp(stripes, 2, StripeGroup::kMaxStripes);
}

double binomial(int n, int k) {
  double value = 1;
  for (int i = 0; i < k; ++i) value *= static_cast<double>(n - i) / (i + 1);
  return n < k ? 0 : value;
}

/// The state of one search: the order of columns, and the gain that each stripe group promises.
class StripeGroupSearch {
 public:
  StripeGroupSearch(Search& search, int stripes, bool single)
      : search_(search),
        scores_(search.problem().search_scores()),
        pattern_(search.problem().pattern()),
        single_(single),
        order_(search.start()),
        changed_(static_cast<std::size_t>(search.problem().groups()), true) {
    const Segments& segments = search.problem().segments();
    for (int s = 0; s < segments.count(); ++s) {
      const int first = segments.begin(s) / pattern_.group, count = segments.length(s) / pattern_.group;
      const int size = std::min(stripes, count);
      if (size < 2) continue;
      auto& rater = raters_[static_cast<std::size_t>(size)];
      if (!rater) rater = std::make_unique<StripeGroup>(size, pattern_);
      Group group;
      list_groups(group, 0, size, first, first + count);
    }
    gains_.assign(groups_.size(), 0.0f);
    kept_.resize(changed_.size());
    for (std::size_t stripe = 0; stripe < kept_.size(); ++stripe)
      total_ += kept_[stripe] = stripe_kept(stripe);
  }

  /// Passes until no stripe group improves, or until the search must stop.
  void converge() {
    while (!search_.should_stop() && passes_ < search_.limits().iterations) {
      rate();
      if (!apply_winners()) break;
      ++passes_;
      search_.report(order_, total_);
    }
  }

  /// Swaps, `count` times, two columns of different stripes and converges again; keeps what is better.
  void bounded_regressions(long long count) {
    if (groups_.empty()) return;
    Rng rng = search_.rng();
    std::vector<int> best_order = order_;
    std::vector<double> best_kept = kept_;
    double best_total = total_;
    for (long long n = 0; n < count && !search_.should_stop() && passes_ < search_.limits().iterations; ++n) {
      swap_random_columns(rng);
      converge();
      if (total_ > best_total) {
        best_order = order_;
        best_kept = kept_;
        best_total = total_;
      } else {
        order_ = best_order;
        kept_ = best_kept;
        total_ = best_total;
        // The best order is converged: no stripe group gains anything.
        std::fill(changed_.begin(), changed_.end(), false);
        std::fill(gains_.begin(), gains_.end(), 0.0f);
      }
    }
  }

 private:
  /// Millions of groups may be listed, so they are small: the list ends with kNone where it is short.
  struct Group {
    std::array<std::uint16_t, StripeGroup::kMaxStripes> stripes{kNone, kNone, kNone, kNone};

    int size() const {
      int size = 2;
      while (size < StripeGroup::kMaxStripes && stripes[static_cast<std::size_t>(size)] != kNone) ++size;
      return size;
    }
  };
  static constexpr std::uint16_t kNone = 0xffff;
  using Columns = std::array<const float*, StripeGroup::kMaxColumns>;

  void list_groups(Group& group, int chosen, int size, int first, int end) {
    if (chosen == size || chosen == StripeGroup::kMaxStripes) {
      groups_.push_back(group);
      return;
    }
    for (int stripe = first; stripe < end; ++stripe) {
      group.stripes[static_cast<std::size_t>(chosen)] = static_cast<std::uint16_t>(stripe);
      list_groups(group, chosen + 1, size, stripe + 1, end);
    }
  }

  int* stripe_columns(int stripe) { return order_.data() + stripe * pattern_.group; }

  double stripe_kept(std::size_t stripe) {
    return kept_of_group_columns(search_.problem(), stripe_columns(static_cast<int>(stripe)));
  }

  StripeGroup::Best optimise(const Group& group, StripeGroup::Workspace& workspace) {
    Columns columns;
    std::size_t count = 0;
    for (int k = 0; k < group.size(); ++k) {
      const int* const stripe = stripe_columns(group.stripes[static_cast<std::size_t>(k)]);
      for (int i = 0; i < pattern_.group; ++i) columns[count++] = scores_.column(stripe[i]);
    }
    const StripeGroup& rater = *raters_[static_cast<std::size_t>(group.size())];
    return rater.best(columns.data(), scores_.stride(), workspace);
  }

  bool has_changed(const Group& group) const {
    return std::any_of(group.stripes.begin(), group.stripes.end(),
                       [&](std::uint16_t stripe) { return stripe != kNone && changed_[stripe]; });
  }

  /// Rates the groups that hold a changed stripe. When time runs out the rest promise nothing.
  void rate() {
    todo_.clear();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (!has_changed(groups_[g])) continue;
      gains_[g] = 0;
      todo_.push_back(static_cast<std::uint32_t>(g));
    }
    std::atomic<bool> stop = false;
    const auto count = static_cast<std::ptrdiff_t>(todo_.size());
    // Waking threads takes longer than a millisecond's work.
    const bool worthwhile = count * search_.problem().rows() > 200000;
#pragma omp parallel num_threads(search_.threads()) if (worthwhile)
    {
      StripeGroup::Workspace workspace;
#pragma omp for schedule(dynamic, 16)
      for (std::ptrdiff_t i = 0; i < count; ++i) {
        if (i % 16 == 0 && search_.should_stop()) stop = true;
        if (stop.load(std::memory_order_relaxed)) continue;
        const std::size_t g = todo_[static_cast<std::size_t>(i)];
        gains_[g] = static_cast<float>(optimise(groups_[g], workspace).gain);
      }
    }
    std::fill(changed_.begin(), changed_.end(), false);
  }

  /// Applies winners by decreasing gain, each stripe at most once (in mode `single` the first only).
  bool apply_winners() {
    std::vector<std::size_t> winners;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (gains_[g] > 0) winners.push_back(g);
    }
    std::sort(winners.begin(), winners.end(), [&](std::size_t a, std::size_t b) {
      return gains_[a] != gains_[b] ? gains_[a] > gains_[b] : a < b;
    });
    bool applied = false;
    for (const std::size_t g : winners) {
      if (has_changed(groups_[g])) continue;
      if (!apply(groups_[g])) {
        gains_[g] = 0;
        continue;
      }
      applied = true;
      if (single_) break;
    }
    return applied;
  }

  /// Rearranges a stripe group; false, and nothing done, where the gain was rounding noise: the kept
  /// magnitude of a stripe does not depend on the order of its columns, so the total rises strictly and the
  /// search ends.
  bool apply(const Group& group) {
    const StripeGroup::Best best = optimise(group, workspace_);
    const int stripes = group.size();
    std::array<int, StripeGroup::kMaxColumns> before;
    std::array<double, StripeGroup::kMaxStripes> kept_before;
    double gain = 0;
    for (int k = 0, i = 0; k < stripes; ++k) {
      const int stripe = group.stripes[static_cast<std::size_t>(k)];
      for (int c = 0; c < pattern_.group; ++c)
        before[static_cast<std::size_t>(i++)] = stripe_columns(stripe)[c];
      kept_before[static_cast<std::size_t>(k)] = kept_[static_cast<std::size_t>(stripe)];
    }
    const auto rearrange = [&](auto column_at) {
      for (int k = 0, i = 0; k < stripes; ++k) {
        int* const columns = stripe_columns(group.stripes[static_cast<std::size_t>(k)]);
        for (int c = 0; c < pattern_.group; ++c)
          columns[c] = before[column_at(static_cast<std::size_t>(i++))];
      }
    };
    rearrange([&](std::size_t i) { return static_cast<std::size_t>(best.order[i]); });
    for (int k = 0; k < stripes; ++k) {
      const auto stripe = static_cast<std::size_t>(group.stripes[static_cast<std::size_t>(k)]);
      kept_[stripe] = stripe_kept(stripe);
      gain += kept_[stripe] - kept_before[static_cast<std::size_t>(k)];
    }
    const bool better = gain > 0;
    if (!better) rearrange([](std::size_t i) { return i; });
    for (int k = 0; k < stripes; ++k) {
      const auto stripe = static_cast<std::size_t>(group.stripes[static_cast<std::size_t>(k)]);
      if (better) {
        changed_[stripe] = true;
      } else {
        kept_[stripe] = kept_before[static_cast<std::size_t>(k)];
      }
    }
    if (better) total_ += gain;
    return better;
  }

  void swap_random_columns(Rng& rng) {
    const Group& group = groups_[static_cast<std::size_t>(rng.below(static_cast<int>(groups_.size())))];
    const int stripes = group.size();
    const int a = rng.below(stripes), b = (a + 1 + rng.below(stripes - 1)) % stripes;
    const int stripe_a = group.stripes[static_cast<std::size_t>(a)];
    const int stripe_b = group.stripes[static_cast<std::size_t>(b)];
    std::swap(stripe_columns(stripe_a)[rng.below(pattern_.group)],
              stripe_columns(stripe_b)[rng.below(pattern_.group)]);
    for (const int stripe : {stripe_a, stripe_b}) {
      const auto s = static_cast<std::size_t>(stripe);
      total_ -= kept_[s];
      total_ += kept_[s] = stripe_kept(s);
      changed_[s] = true;
    }
  }

  Search& search_;
  const ScoreMatrix& scores_;
  Pattern pattern_;
  bool single_;
  std::vector<int> order_;
  std::vector<char> changed_;  // by stripe: since its groups were last rated
  std::vector<double> kept_;   // by stripe
  double total_ = 0;
  std::array<std::unique_ptr<StripeGroup>, StripeGroup::kMaxStripes + 1> raters_;  // by number of stripes
  std::vector<Group> groups_;
  std::vector<float> gains_;  // by group
  std::vector<std::uint32_t> todo_;
  StripeGroup::Workspace workspace_;
  std::int64_t passes_ = 0;
};

}  // namespace

const SolverInfo& StripeGroupsSolver::info() const {
  static const SolverInfo info{
      "stripe-groups",
      "greedy stripe-group search with bounded regressions, the published method",
      "Pool & Yu, Channel Permutations for N:M Sparsity, NeurIPS 2021",
      false,
      "passes over the stripe groups",
      {OptionRecord::integer("stripe-group-size",
                             "columns of a stripe group, rounded up to whole stripes, two to four of them: "
                             "8, 12 or 16 for M = 4",
                             8, 2, StripeGroup::kMaxColumns),
       OptionRecord::integer(
           "bounded-regressions",
           "random swaps tried after convergence, each undone unless the search then ends higher", 100, 0,
           1000000000),
       OptionRecord::choice("pass", "winners that a pass applies: all that share no stripe, or the best one",
                            "greedy", {"greedy", "single"})},
      {}};
  return info;
}

Support StripeGroupsSolver::supports(const Problem& problem, const Options& options) const {
  const int stripes = stripes_per_group(problem.pattern(), options.integer("stripe-group-size"));
  if (stripes * problem.pattern().group > StripeGroup::kMaxColumns) {
    return {"stripe groups of " + std::to_string(stripes * problem.pattern().group) + " columns for " +
                problem.pattern().str() + " have too many arrangements to try all",
            "at most " + std::to_string(StripeGroup::kMaxColumns) +
                " columns; channel-swap and annealing take any N:M"};
  }
  constexpr int kMaxStripes = 65534;
  if (problem.groups() > kMaxStripes) {
    return {std::to_string(problem.groups()) + " stripes", "at most " + std::to_string(kMaxStripes)};
  }
  double groups = 0;
  for (const int length : problem.segments().lengths())
    groups += binomial(length / problem.pattern().group, stripes);
  if (groups > kMaxStripeGroups) {
    return {std::to_string(static_cast<long long>(groups)) + " stripe groups of " + std::to_string(stripes) +
                " stripes",
            "at most " + std::to_string(static_cast<long long>(kMaxStripeGroups)) +
                ": use a smaller stripe-group-size"};
  }
  return {};
}

void StripeGroupsSolver::run(Search& search) const {
  const Options& options = search.options();
  StripeGroupSearch state(search,
                          stripes_per_group(search.problem().pattern(), options.integer("stripe-group-size")),
                          options.choice("pass") == "single");
  state.converge();
  state.bounded_regressions(options.integer("bounded-regressions"));
}

}  // namespace nmperm
