#include "network/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "network/constant_view.h"
#include "network/element_scores.h"
#include "network/report_content.h"
#include "network/weight_matrix.h"
#include "sparse/mask.h"
#include "sparse/verify_product.h"

namespace nmperm {
namespace {

/// What is known before a search.
ReportContent content_of(const NetworkPlan& plan, const std::string& model) {
  ReportContent content;
  content.model = model;
  content.pattern = plan.pattern;
  content.coverage = plan.coverage();
  for (const PermutableSet& set : plan.sets) {
    content.sets.push_back({set.name,
                            set.channels(),
                            {static_cast<int>(set.columns.size())},
                            set.producers,
                            set.consumers,
                            set.followers,
                            nullptr,
                            {},
                            set.runs});
  }
  for (const GroupSet& set : plan.group_sets) {
    content.groups.push_back(
        {set.name, set.groups(), set.straddles, set.producers, set.consumers, set.followers, {}, {}, 0});
  }
  for (const PlannedWeight& weight : plan.weights) {
    if (!weight.reason.empty()) content.skipped.emplace_back(weight.tensor, weight.reason);
  }
  return content;
}

std::vector<float> row_by_row(const WeightLayout& layout, const std::vector<float>& values) {
  std::vector<float> rows;
  rows.reserve(values.size());
  for (int r = 0; r < layout.rows(); ++r) {
    for (int c = 0; c < layout.columns(); ++c) rows.push_back(values[layout.offset(r, c)]);
  }
  return rows;
}

}  // namespace

std::string to_json(const NetworkReport& report) {
  ReportContent content = content_of(*report.plan, report.model);
  content.magnitude = report.magnitude;
  for (std::size_t s = 0; s < content.sets.size(); ++s) {
    const Result& result = (*report.results)[s].result;
    content.sets[s].result = &result;
    content.sets[s].order = report.orders[s];
  }
  for (std::size_t g = 0; g < content.groups.size(); ++g) {
    const GroupResult& result = (*report.groups)[g];
    content.groups[g].order = result.permutation;
    content.groups[g].seconds = result.seconds;
    if (result.searched) content.groups[g].magnitude = result.magnitude;
  }
  if (report.structure) content.structural = report.structure->equal;
  if (const auto& outputs = report.outputs) {
    content.outputs = {outputs->engine, outputs->inputs, outputs->max_abs_difference, outputs->max_abs_output,
                       outputs->max_abs_rounding};
  }
  for (const SparseProductCheck& check : report.products) {
    content.products.emplace_back(check.tensor, check.max_relative_error);
  }
  return report_json(content);
}

std::vector<SparseProductCheck> check_products(const OnnxModel& permuted, const NetworkPlan& plan,
                                               const Scoring& scoring) {
  const PermutationRecord record = read_record(permuted).value_or(PermutationRecord());
  std::vector<SparseProductCheck> checks;
  for (const PlannedWeight& weight : plan.weights) {
    if (!weight.selected) continue;
    const StoredConstant& constant = permuted.constant(weight.weight.constant);
    const int axis = input_axis(plan.coupling, weight.weight, constant.dims);
    const WeightLayout layout(constant.dims, axis);
    const std::string subject = permuted.path() + ":" + constant.name;
    const ConstantView stored(permuted, weight.weight.constant);
    const auto bytes = stored.bytes();
    const std::vector<float> rows = row_by_row(layout, to_float32(constant.type, bytes, subject));
    const ScoreMatrix scores = score_matrix(constant, bytes, axis, record, scoring, subject);
    const WeightView view{rows, layout.rows(), layout.columns()};
    const Permutation as_it_stands = identity_permutation(view.columns);
    const auto mask = pattern_mask(scores, plan.pattern, as_it_stands);
    checks.push_back({constant.name, verify_sparse_product(view, as_it_stands, plan.pattern, mask)});
  }
  return checks;
}

std::string plan_text(const NetworkPlan& plan) {
  const std::vector<int> parts = plan.graph.components();
  return fmt::format(
             "{:<14}{} operations in {} connected parts, {} weights\n", "network", plan.graph.nodes.size(),
             parts.empty() ? 0 : *std::max_element(parts.begin(), parts.end()) + 1, plan.weights.size()) +
         info_text(content_of(plan, {}));
}

std::string plan_json(const NetworkPlan& plan, const std::string& model) {
  return info_json(content_of(plan, model), plan.graph.nodes.size());
}

}  // namespace nmperm
