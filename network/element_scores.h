// Scores of a stored weight's elements, in the order of the file.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "criteria/scoring.h"
#include "network/layer_graph.h"
#include "network/permutation_record.h"

namespace nmperm {

/// Scores of all elements of a constant whose input channels stand along `axis`. `bytes` are its elements
/// under the permutations of `record`, statistics those of the unpermuted model: they move with the channels.
/// Throws InputError, naming `subject`, where a weight is not finite, and as Scoring::score(). Time and
/// memory O(elements), and what the criterion takes.
std::vector<float> element_scores(const StoredConstant& constant, std::span<const std::byte> bytes, int axis,
                                  const PermutationRecord& record, const Scoring& scoring,
                                  const std::string& subject);

/// The same as a matrix whose columns are input channels. Magnitudes of float32 weights take no memory
/// beside.
ScoreMatrix score_matrix(const StoredConstant& constant, std::span<const std::byte> bytes, int axis,
                         const PermutationRecord& record, const Scoring& scoring, const std::string& subject);

}  // namespace nmperm
