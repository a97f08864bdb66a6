// The assignment neighbourhood: one column is taken out of every group of a block, and all are put back
// optimally.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/problem.h"
#include "core/quantised_scores.h"
#include "core/rng.h"
#include "heuristics/linear_assignment.h"

namespace nmperm {

/// A permutation that is searched, with its kept magnitude on the search scores.
struct Incumbent {
  Permutation permutation;
  double kept = 0;
};

/// A block of n groups takes n^2 R max-adds for the replacement matrix of its slots, and one linear
/// assignment. In bytes the matrix costs a sixth to a half of that; what it proposes is evaluated again in
/// float32 before it is done. Scratch memory: 8 n^2 bytes and n thresholds.
class AssignmentNeighbourhood {
 public:
  enum class Precision { kBytes, kFloat };

  /// `max_slots`: most groups of a block. `bytes`: the quantised search scores, which neighbourhoods may
  /// share. `threads` share the replacement matrix.
  AssignmentNeighbourhood(const Problem& problem, std::shared_ptr<const QuantisedScores> bytes,
                          std::size_t max_slots, int threads);

  /// Rearranges the columns that stand in `slots` (all of different groups of one segment) optimally, each
  /// slot valued against its group without it. Without noise only cycles of columns that gain, in float32,
  /// are carried out. With noise of the given amplitude (in units of kept magnitude, triangular distribution)
  /// on every entry off the diagonal all are. Returns how many columns moved.
  std::size_t improve(Incumbent& incumbent, const std::vector<int>& slots, double noise, Precision precision,
                      Rng& rng);

 private:
  struct Free {
    void operator()(void* memory) const;
  };

  void form_gains(const Permutation& permutation, const std::vector<int>& slots, Precision precision);
  void form_rows_in_bytes(const Permutation& permutation, const std::vector<int>& slots, std::size_t begin,
                          std::size_t end);
  void form_rows_in_float(const Permutation& permutation, const std::vector<int>& slots, std::size_t begin,
                          std::size_t end);
  void add_noise(std::size_t n, double amplitude, Rng& rng);
  std::size_t move(Incumbent& incumbent, const std::vector<int>& slots, const std::vector<int>& column_of,
                   bool gains_only);
  double gain_of(const Permutation& permutation, int slot, int column);
  /// Calls visit(k, column) for the other M - 1 columns of a slot's group.
  template <typename Visit>
  void for_others(const Permutation& permutation, int slot, Visit visit) const;

  const ScoreMatrix& scores_;
  Pattern pattern_;
  std::shared_ptr<const QuantisedScores> bytes_;
  std::size_t max_slots_;
  int threads_;
  std::vector<float> w_;
  std::vector<std::int32_t> byte_w_;
  std::size_t threshold_bytes_;                  // of one threshold in either precision, a multiple of 64
  std::unique_ptr<std::byte, Free> thresholds_;  // max_slots_ + 1
  std::vector<const float*> columns_;
  std::vector<const std::uint8_t*> byte_columns_;
  std::vector<int> cycle_, before_;
  std::vector<char> done_;
  LinearAssignment assignment_;
};

}  // namespace nmperm
