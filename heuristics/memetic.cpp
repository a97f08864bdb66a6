#include "heuristics/memetic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "heuristics/assignment_descent.h"
#include "heuristics/group_crossover.h"
#include "heuristics/kept.h"
#include "heuristics/swap_moves.h"

namespace nmperm {
namespace {

constexpr int kBatch = 8;          // children of a batch, whatever the threads
constexpr std::size_t kSpent = 4;  // rejected children per member after which a population grows
constexpr std::int64_t kDefaultChildren = 10000;  // without any limit

struct Member {
  Permutation permutation;
  std::vector<double> kept_by_group;
  double kept = 0;
};

class Population {
 public:
  Population(Search& search, std::size_t size)
      : search_(search),
        problem_(search.problem()),
        size_(size),
        bytes_(std::make_shared<QuantisedScores>(search.problem().search_scores())),
        descents_(kBatch) {}

  /// Fills up with educated random permutations, and once with the start (or, at first, the identity).
  void fill() {
    std::vector<Permutation> seeds;
    // A good start would win every tournament: it joins a population that has found its own way first.
    if (members_.empty() != search_.has_start() && !start_joined_) {
      seeds.push_back(search_.start());
      start_joined_ = true;
    }
    while (members_.size() + seeds.size() < size_) {
      seeds.push_back(random_permutation(problem_.segments(), search_.rng(next_stream_++)));
    }
    for (std::size_t begin = 0; begin < seeds.size() && !search_.should_stop(); begin += kBatch) {
      const std::size_t end = std::min<std::size_t>(begin + kBatch, seeds.size());
      educate_and_insert({seeds.begin() + static_cast<std::ptrdiff_t>(begin),
                          seeds.begin() + static_cast<std::ptrdiff_t>(end)});
    }
  }

  /// Once many children in a row were no better than any member, the population is spent: room for as many
  /// new ones.
  void renew_when_spent() {
    if (rejected_ < kSpent * size_) return;
    size_ *= 2;
    rejected_ = 0;
    fill();
  }

  /// One batch of children; returns how many were made.
  std::int64_t breed(std::int64_t most) {
    std::vector<Parent> parents;
    for (const Member& member : members_) parents.push_back({&member.permutation, &member.kept_by_group});
    const std::vector<double> value = mean_column_value(problem_, parents);
    std::vector<Permutation> children;
    for (int k = 0; k < kBatch && k < most; ++k) {
      Rng rng = search_.rng(next_stream_++);
      const auto a = static_cast<std::size_t>(rng.below(static_cast<int>(members_.size())));
      auto b = static_cast<std::size_t>(rng.below(static_cast<int>(members_.size() - 1)));
      if (b >= a) ++b;
      children.push_back(group_crossover(problem_, parents[a], parents[b], value, rng));
    }
    const auto count = static_cast<std::int64_t>(children.size());
    educate_and_insert(std::move(children));
    return count;
  }

  bool can_breed() const { return members_.size() >= 2; }

 private:
  void educate_and_insert(std::vector<Permutation> children) {
    std::vector<Member> educated(children.size());
    const std::uint64_t stream = next_stream_;
    next_stream_ += children.size();
    for (std::size_t k = 0; k < children.size(); ++k) {
      if (!descents_[k]) descents_[k] = std::make_unique<AssignmentDescent>(search_, bytes_, 1);
    }
#pragma omp parallel for num_threads(search_.threads()) schedule(dynamic, 1)
    for (std::size_t k = 0; k < children.size(); ++k) {
      if (search_.should_stop()) continue;
      educated[k] = educate(std::move(children[k]), *descents_[k], search_.rng(stream + k));
    }
    for (Member& member : educated) {
      if (!member.permutation.empty()) insert(std::move(member));
    }
  }

  Member educate(Permutation child, AssignmentDescent& descent, Rng rng) const {
    Incumbent incumbent{std::move(child), 0};
    descent.run(incumbent, rng);
    Member member;
    member.permutation = std::move(incumbent.permutation);
    member.kept_by_group = kept_by_group(problem_, member.permutation);
    for (const double kept : member.kept_by_group) member.kept += kept;
    return member;
  }

  void insert(Member member) {
    search_.report(member.permutation, member.kept);
    // The same groups in another order give the same sum up to rounding; a true tie is no loss either.
    constexpr double kSame = 1e-12;
    const auto better = [](const Member& a, const Member& b) { return a.kept > b.kept; };
    const auto place = std::lower_bound(members_.begin(), members_.end(), member, better);
    const auto same = [&](const Member& other) {
      return std::abs(other.kept - member.kept) <= kSame * member.kept;
    };
    ++rejected_;
    if (place == members_.end() && members_.size() >= size_) return;
    if (place != members_.end() && same(*place)) return;
    if (place != members_.begin() && same(*(place - 1))) return;
    rejected_ = 0;
    members_.insert(place, std::move(member));
    if (members_.size() > size_) members_.pop_back();
  }

  Search& search_;
  const Problem& problem_;
  std::size_t size_;
  std::shared_ptr<const QuantisedScores> bytes_;
  std::vector<std::unique_ptr<AssignmentDescent>> descents_;  // one for each virtual worker
  std::vector<Member> members_;                               // best first
  bool start_joined_ = false;
  std::size_t rejected_ = 0;  // children in a row
  std::uint64_t next_stream_ = 0;
};

}  // namespace

const SolverInfo& MemeticSolver::info() const {
  static const SolverInfo info{
      "memetic",
      "evolutionary search: children inherit groups, assignment descent improves them",
      "Falkenauer, J. Heuristics 2, 1996; Galinier & Hao, J. Comb. Optim. 3, 1999",
      false,
      "children",
      {OptionRecord::integer("population",
                             "members at the beginning; they double whenever children stop improving", 8, 2,
                             100000)},
      {}};
  return info;
}

void MemeticSolver::run(Search& search) const {
  if (!SwapMoves(search.problem()).any()) return;
  Population population(search, static_cast<std::size_t>(search.options().integer("population")));
  const Limits& limits = search.limits();
  std::int64_t left = limits.has_iterations()               ? limits.iterations
                      : std::isfinite(search.remaining_s()) ? std::numeric_limits<std::int64_t>::max()
                                                            : kDefaultChildren;
  if (left == 0) return;
  population.fill();
  while (left > 0 && population.can_breed() && !search.should_stop()) {
    left -= population.breed(left);
    population.renew_when_spent();
  }
}

}  // namespace nmperm
