// Dense products that the sparse one is compared with. Found at run time, so that the build needs none.
#pragma once

#include <string>
#include <vector>

namespace nmperm::bench {

/// y = a * b in float32, all row-major: a is m x k, b is k x n.
struct DenseProduct {
  int m, n, k;
  const float* a;
  const float* b;
  float* y;
};

/// A library's SGEMM.
struct Peer {
  std::string name;     ///< "oneDNN"
  std::string version;  ///< with the kernels it chose: "0.3.21 SkylakeX"; empty where the library is missing
  void (*multiply)(const DenseProduct&) = nullptr;
  void (*set_threads)(int threads) = nullptr;

  bool found() const { return multiply != nullptr; }
};

/// oneDNN, then OpenBLAS; one that is not installed is in the list, but not found(). OpenBLAS releases before
/// 0.3.22 take new processors for old ones: where OPENBLAS_CORETYPE is not set it becomes SkylakeX on a
/// machine with AVX-512, before the library is loaded.
std::vector<Peer> load_peers();

}  // namespace nmperm::bench
