#include "heuristics/partition_dive.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "core/group_kernels.h"

namespace nmperm {
namespace {

constexpr double kForget = 12;        // groups this many temperatures below 0 take no part
constexpr double kBaseWeight = 0.01;  // groups of at least this weight are priced from

const bool kTrace = std::getenv("DIVE_TRACE") != nullptr;
double eff(const EntropicDuals& d, const std::vector<int>& r, const Search& search, double fixed = 0) {
  for (std::size_t t = 0; t < r.size(); ++t) fixed += d.prices()[t] * r[t];
  return *search.problem().magnitude().efficacy_of(fixed * search.problem().search_scale());
}
}  // namespace

PartitionDive::PartitionDive(const Search& search, const std::vector<int>& columns,
                             const DiveParameters& parameters, Rng rng)
    : search_(search),
      parameters_(parameters),
      rng_(rng),
      types_(search.problem().search_scores(), columns),
      group_(search.problem().pattern().group),
      pool_(group_),
      duals_(types_.count()),
      rows_(types_.scores(), search.problem().pattern(), search.problem().search_scores().stride(),
            parameters.cache_bytes),
      best_(types_.types_of(columns)) {
  for (auto at = best_.begin(); at != best_.end(); at += group_) {
    std::sort(at, at + group_);
    const double kept = pool_.kept(add_group(&*at));
    best_kept_ += kept;
    for (int k = 0; k < group_; ++k) duals_.prices()[static_cast<std::size_t>(at[k])] = kept / group_;
  }
  measure_scale();
}

double PartitionDive::group_kept(const int* types) const {
  std::array<const float*, Pattern::kMaxGroup> columns;
  for (int k = 0; k < group_; ++k) columns[static_cast<std::size_t>(k)] = types_.scores(types[k]);
  return kept_of_columns(columns.data(), search_.problem().pattern(),
                         search_.problem().search_scores().stride());
}

int PartitionDive::add_group(const int* types) {
  const int known = pool_.find(types);
  return known >= 0 ? known : pool_.add(types, group_kept(types));
}

/// Mean absolute change of a swap in random groups, swaps that change nothing left out.
void PartitionDive::measure_scale() {
  constexpr int kSample = 128;
  const std::size_t m = static_cast<std::size_t>(group_);
  if (best_.size() < 2 * m) return;
  std::vector<int> order = best_;
  double sum = 0;
  int changes = 0;
  for (int k = 0; k < kSample; ++k) {
    for (std::size_t i = 0; i < 2 * m; ++i) {  // two random groups at the front
      std::swap(order[i],
                order[i + static_cast<std::size_t>(rng_.below(static_cast<int>(order.size() - i)))]);
    }
    const double before = group_kept(order.data()) + group_kept(order.data() + m);
    std::swap(order[0], order[m]);
    const double change = std::abs(group_kept(order.data()) + group_kept(order.data() + m) - before);
    sum += change;
    changes += change > 1e-7 * before;
  }
  if (changes > 0) scale_ = sum / changes;
}

std::size_t PartitionDive::free_columns() const {
  return static_cast<std::size_t>(std::accumulate(remaining_.begin(), remaining_.end(), 0));
}

bool PartitionDive::fits(const int* types) const {
  for (int k = 0; k < group_; ++k) {
    const int left = remaining_[static_cast<std::size_t>(types[k])];
    if (left == 0) return false;
    if (left < group_ && left < std::count(types, types + group_, types[k])) return false;
  }
  return true;
}

void PartitionDive::take(const int* types) {
  for (int k = 0; k < group_; ++k) --remaining_[static_cast<std::size_t>(types[k])];
}

void PartitionDive::begin() {
  remaining_ = types_.multiplicities();
  fixed_.clear();
  completion_.clear();
  for (auto at = best_.begin(); at != best_.end(); at += group_) completion_.push_back(add_group(&*at));
  std::vector<int> all(static_cast<std::size_t>(types_.count()));
  std::iota(all.begin(), all.end(), 0);
  rows_.narrow(std::move(all));
  if (!root_prices_.empty()) duals_.prices() = root_prices_;
  forget();
}

/// Drops groups that would hardly ever come back, once the pool is large.
void PartitionDive::forget() {
  const std::size_t most = 200 * best_.size();
  if (static_cast<std::size_t>(pool_.size()) <= most) return;
  std::vector<double> reduced(static_cast<std::size_t>(pool_.size()));
  for (int g = 0; g < pool_.size(); ++g) reduced[static_cast<std::size_t>(g)] = duals_.reduced(pool_, g);
  std::vector<double> order = reduced;
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most / 2), order.end(),
                   std::greater<>());
  std::vector<char> stays(reduced.size());
  for (std::size_t g = 0; g < stays.size(); ++g) stays[g] = reduced[g] >= order[most / 2];
  for (const int g : completion_) stays[static_cast<std::size_t>(g)] = 1;
  const std::vector<int> numbers = pool_.compact(stays);
  rows_.renumber(numbers);
  for (int& g : completion_) g = numbers[static_cast<std::size_t>(g)];
}

