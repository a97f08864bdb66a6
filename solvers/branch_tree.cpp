#include "solvers/branch_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "solvers/relaxation_dive.h"

namespace nmperm {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kWhole = 1 - 1e-6;

int depth_of(const std::vector<BranchNode>& nodes, int id) {
  int depth = 0;
  for (int n = id; nodes[static_cast<std::size_t>(n)].parent >= 0;
       n = nodes[static_cast<std::size_t>(n)].parent) {
    ++depth;
  }
  return depth;
}

/// Near the root a good choice pays most.
int trials_at(int depth) {
  return depth < 4 ? 16 : depth < 10 ? 8 : 4;
}

}  // namespace

bool BranchTree::Later::operator()(int a, int b) const {
  const double bound_a = nodes[static_cast<std::size_t>(a)].bound,
               bound_b = nodes[static_cast<std::size_t>(b)].bound;
  return bound_a != bound_b ? bound_a > bound_b : a < b;
}

BranchTree::BranchTree(SegmentRelaxation& relaxation, std::size_t most_bytes)
    : relaxation_(relaxation),
      master_(relaxation.master()),
      group_(relaxation.columns().pattern().group),
      most_bytes_(most_bytes),
      node_bytes_(sizeof(BranchNode) +
                  sizeof(double) * static_cast<std::size_t>(relaxation.columns().types())),
      selection_(relaxation.columns()),
      open_(Later{nodes_}),
      closed_bound_(kInfinite),
      pool_bound_(relaxation.dual_bound() + relaxation.pool_limit()) {
  nodes_.emplace_back();
  nodes_[0].bound = relaxation.lower();
  nodes_[0].duals = relaxation.duals();
  nodes_[0].dual_bound = relaxation.dual_bound();
}

double BranchTree::lower() const {
  double bound = std::min({closed_bound_, pool_bound_, relaxation_.upper()});
  if (plunge_ >= 0) bound = std::min(bound, nodes_[static_cast<std::size_t>(plunge_)].bound);
  if (!open_.empty()) bound = std::min(bound, nodes_[static_cast<std::size_t>(open_.top())].bound);
  return bound;
}

bool BranchTree::allowed(const std::uint16_t* types) const {
  return std::all_of(decisions_.begin(), decisions_.end(),
                     [&](const BranchDecision& decision) { return decision.allows(types, group_); });
}

/// Leaves out of the subset what cannot be in a better partition than the incumbent. (With the node's bound
/// in place of what its own duals prove, which may be less than its parent's, this would leave out too much.)
void BranchTree::refix(const BranchNode& node) {
  const double most = relaxation_.upper() - node.dual_bound;
  std::erase_if(subset_,
                [&](std::uint32_t g) { return relaxation_.pool().reduced(g, node.duals.data()) >= most; });
}

/// Makes decisions and subset those of a node.
void BranchTree::enter(int id) {
  const BranchNode& node = nodes_[static_cast<std::size_t>(id)];
  if (current_ >= 0 && node.parent == current_) {  // what its parent left is at hand
    decisions_.push_back(node.decision);
    std::erase_if(
        subset_, [&](std::uint32_t g) { return !node.decision.allows(relaxation_.pool().types(g), group_); });
  } else {
    decisions_.clear();
    for (int n = id; nodes_[static_cast<std::size_t>(n)].parent >= 0;
         n = nodes_[static_cast<std::size_t>(n)].parent) {
      decisions_.push_back(nodes_[static_cast<std::size_t>(n)].decision);
    }
    if (survivors_upper_ != relaxation_.upper()) {
      survivors_ = relaxation_.survivors();
      survivors_upper_ = relaxation_.upper();
    }
    const BranchNode& fixing = nodes_[static_cast<std::size_t>(std::max(node.parent, 0))];
    const double most = relaxation_.upper() - fixing.dual_bound;
    subset_.clear();
    for (const std::uint32_t g : survivors_) {
      // Reduced costs first: they leave a small part, and decisions take longer to look at.
      if (relaxation_.pool().reduced(g, fixing.duals.data()) < most && allowed(relaxation_.pool().types(g)))
        subset_.push_back(g);
    }
  }
  current_ = id;
  master_.open_where([this](const std::uint16_t* types) { return allowed(types); });
}

