// Incumbent and bound of a search that treats every segment as a problem of its own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/search.h"

namespace nmperm {

/// Columns never leave their segment, so segments are independent: the best permutation joins the best of
/// each, and the sum of bounds is a bound. This keeps both for every segment and reports the sums.
/// Begins with the search's incumbent, and with the row bound of each segment. Magnitudes are those of
/// Problem::search_scores(). Members may be called from one thread at a time.
class SegmentProgress {
 public:
  /// `method` names the bounds. O(R C).
  SegmentProgress(Search& search, std::string method);

  /// Columns of the problem in the incumbent's order within a segment, and what they keep.
  std::span<const int> columns(int segment) const;
  double kept(int segment) const { return kept_[static_cast<std::size_t>(segment)]; }
  /// The same columns, counted from the first of the segment.
  std::vector<int> division(int segment) const;

  /// Offers an order of a segment's columns; taken and reported when it keeps more than rounding explains.
  void offer(int segment, std::span<const int> columns, double kept);
  /// The same of columns that are counted from the first of the segment.
  void offer_division(int segment, std::vector<int> division, double kept);
  /// Offers an upper bound on what a segment keeps, and reports the sum of the best bounds.
  void offer_bound(int segment, double kept);
  /// Keeps the proof of a segment's bound for hand_in_proofs(), which hands in the proofs of all segments;
  /// those without one have their row bound. `kept`: what the proof bounds.
  void keep_proof(int segment, double kept, Certificate::Segment proof);
  void hand_in_proofs(double scale);

 private:
  Search& search_;
  std::string method_;
  Permutation permutation_;
  std::vector<double> kept_, bound_;
  std::vector<double> proven_;  // by the proofs
  std::vector<Certificate::Segment> proofs_;
};

}  // namespace nmperm
