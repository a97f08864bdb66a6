// A list of groups with what the pattern prunes from each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nmperm {

/// Groups as multisets of M types (formulations/integer_columns.h), ascending, with their pruned magnitude as
/// an integer in float64. 2 M + 8 bytes a group.
class GroupList {
 public:
  explicit GroupList(int group_size) : group_(static_cast<std::size_t>(group_size)) {}

  int group_size() const { return static_cast<int>(group_); }
  std::size_t size() const { return pruned_.size(); }
  const std::uint16_t* types(std::size_t g) const { return types_.data() + g * group_; }
  double pruned(std::size_t g) const { return pruned_[g]; }

  void add(const std::uint16_t* types, double pruned) {
    types_.insert(types_.end(), types, types + group_);
    pruned_.push_back(pruned);
  }
  void reserve(std::size_t groups) {
    types_.reserve(groups * group_);
    pruned_.reserve(groups);
  }

  /// Pruned magnitude minus the duals of the types.
  double reduced(std::size_t g, const double* duals) const {
    const std::uint16_t* const t = types(g);
    // Trees spend a third of their time here, nearly always with groups of four.
    if (group_ == 4) return pruned_[g] - ((duals[t[0]] + duals[t[1]]) + (duals[t[2]] + duals[t[3]]));
    double sum = pruned_[g];
    for (std::size_t k = 0; k < group_; ++k) sum -= duals[t[k]];
    return sum;
  }

 private:
  std::size_t group_;
  std::vector<std::uint16_t> types_;
  std::vector<double> pruned_;
};

}  // namespace nmperm
