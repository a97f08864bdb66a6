// A permutation of columns: permutation[i] = original column that stands at new position i.
#pragma once

#include <string>
#include <vector>

#include "core/segments.h"

namespace nmperm {

using Permutation = std::vector<int>;

Permutation identity_permutation(int columns);

/// Throws InputError (naming `subject` and the position) unless `permutation` holds every column of
/// `segments` exactly once and each inside its own segment. O(C log S).
void validate_permutation(const Permutation& permutation, const Segments& segments,
                          const std::string& subject);

/// inverse[permutation[i]] = i.
Permutation inverse_permutation(const Permutation& permutation);

/// The representative of all permutations with the same groups: columns ascending inside a group, groups
/// ascending by their first column inside a segment. The kept magnitude does not change.
Permutation canonical_permutation(const Permutation& permutation, const Segments& segments,
                                  const Pattern& pattern);

}  // namespace nmperm
