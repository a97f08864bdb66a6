#include "apps/scoring_options.h"

#include "apps/common_options.h"
#include "instances/load.h"
#include "instances/spec.h"

namespace nmperm {
namespace {

/// What the statistics of an instance that has no name of its own are called after.
constexpr char kNamelessLayer[] = "weight";

}  // namespace

Scoring ScoringOptions::scoring() const {
  return {Criterion(criterion, parse_option_values(options)), statistics};
}

void add_scoring_options(CLI::App& command, ScoringOptions& options) {
  command
      .add_option("--criterion", options.criterion,
                  "what is called score: magnitude, squared, obd, obs,\nsnip, wanda or ria (magnitude)")
      ->type_name("NAME");
  command.add_option("--criterion-option", options.options, "an option of the criterion; may be repeated")
      ->allow_extra_args(false)
      ->option_text("KEY=VALUE");
  add_statistics_option(command, options.statistics);
}

void add_statistics_option(CLI::App& command, std::string& statistics) {
  command
      .add_option("--statistics", statistics,
                  "activation norms, Hessians or gradients that the\ncriterion needs (docs/criteria.md)")
      ->type_name("FILE.safetensors")
      ->check(file_name());
}

Scoring scoring_of(const Solution& solution, const std::string& statistics) {
  return {Criterion(solution.criterion, solution.criterion_options), statistics};
}

ScoreMatrix scores_of_instance(ScoreMatrix weights, const std::string& text, const Scoring& scoring) {
  const InstanceSpec spec = parse_instance_spec(text);
  return scoring.score(std::move(weights), spec.tensor.empty() ? kNamelessLayer : spec.tensor,
                       scores_of_tensor);
}

Instance load_scored_instance(const std::string& text, const Scoring& scoring) {
  Instance instance = load_instance(text);
  return {instance.name, scores_of_instance(std::move(instance.scores), text, scoring)};
}

}  // namespace nmperm
