// Columns of a program that stand for groups: one for every M-subset of every segment.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formulations/formulation.h"
#include "formulations/group_values.h"
#include "formulations/subsets.h"

namespace nmperm {

/// Numbers of the groups of some consecutive segments: segment by segment, colexicographic in each. Programs
/// that have these columns (setpart, mda) put them first.
class GroupColumns {
 public:
  /// Throws InternalError where a segment has more groups than Subsets counts.
  explicit GroupColumns(const FormulationScope& scope);

  struct Segment {
    int first_column;  ///< in the problem
    int first_group;   ///< its number here
    Subsets groups;    ///< of columns counted from first_column
  };
  const std::vector<Segment>& segments() const { return segments_; }
  int count() const { return count_; }

  /// Columns of a group, as the problem counts them, ascending. O(L).
  std::vector<int> group(int number) const;
  /// NAME_3_5_8_9.
  std::string name(const std::string& prefix, int number) const;

  /// Sets the chosen groups' values to 1, the others to 0.
  void encode(std::span<const int> permutation, std::span<double> solution) const;
  /// Groups with a value above 1/2, as a permutation that is canonical in each segment. Throws InternalError
  /// unless every column is in exactly one. O(number of groups).
  std::vector<int> decode(std::span<const double> solution) const;

  /// Groups of all segments of the scope, as a double because it may exceed every integer.
  static double count(const FormulationScope& scope);

 private:
  std::vector<Segment> segments_;
  int count_ = 0, columns_ = 0;
};

/// The tables of groups of the scope's segments. Null once the scope says stop.
std::optional<std::vector<GroupValues>> group_values_of(const FormulationScope& scope);

}  // namespace nmperm
