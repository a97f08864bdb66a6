#include "formulations/group_scan.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <numeric>

#include "formulations/subsets.h"

namespace nmperm {
namespace {

constexpr std::size_t kChunk = 32;        // tuples whose thresholds are at hand
constexpr std::size_t kUnitTuples = 512;  // of a unit of work
constexpr float kNever = std::numeric_limits<float>::infinity();

std::vector<int> slots_of(const IntegerColumns& columns) {
  std::vector<int> slots;
  for (int t = 0; t < columns.types(); ++t) {
    slots.insert(slots.end(),
                 static_cast<std::size_t>(std::min(columns.multiplicity(t), columns.pattern().group)), t);
  }
  return slots;
}

template <typename Scores>
auto columns_of(const Scores& scores, const IntegerColumns& columns, const std::vector<int>& slots) {
  std::vector<decltype(scores.column(0))> result;
  for (const int t : slots) result.push_back(scores.column(columns.members(t).front()));
  return result;
}

std::size_t round_up(std::size_t n, std::size_t step) {
  return (n + step - 1) / step * step;
}

}  // namespace

GroupScan::GroupScan(const Problem& problem, const IntegerColumns& columns)
    : problem_(problem),
      columns_(columns),
      slot_type_(slots_of(columns)),
      bytes_(problem.search_scores(), QuantisedScores::Rounding::kUp),
      float_panels_(columns_of(problem.search_scores(), columns, slot_type_),
                    static_cast<std::size_t>(problem.rows())),
      byte_panels_(columns_of(bytes_, columns, slot_type_),
                   round_up(static_cast<std::size_t>(problem.rows()), kScanRows)),
      unit_(columns.scale() * problem.search_scale()),
      use_bytes_(scan_bytes_is_fast()) {
  double largest = 0;
  for (int t = 0; t < columns.types(); ++t) largest = std::max(largest, columns.type_total(t) / unit_);
  const double most_kept = largest * problem.pattern().group;
  // Float32 sums of R scores, one after the other, and of few more in the bars they are compared with.
  const double additions = use_bytes_ ? 32 : problem.rows() + 32;
  slack_ = std::ldexp(additions, -23) * most_kept + columns.rounding() / unit_;
}

double GroupScan::groups() const {
  return binomial(static_cast<int>(slot_type_.size()), problem_.pattern().group);
}

std::vector<GroupScan::Unit> GroupScan::units() const {
  std::vector<Unit> units;
  const int others = problem_.pattern().group - 1;
  const int slots = static_cast<int>(slot_type_.size());
  for (int last = others - 1; last + 1 < slots; ++last) {
    const auto tuples = static_cast<std::size_t>(binomial(last, others - 1));
    for (std::size_t n = 0; n < tuples; n += kUnitTuples) {
      units.push_back({last, n, std::min(kUnitTuples, tuples - n)});
    }
  }
  return units;
}

/// What one thread needs and finds.
class GroupScan::Worker {
 public:
  Worker(const GroupScan& scan, std::span<const double> duals, double limit, std::size_t most)
      : scan_(scan),
        duals_(duals),
        most_(most),
        others_(scan.problem_.pattern().group - 1),
        limit_(limit),
        found_(scan.problem_.pattern().group),
        price_(round_up(scan.slot_type_.size(), kScanPanel), kNever),
        hits_(kChunk * price_.size()) {
    const std::size_t rows = scan.problem_.search_scores().stride();
    float_stride_ = rows;
    byte_stride_ = scan.bytes_.stride();
    thresholds_.resize(kChunk * rows + kRowAlignment);
    bytes_.resize((kChunk + 1) * byte_stride_);
    for (std::size_t s = 0; s < scan.slot_type_.size(); ++s) {
      const int t = scan.slot_type_[s];
      prices_.push_back((scan.columns_.type_total(t) - duals[static_cast<std::size_t>(t)]) / scan.unit_);
      largest_price_ = std::max(largest_price_, std::abs(prices_.back()));
    }
  }

