// Descent over assignment neighbourhoods, for solvers that end or begin with one.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "core/search.h"
#include "heuristics/assignment_neighbourhood.h"

namespace nmperm {

/// Rounds over random blocks of groups, each block with a random slot of every group, blocks growing when a
/// round gains little. Stops at a local optimum of the largest blocks, or when the search must stop. One
/// thread.
class AssignmentDescent {
 public:
  static constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

  /// `bytes`: quantised search scores, which descents may share. `max_assignments`: linear assignments over
  /// all calls. `threads` share each.
  AssignmentDescent(const Search& search, std::shared_ptr<const QuantisedScores> bytes, int threads,
                    std::int64_t max_assignments = kUnlimited);

  /// Improves `incumbent`, in bytes first and then in float32; calls `after_round` after every round. Ends at
  /// the latest after `largest_rounds` rounds over blocks of the largest size.
  void run(Incumbent& incumbent, Rng& rng, const std::function<void()>& after_round = {},
           std::int64_t largest_rounds = kUnlimited);

  /// Rounds over all groups, in bytes and then in float32, until as many as a group has slots move nothing.
  void polish(Incumbent& incumbent, Rng& rng);

  /// Every segment's groups in random blocks of at most `block`, a random slot of each, once. Returns the
  /// number of columns that moved. `noise` as in AssignmentNeighbourhood::improve.
  std::size_t round(Incumbent& incumbent, std::size_t block, double noise,
                    AssignmentNeighbourhood::Precision precision, Rng& rng);

  /// The groups of the longest segment, at most kMaxBlock.
  std::size_t largest_block() const { return largest_block_; }

 private:
  /// The most groups of a block anywhere: a replacement matrix of 16 MB.
  static constexpr std::size_t kMaxBlock = 2048;

  bool stop() const { return assignments_ >= max_assignments_ || search_.should_stop(); }

  const Search& search_;
  int group_;
  std::int64_t max_assignments_;
  std::int64_t assignments_ = 0;
  std::size_t largest_block_;
  AssignmentNeighbourhood neighbourhood_;
  std::vector<int> groups_, slots_;
};

}  // namespace nmperm
