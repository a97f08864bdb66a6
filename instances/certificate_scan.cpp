#include "instances/certificate_scan.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <memory>
#include <new>

#include "core/error.h"
#include "instances/certificate_kernel.h"

namespace nmperm {
namespace {

std::string shown(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", number);
  return text.data();
}

/// One thread's part of a scan. All threads walk through the same sequence of M - 2 classes; whoever
/// is free takes the next one.
class Scan {
 public:
  Scan(const CertificateColumns& columns, std::span<const std::int64_t> duals, std::int64_t limit,
       std::atomic<std::size_t>& next, std::atomic<std::size_t>& listed)
      : columns_(columns),
        limit_(limit),
        next_(next),
        listed_(listed),
        cost_(columns.panels()),
        least_(columns.panels()),
        prefix_(static_cast<std::size_t>(columns.pattern().group - 2)),
        level_size_(static_cast<std::size_t>(columns.pattern().keep) * columns.rows()),
        levels_(aligned_doubles((prefix_.size() + 1) * level_size_)),
        thresholds_(aligned_doubles(columns.rows() * kPanelColumns)) {
    const std::size_t classes = columns.classes();
    for (auto& panel : cost_) panel.value.fill(kNoGroup);
    for (auto& panel : least_) panel.value.fill(kNoGroup);
    for (std::size_t c = 0; c < classes; ++c) cost(c) = columns.total_of(c) - duals[c];
    capacity_.assign(classes + 1, 0);
    for (std::size_t c = classes; c-- > 0;) {
      capacity_[c] = std::min(capacity_[c + 1] + columns.size_of(c), 2 * Pattern::kMaxGroup);
    }
    below_.group = static_cast<std::size_t>(columns.pattern().group);
  }

  void run() {
    mine_ = next_.fetch_add(1);
    extend(0, 0);
  }

  std::int64_t least_of(std::size_t c) const { return least_[c / kPanelColumns].value[c % kPanelColumns]; }
  ListedGroups& below() { return below_; }

 private:
  struct alignas(64) Panel {
    std::array<std::int64_t, kPanelColumns> value;
  };
  struct alignas(64) Square {
    std::array<std::int64_t, static_cast<std::size_t>(kPanelColumns) * kPanelColumns> value;
  };

  std::int64_t& cost(std::size_t c) { return cost_[c / kPanelColumns].value[c % kPanelColumns]; }
  std::int64_t& least(std::size_t c) { return least_[c / kPanelColumns].value[c % kPanelColumns]; }

  /// How often the last of the first `depth` classes occurs among them.
  int repeated(std::size_t depth) const {
    std::size_t count = 1;
    while (count < depth && prefix_[depth - count - 1] == prefix_[depth - 1]) ++count;
    return static_cast<int>(count);
  }

  void extend(std::size_t depth, std::size_t from) {
    if (depth == prefix_.size()) {
      if (number_++ != mine_) return;
      visit();
      mine_ = next_.fetch_add(1);
      return;
    }
    const int missing = columns_.pattern().group - static_cast<int>(depth);
    for (std::size_t c = from; c + 1 < capacity_.size(); ++c) {
      const int used = depth > 0 && c == prefix_[depth - 1] ? repeated(depth) : 0;
      if (capacity_[c] - used < missing) return;
      if (used >= columns_.size_of(c)) continue;
      prefix_[depth] = c;
      valid_levels_ = std::min(valid_levels_, depth);
      extend(depth + 1, c);
    }
  }

  /// All groups that begin with the prefix.
  void visit() {
    if (listed_.load(std::memory_order_relaxed) > kMostListedGroups) return;
    for (; valid_levels_ < prefix_.size(); ++valid_levels_) {
      add_to_largest(level(valid_levels_), columns_.column(prefix_[valid_levels_]), columns_.pattern().keep,
                     columns_.rows(), level(valid_levels_ + 1));
    }
    std::int64_t prefix_cost = 0;
    for (const std::size_t c : prefix_) prefix_cost += cost(c);
    first_ = prefix_.empty() ? 0 : prefix_.back();
    used_ = prefix_.empty() ? 0 : repeated(prefix_.size());
    std::int64_t least_of_prefix = kNoGroup;
    for (std::size_t p = first_ / kPanelColumns; p < columns_.panels(); ++p) {
      least_of_prefix = std::min(least_of_prefix, visit_panel(p, prefix_cost));
    }
    for (const std::size_t c : prefix_) least(c) = std::min(least(c), least_of_prefix);
  }