  /// `shared`: a limit that all threads may use.
  void run(const Unit& unit, const Subsets& subsets, std::atomic<double>& shared) {
    limit_ = std::min(limit_, shared.load(std::memory_order_relaxed));
    std::fill(price_.begin(), price_.begin() + unit.last + 1, kNever);
    for (std::size_t s = static_cast<std::size_t>(unit.last) + 1; s < prices_.size(); ++s) {
      price_[s] = static_cast<float>(prices_[s]);
    }
    std::vector<int> tuple;
    if (subsets.size() > 0) tuple = subsets.subset(unit.number);
    for (std::size_t done = 0; done < unit.count;) {
      const std::size_t count = std::min(kChunk, unit.count - done);
      for (std::size_t i = 0; i < count; ++i) {
        tuples_[i].assign(tuple.begin(), tuple.end());
        tuples_[i].push_back(unit.last);
        if (!tuple.empty()) subsets.next(tuple);
      }
      scan_chunk(count, static_cast<std::size_t>(unit.last) + 1);
      done += count;
      if (reduced_.size() >= 2 * most_) {
        keep_least();
        double known = shared.load();
        while (limit_ < known && !shared.compare_exchange_weak(known, limit_)) {
        }
      }
    }
  }

  /// Drops all but the least `most` groups, and lowers the limit to the greatest of them.
  void keep_least() {
    if (reduced_.size() <= most_) return;
    std::vector<double> order = reduced_;
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most_), order.end());
    limit_ = std::min(limit_, order[most_]);
    GroupList kept(found_.group_size());
    std::vector<double> kept_reduced;
    for (std::size_t g = 0; g < reduced_.size(); ++g) {
      if (reduced_[g] >= limit_) continue;
      kept.add(found_.types(g), found_.pruned(g));
      kept_reduced.push_back(reduced_[g]);
    }
    found_ = std::move(kept);
    reduced_ = std::move(kept_reduced);
  }

  const GroupList& found() const { return found_; }
  const std::vector<double>& reduced() const { return reduced_; }
  double limit() const { return limit_; }
  void take(const Worker& other) {
    limit_ = std::min(limit_, other.limit_);
    for (std::size_t g = 0; g < other.reduced_.size(); ++g) {
      found_.add(other.found_.types(g), other.found_.pruned(g));
      reduced_.push_back(other.reduced_[g]);
    }
  }

 private:
  float* aligned(std::vector<float>& buffer) const {
    const auto at = reinterpret_cast<std::uintptr_t>(buffer.data());
    return buffer.data() + (64 - at % 64) % 64 / sizeof(float);
  }

  // Threshold and bar of tuple i.
  void prepare(std::size_t i, float* thresholds, std::uint8_t* bytes) {
    const ScoreMatrix& scores = scan_.problem_.search_scores();
    const float* columns[Pattern::kMaxGroup];
    const std::uint8_t* byte_columns[Pattern::kMaxGroup];
    double bar = -limit_ / scan_.unit_;
    for (std::size_t k = 0; k < static_cast<std::size_t>(others_); ++k) {
      const auto slot = static_cast<std::size_t>(tuples_[i][k]);
      const int column = scan_.columns_.members(scan_.slot_type_[slot]).front();
      columns[k] = scores.column(column);
      byte_columns[k] = scan_.bytes_.column(column);
      bar += prices_[slot];
    }
    bar -= static_cast<double>(
        tuple_threshold(columns, scan_.problem_.pattern(), float_stride_, thresholds + i * float_stride_));
    const double slack = scan_.slack_ + std::ldexp(scan_.problem_.pattern().group * largest_price_, -21) +
                         std::ldexp(std::abs(bar), -22);
    bar_[i] = static_cast<float>(bar - slack);
    if (scan_.use_bytes_) {
      slot_threshold_bytes(byte_columns, scan_.problem_.pattern(), byte_stride_, bytes + i * byte_stride_);
    }
  }

  void scan_chunk(std::size_t count, std::size_t first) {
    float* const thresholds = aligned(thresholds_);
    auto* const bytes =
        reinterpret_cast<std::uint8_t*>((reinterpret_cast<std::uintptr_t>(bytes_.data()) + 63) / 64 * 64);
    for (std::size_t i = 0; i < count; ++i) prepare(i, thresholds, bytes);
    const std::size_t padded = round_up(count, kScanTuples);
    for (std::size_t i = count; i < padded; ++i) bar_[i] = kNever;
    const ScanTile tile = {padded,        scan_.use_bytes_ ? byte_stride_ : float_stride_,
                           first,         bar_.data(),
                           price_.data(), hits_.data()};
    const std::size_t hits = scan_.use_bytes_ ? scan_bytes(scan_.byte_panels_, bytes, scan_.bytes_.weights(),
                                                           static_cast<float>(scan_.bytes_.unit()), tile)
                                              : scan_floats(scan_.float_panels_, thresholds, tile);
    for (std::size_t h = 0; h < hits; ++h)
      evaluate(tuples_[hits_[h] >> 16], static_cast<int>(hits_[h] & 0xffff));
  }

  void evaluate(const std::vector<int>& tuple, int last) {
    std::uint16_t types[Pattern::kMaxGroup];
    double duals = 0;
    for (int k = 0; k <= others_; ++k) {
      const int slot = k < others_ ? tuple[static_cast<std::size_t>(k)] : last;
      const int type = scan_.slot_type_[static_cast<std::size_t>(slot)];
      // Of equal columns the first ones are chosen first.
      const bool is_copy = slot > 0 && scan_.slot_type_[static_cast<std::size_t>(slot - 1)] == type;
      if (is_copy && (k == 0 || tuple[static_cast<std::size_t>(k - 1)] != slot - 1)) return;
      types[k] = static_cast<std::uint16_t>(type);
      duals += duals_[static_cast<std::size_t>(type)];
    }
    const double pruned = scan_.columns_.pruned(types);
    if (pruned - duals >= limit_) return;
    found_.add(types, pruned);
    reduced_.push_back(pruned - duals);
  }

  const GroupScan& scan_;
  std::span<const double> duals_;
  std::size_t most_;
  int others_;
  double limit_;
  GroupList found_;
  std::vector<double> reduced_, prices_;
  double largest_price_ = 0;
  std::size_t float_stride_ = 0, byte_stride_ = 0;
  std::vector<float> price_, thresholds_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint32_t> hits_;
  std::array<std::vector<int>, kChunk> tuples_;
  std::array<float, kChunk> bar_ = {};
};

