// Prices of columns by entropic proportional fitting: a smoothed dual of the set-partitioning program.
#pragma once

#include <vector>

#include "heuristics/group_pool.h"

namespace nmperm {

/// Prices pi of column types and weights z of groups such that every type is covered as often as it occurs:
///     z_g = exp((kept_g - sum of pi over g) / tau),    sum of z_g over groups with t = multiplicity of t.
/// They solve max sum_g (kept_g z_g - tau z_g (ln z_g - 1)) under these equations, the set-partitioning
/// program with an entropy term: as tau falls to 0, z tends to an optimal point of the linear program and pi
/// to its dual solution. The fitting takes one type after the other and scales the groups that hold it
/// (Bregman, "The relaxation method of finding the common point of convex sets", 1967; for matrices this is
/// Sinkhorn's algorithm).
class EntropicDuals {
 public:
  explicit EntropicDuals(int types) : price_(static_cast<std::size_t>(types), 0.0) {}

  std::vector<double>& prices() { return price_; }
  const std::vector<double>& prices() const { return price_; }

  /// kept_g minus the prices of its types.
  double reduced(const GroupPool& pool, int g) const {
    const int* const types = pool.types(g);
    const double* const price = price_.data();
    if (pool.group_size() == 4) {  // the usual case, unrolled: millions of groups are looked at in a dive
      return pool.kept(g) - ((price[types[0]] + price[types[1]]) + (price[types[2]] + price[types[3]]));
    }
    double sum = 0;
    for (int k = 0; k < pool.group_size(); ++k) sum += price[types[k]];
    return pool.kept(g) - sum;
  }

  /// Fits prices to the groups `active`, which must cover every type t with remaining[t] > 0 and no other,
  /// in at most `sweeps` sweeps; ends when no coverage is off by more than `tolerance` (relative). O(M) a
  /// group and sweep, and one logarithm a type.
  void fit(const GroupPool& pool, const std::vector<int>& active, const std::vector<int>& remaining,
           double tau, int sweeps, double tolerance);

  /// Weight of active[k] after the fit.
  double weight(std::size_t k) const { return weight_[k]; }

 private:
  void build_incidence(const GroupPool& pool, const std::vector<int>& active);
  double coverage_of(std::size_t type);
  double log_step(double coverage, double target) const;
  void scale_weights(std::size_t type, double log_scale);
  void rescue(const GroupPool& pool, const std::vector<int>& active, std::size_t type, double tau);

  std::vector<double> price_, weight_;
  bool single_ = false;             // no group holds a type twice
  std::vector<double> coverage_;    // otherwise: of the type at hand, by how often a group holds it
  std::vector<std::size_t> first_;  // of the groups of a type in member_
  std::vector<int> member_;         // positions in `active`
};

}  // namespace nmperm