/// Where the linear program chose whole groups they are a partition.
void BranchTree::try_incumbent() {
  if (master_.is_short()) return;
  std::vector<std::uint16_t> groups;
  for (const Weighted& chosen : master_.chosen()) {
    const double copies = std::nearbyint(chosen.weight);
    if (std::abs(chosen.weight - copies) > 1 - kWhole) return;
    for (double k = 0; k < copies; ++k) groups.insert(groups.end(), chosen.types, chosen.types + group_);
  }
  if (groups.size() == static_cast<std::size_t>(relaxation_.columns().columns())) relaxation_.offer(groups);
}

/// Two children of a solved node; plunges into the one whose bound seems lower. False where no pair is left
/// to branch on.
bool BranchTree::branch(int id) {
  const auto choice = selection_.select(master_, trials_at(depth_of(nodes_, id)),
                                        relaxation_.goal() - nodes_[static_cast<std::size_t>(id)].bound,
                                        [this](const std::uint16_t* types) { return allowed(types); });
  if (!choice) return false;
  const int first = static_cast<int>(nodes_.size());
  for (const bool together : {true, false}) {
    BranchNode child;
    child.parent = id;
    child.decision = choice->together;
    child.decision.together = together;
    child.bound = nodes_[static_cast<std::size_t>(id)].bound;
    nodes_.push_back(std::move(child));
  }
  const bool together_first = choice->rise_together <= choice->rise_apart;
  plunge_ = together_first ? first : first + 1;
  open_.push(together_first ? first + 1 : first);
  return true;
}

/// Solves a node and branches or closes it. False when it had to stop before.
bool BranchTree::process(int id) {
  enter(id);
  const PoolBound bound = solve_pool(master_, relaxation_.columns(), relaxation_.pool(), subset_,
                                     relaxation_.goal(), LpEngine::Method::kDual, relaxation_.search());
  BranchNode& node = nodes_[static_cast<std::size_t>(id)];
  // The root keeps its duals, which are feasible for all groups; these are so for those of the pool.
  if (id != 0 && !bound.duals.empty()) {
    node.bound = std::max(node.bound, bound.bound);
    node.dual_bound = bound.bound;
    node.duals = bound.duals;
  }
  if (bound.state == PoolBound::State::kStopped) return false;
  if (bound.state == PoolBound::State::kOptimal) try_incumbent();
  plunge_ = -1;
  if (node.bound >= relaxation_.goal()) {
    closed_bound_ = std::min(closed_bound_, node.bound);
    return true;
  }
  refix(node);
  // A node that is neither closed nor branched keeps the bound of the whole tree down.
  if (!branch(id)) closed_bound_ = std::min(closed_bound_, nodes_[static_cast<std::size_t>(id)].bound);
  return true;
}

/// The node to go on with, or -1.
int BranchTree::next() {
  if (plunge_ >= 0) return plunge_;
  while (!open_.empty()) {
    const int id = open_.top();
    open_.pop();
    const double bound = nodes_[static_cast<std::size_t>(id)].bound;
    if (bound < relaxation_.goal()) {
      plunge_ = id;
      return id;
    }
    closed_bound_ = std::min(closed_bound_, bound);
  }
  return -1;
}

void BranchTree::run(std::int64_t node_limit, double end_s) {
  // Few groups in the master make trials short, and their rises tell more: what nearly all of the pool can
  // make up for says little. With 30 a type proofs at C = 96 took two to three times as many nodes
  // and three to seven times as long.
  constexpr std::size_t kMasterGroups = 3;  // per type
  const Search& search = relaxation_.search();
  for (std::int64_t n = 0; n < node_limit; ++n) {
    if (search.should_stop() || search.elapsed_s() >= end_s || nodes_.size() * node_bytes_ > most_bytes_)
      break;
    const int id = next();
    if (id < 0 || !process(id)) break;
    master_.purge(kMasterGroups * static_cast<std::size_t>(relaxation_.columns().types()));
    relaxation_.offer_bound(lower());
  }
  relaxation_.offer_bound(lower());
  relaxation_.keep_proof(lower(), nodes_);
}

}  // namespace nmperm
