#include "heuristics/entropic_dive.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "heuristics/assignment_descent.h"
#include "heuristics/dive_time.h"
#include "heuristics/kept.h"
#include "heuristics/partition_dive.h"

namespace nmperm {
namespace {

constexpr std::int64_t kDefaultDives = 20;  // without any limit
constexpr double kDescentShare = 0.1;       // of the time, for the descent before the first dive
constexpr double kLongDescentShare = 0.4;   // where there is no time to dive through all columns at once
constexpr int kDescentRounds = 6;           // over all groups, times M, where there is: dives do what is left
constexpr int kLeastBlock = 16;             // groups of a dive
constexpr double kDiveShare = 0.95;         // of the time: what runs over at the end of a dive

/// One run: which columns are dived through, in what order, and for how long.
class EntropicDiveSearch {
 public:
  EntropicDiveSearch(Search& search, const DiveParameters& parameters)
      : search_(search),
        problem_(search.problem()),
        segments_(problem_.segments()),
        group_(problem_.pattern().group),
        parameters_(parameters),
        by_clock_(!search.limits().has_iterations() && std::isfinite(search.remaining_s())),
        rng_(search.rng()),
        bytes_(std::make_shared<QuantisedScores>(problem_.search_scores())),
        descent_(search, bytes_, search.threads()),
        incumbent_{search.start(), kept_of_permutation(problem_, search.start())},
        whole_(static_cast<std::size_t>(segments_.count())) {
    if (by_clock_) dive_time_.emplace(problem_, search.threads());
    parameters_.cache_bytes /= static_cast<std::size_t>(segments_.count());
  }

  void run() {
    if (search_.limits().iterations == 0 || search_.should_stop()) return;
    descend();
    const std::int64_t dives =
        search_.limits().has_iterations() || by_clock_ ? search_.limits().iterations : kDefaultDives;
    for (std::int64_t n = 0; n < dives && !search_.should_stop(); ++n) {
      if (!dive_through(n)) break;
    }
  }

 private:
  void report() { search_.report(incumbent_.permutation, incumbent_.kept); }

  /// With good groups to begin with the first prices are good, and the first dive takes a third of the time.
  void descend() {
    const bool whole = block_groups(0) * group_ >= longest_segment();
    Limits limits;
    if (by_clock_) limits.time_s = (whole ? kDescentShare : kLongDescentShare) * search_.remaining_s();
    const Search stage = search_.stage(search_.source(), search_.options(), limits, search_.seed());
    AssignmentDescent(stage, bytes_, search_.threads())
        .run(
            incumbent_, rng_, [&] { report(); },
            whole ? kDescentRounds * group_ : AssignmentDescent::kUnlimited);
  }

  int longest_segment() const {
    return *std::max_element(segments_.lengths().begin(), segments_.lengths().end());
  }

  /// Groups of one dive: as many as time and memory allow to dive through all columns from `segment` on.
  int block_groups(int segment) const {
    const double entry = 4.0 * group_;  // bytes of replacement rows, per group and column
    double columns = std::sqrt(static_cast<double>(parameters_.cache_bytes) / (2 * entry));
    columns = std::max(columns, static_cast<double>(kLeastBlock * group_));
    if (by_clock_) {
      double left = 0;  // columns
      for (int s = segment; s < segments_.count(); ++s) left += segments_.length(s);
      constexpr double kSmaller = 0.8;
      const double most = search_.remaining_s() / left;  // seconds for each column
      columns = std::min(columns, left);
      while (columns > kLeastBlock * group_ && dive_time_->seconds(columns) > most * columns)
        columns *= kSmaller;
    }
    return std::max(kLeastBlock, static_cast<int>(columns / group_));
  }

  /// One dive through all columns. False where nothing can change.
  bool dive_through(std::int64_t n) {
    bool any = false;
    for (int s = 0; s < segments_.count() && !search_.should_stop(); ++s) {
      const int groups = segments_.length(s) / group_;
      const int block = block_groups(s);
      if (whole_[static_cast<std::size_t>(s)] != nullptr || block >= groups) {
        any |= dive_segment(s, n);
      } else {
        any |= dive_blocks(s, block);
      }
    }
    if (any && !search_.should_stop()) polish();
    return any;
  }

  bool dive_segment(int segment, std::int64_t n) {
    std::vector<int> places(static_cast<std::size_t>(segments_.length(segment)));
    for (std::size_t k = 0; k < places.size(); ++k)
      places[k] = segments_.begin(segment) + static_cast<int>(k);
    auto& dive = whole_[static_cast<std::size_t>(segment)];
    if (dive == nullptr) dive = make_dive(places);
    if (!dive->can_improve()) return false;
    const double share = share_of_dive(n, rng_);
    double work = 0;
    for (int s = segment; s < segments_.count(); ++s) work += square(segments_.length(s));
    run_dive(*dive, places, share, square(segments_.length(segment)) / work);
    return true;
  }

