#include "heuristics/entropic_duals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace nmperm {
namespace {

constexpr double kLargestExponent = 300;  // sums of weights stay finite
constexpr double kSmallestCoverage = 1e-200;

}  // namespace

void EntropicDuals::build_incidence(const GroupPool& pool, const std::vector<int>& active) {
  first_.assign(price_.size() + 1, 0);
  for (const int g : active) {
    for (int k = 0; k < pool.group_size(); ++k) ++first_[static_cast<std::size_t>(pool.types(g)[k]) + 1];
  }
  for (std::size_t t = 0; t < price_.size(); ++t) first_[t + 1] += first_[t];
  member_.resize(first_.back());
  single_ = true;
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  for (std::size_t a = 0; a < active.size(); ++a) {
    const int* const types = pool.types(active[a]);
    for (int k = 0; k < pool.group_size(); ++k) {
      member_[next[static_cast<std::size_t>(types[k])]++] = static_cast<int>(a);
      single_ = single_ && (k == 0 || types[k] != types[k - 1]);
    }
  }
}

/// How often the weights cover a type.
double EntropicDuals::coverage_of(std::size_t type) {
  const std::size_t end = first_[type + 1];
  std::size_t e = first_[type];
  if (single_) {
    constexpr std::size_t kChains = 4;  // sums that do not wait for each other
    std::array<double, kChains> sums{};
    for (; e + kChains <= end; e += kChains) {
      for (std::size_t k = 0; k < kChains; ++k) sums[k] += weight_[static_cast<std::size_t>(member_[e + k])];
    }
    for (; e < end; ++e) sums[0] += weight_[static_cast<std::size_t>(member_[e])];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
  std::fill(coverage_.begin(), coverage_.end(), 0.0);
  while (e < end) {
    const int a = member_[e];
    std::size_t copies = 0;
    for (; e < end && member_[e] == a; ++e) ++copies;
    coverage_[copies] += static_cast<double>(copies) * weight_[static_cast<std::size_t>(a)];
  }
  return std::accumulate(coverage_.begin(), coverage_.end(), 0.0);
}

/// The x with sum_k coverage_[k] e^(k x) = target: a group that holds the type k times takes its weight to
/// the k-th power of the step. The logarithm of the sum is convex and its slope lies between 1 and M, so
/// Newton's method from 0 converges, from the right after one step.
double EntropicDuals::log_step(double coverage, double target) const {
  constexpr int kIterations = 50;
  constexpr double kPrecision = 1e-12;
  double x = std::log(target / coverage);
  if (single_ || coverage == coverage_[1]) return x;
  x = 0;
  for (int n = 0; n < kIterations; ++n) {
    double sum = 0, slope = 0;
    for (std::size_t k = 1; k < coverage_.size(); ++k) {
      const double term = coverage_[k] * std::exp(static_cast<double>(k) * x);
      sum += term;
      slope += static_cast<double>(k) * term;
    }
    const double step = std::log(target / sum) * sum / slope;
    x += step;
    if (std::abs(step) < kPrecision) break;
  }
  return x;
}

/// A group that holds the type k times is scaled k times.
void EntropicDuals::scale_weights(std::size_t type, double log_scale) {
  const double scale = std::exp(log_scale);
  for (std::size_t e = first_[type]; e < first_[type + 1]; ++e) {
    weight_[static_cast<std::size_t>(member_[e])] *= scale;
  }
}

/// Lowers the price of a type whose groups have all lost their weight until the best of them weighs 1.
void EntropicDuals::rescue(const GroupPool& pool, const std::vector<int>& active, std::size_t type,
                           double tau) {
  double best = -INFINITY;
  for (std::size_t e = first_[type]; e < first_[type + 1]; ++e) {
    best = std::max(best, reduced(pool, active[static_cast<std::size_t>(member_[e])]));
  }
  price_[type] += best;
  for (std::size_t e = first_[type]; e < first_[type + 1]; ++e) {
    const auto a = static_cast<std::size_t>(member_[e]);
    weight_[a] = std::exp(std::min(reduced(pool, active[a]) / tau, kLargestExponent));
  }
}

void EntropicDuals::fit(const GroupPool& pool, const std::vector<int>& active,
                        const std::vector<int>& remaining, double tau, int sweeps, double tolerance) {
  build_incidence(pool, active);
  coverage_.resize(static_cast<std::size_t>(pool.group_size()) + 1);
  weight_.resize(active.size());
  for (std::size_t a = 0; a < active.size(); ++a) {
    weight_[a] = std::exp(std::min(reduced(pool, active[a]) / tau, kLargestExponent));
  }
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    double worst = 0;
    for (std::size_t t = 0; t < price_.size(); ++t) {
      if (remaining[t] == 0) continue;
      const double coverage = coverage_of(t);
      if (coverage < kSmallestCoverage) {
        if (first_[t] < first_[t + 1]) rescue(pool, active, t, tau);
        worst = INFINITY;
        continue;
      }
      const double change = log_step(coverage, remaining[t]);
      worst = std::max(worst, std::abs(change));
      price_[t] -= tau * change;
      scale_weights(t, change);
    }
    if (worst <= tolerance) break;
  }
}

}  // namespace nmperm
