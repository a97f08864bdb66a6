#include "network/report_content.h"

#include <numeric>

#include <fmt/format.h>

#include "io/json.h"

namespace nmperm {
namespace {

using Json = nlohmann::ordered_json;

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

template <typename Set>
void add_tensors(const Set& set, Json& json) {
  json["producers"] = tensors_json(set.producers);
  json["consumers"] = tensors_json(set.consumers);
  json["followers"] = tensors_json(set.followers);
}

Json set_json(const ReportedSet& set) {
  Json json;
  json["name"] = set.name;
  json["channels"] = set.channels;
  json["segments"] = set.segments;
  add_tensors(set, json);
  return json;
}

Json groups_json(const ReportedGroups& set) {
  Json json;
  json["name"] = set.name;
  json["groups"] = set.groups;
  json["straddle"] = set.straddles;
  add_tensors(set, json);
  return json;
}

Json searched_groups_json(const ReportedGroups& set) {
  Json json = groups_json(set);
  json["magnitude"] = set.magnitude ? magnitude_json(*set.magnitude) : Json(nullptr);
  json["efficacy"] = set.magnitude ? or_null(set.magnitude->efficacy()) : Json(nullptr);
  json["seconds"] = set.seconds;
  json["permutation"] = set.order;
  return json;
}

Json searched_set_json(const ReportedSet& reported) {
  const Result& result = *reported.result;
  Json set = set_json(reported);
  set["magnitude"] = magnitude_json(result.magnitude);
  set["efficacy"] = or_null(result.magnitude.efficacy());
  set["bound"] =
      result.bound ? Json{{"kept", result.bound->kept}, {"method", result.bound->method}} : Json(nullptr);
  set["gap"] = or_null(result.gap);
  set["solver"] = result.solver;
  set["seconds"] = result.seconds;
  set["permutation"] = reported.order;
  return set;
}

Json skipped_json(const ReportContent& content) {
  Json list = Json::array();
  for (const auto& [tensor, reason] : content.skipped) {
    list.push_back({{"tensor", tensor}, {"reason", reason}});
  }
  return list;
}

Json coverage_json(const Coverage& coverage) {
  return {{"prunable_elements", coverage.prunable_elements}, {"free_elements", coverage.free_elements}};
}

Json equivalence_json(const ReportContent& content) {
  const auto& outputs = content.outputs;
  Json proof;
  proof["structural"] = or_null(content.structural);
  proof["engine"] = outputs ? Json(outputs->engine) : Json(nullptr);
  proof["inputs"] = outputs ? outputs->inputs : 0;
  proof["max_abs_difference"] = outputs ? Json(outputs->max_abs_difference) : Json(nullptr);
  proof["max_abs_output"] = outputs ? Json(outputs->max_abs_output) : Json(nullptr);
  proof["max_abs_rounding"] = outputs ? or_null(outputs->max_abs_rounding) : Json(nullptr);
  return proof;
}

/// Names of tensors may be no UTF-8.
std::string dump(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string names_text(const std::vector<SetTensor>& tensors) {
  std::string list;
  for (const SetTensor& tensor : tensors) list += fmt::format(" {}[{}]", tensor.tensor, tensor.axis);
  return list.empty() ? std::string(" -") : list;
}

std::string channels_text(const ReportedSet& set) {
  if (set.runs) return fmt::format("{} channels, each a run of columns", set.channels);
  if (set.segments.size() > 1) {
    return fmt::format("{} channels in {} segments", set.channels, set.segments.size());
  }
  return fmt::format("{} channels, {} in whole groups", set.channels,
                     std::accumulate(set.segments.begin(), set.segments.end(), 0));
}

}  // namespace

std::string report_json(const ReportContent& content) {
  Json json;
  json["format"] = "nmperm-network-report";
  json["version"] = 1;
  json["model"] = content.model;
  json["pattern"] = content.pattern.str();
  json["magnitude"] = magnitude_json(content.magnitude);
  json["efficacy"] = or_null(content.magnitude.efficacy());
  json["coverage"] = coverage_json(content.coverage);
  json["sets"] = Json::array();
  for (const ReportedSet& set : content.sets) json["sets"].push_back(searched_set_json(set));
  json["group_sets"] = Json::array();
  for (const ReportedGroups& set : content.groups) json["group_sets"].push_back(searched_groups_json(set));
  json["skipped"] = skipped_json(content);
  json["equivalence"] = equivalence_json(content);
  json["sparse_gemm"] = Json::array();
  for (const auto& [tensor, error] : content.products) {
    json["sparse_gemm"].push_back({{"tensor", tensor}, {"max_relative_error", error}});
  }
  return dump(json);
}

std::string info_json(const ReportContent& content, std::optional<std::size_t> operations) {
  Json json;
  json["format"] = "nmperm-network-info";
  json["version"] = 1;
  json["model"] = content.model;
  json["pattern"] = content.pattern.str();
  if (operations) json["operations"] = *operations;
  json["coverage"] = coverage_json(content.coverage);
  json["sets"] = Json::array();
  for (const ReportedSet& set : content.sets) json["sets"].push_back(set_json(set));
  json["group_sets"] = Json::array();
  for (const ReportedGroups& set : content.groups) json["group_sets"].push_back(groups_json(set));
  json["skipped"] = skipped_json(content);
  return dump(json);
}

std::string info_text(const ReportContent& content) {
  const Coverage& coverage = content.coverage;
  const double share = coverage.prunable_elements > 0 ? 100.0 * static_cast<double>(coverage.free_elements) /
                                                            static_cast<double>(coverage.prunable_elements)
                                                      : 0;
  std::string text = fmt::format("{:<14}{} of {} prunable elements may move ({:.1f} %)\n", "coverage",
                                 coverage.free_elements, coverage.prunable_elements, share);
  text += fmt::format("\n{} permutable sets\n", content.sets.size());
  for (const ReportedSet& set : content.sets) {
    text += fmt::format("  {}: {}\n    producers{}\n    consumers{}\n", set.name, channels_text(set),
                        names_text(set.producers), names_text(set.consumers));
  }
  if (!content.groups.empty()) {
    text += fmt::format("\n{} sets of whole groups that may trade places\n", content.groups.size());
  }
  for (const ReportedGroups& set : content.groups) {
    text += fmt::format("  {}: {} groups{}\n    producers{}\n    consumers{}\n", set.name, set.groups,
                        set.straddles ? ", which share groups of columns" : "", names_text(set.producers),
                        names_text(set.consumers));
  }
  text += "\nweights that are left as they are\n";
  for (const auto& [tensor, reason] : content.skipped) text += fmt::format("  {}: {}\n", tensor, reason);
  return content.skipped.empty() ? text + "  none\n" : text;
}

}  // namespace nmperm
