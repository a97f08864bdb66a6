#include "heuristics/partition_dive.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/score_matrix.h"

namespace nmperm {
namespace {

constexpr double kForget = 12;         // groups this many temperatures below 0 take no part
constexpr double kBaseWeight = 0.01;   // groups of at least this weight are priced from
constexpr double kFixWeight = 0.98;    // groups of at least this weight are fixed
constexpr double kLeastWeight = 1e-4;  // of a group that is fixed at all
constexpr double kNoise =
    0.6;  // most that is added to weights when groups are chosen, from the second dive on
constexpr int kSweeps = 10, kMostSweeps = 80;  // of a fit, for groups of up to kUsualGroup
constexpr double kUsualGroup = 4;
constexpr double kTolerance = 0.01;  // of a fit
constexpr int kPerSlot = 2;          // replacements taken from a slot
constexpr double kMargin = 1.5;      // temperatures: so far below 0 groups enter the pool while it falls
constexpr double kDeepMargin = 7.5;  // and afterwards
constexpr double kSharp = 3;      // active groups a column with which the temperature need not fall further
constexpr double kColdest = 0.1;  // of the final temperature: as far as it falls at all
constexpr double kBlunt = 5;      // active groups a column above which it falls faster
constexpr double kSlowCooling = 0.99, kBluntCooling = 0.97, kFastCooling = 0.85;
constexpr std::size_t kFew = 20;    // new groups are few below one such part of the active ones
constexpr double kSmoothing = 0.8;  // share of the old prices in those that are priced with
constexpr double kNewBases = 0.1;   // per column: groups rated in a round while prices soften
constexpr int kDeepRounds = 10;
constexpr std::size_t kDeepBases = 4;  // per free column
constexpr int kRefineRounds = 3;
constexpr std::size_t kPoolGroups = 200;  // per column
constexpr std::size_t kLeastFreed = 4;    // groups of a partial dive
constexpr std::size_t kParallelGroups =
    20'000;  // to look at: for fewer, waking threads costs more than they save

// Shares of the time of a dive, by the clock.
constexpr double kSoftenShare = 0.6, kDeepenShare = 0.3, kRoundShare = 1.0 / 15, kStepShare = 1.0 / 20;

}  // namespace

double share_of_dive(std::int64_t n, Rng& rng) {
  constexpr std::int64_t kWholePeriod = 4;
  constexpr double kSmallest = 0.2, kLargest = 0.6;
  return n % kWholePeriod == 0 ? 1 : kSmallest + (kLargest - kSmallest) * rng.uniform();
}

PartitionDive::PartitionDive(const Search& search, const std::vector<int>& columns,
                             const DiveParameters& parameters, std::shared_ptr<const QuantisedScores> bytes,
                             Rng rng)
    : search_(search),
      parameters_(parameters),
      rng_(rng),
      types_(search.problem().search_scores(), columns),
      bytes_(std::move(bytes)),
      group_(search.problem().pattern().group),
      pool_(group_),
      duals_(types_.count()),
      rows_(types_.scores(), search.problem().pattern(), search.problem().search_scores().stride(),
            parameters.cache_bytes),
      best_(types_.types_of(columns)),
      partition_(group_) {
  for (auto at = best_.begin(); at != best_.end(); at += group_) {
    std::sort(at, at + group_);
    const double kept = pool_.kept(add_group(&*at));
    best_kept_ += kept;
    for (int k = 0; k < group_; ++k) duals_.prices()[static_cast<std::size_t>(at[k])] = kept / group_;
  }
  measure_scale();
}

int PartitionDive::add_group(const int* types) {
  const int known = pool_.find(types);
  return known >= 0 ? known : pool_.add(types, rows_.kept(types));
}

/// What a group of M types gains, by their bytes, when `type` takes the place of the first of them.
double PartitionDive::gain_in_bytes(const int* types, int type) const {
  std::array<const std::uint8_t*, Pattern::kMaxGroup> others;
  for (int k = 1; k < group_; ++k) others[static_cast<std::size_t>(k) - 1] = byte_column(types[k]);
  const std::array<const std::uint8_t*, 2> columns{byte_column(type), byte_column(types[0])};
  ScoreMatrix memory(static_cast<int>(bytes_->stride() / sizeof(float)), 1);  // for its alignment
  auto* const threshold = reinterpret_cast<std::uint8_t*>(memory.column(0));
  slot_threshold_bytes(others.data(), search_.problem().pattern(), bytes_->stride(), threshold);
  std::array<std::int32_t, 2> values;
  max_plus_product_bytes(&threshold, 1, columns.data(), 2, bytes_->weights(), bytes_->stride(), values.data(),
                         2);
  return bytes_->unit() * (values[0] - values[1]);
}

/// Mean absolute change of swaps between random groups, those that change nothing but rounding left out, and
/// whether bytes resolve it.
void PartitionDive::measure_scale() {
  constexpr int kSample = 128;
  constexpr double kRounding = 1e-7;
  constexpr double kMostByteError = 0.1;  // root mean square, in mean changes
  const auto m = static_cast<std::size_t>(group_);
  if (best_.size() < 2 * m) return;
  const bool in_bytes = prefers_bytes(search_.problem());
  std::vector<int> order = best_;
  double sum = 0, square_error = 0;
  int changes = 0;
  for (int k = 0; k < kSample; ++k) {
    for (std::size_t i = 0; i < 2 * m; ++i) {  // two random groups at the front
      std::swap(order[i],
                order[i + static_cast<std::size_t>(rng_.below(static_cast<int>(order.size() - i)))]);
    }
    const double first = rows_.kept(order.data()), second = rows_.kept(order.data() + m);
    const double byte_gain = in_bytes ? gain_in_bytes(order.data(), order[m]) : 0;
    std::swap(order[0], order[m]);
    const double gain = rows_.kept(order.data()) - first;
    const double change = std::abs(gain + rows_.kept(order.data() + m) - second);
    if (change <= kRounding * (first + second)) continue;
    sum += change;
    square_error += (byte_gain - gain) * (byte_gain - gain);
    ++changes;
  }
  if (changes == 0) return;
  scale_ = sum / changes;
  if (!in_bytes || std::sqrt(square_error / changes) > kMostByteError * scale_) return;
  std::vector<const std::uint8_t*> columns;
  for (int t = 0; t < types_.count(); ++t) columns.push_back(byte_column(t));
  if (prefers_pairs(search_.problem(), types_.count())) {
    pairs_ = std::make_unique<PairEstimates>(search_, *bytes_, columns, best_);
    rows_.estimate_from_pairs(*pairs_);
  }
  rows_.rate_in_bytes(*bytes_, std::move(columns));
}

/// The groups of the completion as members of the pool, ascending, each once.
std::vector<int> PartitionDive::completion_groups() {
  std::vector<int> groups;
  const std::vector<int>& types = partition_.completion();
  for (auto at = types.begin(); at != types.end(); at += group_) groups.push_back(add_group(&*at));
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

void PartitionDive::begin(double share) {
  partition_.assign(best_, types_.multiplicities());
  if (!root_prices_.empty()) duals_.prices() = root_prices_;
  forget();
  std::vector<int> all(static_cast<std::size_t>(types_.count()));
  std::iota(all.begin(), all.end(), 0);
  rows_.narrow(std::move(all));
  if (share < 1) keep_some(share);
  live_.clear();
  seen_ = 0;
  pruned_for_ = best_.size();
}

/// Fixes all but a share of the best groups. The lower the reduced value of a group, the more it seems to
/// have cost, and the likelier it is freed (weighted sampling without replacement).
void PartitionDive::keep_some(double share) {
  constexpr double kEvenChance = 0.05;  // in the units of losses: swap changes
  std::vector<std::pair<double, int>> order;
  for (auto at = best_.begin(); at != best_.end(); at += group_) {
    const int g = add_group(&*at);
    const double loss = std::max(0.0, -duals_.reduced(pool_, g)) / scale_ + kEvenChance;
    order.emplace_back(-std::log(1 - rng_.uniform()) / loss, g);
  }
  std::sort(order.begin(), order.end());
  const auto freed =
      std::max(kLeastFreed, static_cast<std::size_t>(share * static_cast<double>(order.size())));
  for (std::size_t k = freed; k < order.size(); ++k) partition_.fix(pool_.types(order[k].second));
  partition_.complete();
}

/// Once the pool is full, drops the half of lowest reduced value.
void PartitionDive::forget() {
  const std::size_t most = kPoolGroups * best_.size();
  if (static_cast<std::size_t>(pool_.size()) <= most) return;
  std::vector<double> reduced;
  for (int g = 0; g < pool_.size(); ++g) reduced.push_back(duals_.reduced(pool_, g));
  std::vector<double> order = reduced;
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most / 2), order.end(),
                   std::greater<>());
  std::vector<char> stays;
  for (const double value : reduced) stays.push_back(value >= order[most / 2]);
  rows_.renumber(pool_.compact(stays));
}

