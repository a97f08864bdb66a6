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

struct Workspace {
  explicit Workspace(std::size_t width) : indices(width + 16), values(width + 16) {}
  std::vector<int> indices;
  std::vector<float> values;
  std::vector<Replacement> found;
};

/// Scans the rows of single groups.
class Scanner {
 public:
  Scanner(const GroupPool& pool, const ReplacementRows& rows, const std::vector<double>& prices,
          const std::vector<int>& remaining, const PricingRule& rule)
      : pool_(pool), rows_(rows), prices_(prices), remaining_(remaining), rule_(rule) {
    price_.assign(rows.width(), std::numeric_limits<float>::infinity());
    for (std::size_t t = 0; t < prices.size(); ++t) {
      if (remaining[t] > 0) price_[t] = static_cast<float>(prices[t]);
    }
  }

  void scan(int base, Workspace& workspace, std::vector<Replacement>& result) const {
    result.clear();
    for (int slot = 0; slot < pool_.group_size(); ++slot) {
      if (fits_without(base, slot)) scan_slot(base, slot, workspace, result);
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

  void scan_slot(int base, int slot, Workspace& workspace, std::vector<Replacement>& result) const {
    const int* const types = pool_.types(base);
    double others = rows_.offset(base, slot);
    for (int k = 0; k < pool_.group_size(); ++k) {
      if (k != slot) others -= prices_[static_cast<std::size_t>(types[k])];
    }
    const std::size_t count = scan_above(rows_.row(base, slot), price_.data(), rows_.width(),
                                         static_cast<float>(rule_.threshold - others),
                                         workspace.indices.data(), workspace.values.data());
    std::vector<Replacement>& found = workspace.found;
    found.clear();
    for (std::size_t k = 0; k < count; ++k) {
      const int type = workspace.indices[k];
      if (type == types[slot]) continue;
      if (count_without(base, slot, type) >= remaining_[static_cast<std::size_t>(type)]) continue;
      found.push_back({slot, type, workspace.values[k]});
    }
    const auto most = static_cast<std::size_t>(rule_.per_slot);
    if (found.size() > most) {
      std::nth_element(found.begin(), found.begin() + rule_.per_slot, found.end(),
                       [](const Replacement& a, const Replacement& b) {
                         return a.reduced != b.reduced ? a.reduced > b.reduced : a.type < b.type;
                       });
      found.resize(most);
    }
    result.insert(result.end(), found.begin(), found.end());
  }

  const GroupPool& pool_;
  const ReplacementRows& rows_;
  const std::vector<double>& prices_;
  const std::vector<int>& remaining_;
  PricingRule rule_;
  std::vector<float> price_;
};

void add_replacement(GroupPool& pool, const ReplacementRows& rows, int base, const Replacement& replacement) {
  std::array<int, Pattern::kMaxGroup> types;
  const int m = pool.group_size();
  std::copy_n(pool.types(base), m, types.begin());
  types[static_cast<std::size_t>(replacement.slot)] = replacement.type;
  std::sort(types.begin(), types.begin() + m);
  if (pool.find(types.data()) >= 0) return;
  pool.add(types.data(), rows.offset(base, replacement.slot) +
                             static_cast<double>(rows.row(base, replacement.slot)[replacement.type]));
}

}  // namespace

std::size_t price_replacements(GroupPool& pool, const ReplacementRows& rows, const std::vector<int>& bases,
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
    Workspace workspace(rows.width());
#pragma omp for schedule(dynamic, 16)
    for (std::size_t b = 0; b < bases.size(); ++b) {
      if (rows.has(bases[b])) scanner.scan(bases[b], workspace, found[b]);
    }
  }
  const int before = pool.size();
  for (std::size_t b = 0; b < bases.size(); ++b) {
    for (const Replacement& replacement : found[b]) add_replacement(pool, rows, bases[b], replacement);
  }
  return static_cast<std::size_t>(pool.size() - before);
}

}  // namespace nmperm
