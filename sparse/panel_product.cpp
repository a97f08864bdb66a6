#include "sparse/panel_product.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <omp.h>

#include "sparse/pair_kernel.h"

namespace nmperm {
namespace {

/// Columns of B, in vectors, that are multiplied together, and the chunks of rows they are multiplied with.
struct Task {
  int first_vector = 0, vectors = 0;
  int first_chunk = 0, chunks = 0;
};

/// Widths that differ by one vector at most, so that none is mostly padding.
std::vector<Task> tasks_of(int chunks, int n, int threads) {
  const int lanes = pair_kernel_lanes(), most = pair_kernel_max_vectors();
  const int vectors = (n + lanes - 1) / lanes;
  int panels = (vectors + most - 1) / most;
  // No thread should wait long for another's last task: rows are split too, and where that does not yield
  // many tasks, each thread gets as many panels.
  const int parts = threads == 1 ? 1 : std::min(chunks, (8 * threads + panels - 1) / panels);
  if (panels * parts < 8 * threads) panels = std::min(vectors, (panels + threads - 1) / threads * threads);
  std::vector<Task> tasks;
  for (int p = 0; p < panels; ++p) {
    for (int q = 0; q < parts; ++q) {
      const auto share = [](int total, int i, int count) {
        return static_cast<int>(static_cast<long>(total) * i / count);
      };
      const int vector = share(vectors, p, panels), chunk = share(chunks, q, parts);
      tasks.push_back(
          {vector, share(vectors, p + 1, panels) - vector, chunk, share(chunks, q + 1, parts) - chunk});
    }
  }
  return tasks;
}

/// One task: packs B block by block and multiplies with it while it is in the first-level cache.
class TaskRun {
 public:
  TaskRun(const PairPlan& plan, const float* b, int n, float* y, const Task& task)
      : plan_(plan), b_(b), n_(static_cast<std::size_t>(n)), y_(y), task_(task) {
    const auto lanes = static_cast<std::size_t>(pair_kernel_lanes());
    width_ = static_cast<std::size_t>(task.vectors) * lanes;
    first_column_ = static_cast<std::size_t>(task.first_vector) * lanes;
    filled_ = std::min(width_, n_ - first_column_);
    // Where each block of B is used only once, there is this one and the next.
    panel_size_ = width_ * kPlanBlock * static_cast<std::size_t>(task.chunks > 1 ? plan.blocks() : 2);
  }

  std::size_t workspace_size() const { return panel_size_ + (kPlanChunk + 1) * width_; }

  void run(float* workspace) {
    panels_ = workspace;
    sums_ = workspace + panel_size_;
    for (int k = 0; k < task_.chunks; ++k) {
      const int chunk = task_.first_chunk + k;
      for (int block = 0; block < plan_.blocks(); ++block) {
        TileProduct tile = tile_product(chunk, block);
        if (k == 0 && (block == 0 || !packed_meanwhile(block))) pack(block);
        prepare(tile, (block + 1) % plan_.blocks(), k);
        multiply_tile(plan_, tile);
      }
      if (!whole()) write(chunk);
    }
  }

 private:
  /// Whether all columns of the panel are columns of B and Y.
  bool whole() const { return filled_ == width_; }

  float* panel(int block) const {
    return panels_ + static_cast<std::size_t>(task_.chunks > 1 ? block : block % 2) * kPlanBlock * width_;
  }

  void pack(int block) const {
    const auto first = static_cast<std::size_t>(block) * kPlanBlock;
    for (std::size_t c = 0; c < static_cast<std::size_t>(plan_.block_columns(block)); ++c) {
      float* const row = panel(block) + c * width_;
      std::memcpy(row, b_ + (first + c) * n_ + first_column_, filled_ * sizeof(float));
      std::fill(row + filled_, row + width_, 0.0f);
    }
  }

  TileProduct tile_product(int chunk, int block) const {
    TileProduct tile{};
    tile.chunk = chunk;
    tile.block = block;
    tile.vectors = task_.vectors;
    tile.panel = panel(block);
    tile.sums = tile.out = sums_;
    tile.out_stride = width_;
    tile.first = block == 0;
    if (block + 1 == plan_.blocks() && whole()) {
      tile.out = y_ + static_cast<std::size_t>(plan_.chunk_begin(chunk)) * n_ + first_column_;
      tile.out_stride = n_;
    }
    return tile;
  }

  /// The kernel copies whole vectors: beyond the right end of B they reach into the rows below, where there
  /// are enough.
  bool packed_meanwhile(int block) const {
    const auto end =
        static_cast<std::size_t>(block) * kPlanBlock + static_cast<std::size_t>(plan_.block_columns(block));
    return (static_cast<std::size_t>(plan_.columns) - end) * n_ >= width_ - filled_;
  }

  /// The tile after this one needs `block` packed in chunk 0, and later on brought near.
  void prepare(TileProduct& tile, int block, int k) const {
    const bool pack = k == 0 && block > 0 && packed_meanwhile(block);
    const bool fetch = block > 0 ? k > 0 : k + 1 < task_.chunks;
    if (!pack && !fetch) return;
    tile.next_panel = panel(block);
    tile.next_rows = plan_.block_columns(block);
    if (!pack) return;
    tile.next_b = b_ + static_cast<std::size_t>(block) * kPlanBlock * n_ + first_column_;
    tile.next_b_stride = n_;
  }

  void write(int chunk) const {
    for (int r = 0; r < plan_.chunk_rows(chunk); ++r) {
      const auto row = static_cast<std::size_t>(plan_.chunk_begin(chunk) + r);
      std::memcpy(y_ + row * n_ + first_column_, sums_ + static_cast<std::size_t>(r) * width_,
                  filled_ * sizeof(float));
    }
  }

  const PairPlan& plan_;
  const float* b_;
  std::size_t n_;
  float* y_;
  Task task_;
  std::size_t width_, first_column_, filled_, panel_size_;
  float* panels_ = nullptr;
  float* sums_ = nullptr;
};

}  // namespace

void multiply_by_panels(const PairPlan& plan, const float* b, int n, float* y, ProductWorkspace& workspace,
                        int threads) {
  const std::vector<Task> tasks = tasks_of(plan.chunks(), n, threads);
  const int used = std::min(threads, static_cast<int>(tasks.size()));
  workspace.reserve(used);
  std::size_t size = 0;
  for (const Task& task : tasks) size = std::max(size, TaskRun(plan, b, n, y, task).workspace_size());
  for (int t = 0; t < used; ++t) workspace.floats(t, size);
#pragma omp parallel for schedule(dynamic) num_threads(used) if (used > 1)
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    TaskRun(plan, b, n, y, tasks[k]).run(workspace.floats(omp_get_thread_num(), size));
  }
}

}  // namespace nmperm