/// Chooses the groups that take part and fits prices to them. In wide groups each column is tied to many
/// others, and prices settle the more slowly; the cube of M was found to be enough.
void PartitionDive::fit(double temperature, int sweeps) {
  const std::vector<int> completion = completion_groups();  // they cover every free column
  for (; seen_ < pool_.size(); ++seen_) live_.push_back(seen_);
  const bool anything_fixed = !partition_.fixed().empty();
  if (pruned_for_ != partition_.free_columns()) {
    std::erase_if(live_, [&](int g) { return partition_.missing(pool_.types(g)) > 1; });
    pruned_for_ = partition_.free_columns();
  }
  completes_.resize(static_cast<std::size_t>(pool_.size()), 0);
  for (const int g : completion) completes_[static_cast<std::size_t>(g)] = 1;
  takes_part_.resize(live_.size());
#pragma omp parallel for num_threads(search_.threads()) schedule(static) if (live_.size() > kParallelGroups)
  for (std::size_t k = 0; k < live_.size(); ++k) {
    const int g = live_[k];
    takes_part_[k] =
        (duals_.reduced(pool_, g) > -kForget * temperature) | completes_[static_cast<std::size_t>(g)];
  }
  for (const int g : completion) completes_[static_cast<std::size_t>(g)] = 0;
  active_.clear();
  for (std::size_t k = 0; k < live_.size(); ++k) {
    const int g = live_[k];
    if (takes_part_[k] != 0 && (!anything_fixed || partition_.fits(pool_.types(g)))) active_.push_back(g);
  }
  const double wide = std::max(1.0, std::pow(group_ / kUsualGroup, 3));
  duals_.fit(pool_, active_, partition_.remaining(), temperature, static_cast<int>(wide * sweeps),
             kTolerance);
}

