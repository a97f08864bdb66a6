#include "instances/check_solution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "core/error.h"

namespace nmperm {
namespace {

std::string text_of(double value) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%.17g", value);
  return digits.data();
}

std::string text_of(const std::optional<double>& value) {
  return value ? text_of(*value) : "null";
}

/// Collects what does not agree.
class Comparison {
 public:
  /// Figures may differ by `tolerance`.
  void figure(const std::string& place, const std::optional<double>& recorded,
              const std::optional<double>& expected, double tolerance) {
    const bool agree = recorded.has_value() == expected.has_value() &&
                       (!recorded || std::fabs(*recorded - *expected) <= tolerance);
    if (!agree) found_.push_back({place, text_of(recorded), text_of(expected)});
  }
  void magnitude(const std::string& place, double recorded, double expected) {
    figure(place, recorded, expected, kFigureTolerance * std::fabs(expected));
  }
  void add(Discrepancy discrepancy) { found_.push_back(std::move(discrepancy)); }

  std::vector<Discrepancy> take() { return std::move(found_); }

 private:
  std::vector<Discrepancy> found_;
};

/// Differences of magnitudes carry the rounding of the magnitudes themselves.
double quotient_tolerance(double magnitude, double denominator) {
  return denominator > 0 ? kFigureTolerance * (1 + magnitude / denominator) : kFigureTolerance;
}

void compare_status(const Result& result, Comparison& comparison) {
  const bool closed = result.bound && result.gap && *result.gap <= kOptimalGap;
  if (closed == (result.status == Status::kOptimal)) return;
  comparison.add(
      {"status", to_string(result.status),
       closed ? "optimal, as the gap is at most 1e-6" : "not optimal, as no bound closes the gap to 1e-6"});
}

}  // namespace

std::vector<Discrepancy> check_solution(const Problem& problem, const Solution& solution) {
  const Result& result = solution.result;
  const Magnitude& recorded = result.magnitude;
  const Magnitude expected = oracle_magnitude(problem.scores(), problem.pattern(), result.permutation);
  Comparison comparison;
  comparison.magnitude("magnitude.total", recorded.total, expected.total);
  comparison.magnitude("magnitude.default", recorded.default_kept, expected.default_kept);
  comparison.magnitude("magnitude.row_bound", recorded.row_bound, expected.row_bound);
  comparison.magnitude("magnitude.kept", recorded.kept, expected.kept);
  comparison.figure("efficacy", solution.efficacy, expected.efficacy(),
                    100 * quotient_tolerance(expected.row_bound, expected.row_bound - expected.default_kept));
  if (result.bound && result.bound->kept < expected.kept * (1 - kFigureTolerance)) {
    comparison.add({"bound.kept", text_of(result.bound->kept),
                    "at least the kept magnitude, " + text_of(expected.kept)});
  }
  std::optional<double> gap;
  if (result.bound) gap = expected.gap(result.bound->kept);
  comparison.figure("gap", result.gap, gap, quotient_tolerance(expected.total, expected.pruned()));
  compare_status(result, comparison);
  return comparison.take();
}

}  // namespace nmperm
