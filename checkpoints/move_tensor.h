// Moving and pruning one tensor of a checkpoint, and the proof that it was done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/pattern.h"
#include "core/permutation.h"
#include "core/score_matrix.h"

namespace nmperm {

/// A tensor of one or two dimensions whose elements take `element_bytes`; an empty order leaves an axis as it
/// is. order[i] = old index of the element at i.
struct TensorMove {
  std::size_t element_bytes = 0;
  std::vector<std::uint64_t> shape;
  std::vector<Permutation> orders;  ///< one for each axis
};

/// The moved elements. O(elements).
std::vector<std::byte> moved_bytes(const TensorMove& move, std::span<const std::byte> bytes);

/// Writes zeros into a weight that has not been moved where `mask` (pattern_mask() under the order of its
/// input channels) keeps nothing. `input_axis` as in TensorRule.
void prune_bytes(const TensorMove& move, int input_axis, std::span<const std::uint8_t> mask,
                 std::vector<std::byte>& bytes);

/// What a comparison of a tensor before and after says.
struct MoveCheck {
  bool equal = true;
  std::string difference;  ///< the first, in words
};

/// Compares bit for bit, element by element under the inverse permutations: shares no code with
/// moved_bytes(). O(elements).
MoveCheck check_move(const TensorMove& move, std::span<const std::byte> before,
                     std::span<const std::byte> after);

/// The same for a pruned weight: of each group of M input channels of the moved weight the N with the largest
/// scores must be those of `before`, the rest zero; among equal scores those further to the left stay.
/// `scores` are those before the move, columns = input channels. O(elements * M).
MoveCheck check_pruned_move(const TensorMove& move, int input_axis, const Pattern& pattern,
                            const ScoreMatrix& scores, std::span<const std::byte> before,
                            std::span<const std::byte> after);

}  // namespace nmperm
