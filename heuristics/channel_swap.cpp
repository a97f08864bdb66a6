#include "heuristics/channel_swap.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "heuristics/kept.h"

namespace nmperm {
namespace {

/// Thresholds of the groups of one block, formed anew for each task.
class ThresholdBlock {
 public:
  ThresholdBlock(const Problem& problem, int groups)
      : problem_(problem),
        slots_(groups * problem.pattern().group),
        thresholds_(problem.rows(), slots_),
        self_(static_cast<std::size_t>(slots_)) {}

  void form(const Permutation& order, const std::vector<int>& groups) {
    const int size = problem_.pattern().group;
    std::array<const float*, Pattern::kMaxGroup> columns;
    std::array<float*, Pattern::kMaxGroup> thresholds;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const int first = static_cast<int>(g) * size;
      for (int k = 0; k < size; ++k) {
        const int slot = groups[g] * size + k;
        columns[static_cast<std::size_t>(k)] =
            problem_.search_scores().column(order[static_cast<std::size_t>(slot)]);
        thresholds[static_cast<std::size_t>(k)] = thresholds_.column(first + k);
      }
      group_thresholds(columns.data(), problem_.pattern(), problem_.search_scores().stride(),
                       thresholds.data(), self_.data() + first);
    }
  }

  const float* threshold(int slot) const { return thresholds_.column(slot); }
  double self(int slot) const { return self_[static_cast<std::size_t>(slot)]; }

 private:
  const Problem& problem_;
  int slots_;
  ScoreMatrix thresholds_;
  std::vector<double> self_;
};

class ChannelSwapSearch {
 public:
  explicit ChannelSwapSearch(Search& search)
      : search_(search),
        problem_(search.problem()),
        size_(problem_.pattern().group),
        order_(search.start()),
        changed_(static_cast<std::size_t>(problem_.groups()), true) {
    const Segments& segments = problem_.segments();
    segment_of_group_.resize(changed_.size());
    for (int g = 0; g < problem_.groups(); ++g) {
      segment_of_group_[static_cast<std::size_t>(g)] = segments.of_column(g * size_);
      kept_.push_back(group_kept(g));
      total_ += kept_.back();
    }
    const std::size_t groups = changed_.size();
    best_swaps_.resize(groups * (groups - 1) / 2);
    // Two blocks of thresholds stay within half a megabyte, a second-level cache.
    constexpr std::size_t kBlockBytes = std::size_t{1} << 18;
    const std::size_t group_bytes =
        problem_.search_scores().stride() * sizeof(float) * static_cast<std::size_t>(size_);
    block_groups_ = static_cast<int>(std::clamp<std::size_t>(kBlockBytes / group_bytes, 1, 64));
  }

  void converge() {
    while (!search_.should_stop() && passes_ < search_.limits().iterations) {
      rate();
      if (!apply_winners()) break;
      ++passes_;
      search_.report(order_, total_);
    }
  }

  void bounded_regressions(long long count) {
    if (std::none_of(problem_.segments().lengths().begin(), problem_.segments().lengths().end(),
                     [&](int length) { return length > size_; })) {
      return;
    }
    Rng rng = search_.rng();
    Permutation best = order_;
    std::vector<double> best_kept = kept_;
    double best_total = total_;
    for (long long n = 0; n < count && !search_.should_stop() && passes_ < search_.limits().iterations; ++n) {
      swap_random_columns(rng);
      converge();
      if (total_ > best_total) {
        best = order_;
        best_kept = kept_;
        best_total = total_;
      } else {
        order_ = best;
        kept_ = best_kept;
        total_ = best_total;
        // The best order is converged: no swap gains anything.
        std::fill(changed_.begin(), changed_.end(), false);
        std::fill(best_swaps_.begin(), best_swaps_.end(), Swap{});
      }
    }
  }

