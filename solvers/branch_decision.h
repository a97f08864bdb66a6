// Ryan-Foster branching: are two columns in one group, or not?
#pragma once

#include <algorithm>
#include <cstdint>

namespace nmperm {

/// A decision about the group that holds type `single`, of which there is one column: it holds a column of
/// type `other` too (together), or none. Every partition obeys exactly one of the two. Ryan and Foster, "An
/// integer programming approach to scheduling", 1981.
struct BranchDecision {
  std::uint16_t single = 0;
  std::uint16_t other = 0;
  bool together = false;
  bool other_is_single = false;

  /// Whether a partition that obeys the decision can have this group.
  bool allows(const std::uint16_t* types, int group) const {
    const bool has_single = std::find(types, types + group, single) != types + group;
    const bool has_other = std::find(types, types + group, other) != types + group;
    if (!together) return !(has_single && has_other);
    return has_single ? has_other : !(has_other && other_is_single);
  }
};

}  // namespace nmperm