void PartitionDive::activate(double temperature) {
  active_.clear();
  std::vector<int> sorted = completion_;
  std::sort(sorted.begin(), sorted.end());
  const double least = -kForget * temperature;
  for (int g = 0; g < pool_.size(); ++g) {
    if (!fits(pool_.types(g))) continue;
    if (duals_.reduced(pool_, g) > least || std::binary_search(sorted.begin(), sorted.end(), g)) {
      active_.push_back(g);
    }
  }
}

/// Active groups of at least this weight, best first, after those of the completion.
std::vector<int> PartitionDive::bases(double weight) const {
  std::vector<std::pair<double, int>> order;
  for (std::size_t a = 0; a < active_.size(); ++a) {
    if (duals_.weight(a) >= weight) order.emplace_back(-duals_.weight(a), active_[a]);
  }
  std::sort(order.begin(), order.end());
  std::vector<int> result = completion_;
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  const std::vector<int> completion = result;
  for (const auto& [negative, g] : order) {
    if (!std::binary_search(completion.begin(), completion.end(), g)) result.push_back(g);
  }
  return result;
}

/// Rates what of `bases` can be rated in the time given and prices from all that are held.
std::size_t PartitionDive::price(std::vector<int> bases, double temperature, double seconds,
                                 const DivePace& pace) {
  std::size_t limit = bases.size();
  if (pace.by_clock() && group_s_ > 0) {
    const double affordable = std::max(8.0, seconds / group_s_);
    if (affordable < static_cast<double>(limit)) limit = static_cast<std::size_t>(affordable);
  }
  const double begin_s = pace.now_s();
  const std::size_t rated = rows_.rate(pool_, bases, limit, search_);
  if (rated >= 8) group_s_ = (pace.now_s() - begin_s) / static_cast<double>(rated);
  if (pace.stop()) return 0;
  return price_replacements(pool_, rows_, bases, duals_.prices(), remaining_,
                            {-parameters_.margin * scale_, parameters_.per_slot}, search_.threads());
}

void PartitionDive::soften(double begin_temperature, const DivePace& pace) {
  const double last = parameters_.final_temperature * scale_;
  double temperature = begin_temperature * scale_;
  const double begin_s = pace.now_s();
  const double total_s = pace.left_s() * 0.6;
  double round_s = 0;
  int rounds = 0;
  while (!pace.stop()) {
    const double round_begin_s = pace.now_s();
    activate(temperature);
    duals_.fit(pool_, active_, remaining_, temperature, parameters_.sweeps, 0.01);
    const double seconds = pace.by_clock() ? std::max(total_s / 15, 0.0) : 0;
    const std::vector<int> b = bases(kBaseWeight);
    const std::size_t added = price(b, temperature, seconds, pace);
    const bool few = added * 20 < active_.size();
    if (kTrace) {
      const double dual = eff(duals_, remaining_, search_);
      std::fprintf(stderr, "%.3f tau %.4f active %zu pool %d bases %zu added %zu dual %.3f left %.3f\n",
                   search_.elapsed_s(), temperature / scale_, active_.size(), pool_.size(), b.size(), added,
                   dual, pace.left_s());
    }
    ++rounds;
    if (temperature <= last) break;
    double factor = few ? 0.85 : parameters_.slow;
    if (pace.by_clock()) {
      round_s = pace.now_s() - round_begin_s;
      const double left = total_s - (pace.now_s() - begin_s);
      if (left <= 0) break;
      factor = std::min(factor, std::max(0.3, std::pow(last / temperature, std::min(1.0, round_s / left))));
    }
    temperature = std::max(last, temperature * factor);
  }
}

void PartitionDive::deepen(double temperature, const DivePace& pace) {
  const double total_s = pace.left_s() * 0.3;
  for (int round = 0; round < parameters_.deep_rounds && !pace.stop(); ++round) {
    activate(temperature);
    duals_.fit(pool_, active_, remaining_, temperature, parameters_.sweeps, 0.01);
    std::vector<std::pair<double, int>> order;
    for (int g = 0; g < pool_.size(); ++g) order.emplace_back(-duals_.reduced(pool_, g), g);
    const std::size_t most = std::min(order.size(), parameters_.deep_bases * best_.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end());
    std::vector<int> deep;
    for (std::size_t k = 0; k < most; ++k) deep.push_back(order[k].second);
    const std::size_t added = price(deep, temperature, total_s / parameters_.deep_rounds, pace);
    if (kTrace)
      std::fprintf(stderr, "%.3f deep lp %.3f bases %zu added %zu active %zu\n", search_.elapsed_s(),
                   eff(duals_, remaining_, search_), deep.size(), added, active_.size());
    if (added == 0) break;
  }
}