  /// All groups whose last class but one is in panel p.
  std::int64_t visit_panel(std::size_t p, std::int64_t prefix_cost) {
    const std::size_t rows = columns_.rows();
    alignas(64) double sums[kPanelColumns];
    pair_thresholds(level(prefix_.size()), columns_.panel(p), columns_.pattern().keep, rows,
                    thresholds_.get(), sums);
    Panel first_cost;
    PairTile tile{thresholds_.get(), nullptr, first_cost.value.data(), nullptr, {}};
    for (std::size_t b = 0; b < kPanelColumns; ++b) {
      const std::size_t c = p * kPanelColumns + b;
      const int used = c == first_ ? used_ : 0;
      const int size = c < columns_.classes() ? columns_.size_of(c) : 0;
      const bool fits = c >= first_ && used < size;
      first_cost.value[b] = fits ? prefix_cost + cost(c) - static_cast<std::int64_t>(sums[b]) : kNoGroup;
      tile.first_last[b] = static_cast<int>(b) + (used + 1 < size ? 0 : 1);
    }
    Square least_first, reduced;
    least_first.value.fill(kNoGroup);
    for (std::size_t last = p; last < columns_.panels(); ++last) {
      tile.panel = columns_.panel(last);
      tile.last_cost = cost_[last].value.data();
      const std::int64_t least_here = reduced_costs(tile, rows, reduced.value.data(),
                                                    least_first.value.data(), least_[last].value.data());
      if (least_here < limit_) list(reduced, p, last);
      for (int& d : tile.first_last) d = 0;  // every later panel is behind b
    }
    std::int64_t least_of_panel = kNoGroup;
    for (std::size_t b = 0; b < kPanelColumns; ++b) {
      const auto row = least_first.value.begin() + static_cast<std::ptrdiff_t>(b * kPanelColumns);
      const std::int64_t least_of_b = *std::min_element(row, row + kPanelColumns);
      std::int64_t& least_of_class = least(p * kPanelColumns + b);
      least_of_class = std::min(least_of_class, least_of_b);
      least_of_panel = std::min(least_of_panel, least_of_b);
    }
    return least_of_panel;
  }

  void list(const Square& reduced, std::size_t p, std::size_t last) {
    for (std::size_t k = 0; k < reduced.value.size(); ++k) {
      if (reduced.value[k] >= limit_) continue;
      const std::size_t b = p * kPanelColumns + k / kPanelColumns;
      const std::size_t d = last * kPanelColumns + k % kPanelColumns;
      std::int64_t pruned = reduced.value[k];
      const auto add = [&](std::size_t c) {
        below_.classes.push_back(static_cast<std::uint16_t>(c));
        pruned += columns_.total_of(c) - cost(c);  // the dual
      };
      for (const std::size_t c : prefix_) add(c);
      add(b);
      add(d);
      below_.pruned.push_back(pruned);
      listed_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  double* level(std::size_t depth) { return levels_.get() + depth * level_size_; }

  const CertificateColumns& columns_;
  std::int64_t limit_;
  std::atomic<std::size_t>&next_, &listed_;
  std::size_t number_ = 0, mine_ = 0;  // of prefixes walked past, and to visit next
  std::vector<Panel> cost_, least_;    // total minus dual; least reduced cost
  std::vector<int> capacity_;          // columns from class c on, cut off
  std::vector<std::size_t> prefix_;
  std::size_t first_ = 0;  // the prefix's last class, and how often the prefix holds it
  int used_ = 0;
  std::size_t level_size_, valid_levels_ = 0;
  AlignedDoubles levels_;  // the N largest scores of every row of the prefix's first k classes
  AlignedDoubles thresholds_;
  ListedGroups below_;
};

CertificateScan merged(const CertificateColumns& columns, const std::vector<std::unique_ptr<Scan>>& parts) {
  CertificateScan result{std::vector<std::int64_t>(columns.classes(), kNoGroup), {}};
  result.below.group = static_cast<std::size_t>(columns.pattern().group);
  for (const auto& part : parts) {
    for (std::size_t c = 0; c < columns.classes(); ++c) {
      result.least[c] = std::min(result.least[c], part->least_of(c));
    }
    result.below.append(part->below());
    part->below() = {};
  }
  return result;
}

}  // namespace

void ListedGroups::swap(std::size_t a, std::size_t b) {
  std::swap_ranges(classes.data() + a * group, classes.data() + (a + 1) * group, classes.data() + b * group);
  std::swap(pruned[a], pruned[b]);
}

void ListedGroups::append(const ListedGroups& more) {
  classes.insert(classes.end(), more.classes.begin(), more.classes.end());
  pruned.insert(pruned.end(), more.pruned.begin(), more.pruned.end());
}

CertificateScan scan_certificate_groups(const CertificateColumns& columns,
                                        std::span<const std::int64_t> duals, std::int64_t limit, int threads,
                                        const std::string& subject) {
  const double groups = columns.groups();
  if (!(groups <= kMostScannedGroups) || columns.classes() > UINT16_MAX) {
    throw UnsupportedError(subject, {}, shown(groups) + " groups are too many to check", "at most 2e12");
  }
  std::atomic<std::size_t> next{0}, listed{0};
  std::vector<std::unique_ptr<Scan>> parts;
  for (int t = 0; t < threads; ++t) {
    parts.push_back(std::make_unique<Scan>(columns, duals, std::min(limit, kNoGroup / 4), next, listed));
  }
  std::atomic<bool> out_of_memory{false};
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; ++t) {
    try {
      parts[static_cast<std::size_t>(t)]->run();
    } catch (const std::bad_alloc&) {  // must not leave the parallel region
      out_of_memory = true;
    }
  }
  if (out_of_memory) throw std::bad_alloc();
  if (listed > kMostListedGroups) {
    throw UnsupportedError(subject, {}, "the root's duals leave too many groups to hold in memory",
                           "at most " + shown(static_cast<double>(kMostListedGroups)));
  }
  return merged(columns, parts);
}

}  // namespace nmperm
