// The list of all criteria: what is called score, and what it needs to know of a layer.
#pragma once

#include <string>
#include <vector>

#include "core/options.h"
#include "core/score_matrix.h"
#include "criteria/layer_statistics.h"

namespace nmperm {

/// What a criterion needs beside the weight.
enum class Statistic { kNone, kNorm, kHessian, kGradient };

/// "norm", "hessian", "gradient": how the tensor of a statistics file ends, after a dot. Empty for kNone.
const char* to_string(Statistic statistic);

struct CriterionInfo {
  std::string name;  ///< command-line name
  std::string summary;
  std::string reference;
  Statistic statistic = Statistic::kNone;
  std::vector<OptionRecord> options;
};

/// In the order of the documentation; the first is the default, "magnitude".
const std::vector<CriterionInfo>& all_criteria();

/// Throws InputError on an unknown name, listing the known ones.
const CriterionInfo& find_criterion(const std::string& name);

/// A criterion with the values of its options; "magnitude" unless named.
class Criterion {
 public:
  Criterion() : Criterion("magnitude") {}
  /// Throws InputError on an unknown name, an option that the criterion does not have, or a wrong value.
  explicit Criterion(const std::string& name, const OptionValues& options = {});

  const CriterionInfo& info() const { return *info_; }
  const OptionValues& option_values() const { return options_.values(); }
  bool is_magnitude() const { return info_ == &all_criteria().front(); }

  /// Scores of a weight R x C of any sign; nothing of `statistics` is read but what info().statistic names.
  /// Cost and errors as the criterion's own function.
  ScoreMatrix score(ScoreMatrix weights, const LayerStatistics& statistics) const;

 private:
  const CriterionInfo* info_;
  Options options_;
};

}  // namespace nmperm
