// What a report on a model says, wherever the model came from.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "network/network_plan.h"

namespace nmperm {

struct ReportedSet {
  std::string name;
  int channels = 0;
  std::vector<int> segments;
  std::vector<SetTensor> producers, consumers, followers;
  const Result* result = nullptr;  ///< null before a search
  Permutation order;               ///< of all channels
  bool runs = false;               ///< see PermutableSet::runs
};

struct ReportedGroups {
  std::string name;
  int groups = 0;
  bool straddles = false;  ///< see GroupSet::straddles
  std::vector<SetTensor> producers, consumers, followers;
  std::optional<Magnitude> magnitude;  ///< null where their order was not searched
  Permutation order;                   ///< of whole groups
  double seconds = 0;
};

/// The outputs of both models on the same inputs.
struct OutputComparison {
  std::string engine;
  int inputs = 0;
  double max_abs_difference = 0, max_abs_output = 0;
  std::optional<double> max_abs_rounding;  ///< see NumericalProof
};

struct ReportContent {
  std::string model;  ///< the file's or folder's name
  Pattern pattern;
  Magnitude magnitude;
  Coverage coverage;
  std::vector<ReportedSet> sets;
  std::vector<ReportedGroups> groups;
  std::vector<std::pair<std::string, std::string>> skipped;  ///< tensor and reason
  std::optional<bool> structural;
  std::optional<OutputComparison> outputs;
  std::vector<std::pair<std::string, double>> products;  ///< tensor and largest relative error
};

/// The network report (format nmperm-network-report); every set has a result.
std::string report_json(const ReportContent& content);
/// Coverage, sets and skipped weights before a search (format nmperm-network-info). `operations` is left out
/// where it is null.
std::string info_json(const ReportContent& content, std::optional<std::size_t> operations);
/// Some lines for a reader: coverage, sets, weights that stay.
std::string info_text(const ReportContent& content);

}  // namespace nmperm
