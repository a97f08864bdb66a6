// The 2:4 product against dense SGEMM of the same pruned matrix: alternating runs, medians.
//
//   bench_sparse [--threads N] [--seconds S] [--target AVX3|AVX2|...] [RxCxN ...]
//
// A run of the dense product, and of the sparse one, packs its right-hand side itself; the plan of the sparse
// matrix is made once, outside. `peak` is the share of the measured multiply-add peak of the threads,
// counting the multiply-adds that 2:4 leaves.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <hwy/targets.h>

#include "bench/fma_peak.h"
#include "bench/sparse_peers.h"
#include "core/instruction_set.h"
#include "core/rng.h"
#include "sparse/product.h"
#include "sparse/verify_product.h"

namespace nmperm::bench {
namespace {

struct Shape {
  int rows, columns, n;
};

struct Options {
  int threads = 1;
  double seconds = 1;  ///< for each shape and peer
  std::vector<Shape> shapes;
};

using Clock = std::chrono::steady_clock;

std::vector<float> random_floats(std::size_t count, Rng& rng) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(2 * rng.uniform() - 1);
  return values;
}

/// With one thread the time that it has run, so that other processes of a busy machine hardly count; else the
/// time on the wall.
double now_s(int threads) {
  timespec time{};
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Seconds of one of several calls.
template <typename Call>
double seconds_of(int calls, int threads, Call call) {
  const double begin_s = now_s(threads);
  for (int k = 0; k < calls; ++k) call();
  return (now_s(threads) - begin_s) / calls;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Times {
  std::vector<double> ours, theirs;
};

/// Runs both in turn until the time is up, as many calls at a time as take about 5 ms.
template <typename Ours, typename Theirs>
Times alternate(const Options& options, Ours ours, Theirs theirs) {
  const double slower_s =
      std::max(seconds_of(2, options.threads, ours), seconds_of(2, options.threads, theirs));
  const int calls = std::max(1, static_cast<int>(0.005 / slower_s));
  Times times;
  const auto begin = Clock::now();
  do {
    times.ours.push_back(seconds_of(calls, options.threads, ours));
    times.theirs.push_back(seconds_of(calls, options.threads, theirs));
  } while (std::chrono::duration<double>(Clock::now() - begin).count() < options.seconds ||
           times.ours.size() < 5);
  return times;
}

void compare(const Shape& shape, const Options& options, const std::vector<Peer>& peers, double peak_per_s) {
  Rng rng(1);
  const auto rows = static_cast<std::size_t>(shape.rows), columns = static_cast<std::size_t>(shape.columns);
  const auto n = static_cast<std::size_t>(shape.n);
  const std::vector<float> weight = random_floats(rows * columns, rng);
  const CompressedMatrix matrix =
      prune_and_compress({weight, shape.rows, shape.columns}, {2, 4}, identity_permutation(shape.columns));
  const auto plan_begin = Clock::now();
  const SparseProduct product(matrix);
  const double plan_s = std::chrono::duration<double>(Clock::now() - plan_begin).count();
  const std::vector<float> dense = decompress(matrix);
  const std::vector<float> b = random_floats(columns * n, rng);
  std::vector<float> y(rows * n), y_dense(rows * n);
  ProductWorkspace workspace;
  const auto ours = [&] { product.multiply(b, shape.n, y, workspace, options.threads); };

  std::vector<double> ours_s;
  std::string against;
  for (const Peer& peer : peers) {
    if (!peer.found()) {
      against += fmt::format(" {:>9} {:>6} {:>6}", "-", "-", "-");
      continue;
    }
    peer.set_threads(options.threads);
    const DenseProduct job{shape.rows, shape.n, shape.columns, dense.data(), b.data(), y_dense.data()};
    Times times = alternate(options, ours, [&] { peer.multiply(job); });
    const double mine = median(times.ours), theirs = median(times.theirs);
    const double best = *std::min_element(times.theirs.begin(), times.theirs.end()) /
                        *std::min_element(times.ours.begin(), times.ours.end());
    against += fmt::format(" {:>9.3f} {:>6.2f} {:>6.2f}", 1e3 * theirs, theirs / mine, best);
    ours_s.insert(ours_s.end(), times.ours.begin(), times.ours.end());
  }
  if (ours_s.empty()) ours_s = alternate(options, ours, [] {}).ours;
  const auto checked = static_cast<std::size_t>(std::min(shape.rows, 64));
  const double error =
      product_error({std::span(dense).first(checked * columns), static_cast<int>(checked), shape.columns}, b,
                    shape.n, std::span(y).first(checked * n));
  const double multiply_adds = static_cast<double>(rows * columns * n) / 2;
  const auto share = [&](double seconds) {
    return 100 * multiply_adds / seconds / peak_per_s / options.threads;
  };
  fmt::print("{:<16} {:>9.3f} {:>5.1f} {:>5.1f}{} {:>8.1e} {:>6.3f} {:>8.1f}\n",
             fmt::format("{}x{}x{}", shape.rows, shape.columns, shape.n), 1e3 * median(ours_s),
             share(median(ours_s)), share(*std::min_element(ours_s.begin(), ours_s.end())), against, error,
             product.plan().shared(), 1e3 * plan_s);
  std::fflush(stdout);
}

std::vector<Shape> default_shapes() {
  return {{512, 512, 512},  {1024, 1024, 1024}, {4096, 4096, 512}, {256, 2304, 196}, {4096, 4096, 64},
          {128, 1152, 784}, {64, 576, 3136},    {1024, 1024, 1},   {1024, 1024, 8}};
}

bool select_target(const std::string& name) {
  for (std::int64_t bit = 1; bit > 0; bit <<= 1) {
    if ((hwy::SupportedTargets() & bit) != 0 && name == hwy::TargetName(bit)) {
      hwy::SetSupportedTargetsForTest(bit);
      return true;
    }
  }
  return false;
}

int usage() {
  fmt::print(stderr, "usage: bench_sparse [--threads N] [--seconds S] [--target NAME] [RxCxN ...]\n");
  return 2;
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    Shape shape{};
    if (argument == "--threads" && i + 1 < argc) {
      options.threads = std::atoi(argv[++i]);
    } else if (argument == "--seconds" && i + 1 < argc) {
      options.seconds = std::atof(argv[++i]);
    } else if (argument == "--target" && i + 1 < argc) {
      if (!select_target(argv[++i])) return false;
    } else if (std::sscanf(argv[i], "%dx%dx%d", &shape.rows, &shape.columns, &shape.n) == 3 &&
               shape.rows > 0 && shape.columns > 0 && shape.columns % 4 == 0 && shape.n > 0) {
      options.shapes.push_back(shape);
    } else {
      return false;
    }
  }
  if (options.shapes.empty()) options.shapes = default_shapes();
  return options.threads > 0;
}

int run(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return usage();
  const std::vector<Peer> peers = load_peers();
  const double peak_per_s = fma_peak_per_s();
  fmt::print("instruction set {}, {} thread(s), multiply-add peak of a core {:.1f} G/s\n", instruction_set(),
             options.threads, 1e-9 * peak_per_s);
  for (const Peer& peer : peers) {
    fmt::print("{}: {}\n", peer.name, peer.found() ? peer.version : "not installed, skipped");
  }
  fmt::print(
      "times in ms ({}), medians of alternating runs; ratio = theirs / ours, of the medians and of the best "
      "runs\n\n",
      options.threads == 1 ? "of the thread" : "on the wall");
  fmt::print("{:<16} {:>9} {:>5} {:>5}", "R x C x N", "sparse", "peak%", "best%");
  for (const Peer& peer : peers) fmt::print(" {:>9} {:>6} {:>6}", peer.name, "ratio", "best");
  fmt::print(" {:>8} {:>6} {:>8}\n", "error", "shared", "plan");
  for (const Shape& shape : options.shapes) compare(shape, options, peers, peak_per_s);
  return 0;
}

}  // namespace
}  // namespace nmperm::bench

int main(int argc, char** argv) {
  return nmperm::bench::run(argc, argv);
}
