#include "heuristics/assignment_descent.h"

#include <algorithm>
#include <utility>

namespace nmperm {
namespace {

constexpr std::size_t kFirstBlock = 32;
// Blocks double after this many rounds, or as soon as a round gains less than this share of their first one.
constexpr int kRoundsPerBlock = 16;
constexpr double kFading = 0.3;
constexpr int kIdleRoundsInBytes = 4;

std::size_t groups_of_longest_segment(const Problem& problem) {
  const auto& lengths = problem.segments().lengths();
  return static_cast<std::size_t>(*std::max_element(lengths.begin(), lengths.end()) /
                                  problem.pattern().group);
}

}  // namespace

AssignmentDescent::AssignmentDescent(const Search& search, std::shared_ptr<const QuantisedScores> bytes,
                                     int threads, std::int64_t max_assignments)
    : search_(search),
      group_(search.problem().pattern().group),
      max_assignments_(max_assignments),
      largest_block_(std::min(groups_of_longest_segment(search.problem()), kMaxBlock)),
      neighbourhood_(search.problem(), std::move(bytes), largest_block_, threads) {}

std::size_t AssignmentDescent::round(Incumbent& incumbent, std::size_t block, double noise,
                                     AssignmentNeighbourhood::Precision precision, Rng& rng) {
  const Segments& segments = search_.problem().segments();
  std::size_t moved = 0;
  for (int s = 0; s < segments.count(); ++s) {
    groups_.clear();
    for (int i = segments.begin(s); i < segments.end(s); i += group_) groups_.push_back(i / group_);
    rng.shuffle(groups_);
    for (std::size_t begin = 0; begin < groups_.size() && !stop(); begin += block) {
      const std::size_t end = std::min(begin + block, groups_.size());
      if (end - begin < 2) continue;
      slots_.clear();
      for (std::size_t k = begin; k < end; ++k) slots_.push_back(groups_[k] * group_ + rng.below(group_));
      moved += neighbourhood_.improve(incumbent, slots_, noise, precision, rng);
      ++assignments_;
    }
  }
  return moved;
}

void AssignmentDescent::polish(Incumbent& incumbent, Rng& rng) {
  for (const auto precision :
       {AssignmentNeighbourhood::Precision::kBytes, AssignmentNeighbourhood::Precision::kFloat}) {
    for (int idle = 0; idle < group_ && !stop();) {
      idle = round(incumbent, largest_block_, 0, precision, rng) == 0 ? idle + 1 : 0;
    }
  }
}

void AssignmentDescent::run(Incumbent& incumbent, Rng& rng, const std::function<void()>& after_round,
                            std::int64_t largest_rounds) {
  auto precision = AssignmentNeighbourhood::Precision::kBytes;
  std::size_t block = std::min(kFirstBlock, largest_block_);
  double first_gain = 0;
  int rounds = 0, idle = 0;
  while (!stop()) {
    const double before = incumbent.kept;
    const std::size_t moved = round(incumbent, block, 0, precision, rng);
    if (after_round) after_round();
    if (block == largest_block_) {
      if (--largest_rounds <= 0) break;
      // A round sees one of M slots of a group, so some idle rounds are needed before all have been seen.
      idle = moved == 0 ? idle + 1 : 0;
      if (precision == AssignmentNeighbourhood::Precision::kBytes && idle >= kIdleRoundsInBytes) {
        precision = AssignmentNeighbourhood::Precision::kFloat;
        idle = 0;
      }
      if (idle >= 4 * group_) break;
      continue;
    }
    const double gain = incumbent.kept - before;
    first_gain = std::max(first_gain, gain);
    if (++rounds >= kRoundsPerBlock || gain <= kFading * first_gain) {
      block = std::min(2 * block, largest_block_);
      first_gain = 0;
      rounds = 0;
    }
  }
}

}  // namespace nmperm
