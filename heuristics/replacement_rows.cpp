#include "heuristics/replacement_rows.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>

#include "core/group_kernels.h"
#include "core/max_plus_product.h"
#include "core/score_matrix.h"

namespace nmperm {
namespace {

constexpr std::size_t kBatchThresholds = 32;  // rows of one product: enough to reach the kernel's rate

}  // namespace

struct ReplacementRows::Workspace {
  Workspace(std::size_t slots, std::size_t rows, std::size_t width)
      : thresholds(static_cast<int>(rows), static_cast<int>(slots)), product(slots * width), self(slots) {}

  ScoreMatrix thresholds;
  std::vector<float> product;
  std::vector<double> self;
};

ReplacementRows::ReplacementRows(std::vector<const float*> columns, const Pattern& pattern, std::size_t rows,
                                 std::size_t max_bytes)
    : columns_(std::move(columns)), pattern_(pattern), rows_(rows), width_((columns_.size() + 15) / 16 * 16) {
  const std::size_t entry_bytes = sizeof(float) * static_cast<std::size_t>(pattern_.group) * width_;
  capacity_ = std::max<std::size_t>(64, max_bytes / entry_bytes);
  std::vector<int> all(columns_.size());
  std::iota(all.begin(), all.end(), 0);
  narrow(std::move(all));
}

void ReplacementRows::narrow(std::vector<int> types) {
  types_ = std::move(types);
  type_columns_.clear();
  for (const int t : types_) type_columns_.push_back(columns_[static_cast<std::size_t>(t)]);
  if (types_.size() < columns_.size()) return;
  for (std::size_t e = 0; e < entries_.size(); ++e) {
    if (entries_[e].group >= 0 && entries_[e].narrow) release(static_cast<int>(e));
  }
}

int ReplacementRows::entry_of(int g) const {
  const auto at = static_cast<std::size_t>(g);
  return at < entry_of_group_.size() ? entry_of_group_[at] : -1;
}

const float* ReplacementRows::row(int g, int slot) const {
  return entries_[static_cast<std::size_t>(entry_of(g))].rows.get() + static_cast<std::size_t>(slot) * width_;
}

double ReplacementRows::offset(int g, int slot) const {
  return entries_[static_cast<std::size_t>(entry_of(g))].offsets[static_cast<std::size_t>(slot)];
}

void ReplacementRows::release(int entry) {
  Entry& released = entries_[static_cast<std::size_t>(entry)];
  entry_of_group_[static_cast<std::size_t>(released.group)] = -1;
  released.group = -1;
  free_.push_back(entry);
}

/// A free entry, or -1 where all are used by the present call.
int ReplacementRows::take_entry() {
  if (free_.empty() && entries_.size() < capacity_) {
    Entry& entry = entries_.emplace_back();
    entry.rows = std::make_unique<float[]>(static_cast<std::size_t>(pattern_.group) * width_);
    entry.offsets.resize(static_cast<std::size_t>(pattern_.group));
    return static_cast<int>(entries_.size()) - 1;
  }
  // Second-chance eviction: entries are passed over once for each of the last calls that used them.
  constexpr std::int64_t kRecent = 3;
  for (std::int64_t recent = kRecent; free_.empty() && recent >= 1; --recent) {
    for (std::size_t tries = 0; free_.empty() && tries < entries_.size(); ++tries) {
      hand_ = (hand_ + 1) % entries_.size();
      if (entries_[hand_].used + recent <= calls_) release(static_cast<int>(hand_));
    }
  }
  if (free_.empty()) return -1;
  const int entry = free_.back();
  free_.pop_back();
  return entry;
}

std::size_t ReplacementRows::rate(const GroupPool& pool, const std::vector<int>& groups, std::size_t limit,
                                  const Search& search) {
  ++calls_;
  entry_of_group_.resize(static_cast<std::size_t>(pool.size()), -1);
  std::vector<int> missing;
  for (const int g : groups) {
    if (const int entry = entry_of(g); entry >= 0) {
      entries_[static_cast<std::size_t>(entry)].used = calls_;
    } else if (missing.size() < limit) {
      missing.push_back(g);
    }
  }
  std::size_t taken = 0;
  for (; taken < missing.size(); ++taken) {
    const int entry = take_entry();
    if (entry < 0) break;
    Entry& fresh = entries_[static_cast<std::size_t>(entry)];
    fresh.group = missing[taken];
    fresh.used = calls_;
    fresh.narrow = types_.size() < columns_.size();
    entry_of_group_[static_cast<std::size_t>(fresh.group)] = entry;
  }
  missing.resize(taken);

  const auto m = static_cast<std::size_t>(pattern_.group);
  const std::size_t batch = std::max<std::size_t>(1, kBatchThresholds / m);
  const auto batches = static_cast<std::int64_t>((missing.size() + batch - 1) / batch);
  // Below a millisecond of work, waking and joining threads costs more than they save.
  constexpr double kParallelOperations = 2e7;
  const bool parallel =
      batches > 1 && static_cast<double>(missing.size() * m * rows_ * types_.size()) > kParallelOperations;
  std::vector<char> rated(missing.size(), 0);
#pragma omp parallel num_threads(search.threads()) if (parallel)
  {
    Workspace workspace(batch * m, rows_, types_.size());
#pragma omp for schedule(dynamic)
    for (std::int64_t b = 0; b < batches; ++b) {
      if (search.should_stop()) continue;
      const std::size_t begin = static_cast<std::size_t>(b) * batch;
      const std::size_t end = std::min(begin + batch, missing.size());
      rate_batch(pool, missing, begin, end, workspace);
      std::fill(rated.begin() + static_cast<std::ptrdiff_t>(begin),
                rated.begin() + static_cast<std::ptrdiff_t>(end), char{1});
    }
  }
  for (std::size_t k = 0; k < missing.size(); ++k) {
    if (!rated[k]) release(entry_of(missing[k]));
  }
  return static_cast<std::size_t>(std::count(rated.begin(), rated.end(), char{1}));
}

void ReplacementRows::rate_batch(const GroupPool& pool, const std::vector<int>& groups, std::size_t begin,
                                 std::size_t end, Workspace& workspace) {
  const int m = pattern_.group;
  std::vector<const float*> rows;
  for (std::size_t k = begin; k < end; ++k) {
    std::array<const float*, Pattern::kMaxGroup> columns;
    std::array<float*, Pattern::kMaxGroup> thresholds;
    for (int i = 0; i < m; ++i) {
      const int slot = static_cast<int>(k - begin) * m + i;
      columns[static_cast<std::size_t>(i)] = columns_[static_cast<std::size_t>(pool.types(groups[k])[i])];
      thresholds[static_cast<std::size_t>(i)] = workspace.thresholds.column(slot);
      rows.push_back(workspace.thresholds.column(slot));
    }
    const double kept =
        group_thresholds(columns.data(), pattern_, rows_, thresholds.data(), workspace.self.data());
    Entry& entry = entries_[static_cast<std::size_t>(entry_of(groups[k]))];
    for (int i = 0; i < m; ++i) {
      entry.offsets[static_cast<std::size_t>(i)] = kept - workspace.self[static_cast<std::size_t>(i)];
    }
  }
  max_plus_product(rows.data(), rows.size(), type_columns_.data(), types_.size(), rows_,
                   workspace.product.data(), types_.size());
  const float* product = workspace.product.data();
  for (std::size_t k = begin; k < end; ++k) {
    float* row = entries_[static_cast<std::size_t>(entry_of(groups[k]))].rows.get();
    for (int i = 0; i < m; ++i, row += width_, product += types_.size()) {
      for (std::size_t j = 0; j < types_.size(); ++j) row[types_[j]] = product[j];
    }
  }
}

void ReplacementRows::renumber(const std::vector<int>& new_numbers) {
  for (std::size_t e = 0; e < entries_.size(); ++e) {
    Entry& entry = entries_[e];
    if (entry.group < 0) continue;
    const int number = new_numbers[static_cast<std::size_t>(entry.group)];
    if (number < 0) {
      free_.push_back(static_cast<int>(e));
    }
    entry.group = number;
  }
  entry_of_group_.assign(new_numbers.size(), -1);
  for (std::size_t e = 0; e < entries_.size(); ++e) {
    if (entries_[e].group >= 0)
      entry_of_group_[static_cast<std::size_t>(entries_[e].group)] = static_cast<int>(e);
  }
}

}  // namespace nmperm
