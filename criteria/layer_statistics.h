// What is known of a layer beside its weight, from calibration samples.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/score_matrix.h"

namespace nmperm {

/// H = 2/n * sum over n samples of x x^T of a layer's input channels, per group of channels.
struct Hessian {
  bool full = false;           ///< false: `values` are the diagonal alone
  std::vector<double> values;  ///< [G * C], or G row-major blocks [C, C]
};

/// Statistics of one layer whose weight is a matrix of R rows and C columns (input channels per group). G
/// groups of channels (grouped convolutions; else 1) belong to G equal blocks of rows; G follows from the
/// lengths.
struct LayerStatistics {
  std::string subject = "statistics";  ///< for errors: the file and the tensor
  std::vector<double> norms;           ///< [G * C] Euclidean norms of the input channels, >= 0
  Hessian hessian;
  std::optional<ScoreMatrix> gradient;  ///< R x C: dL/dw of any sign
};

/// Groups that statistics of `channels` input channels describe; throws InputError, naming `subject`, unless
/// they are a multiple of the columns and divide the rows into equal blocks.
int channel_groups(std::size_t channels, int rows, int columns, const std::string& subject);

}  // namespace nmperm
