#include "sparse/product_workspace.h"

#include <cstdlib>
#include <new>

namespace nmperm {
namespace {

constexpr std::size_t kAlignment = 64;

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

}  // namespace nmperm
