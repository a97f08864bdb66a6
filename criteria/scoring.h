// Statistics of a network's layers from a .safetensors file; docs/criteria.md describes its tensors.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "criteria/criterion.h"
#include "io/safetensors.h"

namespace nmperm {

/// From a tensor with a weight's shape to the matrix R x C that the weight is, columns = input channels, as
/// the reader of the weight makes it; signs do not matter.
using ToMatrix = std::function<ScoreMatrix(StoredTensor)>;

/// A criterion together with the file of its statistics: what turns weights into scores everywhere in a run.
/// Reading is thread-safe.
class Scoring {
 public:
  /// By magnitude.
  Scoring() = default;
  /// `statistics` is empty where the criterion needs none. Throws InputError when the file is missing or not
  /// valid, when the criterion needs one and has none, and when it needs none and is given one.
  Scoring(Criterion criterion, std::shared_ptr<const ByteSource> statistics);
  /// The same with the file's path, which may be empty.
  Scoring(Criterion criterion, const std::string& statistics_path);

  const Criterion& criterion() const { return criterion_; }
  /// SHA-256 of the statistics file; empty where there is none. O(its size).
  std::string statistics_sha256() const;

  /// Scores of a weight R x C whose tensor is called `layer`. Throws InputError, naming file and tensor,
  /// where statistics are missing or do not fit. Cost of the criterion.
  ScoreMatrix score(ScoreMatrix weights, const std::string& layer, const ToMatrix& to_matrix) const;

 private:
  LayerStatistics statistics_of(const ScoreMatrix& weights, const std::string& layer,
                                const ToMatrix& to_matrix) const;

  Criterion criterion_;
  std::shared_ptr<const ByteSource> source_;
  std::shared_ptr<const Safetensors> file_;
};

}  // namespace nmperm
