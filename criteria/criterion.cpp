#include "criteria/criterion.h"

#include "core/error.h"
#include "criteria/activation_criteria.h"
#include "criteria/curvature_criteria.h"
#include "criteria/weight_criteria.h"

namespace nmperm {

const char* to_string(Statistic statistic) {
  switch (statistic) {
    case Statistic::kNone:
      return "";
    case Statistic::kNorm:
      return "norm";
    case Statistic::kHessian:
      return "hessian";
    case Statistic::kGradient:
      return "gradient";
  }
  throw InternalError("unknown statistic");
}

const std::vector<CriterionInfo>& all_criteria() {
  static const std::vector<CriterionInfo> criteria = {
      {"magnitude", "|w|", "Han et al., arXiv:1506.02626", Statistic::kNone, {}},
      {"squared", "w^2", "squared error of the weights", Statistic::kNone, {}},
      {"obd",
       "w^2 H_cc / 2, Optimal Brain Damage",
       "LeCun, Denker, Solla, NIPS 1989",
       Statistic::kHessian,
       {}},
      {"obs",
       "w^2 / (2 [H^-1]_cc), Optimal Brain Surgeon",
       "Hassibi, Stork, NIPS 1992; arXiv:2301.00774",
       Statistic::kHessian,
       {OptionRecord::real("damping", "share of the mean diagonal element that is added to the diagonal of H",
                           kObsDamping, 0, 1e6)}},
      {"snip", "|w g| with the gradient g", "Lee et al., arXiv:1810.02340", Statistic::kGradient, {}},
      {"wanda",
       "|w| n_c with the norm n_c of the input channel",
       "Sun et al., arXiv:2306.11695",
       Statistic::kNorm,
       {}},
      {"ria",
       "(|w| / rowsum + |w| / columnsum) n_c^exponent, relative importance and activation",
       "Zhang et al., arXiv:2402.10013",
       Statistic::kNorm,
       {OptionRecord::real("exponent", "exponent of the norm", kRiaExponent, 0, 16)}}};
  return criteria;
}

const CriterionInfo& find_criterion(const std::string& name) {
  std::string known;
  for (const CriterionInfo& criterion : all_criteria()) {
    if (criterion.name == name) return criterion;
    known += (known.empty() ? "" : ", ") + criterion.name;
  }
  throw InputError("criterion '" + name + "'", {}, "is not known", "one of " + known);
}

Criterion::Criterion(const std::string& name, const OptionValues& options)
    : info_(&find_criterion(name)), options_("criterion " + name, info_->options, options) {}

ScoreMatrix Criterion::score(ScoreMatrix weights, const LayerStatistics& statistics) const {
  const std::string& name = info_->name;
  if (name == "magnitude") return magnitude(std::move(weights));
  if (name == "squared") return squared(std::move(weights));
  if (name == "obd") return optimal_brain_damage(std::move(weights), statistics);
  if (name == "obs") return optimal_brain_surgeon(std::move(weights), statistics, options_.real("damping"));
  if (name == "snip") return snip(std::move(weights), statistics);
  if (name == "wanda") return wanda(std::move(weights), statistics);
  if (name == "ria") return ria(std::move(weights), statistics, options_.real("exponent"));
  throw InternalError("criterion without a function: " + name);
}

}  // namespace nmperm
