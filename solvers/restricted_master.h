// The set-partitioning linear program over a growing choice of groups.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "formulations/group_list.h"
#include "formulations/integer_columns.h"
#include "solvers/mip_backend.h"

namespace nmperm {

/// A group that the linear program chooses, and how much of it.
struct Weighted {
  const std::uint16_t* types;
  double weight;
};

/// min sum D_q x_q over the groups added, every type covered as often as it occurs, x >= 0. Columns of a high
/// cost stand in for what no group covers, so the program is feasible from the beginning and whatever is
/// closed. Duals come back as integers, in the units of IntegerColumns.
class RestrictedMaster {
 public:
  /// `partition`: groups that cover everything; they are in from the beginning, and what they prune sets the
  /// scale of costs, on which the engine's absolute tolerances depend.
  RestrictedMaster(const IntegerColumns& columns, const MipBackend& backend, const GroupList& partition);

  int groups() const { return static_cast<int>(columns_in_.size()); }
  const std::uint16_t* types(int g) const { return columns_in_.types(static_cast<std::size_t>(g)); }
  /// Adds groups `chosen` of the pool; they are open.
  void add(const GroupList& pool, const std::vector<std::uint32_t>& chosen);
  /// Opens the groups for which `allowed` says so, and closes all others.
  void open_where(const std::function<bool(const std::uint16_t* types)>& allowed);
  /// Once more than `most` groups are in, removes all but the half of least reduced cost.
  void purge(std::size_t most);

  /// Solves to optimality (or the limits).
  LpState solve(LpEngine::Method method, const LpLimits& limits);
  /// Reduced costs below minus this, in integer units, are worth adding; the engine's tolerance is finer.
  double tolerance() const;

  /// Of the last solve, in integer units.
  double objective() const { return engine_->objective() * cost_unit_; }
  const std::vector<double>& duals() const { return duals_; }
  /// Groups of positive weight. Pointers are good until groups are added or purged.
  std::vector<Weighted> chosen() const;
  /// Whether something is covered by no group.
  bool is_short() const;

  std::vector<std::uint8_t> basis() const { return engine_->basis(); }
  void set_basis(const std::vector<std::uint8_t>& basis) { engine_->set_basis(basis); }

 private:
  const IntegerColumns& columns_;
  std::unique_ptr<LpEngine> engine_;
  GroupList columns_in_;
  std::vector<char> open_;
  double cost_unit_;
  std::vector<double> duals_, values_;
};

}  // namespace nmperm
