#include "core/permutation.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/error.h"

namespace nmperm {

Permutation identity_permutation(int columns) {
  Permutation permutation(static_cast<std::size_t>(columns));
  std::iota(permutation.begin(), permutation.end(), 0);
  return permutation;
}

void validate_permutation(const Permutation& permutation, const Segments& segments,
                          const std::string& subject) {
  const int columns = segments.columns();
  if (permutation.size() != static_cast<std::size_t>(columns)) {
    throw InputError(subject, "permutation", "has " + std::to_string(permutation.size()) + " entries",
                     std::to_string(columns) + ", one for each column");
  }
  std::vector<int> position_of(static_cast<std::size_t>(columns), -1);
  for (int i = 0; i < columns; ++i) {
    const int column = permutation[static_cast<std::size_t>(i)];
    const std::string place = "permutation[" + std::to_string(i) + "]";
    if (column < 0 || column >= columns) {
      throw InputError(subject, place, "column " + std::to_string(column) + " does not exist",
                       "0.." + std::to_string(columns - 1));
    }
    int& seen_at = position_of[static_cast<std::size_t>(column)];
    if (seen_at >= 0) {
      throw InputError(
          subject, place,
          "column " + std::to_string(column) + " stands at position " + std::to_string(seen_at) + " too",
          "every column exactly once");
    }
    seen_at = i;
    const int from = segments.of_column(column), to = segments.of_column(i);
    if (from != to) {
      throw InputError(subject, place,
                       "column " + std::to_string(column) + " of segment " + std::to_string(from) +
                           " stands in segment " + std::to_string(to),
                       "columns to stay inside their segment");
    }
  }
}

Permutation inverse_permutation(const Permutation& permutation) {
  Permutation inverse(permutation.size());
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    inverse[static_cast<std::size_t>(permutation[i])] = static_cast<int>(i);
  }
  return inverse;
}

Permutation canonical_permutation(const Permutation& permutation, const Segments& segments,
                                  const Pattern& pattern) {
  Permutation result;
  result.reserve(permutation.size());
  for (int s = 0; s < segments.count(); ++s) {
    std::vector<std::vector<int>> groups;
    for (int i = segments.begin(s); i < segments.end(s); i += pattern.group) {
      auto& group = groups.emplace_back(permutation.begin() + i, permutation.begin() + i + pattern.group);
      std::sort(group.begin(), group.end());
    }
    std::sort(groups.begin(), groups.end());
    for (const auto& group : groups) result.insert(result.end(), group.begin(), group.end());
  }
  return result;
}

}  // namespace nmperm