/// The groups of the completion, then the active groups of some weight, heaviest first.
std::vector<int> PartitionDive::bases() {
  std::vector<int> result = completion_groups();
  const std::vector<int> completion = result;
  std::vector<std::pair<double, int>> order;
  for (std::size_t a = 0; a < active_.size(); ++a) {
    if (duals_.weight(a) >= kBaseWeight) order.emplace_back(-duals_.weight(a), active_[a]);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [key, g] : order) {
    if (!std::binary_search(completion.begin(), completion.end(), g)) result.push_back(g);
  }
  return result;
}

/// The groups of the pool of highest reduced value that are formed of free columns but for one at most.
std::vector<int> PartitionDive::deep_bases() const {
  std::vector<std::pair<double, int>> order(live_.size());
#pragma omp parallel for num_threads(search_.threads()) schedule(static) if (live_.size() > kParallelGroups)
  for (std::size_t k = 0; k < live_.size(); ++k) order[k] = {-duals_.reduced(pool_, live_[k]), live_[k]};
  const std::size_t most = std::min(order.size(), kDeepBases * partition_.free_columns());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end());
  std::vector<int> result;
  for (std::size_t k = 0; k < most; ++k) result.push_back(order[k].second);
  return result;
}

/// Rates as many of `bases` as `seconds` allow, the first first, and prices from all that are held. Returns
/// how many groups are new.
std::size_t PartitionDive::price(const std::vector<int>& bases, double margin, double seconds,
                                 const DivePace& pace) {
  constexpr std::size_t kLeast = 8;  // a batch: fewer take as long
  std::size_t limit = bases.size();
  if (pace.by_clock() && group_s_ > 0) {
    const double affordable = std::max(static_cast<double>(kLeast), seconds / group_s_);
    if (affordable < static_cast<double>(limit)) limit = static_cast<std::size_t>(affordable);
  }
  const double begin_s = pace.now_s();
  const std::size_t rated =
      rows_.rate(pool_, bases, limit, scan_prices(rows_, duals_.prices(), partition_.remaining()), search_);
  if (rated >= kLeast) group_s_ = (pace.now_s() - begin_s) / static_cast<double>(rated);
  if (pace.stop()) return 0;
  return price_replacements(pool_, rows_, bases, duals_.prices(), partition_.remaining(), {-margin, kPerSlot},
                            search_.threads());
}

