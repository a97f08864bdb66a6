// Memory of the product with a compressed weight.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace nmperm {

/// Memory that multiplications reuse: for each thread a panel of B, at most C x 128 float32, and the sums of
/// a chunk of rows. One for each multiplication that runs at the same time.
class ProductWorkspace {
 public:
  /// At least `size` floats for thread `t` of those that reserve() made room for, 64-byte aligned.
  float* floats(int t, std::size_t size);
  void reserve(int threads);

 private:
  struct Free {
    void operator()(float* data) const;
  };
  struct Buffer {
    std::unique_ptr<float[], Free> data;
    std::size_t size = 0;
  };
  std::vector<Buffer> buffers_;
};

}  // namespace nmperm