 private:
  struct Swap {
    float gain = 0;
    std::uint8_t i = 0, j = 0;  // columns of the first and of the second group
  };
  struct Winner {
    float gain;
    int g, h;
  };

  double group_kept(int group) const {
    return kept_of_group_columns(problem_, order_.data() + group * size_);
  }

  Swap& best_swap(int g, int h) {
    const auto low = static_cast<std::size_t>(std::min(g, h)),
               high = static_cast<std::size_t>(std::max(g, h));
    return best_swaps_[high * (high - 1) / 2 + low];
  }

  /// Rates all pairs with a changed group, block of groups against block of groups.
  void rate() {
    std::vector<int> changed, all;
    for (int g = 0; g < problem_.groups(); ++g) {
      all.push_back(g);
      if (changed_[static_cast<std::size_t>(g)]) changed.push_back(g);
    }
    const auto blocks_of = [&](std::size_t count) {
      return static_cast<int>((count + static_cast<std::size_t>(block_groups_) - 1) /
                              static_cast<std::size_t>(block_groups_));
    };
    const int changed_blocks = blocks_of(changed.size()), all_blocks = blocks_of(all.size());
    for (const int g : changed) {
      for (const int h : all) {
        if (h != g) best_swap(g, h) = Swap{};
      }
    }
    std::atomic<bool> stop = false;
#pragma omp parallel num_threads(search_.threads()) if (changed_blocks * all_blocks > 1)
    {
      ThresholdBlock first(problem_, block_groups_), second(problem_, block_groups_);
      std::vector<int> g_block, h_block;
#pragma omp for schedule(dynamic) collapse(2)
      for (int a = 0; a < changed_blocks; ++a) {
        for (int b = 0; b < all_blocks; ++b) {
          if (stop.load(std::memory_order_relaxed)) continue;
          take_block(changed, a, g_block);
          take_block(all, b, h_block);
          first.form(order_, g_block);
          second.form(order_, h_block);
          if (!rate_block(g_block, first, h_block, second)) stop = true;
        }
      }
    }
    std::fill(changed_.begin(), changed_.end(), false);
  }

  void take_block(const std::vector<int>& groups, int block, std::vector<int>& taken) const {
    const auto begin = static_cast<std::size_t>(block) * static_cast<std::size_t>(block_groups_);
    const std::size_t end = std::min(begin + static_cast<std::size_t>(block_groups_), groups.size());
    taken.assign(groups.begin() + static_cast<std::ptrdiff_t>(begin),
                 groups.begin() + static_cast<std::ptrdiff_t>(end));
  }

  /// False when the search must stop.
  bool rate_block(const std::vector<int>& g_block, const ThresholdBlock& first,
                  const std::vector<int>& h_block, const ThresholdBlock& second) {
    for (std::size_t a = 0; a < g_block.size(); ++a) {
      if (search_.should_stop()) return false;
      for (std::size_t b = 0; b < h_block.size(); ++b) {
        const int g = g_block[a], h = h_block[b];
        // A pair of two changed groups is met twice; one of its two owners rates it.
        const bool twice = changed_[static_cast<std::size_t>(h)] && changed_[static_cast<std::size_t>(g)];
        if (g == h || (twice && g > h)) continue;
        if (segment_of_group_[static_cast<std::size_t>(g)] != segment_of_group_[static_cast<std::size_t>(h)])
          continue;
        rate_pair(g, static_cast<int>(a), first, h, static_cast<int>(b), second);
      }
    }
    return true;
  }

