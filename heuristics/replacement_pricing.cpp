#include "heuristics/replacement_pricing.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/pattern.h"
#include "heuristics/row_scan.h"

namespace nmperm {
namespace {

struct Replacement {
  int slot, type;
  float reduced;
};

constexpr std::size_t kBlock = 128;  // entries scanned before the threshold rises

struct Workspace {
  std::array<int, kBlock + 16> indices;
  std::array<float, kBlock + 16> values;
  std::vector<Replacement> best;
};

/// Scans the rows of single groups.
class Scanner {
 public:
  Scanner(const GroupPool& pool, const ReplacementRows& rows, const std::vector<double>& prices,
          const std::vector<int>& remaining, const PricingRule& rule)
      : pool_(pool),
        rows_(rows),
        prices_(prices),
        remaining_(remaining),
        rule_(rule),
        price_(scan_prices(rows, prices, remaining)) {}

  /// `next`: the base that is scanned next, or -1.
  void scan(int base, int next, Workspace& workspace, std::vector<Replacement>& result) const {
    result.clear();
    for (int slot = 0; slot < pool_.group_size(); ++slot) {
      if (!fits_without(base, slot)) continue;
      const bool last = slot + 1 == pool_.group_size();
      const float* const next_row = !last       ? rows_.row(base, slot + 1)
                                    : next >= 0 ? rows_.row(next, 0)
                                                : nullptr;
      scan_slot(base, slot, next_row, workspace, result);
    }
  }

 private:
  int count_without(int base, int slot, int type) const {
    const int* const types = pool_.types(base);
    int count = 0;
    for (int k = 0; k < pool_.group_size(); ++k) count += k != slot && types[k] == type;
    return count;
  }

  bool fits_without(int base, int slot) const {
    const int* const types = pool_.types(base);
    if (slot > 0 && types[slot] == types[slot - 1]) return false;  // equal slots offer the same
    for (int k = 0; k < pool_.group_size(); ++k) {
      if (k == slot) continue;
      const int left = remaining_[static_cast<std::size_t>(types[k])];
      if (left == 0 || (left < pool_.group_size() && count_without(base, slot, types[k]) > left))
        return false;
    }
    return true;
  }

  void scan_slot(int base, int slot, const float* next_row, Workspace& workspace,
                 std::vector<Replacement>& result) const {
    const int* const types = pool_.types(base);
    double others = rows_.offset(base, slot);
    for (int k = 0; k < pool_.group_size(); ++k) {
      if (k != slot) others -= prices_[static_cast<std::size_t>(types[k])];
    }
    std::vector<Replacement>& best = workspace.best;
    best.clear();
    // The threshold rises with the worst of the best so far, so that after the first block little is found.
    auto threshold = static_cast<float>(rule_.threshold - others);
    const float* const row = rows_.row(base, slot);
    for (std::size_t begin = 0; begin < rows_.width(); begin += kBlock) {
      const std::size_t length = std::min(kBlock, rows_.width() - begin);
      const std::size_t count = scan_above(row + begin, price_.data() + begin, length, threshold,
                                           next_row != nullptr ? next_row + begin : nullptr,
                                           workspace.indices.data(), workspace.values.data());
      for (std::size_t k = 0; k < count; ++k) {
        const float reduced = workspace.values[k];
        const int type = static_cast<int>(begin) + workspace.indices[k];
        if (!(reduced > threshold) || type == types[slot]) continue;
        if (count_without(base, slot, type) >= remaining_[static_cast<std::size_t>(type)]) continue;
        if (best.size() == static_cast<std::size_t>(rule_.per_slot)) best.pop_back();
        const auto place = std::find_if(best.begin(), best.end(),
                                        [&](const Replacement& other) { return other.reduced < reduced; });
        best.insert(place, {slot, type, reduced});
        if (best.size() == static_cast<std::size_t>(rule_.per_slot)) threshold = best.back().reduced;
      }
    }
    result.insert(result.end(), best.begin(), best.end());
  }

  const GroupPool& pool_;
  const ReplacementRows& rows_;
  const std::vector<double>& prices_;
  const std::vector<int>& remaining_;
  PricingRule rule_;
  std::vector<float> price_;
};

struct Proposal {
  int base;
  Replacement replacement;
  int group;  // of the pool
};

int add_replacement(GroupPool& pool, const ReplacementRows& rows, int base, const Replacement& replacement) {
  std::array<int, Pattern::kMaxGroup> types;
  const int m = pool.group_size();
  std::copy_n(pool.types(base), m, types.begin());
  types[static_cast<std::size_t>(replacement.slot)] = replacement.type;
  std::sort(types.begin(), types.begin() + m);
  const int known = pool.find(types.data());
  if (known >= 0) return known;
  return pool.add(types.data(), rows.offset(base, replacement.slot) +
                                    static_cast<double>(rows.row(base, replacement.slot)[replacement.type]));
}

/// What new groups keep in truth: rows may have been formed in bytes, or be estimates.
void evaluate(GroupPool& pool, const ReplacementRows& rows, int first, int threads) {
  constexpr int kParallelGroups = 1000;
  const bool parallel = pool.size() - first > kParallelGroups;
#pragma omp parallel for num_threads(threads) schedule(static) if (parallel)
  for (int g = first; g < pool.size(); ++g) pool.set_kept(g, rows.kept(pool.types(g)));
}

}  // namespace

std::vector<float> scan_prices(const ReplacementRows& rows, const std::vector<double>& prices,
                               const std::vector<int>& remaining) {
  std::vector<float> result(rows.width(), std::numeric_limits<float>::infinity());
  for (std::size_t t = 0; t < prices.size(); ++t) {
    if (remaining[t] > 0) result[t] = static_cast<float>(prices[t]);
  }
  return result;
}

std::size_t price_replacements(GroupPool& pool, ReplacementRows& rows, const std::vector<int>& bases,
                               const std::vector<double>& prices, const std::vector<int>& remaining,
                               const PricingRule& rule, int threads) {
  const Scanner scanner(pool, rows, prices, remaining, rule);
  // Below a millisecond of work, waking and joining threads costs more than they save.
  constexpr std::size_t kParallelEntries = std::size_t{1} << 22;
  const bool parallel =
      bases.size() * static_cast<std::size_t>(pool.group_size()) * rows.width() > kParallelEntries;
  std::vector<std::vector<Replacement>> found(bases.size());
#pragma omp parallel num_threads(threads) if (parallel)
  {
    Workspace workspace;
#pragma omp for schedule(dynamic, 16)
    for (std::size_t b = 0; b < bases.size(); ++b) {
      if (!rows.has(bases[b])) continue;
      const bool more = b + 1 < bases.size() && rows.has(bases[b + 1]);
      scanner.scan(bases[b], more ? bases[b + 1] : -1, workspace, found[b]);
    }
  }
  const int before = pool.size();
  std::vector<Proposal> proposals;
  for (std::size_t b = 0; b < bases.size(); ++b) {
    for (const Replacement& replacement : found[b]) {
      proposals.push_back({bases[b], replacement, add_replacement(pool, rows, bases[b], replacement)});
    }
  }
  evaluate(pool, rows, before, threads);
  if (rows.estimates()) {
    for (const Proposal& proposal : proposals) {
      rows.correct(proposal.base, proposal.replacement.slot, proposal.replacement.type,
                   pool.kept(proposal.group));
    }
  }
  return static_cast<std::size_t>(pool.size() - before);
}

}  // namespace nmperm
