#include "checkpoints/checkpoint_report.h"

#include <filesystem>

#include "checkpoints/set_scores.h"

namespace nmperm {

ReportContent checkpoint_content(const CheckpointFiles& files, const CheckpointPlan& plan) {
  ReportContent content;
  content.model = std::filesystem::absolute(files.folder()).filename().string();
  content.pattern = plan.pattern;
  content.coverage = plan.coverage();
  for (const CheckpointSet& set : plan.sets) {
    content.sets.push_back({set.name,
                            set.channels(),
                            set.segments,
                            set.producers,
                            set.reading,
                            set.followers,
                            nullptr,
                            {},
                            false});
  }
  for (const CheckpointWeight& weight : plan.weights) {
    if (weight.reason.empty()) continue;
    content.skipped.emplace_back(plan.tensor(files, weight.placed).name, weight.reason);
  }
  return content;
}

Magnitude checkpoint_magnitude(const CheckpointFiles& files, const CheckpointPlan& plan,
                               const Scoring& scoring, const std::vector<Result>& results) {
  Magnitude sum;
  const auto add = [&sum](const Magnitude& magnitude) {
    sum.total += magnitude.total;
    sum.default_kept += magnitude.default_kept;
    sum.row_bound += magnitude.row_bound;
    sum.kept += magnitude.kept;
  };
  for (const Result& result : results) add(result.magnitude);
  for (const CheckpointWeight& weight : plan.weights) {
    if (!weight.selected || weight.free) continue;
    add(reference_magnitude(scores_of(files, plan, weight.placed, scoring), plan.pattern));
  }
  return sum;
}

}  // namespace nmperm
