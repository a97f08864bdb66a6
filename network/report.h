// The network report: what `apply` did to a model, as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "network/apply.h"
#include "network/group_exchange.h"
#include "network/verify.h"

namespace nmperm {

/// The sparse product of one pruned weight.
struct SparseProductCheck {
  std::string tensor;
  double max_relative_error = 0;  ///< largest |error| / sum |a||b|
};

struct NetworkReport {
  std::string model;  ///< the file's name
  Magnitude magnitude;
  const NetworkPlan* plan = nullptr;
  const std::vector<GroupResult>* groups = nullptr;
  const std::vector<SetResult>* results = nullptr;
  std::vector<Permutation> orders;  ///< of each set's channels, after whole groups have traded places
  std::optional<StructuralProof> structure;
  std::optional<NumericalProof> outputs;  ///< null where no engine was found, or none was wanted
  std::vector<SparseProductCheck> products;
};

std::string to_json(const NetworkReport& report);

/// Compresses every selected weight of the permuted (not yet pruned) model, by its scores, and multiplies it.
std::vector<SparseProductCheck> check_products(const OnnxModel& permuted, const NetworkPlan& plan,
                                               const Scoring& scoring = {});

/// Some lines for a reader: sets, weights that stay, coverage.
std::string plan_text(const NetworkPlan& plan);
/// The same as JSON (format nmperm-network-info).
std::string plan_json(const NetworkPlan& plan, const std::string& model);

}  // namespace nmperm
