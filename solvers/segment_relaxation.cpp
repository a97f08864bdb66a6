#include "solvers/segment_relaxation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nmperm {
namespace {

constexpr double kNegligible = 1e-12;          // change of the objective
constexpr int kMostIdle = 10;                  // rounds without a change
constexpr std::size_t kRoundGroups = 200'000;  // most that a scan hands to the linear program

std::vector<std::uint32_t> all_of(const GroupList& pool) {
  std::vector<std::uint32_t> all(pool.size());
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

double pruned_of(const IntegerColumns& columns, const std::vector<std::uint16_t>& groups) {
  double sum = 0;
  const auto group = static_cast<std::size_t>(columns.pattern().group);
  for (std::size_t i = 0; i < groups.size(); i += group) sum += columns.pruned(groups.data() + i);
  return sum;
}

}  // namespace

SegmentRelaxation::SegmentRelaxation(Search& search, SegmentProgress& progress, int segment,
                                     const MipBackend& backend)
    : search_(search),
      progress_(progress),
      segment_(segment),
      columns_(search.problem(), segment),
      scan_(search.problem(), columns_),
      backend_(backend),
      pool_(columns_.pattern().group),
      pool_limit_(-std::numeric_limits<double>::infinity()),
      bytes_(std::make_shared<QuantisedScores>(search.problem().search_scores())),
      upper_(pruned_of(columns_, columns_.types_of(progress.columns(segment)))) {}

std::vector<int> SegmentRelaxation::incumbent() const {
  const auto columns = progress_.columns(segment_);
  return {columns.begin(), columns.end()};
}

bool SegmentRelaxation::offer(const std::vector<std::uint16_t>& groups) {
  const double pruned = pruned_of(columns_, groups);
  if (pruned >= upper_) return false;
  upper_ = pruned;
  const double unit = columns_.scale() * search_.problem().search_scale();
  progress_.offer(segment_, columns_.columns_of(groups), (columns_.total() - pruned) / unit);
  return true;
}

/// What no permutation of the segment keeps more than, when none prunes less.
double SegmentRelaxation::kept_bound(double pruned) const {
  // The total is exact in integers; the reported one is a sum in float64.
  constexpr double kSumError = 1e-13;
  const double unit = columns_.scale() * search_.problem().search_scale();
  return (columns_.total() - pruned + columns_.rounding() + kSumError * columns_.total()) / unit;
}

void SegmentRelaxation::offer_bound(double pruned) {
  lower_ = std::max(lower_, pruned);
  progress_.offer_bound(segment_, kept_bound(lower_));
}

void SegmentRelaxation::keep_proof(double pruned, const std::vector<BranchNode>& nodes) {
  Certificate::Segment proof;
  proof.pruned = static_cast<std::int64_t>(pruned);
  const int first = search_.problem().segments().begin(segment_);
  for (const BranchNode& node : nodes) {
    Certificate::Node& to = proof.nodes.emplace_back();
    to.parent = node.parent;
    if (node.parent >= 0) {
      to.single = columns_.members(node.decision.single).front();
      to.other = columns_.members(node.decision.other).front();
      to.together = node.decision.together;
    }
    if (node.duals.empty()) continue;
    to.duals.resize(static_cast<std::size_t>(columns_.columns()));
    for (int t = 0; t < columns_.types(); ++t) {
      for (const int c : columns_.members(t)) {
        to.duals[static_cast<std::size_t>(c - first)] =
            static_cast<std::int64_t>(node.duals[static_cast<std::size_t>(t)]);
      }
    }
  }
  progress_.keep_proof(segment_, kept_bound(pruned), std::move(proof));
}

/// Entropic dives through the segment: an incumbent, and the groups that the linear program begins with.
void SegmentRelaxation::dive() {
  constexpr int kDives = 1;
  constexpr double kDiveShare = 0.15;  // of the time, at most
  PartitionDive& dive = dive_.emplace(search_, incumbent(), DiveParameters(), bytes_,
                                      search_.rng(static_cast<std::uint64_t>(segment_)));
  const auto offer_best = [&] { offer(columns_.types_of(dive.columns())); };
  const double seconds = kDiveShare * search_.remaining_s();
  const double end_s = search_.elapsed_s() + seconds;
  for (int n = 0; n < kDives && dive.can_improve() && !search_.should_stop(); ++n) {
    const double left_s = end_s - search_.elapsed_s();
    if (left_s <= 0) break;
    dive.dive(std::isfinite(seconds) ? DivePace(search_, left_s) : DivePace(search_), 1, offer_best);
  }
  for (int g = 0; g < dive.pool().size(); ++g) {
    std::vector<int> members;
    for (int k = 0; k < pool_.group_size(); ++k) {
      members.push_back(dive.types().columns(dive.pool().types(g)[k]).front());
    }
    std::vector<std::uint16_t> types = columns_.types_of(members);
    std::sort(types.begin(), types.end());
    pool_.add(types.data(), columns_.pruned(types.data()));
  }
}

/// The pool becomes what was found.
bool SegmentRelaxation::scan(const std::vector<double>& duals, double limit, std::size_t most) {
  auto result = scan_.scan(duals, limit, most, search_.threads(), [this] { return search_.should_stop(); });
  if (!result) return false;
  const RepairedDuals repaired = scan_.repair(duals, *result);
  duals_ = repaired.duals;
  dual_bound_ = repaired.bound;
  if (dual_bound_ > lower_) {
    offer_bound(dual_bound_);
    keep_proof(dual_bound_, {{.parent = -1, .decision = {}, .bound = dual_bound_, .duals = duals_}});
  }
  has_negative_ = std::any_of(result->reduced.begin(), result->reduced.end(),
                              [this](double reduced) { return reduced < -master_->tolerance(); });
  pool_ = std::move(result->groups);
  pool_limit_ = result->limit;
  return true;
}

void SegmentRelaxation::solve() {
  dive();
  if (search_.should_stop()) return;
  GroupList incumbent(pool_.group_size());
  const std::vector<std::uint16_t> types = columns_.types_of(progress_.columns(segment_));
  for (std::size_t i = 0; i < types.size(); i += static_cast<std::size_t>(pool_.group_size())) {
    std::vector<std::uint16_t> group(types.begin() + static_cast<std::ptrdiff_t>(i),
                                     types.begin() + static_cast<std::ptrdiff_t>(i) + pool_.group_size());
    std::sort(group.begin(), group.end());
    incumbent.add(group.data(), columns_.pruned(group.data()));
  }
  master_.emplace(columns_, backend_, incumbent);
  constexpr double kNoCutoff = std::numeric_limits<double>::infinity();
  double best_objective = std::numeric_limits<double>::infinity();
  int idle = 0;
  while (!search_.should_stop()) {
    const PoolBound bound =
        solve_pool(*master_, columns_, pool_, all_of(pool_), kNoCutoff, LpEngine::Method::kPrimal, search_);
    if (bound.state != PoolBound::State::kOptimal) return;
    if (!scan(master_->duals(), std::max(0.0, upper_ - bound.objective), kRoundGroups)) return;
    // Where costs differ by many orders of magnitude, groups may stay negative that the engine has already.
    idle = bound.objective < best_objective * (1 - kNegligible) ? 0 : idle + 1;
    best_objective = std::min(best_objective, bound.objective);
    solved_ = !has_negative_ || idle > kMostIdle;
    if (solved_) break;
  }
}

void SegmentRelaxation::collect(std::size_t most) {
  const double gap = upper_ - dual_bound_;
  if (pool_limit_ < gap) scan(std::vector<double>(duals_), gap + 1, most);
}

std::vector<std::uint32_t> SegmentRelaxation::survivors() const {
  std::vector<std::uint32_t> result;
  for (std::size_t g = 0; g < pool_.size(); ++g) {
    if (pool_.reduced(g, duals_.data()) < upper_ - dual_bound_)
      result.push_back(static_cast<std::uint32_t>(g));
  }
  return result;
}

}  // namespace nmperm