  /// Random blocks of groups, each dived through on its own.
  bool dive_blocks(int segment, int block) {
    std::vector<int> groups;
    for (int i = segments_.begin(segment); i < segments_.end(segment); i += group_)
      groups.push_back(i / group_);
    rng_.shuffle(groups);
    const std::size_t count =
        (groups.size() + static_cast<std::size_t>(block) - 1) / static_cast<std::size_t>(block);
    bool any = false;
    for (std::size_t b = 0; b < count && !search_.should_stop(); ++b) {
      std::vector<int> places;
      for (std::size_t k = b * groups.size() / count; k < (b + 1) * groups.size() / count; ++k) {
        for (int i = 0; i < group_; ++i) places.push_back(groups[k] * group_ + i);
      }
      const auto dive = make_dive(places);
      if (!dive->can_improve()) continue;
      any = true;
      double later = 0;
      for (int s = segment + 1; s < segments_.count(); ++s) later += segments_.length(s);
      const double left = static_cast<double>(count - b) * static_cast<double>(places.size()) + later;
      run_dive(*dive, places, 1, static_cast<double>(places.size()) / left);
    }
    return any;
  }

  static double square(double x) { return x * x; }

  std::unique_ptr<PartitionDive> make_dive(const std::vector<int>& places) {
    std::vector<int> columns;
    for (const int i : places) columns.push_back(incumbent_.permutation[static_cast<std::size_t>(i)]);
    return std::make_unique<PartitionDive>(search_, columns, parameters_, bytes_, search_.rng(++streams_));
  }

  /// Dives for `time_share` of the time left, and puts the best into `places`.
  void run_dive(PartitionDive& dive, const std::vector<int>& places, double share, double time_share) {
    const DivePace pace =
        by_clock_ ? DivePace(search_, kDiveShare * time_share * search_.remaining_s()) : DivePace(search_);
    dive.dive(pace, share, [&] {
      const std::vector<int> columns = dive.columns();
      for (std::size_t k = 0; k < places.size(); ++k) {
        incumbent_.permutation[static_cast<std::size_t>(places[k])] = columns[k];
      }
      incumbent_.kept = kept_of_permutation(problem_, incumbent_.permutation);
      report();
    });
  }

  /// Improves what the last dives ended with, the best or not, by assignments over one slot of every group,
  /// until as many as a group has slots move nothing. The groups found enter the pools.
  void polish() {
    Incumbent end = incumbent_;
    for (int s = 0; s < segments_.count(); ++s) {
      if (const auto& dive = whole_[static_cast<std::size_t>(s)]) {
        const std::vector<int> last = dive->last();
        std::copy(last.begin(), last.end(), end.permutation.begin() + segments_.begin(s));
      }
    }
    end.kept = kept_of_permutation(problem_, end.permutation);
    descent_.polish(end, rng_);
    for (int s = 0; s < segments_.count(); ++s) {
      const auto begin = end.permutation.begin() + segments_.begin(s);
      const auto& dive = whole_[static_cast<std::size_t>(s)];
      // What blocks ended with is the incumbent, which only gets better.
      if (dive != nullptr && !dive->offer({begin, begin + segments_.length(s)})) continue;
      std::copy_n(begin, segments_.length(s), incumbent_.permutation.begin() + segments_.begin(s));
    }
    incumbent_.kept = kept_of_permutation(problem_, incumbent_.permutation);
    report();
  }

  Search& search_;
  const Problem& problem_;
  const Segments& segments_;
  int group_;
  DiveParameters parameters_;
  bool by_clock_;
  Rng rng_;
  std::shared_ptr<const QuantisedScores> bytes_;
  std::optional<DiveTime> dive_time_;  // where there is a clock
  AssignmentDescent descent_;
  Incumbent incumbent_;
  std::vector<std::unique_ptr<PartitionDive>> whole_;
  std::uint64_t streams_ = 0;
};

}  // namespace

const SolverInfo& EntropicDiveSolver::info() const {
  static const SolverInfo info{
      "entropic-dive",
      "column generation with entropic prices, replacement pricing and diving",
      "this project: docs/entropic-dive.md",
      false,
      "dives through all columns",
      {OptionRecord::real("initial-temperature",
                          "temperature of the first prices, in mean absolute swap changes", 0.06, 1e-4, 10),
       OptionRecord::real("final-temperature",
                          "temperature of the dives, at most, in mean absolute swap changes", 0.02, 1e-4, 10),
       OptionRecord::real("fix-fraction", "least share of the free groups that a step of a dive fixes", 0.03,
                          1e-3, 1),
       OptionRecord::integer("cache-megabytes", "most memory for replacement rows", 512, 1, 1 << 20)},
      {}};
  return info;
}

void EntropicDiveSolver::run(Search& search) const {
  DiveParameters parameters;
  parameters.initial_temperature = search.options().real("initial-temperature");
  parameters.final_temperature = search.options().real("final-temperature");
  parameters.fix_fraction = search.options().real("fix-fraction");
  parameters.cache_bytes = static_cast<std::size_t>(search.options().integer("cache-megabytes")) << 20;
  EntropicDiveSearch(search, parameters).run();
}

}  // namespace nmperm
