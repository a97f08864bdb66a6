#include "sparse/product.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include <omp.h>

#include "core/error.h"
#include "sparse/lookup_kernel.h"
#include "sparse/pair_kernel.h"
#include "sparse/reference_product.h"

namespace nmperm {
namespace {

constexpr std::size_t kAlignment = 64;

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
    // One block of B is enough where it is used only once.
    panel_size_ = width_ * kPlanBlock * static_cast<std::size_t>(task.chunks > 1 ? plan.blocks() : 1);
  }

  std::size_t workspace_size() const { return panel_size_ + (kPlanChunk + 1) * width_; }

  void run(float* workspace) {
    float* const sums = workspace + panel_size_;
    for (int k = 0; k < task_.chunks; ++k) {
      const int chunk = task_.first_chunk + k;
      for (int block = 0; block < plan_.blocks(); ++block) {
        float* const panel =
            task_.chunks > 1 ? workspace + static_cast<std::size_t>(block) * kPlanBlock * width_ : workspace;
        if (k == 0) pack(block, panel);
        multiply_tile(plan_, chunk, block, task_.vectors, panel, block == 0, sums);
      }
      write(chunk, sums);
    }
  }

 private:
  void pack(int block, float* panel) const {
    const auto first = static_cast<std::size_t>(block) * kPlanBlock;
    for (std::size_t c = 0; c < static_cast<std::size_t>(plan_.block_columns(block)); ++c) {
      float* const row = panel + c * width_;
      std::memcpy(row, b_ + (first + c) * n_ + first_column_, filled_ * sizeof(float));
      std::fill(row + filled_, row + width_, 0.0f);
    }
  }

  void write(int chunk, const float* sums) const {
    for (int r = 0; r < plan_.chunk_rows(chunk); ++r) {
      const auto row = static_cast<std::size_t>(plan_.chunk_begin(chunk) + r);
      std::memcpy(y_ + row * n_ + first_column_, sums + static_cast<std::size_t>(r) * width_,
                  filled_ * sizeof(float));
    }
  }

  const PairPlan& plan_;
  const float* b_;
  std::size_t n_;
  float* y_;
  Task task_;
  std::size_t width_, first_column_, filled_, panel_size_;
};

}  // namespace

void ProductWorkspace::Free::operator()(float* data) const {
  std::free(data);
}

void ProductWorkspace::reserve(int threads) {
  if (buffers_.size() < static_cast<std::size_t>(threads)) buffers_.resize(static_cast<std::size_t>(threads));
}

float* ProductWorkspace::floats(int t, std::size_t size) {
  Buffer& buffer = buffers_[static_cast<std::size_t>(t)];
  if (buffer.size < size) {
    const std::size_t bytes = (size * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
    buffer.data.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
    if (!buffer.data) throw std::bad_alloc();
    buffer.size = size;
  }
  return buffer.data.get();
}

SparseProduct::SparseProduct(CompressedMatrix a) : rows_(a.rows), columns_(a.columns) {
  a.validate();
  if (a.pattern != Pattern{2, 4}) {
    plain_ = std::move(a);
    return;
  }
  pairs_ = make_pair_plan(a);
  if (lookup_kernel_lanes() > 0) lookups_ = make_lookup_plan(a, lookup_kernel_lanes());
}

void SparseProduct::multiply(std::span<const float> b, int n, std::span<float> y, ProductWorkspace& workspace,
                             int threads) const {
  const auto require = [n](const char* what, std::size_t size, int height) {
    const std::string shape = std::to_string(height) + " x " + std::to_string(n);
    if (n > 0 && size == static_cast<std::size_t>(height) * static_cast<std::size_t>(n)) return;
    throw InputError("sparse product", what, std::to_string(size) + " values for " + shape,
                     "rows times columns of them");
  };
  require("b", b.size(), columns_);
  require("y", y.size(), rows_);
  if (threads < 1) throw InputError("sparse product", "threads", std::to_string(threads), "at least one");
  if (pairs_.tiles.empty()) {
    reference_product(plain_, b.data(), n, y.data());
  } else if (lookups_.lanes > 0 && n <= kLookupMaxColumns) {
    multiply_by_lookups(b.data(), n, y.data(), workspace, threads);
  } else {
    multiply_panels(b.data(), n, y.data(), workspace, threads);
  }
}

void SparseProduct::multiply_panels(const float* b, int n, float* y, ProductWorkspace& workspace,
                                    int threads) const {
  const std::vector<Task> tasks = tasks_of(pairs_.chunks(), n, threads);
  const int used = std::min(threads, static_cast<int>(tasks.size()));
  workspace.reserve(used);
  std::size_t size = 0;
  for (const Task& task : tasks) size = std::max(size, TaskRun(pairs_, b, n, y, task).workspace_size());
  for (int t = 0; t < used; ++t) workspace.floats(t, size);
#pragma omp parallel for schedule(dynamic) num_threads(used) if (used > 1)
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    TaskRun(pairs_, b, n, y, tasks[k]).run(workspace.floats(omp_get_thread_num(), size));
  }
}

void SparseProduct::multiply_by_lookups(const float* b, int n, float* y, ProductWorkspace& workspace,
                                        int threads) const {
  const auto padded = static_cast<std::size_t>(lookups_.padded_columns());
  const auto width = static_cast<std::size_t>(n);
  workspace.reserve(1);
  float* const columns = workspace.floats(0, width * padded);
  for (std::size_t j = 0; j < width; ++j) {
    float* const column = columns + j * padded;
    for (std::size_t c = 0; c < static_cast<std::size_t>(columns_); ++c) column[c] = b[c * width + j];
    std::fill(column + columns_, column + padded, 0.0f);
  }
  const int used = std::min(threads, lookups_.units());
#pragma omp parallel for schedule(static, 1) num_threads(used) if (used > 1)
  for (int t = 0; t < used; ++t) {
    const auto share = [&](int i) {
      return static_cast<int>(static_cast<long>(lookups_.units()) * i / used);
    };
    multiply_by_lookup(lookups_, columns, n, share(t), share(t + 1), y);
  }
}

}  // namespace nmperm
