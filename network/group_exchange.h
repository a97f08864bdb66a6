// Whole groups of channels (of a grouped convolution, heads) dealt to the groups of M columns of the layer
// after them. It matters where their width is no multiple of M, or they do not begin at one.
#pragma once

#include <vector>

#include "network/apply.h"
#include "network/network_plan.h"
#include "network/search_sets.h"

namespace nmperm {

/// What was found for one GroupSet.
struct GroupResult {
  Permutation permutation;  ///< of the whole groups
  Magnitude magnitude;      ///< of all weights that read the groups; `default_kept` is that of the start
  bool searched = false;    ///< false where the order of whole groups does not matter
  double seconds = 0;
};

struct GroupExchange {
  std::vector<GroupResult> results;  ///< in the order of plan.group_sets
  std::vector<ChannelOrder>
      orders;  ///< of channels inside the groups and of whole groups, to be taken in turn
};

/// Exchanges pairs of whole groups, and pairs of channels inside of groups that straddle, while that helps,
/// and begins again from the best with some random exchanges. Scores are exact; never worse than the start.
/// One set after another within a quarter of the time limit; the limit of iterations counts new beginnings of
/// each set. With the same seed and limit of iterations the same answer. Memory: the scores of the consumers
/// of one set. Throws as set_problem().
GroupExchange exchange_groups(const OnnxModel& model, const NetworkPlan& plan, const NetworkSearch& search);

}  // namespace nmperm
