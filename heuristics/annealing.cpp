#include "heuristics/annealing.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "heuristics/kept.h"
#include "heuristics/schedule.h"
#include "heuristics/swap_moves.h"
#include "heuristics/swap_state.h"

namespace nmperm {
namespace {

constexpr int kBatch = 256;  // moves between looks at the clock and at the acceptance
constexpr std::int64_t kDefaultMovesPerColumn = 20000;  // without any limit
constexpr std::int64_t kFirstCyclePerColumn = 500;      // moves; later ones are longer
constexpr double kControlStep = 0.05;                   // of the logarithm of the temperature

struct Acceptance {
  double initial, final;
  double target(double progress) const { return initial * std::pow(final / initial, progress); }
};

/// One Markov chain with a random stream of its own.
class Chain {
 public:
  Chain(Search& search, std::uint64_t stream, Acceptance acceptance)
      : search_(search),
        moves_(search.problem()),
        acceptance_(acceptance),
        rng_(search.rng(stream)),
        state_(search.problem(), search.start()),
        best_(search.start()),
        best_kept_(state_.kept()) {}

  /// One cooling, from the best so far or from a random permutation.
  void cycle(const Schedule& schedule, bool restart) {
    state_.assign(restart ? random_permutation(search_.problem().segments(), Rng(rng_.next())) : best_);
    double temperature = 0.2 * mean_absolute_swap_change(search_.problem(), best_, moves_, rng_);
    const double lowest = 1e-6 * temperature;
    std::int64_t moves = 0;
    for (double at = 0; at < 1 && !search_.should_stop(); at = schedule.after(moves)) {
      const Batch tried = batch(temperature);
      moves += kBatch;
      // Integral control: an accepted worsening move lowers the temperature by a step that 1 / target
      // rejected ones make up for, so that the mean share is the target however rare acceptances are.
      const double target = acceptance_.target(std::min(at, 1.0));
      const double surplus = target * tried.worsening - tried.accepted;
      temperature = std::max(lowest, temperature * std::exp(kControlStep * surplus / (1 + target * kBatch)));
    }
    remember();
    best_kept_ = kept_of_permutation(search_.problem(), best_);
  }

  /// Measured on moves that are not made.
  double seconds_per_move() {
    const double begin_s = search_.elapsed_s();
    double sum = 0;
    for (int k = 0; k < kBatch; ++k) {
      const SwapMoves::Move move = moves_.random(rng_);
      sum += state_.swap_change(move.i, move.j);
    }
    // A NaN, which no score makes, would cost nothing; the sum is looked at so that it has to be formed.
    return sum < std::numeric_limits<double>::infinity() ? (search_.elapsed_s() - begin_s) / kBatch : 0;
  }

  void report() { search_.report(best_, best_kept_); }

 private:
  struct Batch {
    int worsening = 0, accepted = 0;  // accepted: of the worsening moves
  };

  /// Tries kBatch moves.
  Batch batch(double temperature) {
    Batch tried;
    for (int k = 0; k < kBatch; ++k) {
      const SwapMoves::Move move = moves_.random(rng_);
      const double change = state_.swap_change(move.i, move.j);
      if (change < 0) {
        ++tried.worsening;
        if (change < -16 * temperature || rng_.uniform() >= std::exp(change / temperature)) continue;
        ++tried.accepted;
        remember();
      } else if (change == 0 && rng_.below(4) != 0) {
        continue;  // equal columns: wandering among them costs time and changes nothing
      }
      state_.swap(move.i, move.j);
    }
    return tried;
  }

  void remember() {
    if (state_.kept() <= best_kept_) return;
    best_kept_ = state_.kept();
    best_ = state_.permutation();
  }

  Search& search_;
  SwapMoves moves_;
  Acceptance acceptance_;
  Rng rng_;
  SwapState state_;
  Permutation best_;
  double best_kept_;
};

std::int64_t first_cycle(const Search& search) {
  return kFirstCyclePerColumn * search.problem().columns();
}

/// Cycles, each half as long again as the one before; the last takes what is left. Every other one starts at
/// random, so that a small instance is not searched around one permutation only.
void anneal_moves(Chain& chain, const Search& search, std::int64_t left) {
  bool restart = false;
  for (std::int64_t length = first_cycle(search); left > 0 && !search.should_stop(); length += length / 2) {
    const std::int64_t moves = left < 2 * length + length / 2 ? left : length;
    chain.cycle(Schedule::by_iterations(search, moves), restart);
    restart = !restart;
    left -= moves;
  }
}

void anneal_until_time_limit(Chain& chain, const Search& search) {
  const double seconds_per_move = chain.seconds_per_move();
  bool restart = false;
  for (std::int64_t length = first_cycle(search); !search.should_stop(); length += length / 2) {
    const double left_s = search.remaining_s();
    const bool last = left_s < 2.5 * seconds_per_move * static_cast<double>(length);
    chain.cycle(last ? Schedule::by_time(search, left_s) : Schedule::by_iterations(search, length), restart);
    chain.report();
    restart = !restart;
  }
}

}  // namespace

const SolverInfo& AnnealingSolver::info() const {
  static const SolverInfo info{
      "annealing",
      "simulated annealing over column swaps, temperature controlled by acceptance",
      "Kirkpatrick, Gelatt & Vecchi, Science 220, 1983",
      false,
      "proposed swaps, over all chains",
      {OptionRecord::real("initial-acceptance",
                          "share of worsening swaps accepted at the beginning of a cycle", 0.004, 1e-9, 1),
       OptionRecord::real("final-acceptance", "share of worsening swaps accepted at the end of a cycle",
                          0.0003, 1e-9, 1),
       OptionRecord::integer("workers", "chains that share the moves of an iteration limit", 4, 1, 1024)},
      {}};
  return info;
}

void AnnealingSolver::run(Search& search) const {
  const Acceptance acceptance{search.options().real("initial-acceptance"),
                              search.options().real("final-acceptance")};
  const Limits& limits = search.limits();
  const bool by_moves = limits.has_iterations() || !std::isfinite(search.remaining_s());
  const auto chains = by_moves ? static_cast<int>(search.options().integer("workers")) : search.threads();
  const std::int64_t moves =
      (limits.has_iterations() ? limits.iterations : kDefaultMovesPerColumn * search.problem().columns()) /
      chains;
  if (moves == 0 || search.should_stop() || !SwapMoves(search.problem()).any()) return;
  std::vector<std::unique_ptr<Chain>> all;
  for (int c = 0; c < chains; ++c) {
    all.push_back(std::make_unique<Chain>(search, static_cast<std::uint64_t>(c), acceptance));
  }
#pragma omp parallel for num_threads(search.threads()) schedule(dynamic)
  for (int c = 0; c < chains; ++c) {
    Chain& chain = *all[static_cast<std::size_t>(c)];
    if (by_moves) {
      anneal_moves(chain, search, moves);
    } else {
      anneal_until_time_limit(chain, search);
    }
  }
  // In the order of the chains: where two end equal, the same one wins for any number of threads.
  for (const auto& chain : all) chain->report();
}

}  // namespace nmperm
