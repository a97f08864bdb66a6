#include "heuristics/replacement_rows.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "core/group_kernels.h"
#include "core/max_plus_product.h"
#include "core/score_matrix.h"
#include "heuristics/row_scan.h"

namespace nmperm {
namespace {

constexpr std::size_t kBatchThresholds = 32;  // rows of one product: enough to reach the kernel's rate
constexpr std::size_t kPromising = 32;        // about the entries of an estimated row that are looked up
constexpr std::size_t kFewTypes = 512;        // of which all are rated in bytes: no estimate is faster

}  // namespace

/// Room for the rows of a batch of slots: thresholds, products in the order of types_, and what the slots'
/// own columns come to.
class ReplacementRows::Workspace {
 public:
  Workspace(std::size_t slots, std::size_t rows, std::size_t width, const QuantisedScores* bytes,
            bool estimates)
      : product(slots * width), self(slots) {
    const auto count = static_cast<int>(slots);
    if (bytes == nullptr) {
      thresholds.emplace(static_cast<int>(rows), count);
    } else {
      byte_thresholds.emplace(static_cast<int>(bytes->stride() / sizeof(float)), count);
      byte_product.resize(slots * width);
    }
    if (estimates) {
      indices.resize(width + 32);
      values.resize(width + 32);
    }
  }

  float* threshold(std::size_t slot) { return thresholds->column(static_cast<int>(slot)); }
  std::uint8_t* byte_threshold(std::size_t slot) {
    return reinterpret_cast<std::uint8_t*>(byte_thresholds->column(static_cast<int>(slot)));
  }

  std::vector<float> product;
  std::vector<std::int32_t> byte_product;
  std::vector<double> self;
  std::vector<float> values;  // of an estimated row
  std::vector<int> indices;
  std::vector<const std::uint8_t*> columns;

