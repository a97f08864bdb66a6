#include "network/report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "network/weight_matrix.h"
#include "sparse/verify_product.h"

namespace nmperm {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json magnitude_json(const Magnitude& magnitude) {
  return {{"total", magnitude.total},
          {"default", magnitude.default_kept},
          {"row_bound", magnitude.row_bound},
          {"kept", magnitude.kept}};
}

Json tensors_json(const std::vector<SetTensor>& tensors) {
  Json list = Json::array();
  for (const SetTensor& tensor : tensors) list.push_back({{"tensor", tensor.tensor}, {"axis", tensor.axis}});
  return list;
}

Json set_json(const PermutableSet& set) {
  Json json;
  json["name"] = set.name;
  json["channels"] = set.channels();
  json["segments"] = {set.columns.size()};
  json["producers"] = tensors_json(set.producers);
  json["consumers"] = tensors_json(set.consumers);
  json["followers"] = tensors_json(set.followers);
  return json;
}

Json skipped_json(const NetworkPlan& plan) {
  Json list = Json::array();
  for (const PlannedWeight& weight : plan.weights) {
    if (!weight.reason.empty()) list.push_back({{"tensor", weight.tensor}, {"reason", weight.reason}});
  }
  return list;
}

Json coverage_json(const NetworkPlan& plan) {
  const Coverage coverage = plan.coverage();
  return {{"prunable_elements", coverage.prunable_elements}, {"free_elements", coverage.free_elements}};
}

/// Names of tensors may be no UTF-8.
std::string dump(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_json(const NetworkReport& report) {
  const NetworkPlan& plan = *report.plan;
  Json json;
  json["format"] = "nmperm-network-report";
  json["version"] = 1;
  json["model"] = report.model;
  json["pattern"] = plan.pattern.str();
  json["magnitude"] = magnitude_json(report.magnitude);
  json["efficacy"] = or_null(report.magnitude.efficacy());
  json["coverage"] = coverage_json(plan);
  json["sets"] = Json::array();
  for (std::size_t s = 0; s < plan.sets.size(); ++s) {
    const Result& result = (*report.results)[s].result;
    Json set = set_json(plan.sets[s]);
    set["magnitude"] = magnitude_json(result.magnitude);
    set["efficacy"] = or_null(result.magnitude.efficacy());
    set["bound"] =
        result.bound ? Json{{"kept", result.bound->kept}, {"method", result.bound->method}} : Json(nullptr);
    set["gap"] = or_null(result.gap);
    set["solver"] = result.solver;
    set["seconds"] = result.seconds;
    set["permutation"] = channel_order(plan.sets[s], result.permutation);
    json["sets"].push_back(std::move(set));
  }
  json["skipped"] = skipped_json(plan);
  Json proof;
  proof["structural"] = report.structure ? Json(report.structure->equal) : Json(nullptr);
  const auto& outputs = report.outputs;
  proof["engine"] = outputs ? Json(outputs->engine) : Json(nullptr);
  proof["inputs"] = outputs ? outputs->inputs : 0;
  proof["max_abs_difference"] = outputs ? Json(outputs->max_abs_difference) : Json(nullptr);
  proof["max_abs_output"] = outputs ? Json(outputs->max_abs_output) : Json(nullptr);
  json["equivalence"] = std::move(proof);
  json["sparse_gemm"] = Json::array();
  for (const SparseProductCheck& check : report.products) {
    json["sparse_gemm"].push_back(
        {{"tensor", check.tensor}, {"max_relative_error", check.max_relative_error}});
  }
  return dump(json);
}

std::vector<SparseProductCheck> check_products(const OnnxModel& permuted, const NetworkPlan& plan) {
  std::vector<SparseProductCheck> checks;
  for (const PlannedWeight& weight : plan.weights) {
    if (!weight.selected) continue;
    const StoredConstant& constant = permuted.constant(weight.weight.constant);
    const WeightLayout layout(constant.dims, input_axis(plan.coupling, weight.weight, constant.dims));
    const auto values = to_float32(constant.type, permuted.constant_bytes(weight.weight.constant),
                                   permuted.path() + ":" + constant.name);
    std::vector<float> rows;
    rows.reserve(values.size());
    for (int r = 0; r < layout.rows(); ++r) {
      for (int c = 0; c < layout.columns(); ++c) rows.push_back(values[layout.offset(r, c)]);
    }
    const WeightView view{rows, layout.rows(), layout.columns()};
    checks.push_back(
        {constant.name, verify_sparse_product(view, identity_permutation(view.columns), plan.pattern)});
  }
  return checks;
}

std::string plan_text(const NetworkPlan& plan) {
  const Coverage coverage = plan.coverage();
  const std::vector<int> parts = plan.graph.components();
  std::string text = fmt::format(
      "{:<14}{} operations in {} connected parts, {} weights\n", "network", plan.graph.nodes.size(),
      parts.empty() ? 0 : *std::max_element(parts.begin(), parts.end()) + 1, plan.weights.size());
  const double share = coverage.prunable_elements > 0 ? 100.0 * static_cast<double>(coverage.free_elements) /
                                                            static_cast<double>(coverage.prunable_elements)
                                                      : 0;
  text += fmt::format("{:<14}{} of {} prunable elements may move ({:.1f} %)\n", "coverage",
                      coverage.free_elements, coverage.prunable_elements, share);
  text += fmt::format("\n{} permutable sets\n", plan.sets.size());
  const auto names = [](const std::vector<SetTensor>& tensors) {
    std::string list;
    for (const SetTensor& tensor : tensors) list += fmt::format(" {}[{}]", tensor.tensor, tensor.axis);
    return list.empty() ? std::string(" -") : list;
  };
  for (const PermutableSet& set : plan.sets) {
    text += set.runs ? fmt::format("  {}: {} channels, each a run of columns\n", set.name, set.channels())
                     : fmt::format("  {}: {} channels, {} in whole groups\n", set.name, set.channels(),
                                   set.columns.size());
    text += fmt::format("    producers{}\n    consumers{}\n", names(set.producers), names(set.consumers));
  }
  text += "\nweights that are left as they are\n";
  bool any = false;
  for (const PlannedWeight& weight : plan.weights) {
    if (weight.reason.empty()) continue;
    text += fmt::format("  {}: {}\n", weight.tensor, weight.reason);
    any = true;
  }
  return any ? text : text + "  none\n";
}

std::string plan_json(const NetworkPlan& plan, const std::string& model) {
  Json json;
  json["format"] = "nmperm-network-info";
  json["version"] = 1;
  json["model"] = model;
  json["pattern"] = plan.pattern.str();
  json["operations"] = plan.graph.nodes.size();
  json["coverage"] = coverage_json(plan);
  json["sets"] = Json::array();
  for (const PermutableSet& set : plan.sets) json["sets"].push_back(set_json(set));
  json["skipped"] = skipped_json(plan);
  return dump(json);
}

}  // namespace nmperm