  void rate_pair(int g, int a, const ThresholdBlock& first, int h, int b, const ThresholdBlock& second) {
    const ScoreMatrix& scores = problem_.search_scores();
    Swap best;
    for (int i = 0; i < size_; ++i) {
      const float* const x_i = scores.column(order_[static_cast<std::size_t>(g * size_ + i)]);
      for (int j = 0; j < size_; ++j) {
        const float* const x_j = scores.column(order_[static_cast<std::size_t>(h * size_ + j)]);
        const double gain = swap_replacement(first.threshold(a * size_ + i), x_i,
                                             second.threshold(b * size_ + j), x_j, scores.stride()) -
                            first.self(a * size_ + i) - second.self(b * size_ + j);
        if (gain > static_cast<double>(best.gain)) {
          best = {static_cast<float>(gain), static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(j)};
        }
      }
    }
    if (g > h) std::swap(best.i, best.j);
    best_swap(g, h) = best;
  }

  bool apply_winners() {
    std::vector<Winner> winners;
    for (int h = 1; h < problem_.groups(); ++h) {
      for (int g = 0; g < h; ++g) {
        if (best_swap(g, h).gain > 0) winners.push_back({best_swap(g, h).gain, g, h});
      }
    }
    std::sort(winners.begin(), winners.end(), [](const Winner& a, const Winner& b) {
      if (a.gain != b.gain) return a.gain > b.gain;
      return a.h != b.h ? a.h < b.h : a.g < b.g;
    });
    bool applied = false;
    for (const Winner& winner : winners) {
      if (changed_[static_cast<std::size_t>(winner.g)] || changed_[static_cast<std::size_t>(winner.h)])
        continue;
      Swap& swap = best_swap(winner.g, winner.h);
      const int i = winner.g * size_ + swap.i, j = winner.h * size_ + swap.j;
      if (swap_columns(i, j) > 0) {
        applied = true;
        continue;
      }
      // The gain was rounding noise: put the columns back, so that the total rises strictly.
      swap_columns(i, j);
      changed_[static_cast<std::size_t>(winner.g)] = changed_[static_cast<std::size_t>(winner.h)] = false;
      swap = Swap{};
    }
    return applied;
  }

  /// Swaps the columns of two slots of different groups; returns the change of the kept magnitude.
  double swap_columns(int i, int j) {
    std::swap(order_[static_cast<std::size_t>(i)], order_[static_cast<std::size_t>(j)]);
    double change = 0;
    for (const int group : {i / size_, j / size_}) {
      const auto g = static_cast<std::size_t>(group);
      const double kept = group_kept(group);
      change += kept - kept_[g];
      kept_[g] = kept;
      changed_[g] = true;
    }
    total_ += change;
    return change;
  }

  void swap_random_columns(Rng& rng) {
    const Segments& segments = problem_.segments();
    for (;;) {
      const int i = rng.below(problem_.columns());
      const int segment = segments.of_column(i), length = segments.length(segment);
      if (length == size_) continue;
      int j = segments.begin(segment) + rng.below(length - size_);
      if (j >= i / size_ * size_) j += size_;
      swap_columns(i, j);
      return;
    }
  }

  Search& search_;
  const Problem& problem_;
  int size_;
  Permutation order_;
  std::vector<char> changed_;  // by group: since its pairs were last rated
  std::vector<int> segment_of_group_;
  std::vector<double> kept_;  // by group
  double total_ = 0;
  std::vector<Swap> best_swaps_;  // by pair of groups, lower triangle
  int block_groups_ = 1;
  std::int64_t passes_ = 0;
};

}  // namespace

const SolverInfo& ChannelSwapSolver::info() const {
  static const SolverInfo info{
      "channel-swap",
      "greedy swaps of two columns with bounded regressions, after TETRIS",
      "Ji et al., TETRIS, NeurIPS 2018; Pool & Yu, NeurIPS 2021",
      false,
      "passes over the pairs of groups",
      {OptionRecord::integer("bounded-regressions",
                             "random swaps tried after convergence, each undone unless the "
                             "search then ends higher",
                             100, 0, 1000000000)},
      {}};
  return info;
}

void ChannelSwapSolver::run(Search& search) const {
  ChannelSwapSearch state(search);
  state.converge();
  state.bounded_regressions(search.options().integer("bounded-regressions"));
}

}  // namespace nmperm