/// Leaves out what has no rows yet, but for the first of them.
std::vector<int> PartitionDive::some_new(std::vector<int> bases) const {
  const double most = kNewBases * static_cast<double>(partition_.free_columns());
  double fresh = 0;
  std::erase_if(bases, [&](int g) { return !rows_.has(g) && ++fresh > most; });
  return bases;
}

void PartitionDive::smooth(std::vector<double>& smoothed) const {
  for (std::size_t t = 0; t < smoothed.size(); ++t) {
    smoothed[t] = kSmoothing * smoothed[t] + (1 - kSmoothing) * duals_.prices()[t];
  }
}

/// Fits and prices while the temperature falls from `temperature` to the final one, and beyond it where that
/// still leaves many groups active: where columns differ much in scale, most swaps change much more than
/// those among which the choice is.
void PartitionDive::soften(double temperature, const DivePace& pace) {
  const double last = parameters_.final_temperature * scale_;
  const double total_s = pace.left_s() * kSoftenShare;
  const double begin_s = pace.now_s();
  std::vector<double> smoothed = duals_.prices();
  int sweeps = kSweeps;
  while (!pace.stop()) {
    const double round_begin_s = pace.now_s();
    fit(temperature, sweeps);
    const std::vector<int> bases = some_new(this->bases());
    smooth(smoothed);
    std::swap(smoothed, duals_.prices());
    const std::size_t added = price(bases, kMargin * temperature, total_s * kRoundShare, pace);
    std::swap(smoothed, duals_.prices());
    const double active = static_cast<double>(active_.size()) / static_cast<double>(types_.count());
    if (temperature <= last && (active <= kSharp || temperature <= kColdest * last)) break;
    double factor = active > kBlunt ? kBluntCooling : kSlowCooling;
    // Few new groups: either there are no more, or prices are not settled.
    const bool few = added * kFew < active_.size();
    if (few && sweeps == kMostSweeps) factor = kFastCooling;
    sweeps = few ? kMostSweeps : kSweeps;
    if (pace.by_clock()) {
      const double left_s = total_s - (pace.now_s() - begin_s);
      if (left_s <= 0) break;
      factor = std::min(factor,
                        std::pow(last / temperature, std::min(1.0, (pace.now_s() - round_begin_s) / left_s)));
    }
    temperature = std::max(kColdest * last, temperature * factor);
  }
  temperature_ = std::min(temperature, last);
}

/// Prices from groups whatever their weight: what is two replacements away from every heavy group is found
/// too.
void PartitionDive::deepen(double temperature, const DivePace& pace) {
  const double total_s = pace.left_s() * kDeepenShare;
  const double begin_s = pace.now_s();
  for (int round = 0; round < kDeepRounds && !pace.stop(); ++round) {
    fit(temperature, kSweeps);
    const std::size_t added = price(deep_bases(), kDeepMargin * temperature, total_s / kDeepRounds, pace);
    if (added == 0 || pace.now_s() - begin_s > total_s) break;
  }
}

