// The network report of a checkpoint.
#pragma once

#include <string>
#include <vector>

#include "checkpoints/checkpoint_plan.h"
#include "criteria/scoring.h"
#include "network/report_content.h"

namespace nmperm {

/// What is known before a search: coverage, sets, and the weights that stay.
ReportContent checkpoint_content(const CheckpointFiles& files, const CheckpointPlan& plan);

/// Magnitudes of all selected weights: those of the sets, and of weights whose input channels stay, which are
/// read for it.
Magnitude checkpoint_magnitude(const CheckpointFiles& files, const CheckpointPlan& plan,
                               const Scoring& scoring, const std::vector<Result>& results);

}  // namespace nmperm
