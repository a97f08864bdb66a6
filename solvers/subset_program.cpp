#include "solvers/subset_program.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <limits>

#include "core/error.h"

namespace nmperm {
namespace {

using Mask = std::uint64_t;

// Number of a mask of `weight` of `bits` bits among all such masks in numeric order, from two table look-ups.
class MaskNumbers {
 public:
  MaskNumbers(int bits, int weight) : subsets_(bits, weight), low_bits_((bits + 1) / 2) {
    low_.assign(std::size_t{1} << low_bits_, 0);
    high_.assign(std::size_t{1} << (bits - low_bits_), 0);
    for (Mask m = 0; m < low_.size(); ++m) low_[m] = number_of(m, 0, 1);
    for (Mask m = 0; m < high_.size(); ++m) high_[m] = number_of(m, low_bits_, weight - std::popcount(m) + 1);
  }

  std::size_t count() const { return subsets_.count(); }
  std::uint32_t operator()(Mask mask) const {
    return low_[mask & (low_.size() - 1)] + high_[mask >> low_bits_];
  }
  Mask mask(std::size_t number) const {
    Mask mask = 0;
    for (const int bit : subsets_.subset(number)) mask |= Mask{1} << bit;
    return mask;
  }

 private:
  // Share of the bits of `part`, which stand `shift` places higher and are the rank-th and following ones.
  std::uint32_t number_of(Mask part, int shift, int rank) const {
    std::size_t number = 0;
    if (rank < 1 || rank - 1 + std::popcount(part) > subsets_.size()) return 0;  // in no mask of this weight
    for (; part != 0; part &= part - 1) number += subsets_.choose(std::countr_zero(part) + shift, rank++);
    return static_cast<std::uint32_t>(number);
  }

  Subsets subsets_;
  int low_bits_;
  std::vector<std::uint32_t> low_, high_;
};

// The next larger mask of the same weight.
Mask next_mask(Mask mask) {
  const Mask lowest = mask & (~mask + 1);
  const Mask ripple = mask + lowest;
  return lowest == 0 ? 0 : ripple | (((mask ^ ripple) >> 2) / lowest);
}

// All sets with k groups, and f of each. Their lowest k columns are always in, so masks leave those out.
struct Level {
  Level(int columns, int group, int k) : k_groups(k), numbers(columns - k, (group - 1) * k) {
    most.resize(numbers.count());
  }

  int k_groups;
  MaskNumbers numbers;
  std::vector<double> most;
};

// Rates one set: the best next group plus the best rest.
class Step {
 public:
  Step(const GroupValues& values, const Level& next)
      : kept_(values.kept()), groups_(values.groups()), next_(next) {}

  double rate(Mask set) {
    begin(set);
    best_ = -std::numeric_limits<double>::infinity();
    choose(groups_.size(), count_, static_cast<std::size_t>(left_[0]), set_ | bit_[0]);
    return best_;
  }

  // The group that rate() found best; for the way back, where speed is of no concern.
  std::vector<int> best_group(Mask set) {
    begin(set);
    const Subsets others(count_ - 1, groups_.size() - 1);
    std::vector<int> chosen = others.subset(0), best_group, group(chosen.size() + 1);
    double best = -std::numeric_limits<double>::infinity();
    do {
      Mask mask = set_ | bit_[0];
      group[0] = left_[0];
      for (std::size_t i = 0; i < chosen.size(); ++i) {
        const auto at = static_cast<std::size_t>(chosen[i]) + 1;
        group[i + 1] = left_[at];
        mask |= bit_[at];
      }
      const double kept = kept_[groups_.number(group)] + next_.most[next_.numbers(mask)];
      if (kept > best) {
        best = kept;
        best_group = group;
      }
    } while (others.next(chosen));
    return best_group;
  }

