// From an INSTANCE argument, or a stored tensor, to scores.
#pragma once

#include <string>
#include <vector>

#include "instances/instance.h"
#include "io/tensor.h"

namespace nmperm {

/// The scores that `spec` asks for (forms: InstanceSpec): absolute values of a stored tensor, or generated.
/// Time O(R C); memory: the matrix and 17 MB, for generated scores the matrix and 16 rows.
/// Throws InputError when the spec, the file or the tensor is not valid, when an element is NaN, infinite or
/// beyond the range of float32 (index named), and when there is too little memory.
Instance load_instance(const std::string& spec);

/// A weight with its signs, R x C row-major: what the scores are the absolute values of.
struct Weight {
  std::string name;  ///< as the user wrote it
  int rows = 0, columns = 0;
  std::vector<float> values;
};

/// The weight that `spec` asks for; generated scores are taken as weights. Time and errors as
/// load_instance(), memory twice the matrix.
Weight load_weight(const std::string& spec);

/// Scores of a tensor that is a linear weight [out, in] (R = out, C = in) or a convolution weight K,C,R or
/// K,C,R,S (C columns, K*R*S rows in row order K, R, S). Reads the stream to its end. Throws InputError.
ScoreMatrix scores_of_tensor(StoredTensor tensor);

}  // namespace nmperm