/// Fixes the groups of large weight, and at least some.
void PartitionDive::fix(const DivePace& pace, double step_s) {
  const std::size_t groups = free_columns() / static_cast<std::size_t>(group_);
  double fraction = parameters_.fix_fraction;
  if (pace.by_clock()) fraction = std::clamp(step_s / (2 * std::max(pace.left_s(), 1e-6)), fraction, 1.0);
  const auto least = static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(groups)));
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t a = 0; a < active_.size(); ++a) {
    const double weight = duals_.weight(a);
    if (weight < 1e-4) continue;
    const double noise = dives_ > 0 ? 0.2 * (rng_.uniform() - 0.5) : 0;
    order.emplace_back(-(weight >= parameters_.fix_weight ? 1 + weight : weight + noise), a);
  }
  std::sort(order.begin(), order.end());
  std::size_t fixed = 0;
  for (const auto& [key, a] : order) {
    const int* const types = pool_.types(active_[a]);
    int copies = static_cast<int>(duals_.weight(a) + 1 - parameters_.fix_weight);
    if (copies == 0 && fixed >= least) break;
    if (copies == 0) copies = 1;
    for (; copies > 0 && fits(types); --copies) {
      take(types);
      fixed_.insert(fixed_.end(), types, types + group_);
      ++fixed;
    }
  }
  if (fixed == 0) {
    const int* const types = pool_.types(completion_.front());
    take(types);
    fixed_.insert(fixed_.end(), types, types + group_);
  }
}

/// Repairs the completion after fixing: groups that lost a column give their others to new groups.
void PartitionDive::complete() {
  const std::vector<int> free = remaining_;
  std::vector<int> kept, broken, left;
  for (const int g : completion_) {
    if (fits(pool_.types(g))) {
      take(pool_.types(g));
      kept.push_back(g);
    } else {
      broken.push_back(g);
    }
  }
  for (const int g : broken) {
    for (int k = 0; k < group_; ++k) {
      int& copies = remaining_[static_cast<std::size_t>(pool_.types(g)[k])];
      if (copies == 0) continue;
      --copies;
      left.push_back(pool_.types(g)[k]);
    }
  }
  for (auto at = left.begin(); at != left.end(); at += group_) {
    std::sort(at, at + group_);
    kept.push_back(add_group(&*at));
  }
  completion_ = std::move(kept);
  remaining_ = free;
}

void PartitionDive::offer_types(const std::vector<int>& types, const std::function<void()>& improved) {
  double kept = 0;
  for (auto at = types.begin(); at != types.end(); at += group_) kept += group_kept(&*at);
  if (kept <= best_kept_) return;
  best_kept_ = kept;
  best_ = types;
  improved();
}

void PartitionDive::offer(const std::vector<int>& columns) {
  std::vector<int> types = types_.types_of(columns);
  for (auto at = types.begin(); at != types.end(); at += group_) {
    std::sort(at, at + group_);
    add_group(&*at);
  }
  offer_types(types, [] {});
}

void PartitionDive::dive(const DivePace& pace, const std::function<void()>& improved) {
  begin();
  soften(dives_ == 0 ? parameters_.initial_temperature : parameters_.restart_temperature, pace);
  const double temperature = parameters_.final_temperature * scale_;
  deepen(temperature, pace);
  root_prices_ = duals_.prices();
  if (kTrace) std::fprintf(stderr, "%.3f dive\n", search_.elapsed_s());
  while (!pace.stop() && free_columns() > 0) {
    const double step_begin_s = pace.now_s();
    for (int round = 0; round < 3 && !pace.stop(); ++round) {
      activate(temperature);
      duals_.fit(pool_, active_, remaining_, temperature, parameters_.sweeps, 0.01);
      const std::size_t added = price(bases(kBaseWeight), temperature, pace.left_s() / 20, pace);
      if (added == 0 || round == 2) {
        activate(temperature);
        duals_.fit(pool_, active_, remaining_, temperature, parameters_.sweeps, 0.01);
        break;
      }
    }
    if (pace.stop()) break;
    fix(pace, pace.now_s() - step_begin_s);
    complete();
    std::vector<int> whole = fixed_;
    double kept = 0;
    for (const int g : completion_) whole.insert(whole.end(), pool_.types(g), pool_.types(g) + group_);
    for (auto at = whole.begin(); at != whole.end(); at += group_) kept += pool_.kept(pool_.find(&*at));
    if (kTrace) {
      double fixed = 0;
      for (auto at = fixed_.begin(); at != fixed_.end(); at += group_) fixed += pool_.kept(pool_.find(&*at));
      std::fprintf(stderr, "%.3f free %zu active %zu pool %d kept %.3f lp %.3f\n", search_.elapsed_s(),
                   free_columns(), active_.size(), pool_.size(),
                   *search_.problem().magnitude().efficacy_of(kept), eff(duals_, remaining_, search_, fixed));
    }
    if (kept > best_kept_) offer_types(whole, improved);
    std::vector<int> free;
    for (int t = 0; t < types_.count(); ++t) {
      if (remaining_[static_cast<std::size_t>(t)] > 0) free.push_back(t);
    }
    rows_.narrow(std::move(free));
  }
  ++dives_;
}

}  // namespace nmperm
