// Benchmarks of whole searches: time to convergence, and what a second thread gives. `efficacy` is the
// result's, so that speed can never be bought with quality unseen.

#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include "heuristics/channel_swap.h"
#include "heuristics/stripe_groups.h"
#include "instances/load.h"

namespace nmperm::bench {
namespace {

void run(benchmark::State& state, const Solver& solver, const std::string& instance, int threads,
         OptionValues options) {
  const Problem problem(load_instance(instance).scores);
  SolveParameters parameters;
  parameters.threads = threads;
  parameters.options = std::move(options);
  Result result;
  for (auto _ : state) {
    result = solver.solve(problem, parameters);
    state.SetIterationTime(result.seconds);
  }
  state.counters["kept"] = result.magnitude.kept;
  state.counters["efficacy"] = result.magnitude.efficacy().value_or(0);
}

void descent(benchmark::State& state, const std::string& instance, const std::string& stripe_group_size,
             int threads) {
  run(state, StripeGroupsSolver(), instance, threads,
      {{"bounded-regressions", "0"}, {"stripe-group-size", stripe_group_size}});
}
BENCHMARK_CAPTURE(descent, u128x64_8_columns, "random:128x64:1", "8", 1)->UseManualTime();
BENCHMARK_CAPTURE(descent, u128x64_12_columns, "random:128x64:1", "12", 1)->UseManualTime();
BENCHMARK_CAPTURE(descent, u1024x1024_1_thread, "random:1024x1024:1", "8", 1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(descent, u1024x1024_2_threads, "random:1024x1024:1", "8", 2)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

void swaps(benchmark::State& state, const std::string& instance, int threads) {
  run(state, ChannelSwapSolver(), instance, threads, {{"bounded-regressions", "0"}});
}
BENCHMARK_CAPTURE(swaps, u128x64, "random:128x64:1", 1)->UseManualTime();
BENCHMARK_CAPTURE(swaps, u1024x1024_1_thread, "random:1024x1024:1", 1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(swaps, u1024x1024_2_threads, "random:1024x1024:1", 2)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nmperm::bench

BENCHMARK_MAIN();