/// A few rounds of fitting and pricing for the free columns, ending with a fit.
void PartitionDive::refine(double temperature, const DivePace& pace) {
  for (int round = 0; round < kRefineRounds && !pace.stop(); ++round) {
    fit(temperature, kSweeps);
    if (price(bases(), kDeepMargin * temperature, pace.left_s() * kStepShare, pace) == 0) return;
  }
  fit(temperature, kSweeps);
}

/// Fixes the groups of large weight, and at least some. `step_s`: what the steps take at present; it falls
/// with the square of the free columns, so that steps which fix a share f of them take step_s / (2 f) in all.
void PartitionDive::fix(const DivePace& pace, double step_s) {
  double share = parameters_.fix_fraction;
  if (pace.by_clock()) share = std::clamp(step_s / (2 * std::max(pace.left_s(), 1e-9)), share, 1.0);
  const double groups = static_cast<double>(partition_.free_columns()) / group_;
  const auto least = static_cast<std::size_t>(std::ceil(share * groups));
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t a = 0; a < active_.size(); ++a) {
    const double weight = duals_.weight(a);
    // Not a number where prices have run out of range: such a group says nothing.
    if (!(weight >= kLeastWeight)) continue;
    const double noise = noise_ * (rng_.uniform() - 0.5);
    order.emplace_back(weight >= kFixWeight ? -1 - weight : -weight - noise, a);
  }
  std::sort(order.begin(), order.end());
  std::size_t fixed = 0;
  for (const auto& [key, a] : order) {
    const int* const types = pool_.types(active_[a]);
    // A weight may overflow where prices are not settled; no group fits more often than there are columns.
    int copies = static_cast<int>(std::min(duals_.weight(a) + 1 - kFixWeight, 1e6));
    if (copies == 0 && fixed >= least) break;
    for (copies = std::max(copies, 1); copies > 0 && partition_.fits(types); --copies, ++fixed) {
      partition_.fix(types);
    }
  }
  if (fixed == 0) {
    const std::vector<int> first(partition_.completion().begin(), partition_.completion().begin() + group_);
    partition_.fix(first.data());
  }
  partition_.complete();
}

void PartitionDive::add(const std::vector<int>& columns) {
  std::vector<int> types = types_.types_of(columns);
  std::sort(types.begin(), types.end());
  add_group(types.data());
}

bool PartitionDive::offer(const std::vector<int>& columns) {
  std::vector<int> types = types_.types_of(columns);
  double kept = 0;
  for (auto at = types.begin(); at != types.end(); at += group_) {
    std::sort(at, at + group_);
    kept += rows_.kept(&*at);
    add_group(&*at);
  }
  if (kept <= best_kept_) return false;
  best_kept_ = kept;
  best_ = std::move(types);
  return true;
}

void PartitionDive::offer(const std::function<void()>& improved) {
  std::vector<int> types = partition_.whole();
  double kept = 0;
  for (auto at = types.begin(); at != types.end(); at += group_) kept += pool_.kept(add_group(&*at));
  if (kept <= best_kept_) return;
  best_kept_ = kept;
  best_ = std::move(types);
  improved();
}

void PartitionDive::dive(const DivePace& pace, double share, const std::function<void()>& improved) {
  begin(share);
  noise_ = dives_ == 0 ? 0 : kNoise * rng_.uniform();
  if (dives_ == 0) soften(parameters_.initial_temperature * scale_, pace);
  const double temperature = temperature_;
  deepen(temperature, pace);
  if (share >= 1) root_prices_ = duals_.prices();
  while (!pace.stop() && partition_.free_columns() > 0) {
    const double begin_s = pace.now_s();
    refine(temperature, pace);
    if (pace.stop()) break;
    fix(pace, pace.now_s() - begin_s);
    offer(improved);
    rows_.narrow(partition_.free_types());
  }
  ++dives_;
}

}  // namespace nmperm
