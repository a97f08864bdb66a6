// Micro-benchmarks of the vector kernels. `share_of_peak` compares the operations that the algorithm needs
// with the max/add peak of one core, measured in the same process just before.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/vector_peak.h"
#include "core/group_kernels.h"
#include "core/max_plus_product.h"
#include "core/quantised_scores.h"
#include "core/rng.h"
#include "core/score_matrix.h"
#include "core/stripe_pair_kernel.h"
#include "core/subset_kernel.h"
#include "formulations/group_scan.h"
#include "heuristics/kept.h"
#include "heuristics/swap_state.h"

namespace nmperm::bench {
namespace {

ScoreMatrix uniform_scores(int rows, int columns) {
  ScoreMatrix scores(rows, columns);
  Rng rng(1);
  for (int c = 0; c < columns; ++c) {
    for (int r = 0; r < rows; ++r) scores.at(r, c) = static_cast<float>(rng.uniform());
  }
  return scores;
}

/// Counters of a kernel that needs `operations` vector operations per vector of rows.
void report_share(benchmark::State& state, double operations, std::size_t rows, double peak) {
  const double per_call = operations * static_cast<double>(rows) / vector_lanes();
  state.counters["vector_ops_per_s"] =
      benchmark::Counter(per_call * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["peak_ops_per_s"] = peak;
  state.counters["share_of_peak"] = benchmark::Counter(
      per_call * static_cast<double>(state.iterations()) / peak, benchmark::Counter::kIsRate);
}

void stripe_pair(benchmark::State& state) {
  const double peak = vector_peak_ops_per_s();
  const ScoreMatrix scores = uniform_scores(static_cast<int>(state.range(0)), 8);
  std::vector<const float*> columns;
  for (int c = 0; c < 8; ++c) columns.push_back(scores.column(c));
  double kept[kStripePairArrangements];
  for (auto _ : state) {
    stripe_pair_kept(columns.data(), scores.stride(), kept);
    benchmark::DoNotOptimize(kept);
  }
  report_share(state, kStripePairOperations, scores.stride(), peak);
}
BENCHMARK(stripe_pair)->RangeMultiplier(2)->Range(64, 1024);

void subsets_of_stripe_group(benchmark::State& state) {
  const double peak = vector_peak_ops_per_s();
  const auto count = static_cast<int>(state.range(0));
  const ScoreMatrix scores = uniform_scores(static_cast<int>(state.range(1)), count);
  std::vector<const float*> columns;
  for (int c = 0; c < count; ++c) columns.push_back(scores.column(c));
  const SubsetKernel kernel(count, {2, 4});
  SubsetKernel::Workspace workspace;
  std::vector<double> kept(kernel.masks().size());
  for (auto _ : state) {
    kernel.kept(columns.data(), scores.stride(), workspace, kept.data());
    benchmark::DoNotOptimize(kept.data());
  }
  report_share(state, 2.0 * static_cast<double>(kept.size()), scores.stride(), peak);
}
BENCHMARK(subsets_of_stripe_group)->ArgsProduct({{12, 16}, {128, 512}});

/// Exact pricing of all groups of 2:4, of which hardly any has a reduced cost below the limit, as at the end
/// of column generation. Groups a second, and vector operations against the peak: a maximum and a sum (or dot
/// product) for each vector of 16 columns and one row of float32 or four rows of bytes; what thresholds cost,
/// and columns beyond a triangle's edge, is not counted.
void price_all_groups(benchmark::State& state) {
  const double peak = vector_peak_ops_per_s();
  const Problem problem(uniform_scores(static_cast<int>(state.range(1)), static_cast<int>(state.range(0))));
  const IntegerColumns columns(problem, 0);
  const GroupScan scan(problem, columns);
  // Duals at which the cheapest groups pay.
  constexpr double kShare = 0.78;
  const double mean = (problem.magnitude().total - problem.magnitude().default_kept) / problem.columns();
  const std::vector<double> duals(static_cast<std::size_t>(columns.types()),
                                  std::nearbyint(kShare * mean * columns.scale()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(scan.scan(duals, 0, 100'000, 1));
  }
  const double rows_per_operation = scan_bytes_is_fast() ? 4.0 : 1.0;
  const double operations =
      2 * scan.groups() * static_cast<double>(state.range(1)) / rows_per_operation / vector_lanes();
  const auto runs = static_cast<double>(state.iterations());
  state.counters["groups_per_s"] = benchmark::Counter(scan.groups() * runs, benchmark::Counter::kIsRate);
  state.counters["peak_ops_per_s"] = peak;
  state.counters["share_of_peak"] = benchmark::Counter(operations * runs / peak, benchmark::Counter::kIsRate);
}
BENCHMARK(price_all_groups)
    ->ArgsProduct({{128, 256, 512}, {64}})
    ->Args({128, 1024})
    ->Unit(benchmark::kMillisecond);

void replacement_matrix(benchmark::State& state) {
  const double peak = vector_peak_ops_per_s();
  const auto size = static_cast<std::size_t>(state.range(0));
  const ScoreMatrix scores = uniform_scores(static_cast<int>(state.range(1)), static_cast<int>(2 * size));
  std::vector<const float*> thresholds, columns;
  for (std::size_t c = 0; c < size; ++c) {
    thresholds.push_back(scores.column(static_cast<int>(c)));
    columns.push_back(scores.column(static_cast<int>(size + c)));
  }
  std::vector<float> w(size * size);
  for (auto _ : state) {
    max_plus_product(thresholds.data(), size, columns.data(), size, scores.stride(), w.data(), size);
    benchmark::DoNotOptimize(w.data());
  }
  report_share(state, 2.0 * static_cast<double>(w.size()), scores.stride(), peak);
}
BENCHMARK(replacement_matrix)->Args({64, 64})->Args({256, 128})->Args({256, 1024})->Args({1024, 1024});

/// The same in bytes: a maximum and a dot product for each vector, which holds four times as many rows. The
/// peak is that of float32, which a core with more units for bytes exceeds; where it has no dot product of
/// bytes (AVX-512 VNNI), a vector takes four instructions, and half of the peak is all there is.
void replacement_matrix_bytes(benchmark::State& state) {
  const double peak = vector_peak_ops_per_s();
  const auto size = static_cast<std::size_t>(state.range(0));
  const ScoreMatrix scores = uniform_scores(static_cast<int>(state.range(1)), static_cast<int>(2 * size));
  const QuantisedScores bytes(scores);
  std::vector<const std::uint8_t*> columns;
  for (int c = 0; c < scores.columns(); ++c) columns.push_back(bytes.column(c));
  std::vector<std::int32_t> w(size * size);
  for (auto _ : state) {
    max_plus_product_bytes(columns.data(), size, columns.data() + size, size, bytes.weights(), bytes.stride(),
                           w.data(), size);
    benchmark::DoNotOptimize(w.data());
  }
  report_share(state, 2.0 * static_cast<double>(w.size()), bytes.stride() / sizeof(float), peak);
}
BENCHMARK(replacement_matrix_bytes)->Args({64, 64})->Args({256, 128})->Args({256, 1024})->Args({1024, 1024});

// A swap change as the annealing asks for it: random slots of 64 columns.
void swap_change(benchmark::State& state) {
  const Problem problem(uniform_scores(static_cast<int>(state.range(0)), 64));
  const SwapState swaps(problem, identity_permutation(64));
  Rng rng(2);
  std::vector<std::pair<int, int>> moves(4096);
  for (auto& [i, j] : moves) {
    i = rng.below(64);
    j = (i / 4 * 4 + 4 + rng.below(60)) % 64;
  }
  std::size_t k = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(swaps.swap_change(moves[k].first, moves[k].second));
    k = (k + 1) % moves.size();
  }
}
BENCHMARK(swap_change)->Arg(32)->Arg(128)->Arg(512)->Arg(1024);

}  // namespace
}  // namespace nmperm::bench

BENCHMARK_MAIN();