 private:
  std::optional<ScoreMatrix> thresholds, byte_thresholds;  // for their alignment
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

void ReplacementRows::rate_in_bytes(const QuantisedScores& scores, std::vector<const std::uint8_t*> columns) {
  bytes_ = &scores;
  byte_columns_ = std::move(columns);
  narrow(std::move(types_));
}

double ReplacementRows::kept(const int* types) const {
  std::array<const float*, Pattern::kMaxGroup> columns;
  for (int k = 0; k < pattern_.group; ++k) {
    columns[static_cast<std::size_t>(k)] = columns_[static_cast<std::size_t>(types[k])];
  }
  return kept_of_columns(columns.data(), pattern_, rows_);
}

void ReplacementRows::narrow(std::vector<int> types) {
  types_ = std::move(types);
  type_columns_.clear();
  for (const int t : types_) type_columns_.push_back(columns_[static_cast<std::size_t>(t)]);
  byte_type_columns_.clear();
  if (bytes_ != nullptr) {
    for (const int t : types_) byte_type_columns_.push_back(byte_columns_[static_cast<std::size_t>(t)]);
  }
  if (types_.size() < columns_.size()) return;
  for (std::size_t e = 0; e < entries_.size(); ++e) {
    if (entries_[e].group >= 0 && entries_[e].narrow) release(static_cast<int>(e));
  }
}

int ReplacementRows::entry_of(int g) const {
  const auto at = static_cast<std::size_t>(g);
  return at < entry_of_group_.size() ? entry_of_group_[at] : -1;
}

void ReplacementRows::release(int entry) {
  Entry& released = entries_[static_cast<std::size_t>(entry)];
  entry_of_group_[static_cast<std::size_t>(released.group)] = -1;
  released.group = -1;
  free_.push_back(entry);
}

/// Room for as many entries as there are, some at least, so that most of it lies on large pages.
void ReplacementRows::add_entries() {
  constexpr std::size_t kFewest = 32, kMostFloats = std::size_t{4} << 20;
  const auto m = static_cast<std::size_t>(pattern_.group);
  const std::size_t most = std::max(kFewest, kMostFloats / (m * width_));
  const std::size_t count = std::min(std::clamp(entries_.size(), kFewest, most), capacity_ - entries_.size());
  ScoreMatrix& memory = memory_.emplace_back(static_cast<int>(width_), static_cast<int>(count * m));
  for (std::size_t slot = 0; slot < count * m; ++slot)
    rows_of_.push_back(memory.column(static_cast<int>(slot)));
  offsets_.resize(rows_of_.size());
  for (std::size_t e = entries_.size() + count; e-- > entries_.size();) free_.push_back(static_cast<int>(e));
  entries_.resize(entries_.size() + count);
}

/// A free entry, or -1 where all are used by the present call.
int ReplacementRows::take_entry() {
  // Memory that was never touched costs more than rating a group, so what has lain idle is taken first.
  constexpr std::int64_t kIdle = 3;  // calls
  constexpr int kTries = 30;
  for (int tries = 0; free_.empty() && tries < kTries && !entries_.empty(); ++tries) {
    hand_ = (hand_ + 1) % entries_.size();
    if (entries_[hand_].used + kIdle <= calls_) release(static_cast<int>(hand_));
  }
  if (free_.empty() && entries_.size() < capacity_) add_entries();
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

bool ReplacementRows::estimates_now() const {
  return pairs_ != nullptr && types_.size() > kFewTypes;
}

std::size_t ReplacementRows::rate(const GroupPool& pool, const std::vector<int>& groups, std::size_t limit,
                                  const std::vector<float>& price, const Search& search) {
  ++calls_;
  entry_of_group_.resize(static_cast<std::size_t>(pool.size()), -1);
  std::vector<int> missing;
  for (const int g : groups) {
    const int entry = entry_of(g);
    const bool outdated =
        entry >= 0 && entries_[static_cast<std::size_t>(entry)].estimated && !estimates_now();
    if (entry >= 0 && !(outdated && missing.size() < limit)) {
      entries_[static_cast<std::size_t>(entry)].used = calls_;
    } else if (missing.size() < limit) {
      if (outdated) release(entry);
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
    fresh.estimated = estimates_now();
    fresh.narrow = types_.size() < columns_.size() && !fresh.estimated;
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
    Workspace workspace(batch * m, rows_, estimates_now() ? width_ : types_.size(), bytes_, estimates_now());
#pragma omp for schedule(dynamic)
    for (std::int64_t b = 0; b < batches; ++b) {
      if (search.should_stop()) continue;
      const std::size_t begin = static_cast<std::size_t>(b) * batch;
      const std::size_t end = std::min(begin + batch, missing.size());
      rate_batch(pool, missing, begin, end, price, workspace);
      std::fill(rated.begin() + static_cast<std::ptrdiff_t>(begin),
                rated.begin() + static_cast<std::ptrdiff_t>(end), char{1});
    }
  }
  for (std::size_t k = 0; k < missing.size(); ++k) {
    if (!rated[k]) release(entry_of(missing[k]));
  }
  return static_cast<std::size_t>(std::count(rated.begin(), rated.end(), char{1}));
}

void ReplacementRows::form_rows_in_float(const GroupPool& pool, const std::vector<int>& groups,
                                         std::size_t begin, std::size_t end, Workspace& workspace) {
  const auto m = static_cast<std::size_t>(pattern_.group);
  std::vector<const float*> thresholds;
  for (std::size_t k = begin; k < end; ++k) {
    std::array<const float*, Pattern::kMaxGroup> columns;
    std::array<float*, Pattern::kMaxGroup> group;
    const std::size_t first = (k - begin) * m;
    for (std::size_t i = 0; i < m; ++i) {
      columns[i] = columns_[static_cast<std::size_t>(pool.types(groups[k])[i])];
      group[i] = workspace.threshold(first + i);
      thresholds.push_back(group[i]);
    }
    group_thresholds(columns.data(), pattern_, rows_, group.data(), workspace.self.data() + first);
  }
  max_plus_product(thresholds.data(), thresholds.size(), type_columns_.data(), types_.size(), rows_,
                   workspace.product.data(), types_.size());
}

const std::uint8_t* ReplacementRows::form_threshold(const int* types, int slot,
                                                    std::uint8_t* threshold) const {
  std::array<const std::uint8_t*, Pattern::kMaxGroup> others;
  std::size_t count = 0;
  for (int k = 0; k < pattern_.group; ++k) {
    if (k != slot) others[count++] = byte_columns_[static_cast<std::size_t>(types[k])];
  }
  slot_threshold_bytes(others.data(), pattern_, bytes_->stride(), threshold);
  return threshold;
}

void ReplacementRows::form_rows_in_bytes(const GroupPool& pool, const std::vector<int>& groups,
                                         std::size_t begin, std::size_t end, Workspace& workspace) {
  const auto m = static_cast<std::size_t>(pattern_.group);
  const double unit = bytes_->unit();
  std::vector<const std::uint8_t*> thresholds;
  for (std::size_t k = begin; k < end; ++k) {
    const int* const types = pool.types(groups[k]);
    for (std::size_t i = 0; i < m; ++i) {
      const std::size_t slot = (k - begin) * m + i;
      thresholds.push_back(form_threshold(types, static_cast<int>(i), workspace.byte_threshold(slot)));
      std::int32_t self;
      max_plus_product_bytes(&thresholds.back(), 1, &byte_columns_[static_cast<std::size_t>(types[i])], 1,
                             bytes_->weights(), bytes_->stride(), &self, 1);
      workspace.self[slot] = unit * self;
    }
  }
  const std::size_t n = types_.size();
  max_plus_product_bytes(thresholds.data(), thresholds.size(), byte_type_columns_.data(), n,
                         bytes_->weights(), bytes_->stride(), workspace.byte_product.data(), n);
  const auto scale = static_cast<float>(unit);
  for (std::size_t e = 0; e < thresholds.size() * n; ++e) {
    workspace.product[e] = scale * static_cast<float>(workspace.byte_product[e]);
  }
}

/// About the value that kPromising of the types exceed, from a sample of them.
float ReplacementRows::promising(const float* row, const float* price, std::size_t first) const {
  constexpr std::size_t kSample = 256, kLeastAbove = 3, kMostAbove = 16;
  const std::size_t step = std::max<std::size_t>(1, types_.size() / kSample);
  const std::size_t above = std::clamp(1 + kPromising * kSample / types_.size(), kLeastAbove,
                                       kMostAbove);  // which of the sample, from the top
  std::array<float, kMostAbove> top;
  std::fill_n(top.begin(), above, -std::numeric_limits<float>::infinity());
  for (std::size_t j = first % step; j < types_.size(); j += step) {
    const auto t = static_cast<std::size_t>(types_[j]);
    float value = row[t] - price[t];
    if (value <= top[above - 1]) continue;
    for (std::size_t k = 0; k < above; ++k) {
      if (value > top[k]) std::swap(value, top[k]);
    }
  }
  return top[above - 1];
}

void ReplacementRows::estimate_rows(const GroupPool& pool, int g, const std::vector<float>& price,
                                    Workspace& workspace) {
  const int* const types = pool.types(g);
  const double unit = bytes_->unit();
  for (int i = 0; i < pattern_.group; ++i) {
    const std::size_t slot = slot_of(g, i);
    float* const row = rows_of_[slot];
    pairs_->estimate(types, i, row);
    const float threshold = promising(row, price.data(), static_cast<std::size_t>(g));
    const std::size_t count = scan_above(row, price.data(), width_, threshold, nullptr,
                                         workspace.indices.data(), workspace.values.data());
    // The slot's own type last.
    std::vector<const std::uint8_t*>& columns = workspace.columns;
    columns.clear();
    for (std::size_t k = 0; k < count; ++k) {
      columns.push_back(byte_columns_[static_cast<std::size_t>(workspace.indices[k])]);
    }
    columns.push_back(byte_columns_[static_cast<std::size_t>(types[i])]);
    const std::uint8_t* const threshold_bytes = form_threshold(types, i, workspace.byte_threshold(0));
    max_plus_product_bytes(&threshold_bytes, 1, columns.data(), count + 1, bytes_->weights(),
                           bytes_->stride(), workspace.byte_product.data(), count + 1);
    // What estimates of the slot are off by.
    double off = 0;
    for (std::size_t k = 0; k < count; ++k) {
      off += unit * workspace.byte_product[k] - static_cast<double>(row[workspace.indices[k]]);
    }
    off = count > 0 ? off / static_cast<double>(count)
                    : unit * workspace.byte_product[0] - static_cast<double>(row[types[i]]);
    for (std::size_t k = 0; k < count; ++k) {
      row[workspace.indices[k]] = static_cast<float>(unit * workspace.byte_product[k] - off);
    }
    offsets_[slot] = pool.kept(g) - unit * workspace.byte_product[count] + off;
  }
}

void ReplacementRows::rate_batch(const GroupPool& pool, const std::vector<int>& groups, std::size_t begin,
                                 std::size_t end, const std::vector<float>& price, Workspace& workspace) {
  if (estimates_now()) {
    for (std::size_t k = begin; k < end; ++k) estimate_rows(pool, groups[k], price, workspace);
    return;
  }
  if (bytes_ == nullptr) {
    form_rows_in_float(pool, groups, begin, end, workspace);
  } else {
    form_rows_in_bytes(pool, groups, begin, end, workspace);
  }
  const auto m = static_cast<std::size_t>(pattern_.group);
  const float* product = workspace.product.data();
  const double* self = workspace.self.data();
  for (std::size_t k = begin; k < end; ++k) {
    for (std::size_t i = 0; i < m; ++i, product += types_.size()) {
      const std::size_t slot = slot_of(groups[k], static_cast<int>(i));
      float* const row = rows_of_[slot];
      offsets_[slot] = pool.kept(groups[k]) - *self++;
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