 private:
  void begin(Mask set) {
    count_ = 0;
    for (int column = 0; column < groups_.elements(); ++column) {
      if ((set >> column & 1) != 0) continue;
      const auto at = static_cast<std::size_t>(count_++);
      left_[at] = column;
      bit_[at] = (Mask{1} << column) >> next_.k_groups;
      pair_[at] = groups_.choose(column, 2);
    }
    set_ = set >> next_.k_groups;
  }

  // Chooses the elements of a group from the largest (rank M) down to rank 2 among left_[1 .. limit-1]; rank
  // 1 is left_[0]. `number` and `mask` are those of what is chosen.
  void choose(int rank, int limit, std::size_t number, Mask mask) {
    if (rank == 2) {
      const double* const kept = kept_ + number;
      for (std::size_t at = 1; at < static_cast<std::size_t>(limit); ++at) {
        best_ = std::max(best_, kept[pair_[at]] + next_.most[next_.numbers(mask | bit_[at])]);
      }
      return;
    }
    for (int at = rank - 1; at < limit; ++at) {
      const auto i = static_cast<std::size_t>(at);
      choose(rank - 1, at, number + groups_.choose(left_[i], rank), mask | bit_[i]);
    }
  }

  const double* kept_;
  const Subsets& groups_;
  const Level& next_;
  // Columns not in the set, ascending: the column, its bit among the next level's, and C(column, 2).
  int count_ = 0;
  int left_[64] = {};
  Mask bit_[64] = {};
  std::size_t pair_[64] = {};
  Mask set_ = 0;
  double best_ = 0;
};

// Fills `level` from the next one; false when stopped.
bool rate_level(const GroupValues& values, Level& level, const Level& next, int threads,
                const std::function<bool()>& should_stop) {
  constexpr std::size_t kChunk = 256;
  const std::size_t count = level.most.size();
  const int shift = level.k_groups;
  const Mask always = (Mask{1} << shift) - 1;
  std::atomic<bool> stopped = false;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (count > 4 * kChunk)
  for (std::size_t begin = 0; begin < count; begin += kChunk) {
    if (stopped.load(std::memory_order_relaxed) || should_stop()) {
      stopped = true;
      continue;
    }
    Step step(values, next);
    Mask mask = level.numbers.mask(begin);
    const std::size_t end = std::min(count, begin + kChunk);
    for (std::size_t i = begin; i < end; ++i, mask = next_mask(mask)) {
      level.most[i] = step.rate(mask << shift | always);
    }
  }
  return !stopped;
}

}  // namespace

double subset_program_states(int columns, int group) {
  double states = 0;
  for (int k = 0; k <= columns / group; ++k) states += binomial(columns - k, (group - 1) * k);
  return states;
}

double subset_program_bytes(int columns, int group) {
  return sizeof(double) * (subset_program_states(columns, group) + binomial(columns, group));
}

std::optional<std::vector<int>> best_division(const GroupValues& values, int threads,
                                              const std::function<bool()>& should_stop) {
  const int columns = values.groups().elements(), group = values.groups().size();
  const int groups = columns / group;
  if (groups == 1) return values.groups().subset(0);
  if (columns > 63 || subset_program_states(columns, group) > std::numeric_limits<std::uint32_t>::max()) {
    throw InternalError("too many columns for dynamic programming over subsets");
  }
  std::vector<Level> levels;
  levels.reserve(static_cast<std::size_t>(groups) + 1);
  for (int k = 0; k <= groups; ++k) levels.emplace_back(columns, group, k);
  for (auto k = static_cast<std::size_t>(groups); k-- > 0;) {
    if (!rate_level(values, levels[k], levels[k + 1], threads, should_stop)) return std::nullopt;
  }
  std::vector<int> division;
  Mask set = 0;
  for (std::size_t k = 1; k < levels.size(); ++k) {
    for (const int column : Step(values, levels[k]).best_group(set)) {
      division.push_back(column);
      set |= Mask{1} << column;
    }
  }
  return division;
}

}  // namespace nmperm
