#include "network/permuted_network.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "network/helper_process.h"
#include "sparse/verify_product.h"

namespace nmperm {
namespace {

/// The orders of whole groups and what goes with them, then those of the sets.
std::vector<ChannelOrder> channel_orders(const NetworkPlan& plan, const GroupExchange& groups,
                                         const std::vector<SetResult>& results) {
  std::vector<ChannelOrder> orders = groups.orders;
  for (std::size_t s = 0; s < results.size(); ++s) {
    const PermutableSet& set = plan.sets[s];
    orders.push_back({set.classes, channel_order(set, results[s].result.permutation)});
  }
  return orders;
}

/// Searches the sets in the time that whole groups have left.
std::vector<SetResult> search_channels(const OnnxModel& model, const NetworkPlan& plan, const Solver& solver,
                                       const NetworkSearch& search, const GroupExchange& groups) {
  NetworkSearch rest = search;
  for (const GroupResult& group : groups.results) rest.parameters.limits.time_s -= group.seconds;
  return search_sets(model, plan, solver, rest, moved_atoms(plan.coupling, groups.orders));
}

/// The order of each set's channels in all, after whole groups have traded places.
std::vector<Permutation> set_orders(const NetworkPlan& plan, const GroupExchange& groups,
                                    const std::vector<SetResult>& results) {
  std::vector<ChannelOrder> whole;
  for (std::size_t g = 0; g < groups.results.size(); ++g)
    whole.push_back({plan.group_sets[g].classes, groups.results[g].permutation});
  const Permutation back = inverse_permutation(moved_atoms(plan.coupling, whole));
  const std::vector<int> moved = moved_atoms(plan.coupling, channel_orders(plan, groups, results));
  std::vector<Permutation> orders;
  for (const PermutableSet& set : plan.sets) {
    const std::vector<int>& atoms = set.classes->roles.front();
    std::map<int, int> channels;
    for (std::size_t i = 0; i < atoms.size(); ++i) channels.emplace(atoms[i], static_cast<int>(i));
    Permutation& order = orders.emplace_back();
    for (const int atom : atoms) {
      order.push_back(channels.at(back[static_cast<std::size_t>(moved[static_cast<std::size_t>(atom)])]));
    }
  }
  return orders;
}

}  // namespace

PermutedNetwork::PermutedNetwork(OnnxModel original, const std::string& subject, const Pattern& pattern,
                                 const PruningRule& rule, const Solver& solver, const NetworkSearch& search)
    : original_(std::move(original)),
      subject_(subject),
      scoring_(search.scoring),
      plan_(plan_network(original_, pattern, rule)),
      groups_(exchange_groups(original_, plan_, search)),
      results_(search_channels(original_, plan_, solver, search, groups_)),
      record_(record_of(original_, plan_.coupling, pattern, channel_orders(plan_, groups_, results_))),
      permuted_(original_.clone()) {
  apply_record(permuted_, record_);
  magnitude_ = network_magnitude(original_, permuted_, plan_, scoring_);
  structure_ = require_equal();
}

StructuralProof PermutedNetwork::require_equal() const {
  StructuralProof proof = compare_structure(original_, permuted_, &scoring_);
  if (!proof.equal) throw CheckError(subject_, "structure", proof.difference);
  return proof;
}

void PermutedNetwork::compare_outputs(const InferenceEngine& engine, const std::string& path,
                                      const NumericalOptions& options) {
  const TemporaryFolder folder;
  const std::string permuted_path = folder.path("permuted.onnx");
  permuted_.write(permuted_path);
  outputs_ = nmperm::compare_outputs(engine, original_, path, permuted_, permuted_path, options);
  if (outputs_->equal) return;
  throw CheckError(subject_, outputs_->engine,
                   fmt::format("outputs differ by {:.3e}", outputs_->max_abs_difference),
                   fmt::format("rounding of outputs up to {:.3e}", outputs_->max_abs_output));
}

void PermutedNetwork::prune() {
  products_ = check_products(permuted_, plan_, scoring_);
  for (const SparseProductCheck& check : products_) {
    if (check.max_relative_error <= kMaxProductError) continue;
    throw CheckError(subject_, "sparse product of '" + check.tensor + "'",
                     fmt::format("relative error {:.3e}", check.max_relative_error),
                     fmt::format("at most {:.0e}", kMaxProductError));
  }
  prune_weights(permuted_, record_, plan_, scoring_);
  require_equal();
}

NetworkReport PermutedNetwork::report(const std::string& name) const {
  NetworkReport report;
  report.model = name;
  report.magnitude = magnitude_;
  report.plan = &plan_;
  report.groups = &groups_.results;
  report.results = &results_;
  report.orders = set_orders(plan_, groups_, results_);
  report.structure = structure_;
  report.outputs = outputs_;
  report.products = products_;
  return report;
}

}  // namespace nmperm
