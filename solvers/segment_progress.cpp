#include "solvers/segment_progress.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>

namespace nmperm {
namespace {

double kept_in_segment(const Problem& problem, const Permutation& permutation, int segment) {
  double kept = 0;
  for (int i = problem.segments().begin(segment); i < problem.segments().end(segment);
       i += problem.pattern().group) {
    kept += kept_of_group(problem.search_scores(), problem.pattern(), permutation.data() + i);
  }
  return kept;
}

// Sum over rows of the largest L*N/M scores of a segment of L columns.
double row_bound(const Problem& problem, int segment) {
  const ScoreMatrix& scores = problem.search_scores();
  const Segments& segments = problem.segments();
  const auto most = segments.length(segment) / problem.pattern().group * problem.pattern().keep;
  std::vector<float> row(static_cast<std::size_t>(segments.length(segment)));
  double bound = 0;
  for (int r = 0; r < scores.rows(); ++r) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      row[c] = scores.at(r, segments.begin(segment) + static_cast<int>(c));
    }
    std::nth_element(row.begin(), row.begin() + most - 1, row.end(), std::greater<>());
    bound = std::accumulate(row.begin(), row.begin() + most, bound);
  }
  return bound;
}

// What the row bound says that every partition of a segment prunes at least: of the scores times `scale`,
// rounded to integers, the sum over rows of the smallest L - L*N/M.
std::int64_t least_pruned(const Problem& problem, int segment, double scale) {
  const Segments& segments = problem.segments();
  const Pattern& pattern = problem.pattern();
  const auto pruned = segments.length(segment) / pattern.group * (pattern.group - pattern.keep);
  std::vector<double> row(static_cast<std::size_t>(segments.length(segment)));
  double least = 0;
  for (int r = 0; r < problem.rows(); ++r) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      const float score = problem.scores().at(r, segments.begin(segment) + static_cast<int>(c));
      row[c] = std::nearbyint(static_cast<double>(score) * scale);
    }
    std::nth_element(row.begin(), row.begin() + pruned - 1, row.end());
    least = std::accumulate(row.begin(), row.begin() + pruned, least);
  }
  return static_cast<std::int64_t>(least);
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

SegmentProgress::SegmentProgress(Search& search, std::string method)
    : search_(search), method_(std::move(method)), permutation_(search.incumbent()) {
  search.value_incumbent();
  for (int s = 0; s < search.problem().segments().count(); ++s) {
    kept_.push_back(kept_in_segment(search.problem(), permutation_, s));
    bound_.push_back(row_bound(search.problem(), s));
  }
  proven_ = bound_;
  proofs_.resize(bound_.size());
}

std::span<const int> SegmentProgress::columns(int segment) const {
  const Segments& segments = search_.problem().segments();
  return std::span(permutation_)
      .subspan(static_cast<std::size_t>(segments.begin(segment)),
               static_cast<std::size_t>(segments.length(segment)));
}

void SegmentProgress::offer(int segment, std::span<const int> columns, double kept) {
  constexpr double kRounding = 1e-12;  // of sums of the same scores in another order
  double& known = kept_[static_cast<std::size_t>(segment)];
  if (!(kept > known * (1 + kRounding))) return;
  known = kept;
  std::copy(columns.begin(), columns.end(),
            permutation_.begin() + search_.problem().segments().begin(segment));
  search_.report(permutation_, sum(kept_));
}

std::vector<int> SegmentProgress::division(int segment) const {
  const auto order = columns(segment);
  std::vector<int> division(order.begin(), order.end());
  for (int& column : division) column -= search_.problem().segments().begin(segment);
  return division;
}

void SegmentProgress::offer_division(int segment, std::vector<int> division, double kept) {
  for (int& column : division) column += search_.problem().segments().begin(segment);
  offer(segment, division, kept);
}

void SegmentProgress::offer_bound(int segment, double kept) {
  double& known = bound_[static_cast<std::size_t>(segment)];
  known = std::min(known, kept);
  search_.report_bound(sum(bound_), method_);
}

void SegmentProgress::keep_proof(int segment, double kept, Certificate::Segment proof) {
  proven_[static_cast<std::size_t>(segment)] = kept;
  proofs_[static_cast<std::size_t>(segment)] = std::move(proof);
}

void SegmentProgress::hand_in_proofs(double scale) {
  for (int s = 0; s < search_.problem().segments().count(); ++s) {
    Certificate::Segment& proof = proofs_[static_cast<std::size_t>(s)];
    if (proof.nodes.empty()) proof.pruned = least_pruned(search_.problem(), s, scale);
  }
  search_.report_certificate(sum(proven_), std::make_shared<Certificate>(Certificate{scale, proofs_}));
}

}  // namespace nmperm
