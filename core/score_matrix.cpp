#include "core/score_matrix.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include <sys/mman.h>

#include "core/error.h"

namespace nmperm {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

std::size_t round_up(std::size_t size, std::size_t multiple) {
  return (size + multiple - 1) / multiple * multiple;
}

/// Fresh pages from the system, which are zeros without being touched; huge ones where it has them: rows are
/// read across all columns, and small pages would cost more time than what is on them.
float* map_pages(std::size_t size_bytes) {
  const std::size_t more_bytes = size_bytes + kHugePageBytes;
  void* const pages = mmap(nullptr, more_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<std::byte*>(pages);
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::size_t before = round_up(address, kHugePageBytes) - address;
  if (before > 0) munmap(begin, before);
  munmap(begin + before + size_bytes, more_bytes - before - size_bytes);
#ifdef MADV_HUGEPAGE
  madvise(begin + before, size_bytes, MADV_HUGEPAGE);  // advice: it may be refused
#endif
  return reinterpret_cast<float*>(begin + before);
}

}  // namespace

void ScoreMatrix::Free::operator()(float* data) const {
  if (mapped_bytes > 0) {
    munmap(data, mapped_bytes);
  } else {
    std::free(data);
  }
}

ScoreMatrix::ScoreMatrix(int rows, int columns) : rows_(rows), columns_(columns), stride_(0) {
  if (rows <= 0 || columns <= 0) {
    throw InputError("scores", {}, "matrix of " + std::to_string(rows) + " x " + std::to_string(columns),
                     "at least one row and one column");
  }
  stride_ = (static_cast<std::size_t>(rows) + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
  if (stride_ >
      std::numeric_limits<std::ptrdiff_t>::max() / sizeof(float) / static_cast<std::size_t>(columns)) {
    throw InputError("scores", {}, "matrix of " + std::to_string(rows) + " x " + std::to_string(columns),
                     "a matrix that fits into memory");
  }
  const std::size_t size_bytes = stride_ * static_cast<std::size_t>(columns) * sizeof(float);
  if (size_bytes >= 2 * kHugePageBytes) {
    const std::size_t mapped_bytes = round_up(size_bytes, kHugePageBytes);
    data_ = {map_pages(mapped_bytes), Free{mapped_bytes}};
  } else {
    data_ = {static_cast<float*>(std::aligned_alloc(kRowAlignment * sizeof(float), size_bytes)), Free{}};
    if (data_) std::memset(data_.get(), 0, size_bytes);
  }
  if (!data_) throw std::bad_alloc();
}

ScoreMatrix ScoreMatrix::clone() const {
  ScoreMatrix copy(rows_, columns_);
  std::memcpy(copy.data_.get(), data_.get(), stride_ * static_cast<std::size_t>(columns_) * sizeof(float));
  return copy;
}

}  // namespace nmperm