std::optional<ScanResult> GroupScan::scan(std::span<const double> duals, double limit, std::size_t most,
                                          int threads, const std::function<bool()>& should_stop) const {
  const int group = problem_.pattern().group;
  const int slots = static_cast<int>(slot_type_.size());
  const std::vector<Unit> units = this->units();
  const Subsets subsets(std::max(slots, group), group - 2);
  std::atomic<double> shared = limit;
  std::atomic<bool> stopped = false;
  Worker all(*this, duals, limit, most);
#pragma omp parallel num_threads(threads) if (threads > 1 && groups() > 1e5)
  {
    Worker worker(*this, duals, limit, most);
#pragma omp for schedule(dynamic, 1) nowait
    for (std::size_t u = 0; u < units.size(); ++u) {
      if (stopped.load(std::memory_order_relaxed)) continue;
      if (should_stop && should_stop()) {
        stopped = true;
        continue;
      }
      worker.run(units[u], subsets, shared);
    }
#pragma omp critical(nmperm_group_scan)
    all.take(worker);
  }
  if (stopped) return std::nullopt;
  all.keep_least();
  ScanResult result{GroupList(group), {}, all.limit()};
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g < all.reduced().size(); ++g) {
    if (all.reduced()[g] < all.limit()) order.push_back(g);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::lexicographical_compare(all.found().types(a), all.found().types(a) + group,
                                        all.found().types(b), all.found().types(b) + group);
  });
  for (const std::size_t g : order) {
    result.groups.add(all.found().types(g), all.found().pruned(g));
    result.reduced.push_back(all.reduced()[g]);
  }
  return result;
}

RepairedDuals GroupScan::repair(std::span<const double> duals, const ScanResult& result) const {
  const int group = problem_.pattern().group;
  std::vector<double> least(duals.size(), std::min(0.0, result.limit));
  for (std::size_t g = 0; g < result.reduced.size(); ++g) {
    for (int k = 0; k < group; ++k) {
      double& of_type = least[result.groups.types(g)[k]];
      of_type = std::min(of_type, result.reduced[g]);
    }
  }
  RepairedDuals repaired{{}, 0};
  for (std::size_t t = 0; t < duals.size(); ++t)
    repaired.duals.push_back(duals[t] + std::floor(least[t] / group));
  repaired.bound = columns_.sum_over_columns(repaired.duals);
  return repaired;
}

}  // namespace nmperm
