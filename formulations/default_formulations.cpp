#include "formulations/default_formulations.h"

#include "core/error.h"
#include "formulations/blp.h"
#include "formulations/bqp.h"
#include "formulations/mda.h"
#include "formulations/setpart.h"

namespace nmperm {
namespace {

OptionRecord symmetry_breaking_option() {
  return OptionRecord::choice("symmetry-breaking", "number the groups by their first columns", "on",
                              {"on", "off"});
}

SymmetryBreaking symmetry_breaking(const Options& options) {
  return options.choice("symmetry-breaking") == "on" ? SymmetryBreaking::kOn : SymmetryBreaking::kOff;
}

OptionRecord rows_option() {
  return OptionRecord::choice("rows", "= 1, or >= 1 with the number of groups fixed", "partition",
                              {"partition", "cover"});
}

SetPartition::Rows rows(const Options& options) {
  return options.choice("rows") == "cover" ? SetPartition::Rows::kCover : SetPartition::Rows::kPartition;
}

std::vector<FormulationKind> all_formulations() {
  using Built = std::unique_ptr<Formulation>;
  std::vector<FormulationKind> kinds;
  kinds.push_back({.name = "bqp",
                   .options = {symmetry_breaking_option()},
                   .quadratic = true,
                   .refusal = Bqp::refusal,
                   .advice = Bqp::kAdvice,
                   .build = [](const FormulationScope& scope, const Options& options) -> Built {
                     return Bqp::build(scope, symmetry_breaking(options));
                   }});
  kinds.push_back({.name = "blp",
                   .options = {symmetry_breaking_option()},
                   .quadratic = false,
                   .refusal = Blp::refusal,
                   .advice = Blp::kAdvice,
                   .build = [](const FormulationScope& scope, const Options& options) -> Built {
                     return Blp::build(scope, symmetry_breaking(options));
                   }});
  kinds.push_back(
      {.name = "mda",
       .options = {},
       .quadratic = false,
       .refusal = Mda::refusal,
       .advice = Mda::kAdvice,
       .build = [](const FormulationScope& scope, const Options&) -> Built { return Mda::build(scope); }});
  kinds.push_back({.name = "setpart",
                   .options = {rows_option()},
                   .quadratic = false,
                   .refusal = SetPartition::refusal,
                   .advice = SetPartition::kAdvice,
                   .build = [](const FormulationScope& scope, const Options& options) -> Built {
                     return SetPartition::build(scope, rows(options));
                   }});
  return kinds;
}

}  // namespace

const std::vector<FormulationKind>& default_formulations() {
  static const auto formulations = all_formulations();
  return formulations;
}

const FormulationKind& find_formulation(const std::string& name) {
  std::string known;
  for (const FormulationKind& kind : default_formulations()) {
    if (kind.name == name) return kind;
    known += (known.empty() ? "" : ", ") + kind.name;
  }
  throw InputError("formulation", {}, "unknown formulation '" + name + "'", "one of " + known);
}

}  // namespace nmperm
