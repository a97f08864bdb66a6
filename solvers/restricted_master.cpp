#include "solvers/restricted_master.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace nmperm {
namespace {

constexpr double kUsualCost = 1000;  // of a group; engines work to absolute tolerances of 1e-7
constexpr double kTolerance = 1e-6;  // of reduced costs
constexpr double kShortCost = 30;    // of what no group covers, in costs of the group that covers it at first
constexpr double kLeastWeight = 1e-7;  // below which a group counts as not chosen

std::vector<double> multiplicities(const IntegerColumns& columns) {
  std::vector<double> result;
  for (int t = 0; t < columns.types(); ++t) result.push_back(columns.multiplicity(t));
  return result;
}

}  // namespace

RestrictedMaster::RestrictedMaster(const IntegerColumns& columns, const MipBackend& backend,
                                   const GroupList& partition)
    : columns_(columns),
      engine_(backend.lp_engine(multiplicities(columns))),
      columns_in_(columns.pattern().group) {
  double pruned = 0;
  std::vector<std::uint32_t> all;
  for (std::uint32_t g = 0; g < partition.size(); ++g) {
    pruned += partition.pruned(g);
    all.push_back(g);
  }
  cost_unit_ = std::max(pruned / static_cast<double>(partition.size()), 1.0) / kUsualCost;
  LpColumns shortage;
  shortage.costs.assign(static_cast<std::size_t>(columns.types()), kShortCost * kUsualCost);
  for (std::size_t g = 0; g < partition.size(); ++g) {
    for (int k = 0; k < partition.group_size(); ++k) {
      double& cost = shortage.costs[partition.types(g)[k]];
      cost = std::max(cost, kShortCost * partition.pruned(g) / cost_unit_);
    }
  }
  // Where a type is short, others of its group get duals down to 1 - M times the cost, which most_dual() must
  // not cut: a bound from cut duals says nothing. It is still more than all groups together prune.
  const double most = most_dual(columns.pattern()) / columns.pattern().group / cost_unit_;
  for (double& cost : shortage.costs) cost = std::min(cost, most);
  for (int t = 0; t < columns.types(); ++t) {
    shortage.rows.push_back(t);
    shortage.coefficients.push_back(1);
    shortage.starts.push_back(t + 1);
  }
  engine_->add_columns(shortage);
  add(partition, all);
}

double RestrictedMaster::tolerance() const {
  return std::max(kTolerance * cost_unit_,
                  static_cast<double>(columns_.pattern().group));  // duals are rounded
}

void RestrictedMaster::add(const GroupList& pool, const std::vector<std::uint32_t>& chosen) {
  const int group = pool.group_size();
  LpColumns added;
  for (const std::uint32_t g : chosen) {
    const std::uint16_t* const types = pool.types(g);
    columns_in_.add(types, pool.pruned(g));
    open_.push_back(1);
    added.costs.push_back(pool.pruned(g) / cost_unit_);
    for (int k = 0; k < group; ++k) {
      if (k > 0 && types[k] == types[k - 1]) {
        ++added.coefficients.back();
      } else {
        added.rows.push_back(types[k]);
        added.coefficients.push_back(1);
      }
    }
    added.starts.push_back(static_cast<int>(added.rows.size()));
  }
  engine_->add_columns(added);
}

void RestrictedMaster::open_where(const std::function<bool(const std::uint16_t* types)>& allowed) {
  for (int g = 0; g < groups(); ++g) {
    const bool open = allowed(types(g));
    char& known = open_[static_cast<std::size_t>(g)];
    if (open != (known != 0)) engine_->set_open(columns_.types() + g, open);
    known = open ? 1 : 0;
  }
}

void RestrictedMaster::purge(std::size_t most) {
  if (columns_in_.size() <= most) return;
  std::vector<double> reduced;
  for (std::size_t g = 0; g < columns_in_.size(); ++g)
    reduced.push_back(columns_in_.reduced(g, duals_.data()));
  std::vector<double> order = reduced;
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most / 2), order.end());
  std::vector<int> removed;
  GroupList kept(columns_in_.group_size());
  std::vector<char> kept_open;
  for (std::size_t g = 0; g < columns_in_.size(); ++g) {
    const auto at = static_cast<std::size_t>(columns_.types()) + g;
    if (reduced[g] > order[most / 2] && !(at < values_.size() && values_[at] > 0)) {
      removed.push_back(static_cast<int>(at));
    } else {
      kept.add(columns_in_.types(g), columns_in_.pruned(g));
      kept_open.push_back(open_[g]);
    }
  }
  engine_->remove_columns(removed);
  columns_in_ = std::move(kept);
  open_ = std::move(kept_open);
  values_.clear();
}

LpState RestrictedMaster::solve(LpEngine::Method method, const LpLimits& limits) {
  LpState state = engine_->solve(method, limits);
  if (state == LpState::kFailed) {  // what one method stumbles over the other may master
    state = engine_->solve(
        method == LpEngine::Method::kPrimal ? LpEngine::Method::kDual : LpEngine::Method::kPrimal, limits);
  }
  if (state == LpState::kFailed)
    throw InternalError("the linear program of column generation cannot be solved");
  engine_->values(values_);
  engine_->duals(duals_);
  const double most = most_dual(columns_.pattern());
  for (double& dual : duals_) dual = std::clamp(std::nearbyint(dual * cost_unit_), -most, most);
  return state;
}

std::vector<Weighted> RestrictedMaster::chosen() const {
  std::vector<Weighted> result;
  for (int g = 0; g < groups(); ++g) {
    const double weight = values_[static_cast<std::size_t>(columns_.types() + g)];
    if (weight > kLeastWeight) result.push_back({types(g), weight});
  }
  return result;
}

bool RestrictedMaster::is_short() const {
  return std::any_of(values_.begin(), values_.begin() + columns_.types(),
                     [](double value) { return value > kLeastWeight; });
}

}  // namespace nmperm
