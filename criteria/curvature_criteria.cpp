#include "criteria/curvature_criteria.h"

#include <cmath>
#include <span>
#include <vector>

#define EIGEN_MPL2_ONLY
#include <Eigen/Cholesky>

#include <fmt/format.h>

#include "core/error.h"

namespace nmperm {
namespace {

using Matrix = Eigen::MatrixXd;

/// Elements of H that should be equal may differ by this share of the larger diagonal element.
constexpr double kSymmetryTolerance = 1e-3;

/// The Hessian of one layer, checked.
class Curvature {
 public:
  Curvature(const LayerStatistics& statistics, int rows, int columns)
      : statistics_(statistics), columns_(static_cast<std::size_t>(columns)) {
    const Hessian& hessian = statistics.hessian;
    const std::size_t channels = hessian.full ? hessian.values.size() / columns_ : hessian.values.size();
    groups_ = channel_groups(channels, rows, columns, statistics.subject);
    if (hessian.full && hessian.values.size() % (columns_ * columns_) != 0) {
      throw InputError(statistics.subject, {}, "the Hessian is not square",
                       fmt::format("{0} x {0} elements", columns));
    }
    for (std::size_t i = 0; i < hessian.values.size(); ++i) {
      if (!std::isfinite(hessian.values[i])) fail(i, "is not finite", "finite numbers");
    }
    for (std::size_t channel = 0; channel < channels; ++channel) {
      if (diagonal(channel) < 0) fail(position(channel), "is negative", "a diagonal that is not negative");
    }
  }

  int groups() const { return groups_; }
  bool full() const { return statistics_.hessian.full; }
  /// H_cc of an input channel of all groups.
  double diagonal(std::size_t channel) const { return statistics_.hessian.values[position(channel)]; }
  std::span<const double> block(std::size_t group) const {
    return std::span(statistics_.hessian.values).subspan(group * columns_ * columns_, columns_ * columns_);
  }
  [[noreturn]] void fail(std::size_t element, const std::string& problem, const std::string& expected) const {
    throw InputError(statistics_.subject, fmt::format("element {} of the Hessian", element), problem,
                     expected);
  }

 private:
  std::size_t position(std::size_t channel) const {
    return full() ? channel * columns_ + channel % columns_ : channel;
  }

  const LayerStatistics& statistics_;
  std::size_t columns_;
  int groups_ = 1;
};

/// w^2 * factor of its input channel.
ScoreMatrix scaled_squares(ScoreMatrix weights, int groups, const std::vector<double>& factors) {
  const int height = weights.rows() / groups;
  for (int c = 0; c < weights.columns(); ++c) {
    for (int r = 0; r < weights.rows(); ++r) {
      const double w = static_cast<double>(weights.at(r, c));
      const int channel = r / height * weights.columns() + c;
      weights.at(r, c) = static_cast<float>(w * w * factors[static_cast<std::size_t>(channel)]);
    }
  }
  return weights;
}

void require_symmetric(const Curvature& curvature, std::size_t group, std::size_t n) {
  const auto h = curvature.block(group);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double scale = std::max(h[i * n + i], h[j * n + j]);
      if (std::fabs(h[i * n + j] - h[j * n + i]) <= kSymmetryTolerance * scale) continue;
      curvature.fail((group * n + i) * n + j, "is not that of the transposed place", "a symmetric matrix");
    }
  }
}

/// Diagonal of (H + d I)^-1 of one group.
std::vector<double> inverse_diagonal(const Curvature& curvature, std::size_t group, std::size_t n, double d) {
  std::vector<double> result(n);
  if (!curvature.full()) {
    for (std::size_t i = 0; i < n; ++i) result[i] = 1 / (curvature.diagonal(group * n + i) + d);
    return result;
  }
  require_symmetric(curvature, group, n);
  const auto size = static_cast<Eigen::Index>(n);
  Matrix factor = Eigen::Map<const Matrix>(curvature.block(group).data(), size, size);
  factor.diagonal().array() += d;
  const Eigen::LLT<Eigen::Ref<Matrix>> cholesky(factor);  // in place
  if (cholesky.info() != Eigen::Success) {
    curvature.fail(group * n * n, "begins a matrix that is not positive definite, damping included",
                   "more calibration samples or a larger damping");
  }
  // [A^-1]_ii is the squared length of column i of L^-1.
  const Matrix inverse = cholesky.matrixL().solve(Matrix::Identity(size, size));
  for (std::size_t i = 0; i < n; ++i) {
    result[i] = inverse.col(static_cast<Eigen::Index>(i)).squaredNorm();
  }
  return result;
}

}  // namespace

ScoreMatrix optimal_brain_damage(ScoreMatrix weights, const LayerStatistics& statistics) {
  const Curvature curvature(statistics, weights.rows(), weights.columns());
  std::vector<double> factors(static_cast<std::size_t>(curvature.groups() * weights.columns()));
  for (std::size_t i = 0; i < factors.size(); ++i) factors[i] = curvature.diagonal(i) / 2;
  return scaled_squares(std::move(weights), curvature.groups(), factors);
}

ScoreMatrix optimal_brain_surgeon(ScoreMatrix weights, const LayerStatistics& statistics, double damping) {
  const Curvature curvature(statistics, weights.rows(), weights.columns());
  const auto n = static_cast<std::size_t>(weights.columns());
  std::vector<double> factors;
  for (std::size_t group = 0; group < static_cast<std::size_t>(curvature.groups()); ++group) {
    double trace = 0;
    for (std::size_t i = 0; i < n; ++i) trace += curvature.diagonal(group * n + i);
    for (const double inverse :
         inverse_diagonal(curvature, group, n, damping * trace / static_cast<double>(n))) {
      if (!std::isfinite(inverse) || inverse <= 0) {
        curvature.fail(factors.size() * (curvature.full() ? n : 1),
                       "belongs to a singular matrix, damping included",
                       "input channels that are active, or a larger damping");
      }
      factors.push_back(1 / (2 * inverse));
    }
  }
  return scaled_squares(std::move(weights), curvature.groups(), factors);
}

}  // namespace nmperm
