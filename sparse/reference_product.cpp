#include "sparse/reference_product.h"

#include <algorithm>
#include <vector>

namespace nmperm {

void reference_product(const CompressedMatrix& a, const float* b, int n, float* y) {
  const auto width = static_cast<std::size_t>(n);
  std::vector<double> sums(width);
  std::size_t at = 0;
  for (int r = 0; r < a.rows; ++r, y += width) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t k = 0; k < a.row_size(); ++k, ++at) {
      const double value = static_cast<double>(a.values[at]);
      const float* const row = b + static_cast<std::size_t>(a.column(r, k)) * width;
      for (std::size_t j = 0; j < width; ++j) sums[j] += value * static_cast<double>(row[j]);
    }
    for (std::size_t j = 0; j < width; ++j) y[j] = static_cast<float>(sums[j]);
  }
}

}  // namespace nmperm
