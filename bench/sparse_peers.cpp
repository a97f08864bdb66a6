#include "bench/sparse_peers.h"

#include <cstdint>
#include <cstdlib>

#include <dlfcn.h>
#include <omp.h>

namespace nmperm::bench {
namespace {

/// First library that can be loaded; null when there is none.
void* load(std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    if (void* const library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return nullptr;
}

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = library != nullptr ? reinterpret_cast<Function>(dlsym(library, name)) : nullptr;
  return function != nullptr;
}

// The C interface of oneDNN (dnnl.h): dnnl_sgemm takes row-major matrices.
struct DnnlVersion {
  int major, minor, patch;
  const char* hash;
  unsigned cpu_runtime, gpu_runtime;
};
const DnnlVersion* (*dnnl_version)() = nullptr;
int (*dnnl_sgemm)(char, char, std::int64_t, std::int64_t, std::int64_t, float, const float*, std::int64_t,
                  const float*, std::int64_t, float, float*, std::int64_t) = nullptr;

// The C interface of OpenBLAS (cblas.h).
char* (*openblas_get_corename)() = nullptr;
char* (*openblas_get_config)() = nullptr;
void (*openblas_set_num_threads)(int) = nullptr;
void (*cblas_sgemm)(int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*,
                    int) = nullptr;
void (*cblas_sgemv)(int, int, int, int, float, const float*, int, const float*, int, float, float*,
                    int) = nullptr;

Peer load_onednn() {
  Peer peer{"oneDNN", {}, nullptr, nullptr};
  void* const library = load({"libdnnl.so.3", "libdnnl.so.2"});
  if (!find(library, "dnnl_version", dnnl_version) || !find(library, "dnnl_sgemm", dnnl_sgemm)) return peer;
  const DnnlVersion* const version = dnnl_version();
  peer.version = std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
                 std::to_string(version->patch);
  peer.multiply = [](const DenseProduct& p) {
    dnnl_sgemm('N', 'N', p.m, p.n, p.k, 1.0f, p.a, p.k, p.b, p.n, 0.0f, p.y, p.n);
  };
  peer.set_threads = [](int threads) { omp_set_num_threads(threads); };
  return peer;
}

Peer load_openblas() {
  Peer peer{"OpenBLAS", {}, nullptr, nullptr};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bw")) setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
#endif
  void* const library = load({"libopenblas.so.0"});
  if (!find(library, "openblas_get_corename", openblas_get_corename) ||
      !find(library, "openblas_get_config", openblas_get_config) ||
      !find(library, "openblas_set_num_threads", openblas_set_num_threads) ||
      !find(library, "cblas_sgemm", cblas_sgemm) || !find(library, "cblas_sgemv", cblas_sgemv)) {
    return peer;
  }
  const std::string config = openblas_get_config();  // "OpenBLAS 0.3.21 NO_LAPACKE ..."
  const std::size_t begin = config.find(' ') + 1;
  peer.version =
      config.substr(begin, config.find(' ', begin) - begin) + " " + std::string(openblas_get_corename());
  peer.multiply = [](const DenseProduct& p) {
    constexpr int kRowMajor = 101, kNoTranspose = 111;
    if (p.n == 1) {
      cblas_sgemv(kRowMajor, kNoTranspose, p.m, p.k, 1.0f, p.a, p.k, p.b, 1, 0.0f, p.y, 1);
    } else {
      cblas_sgemm(kRowMajor, kNoTranspose, kNoTranspose, p.m, p.n, p.k, 1.0f, p.a, p.k, p.b, p.n, 0.0f, p.y,
                  p.n);
    }
  };
  peer.set_threads = [](int threads) { openblas_set_num_threads(threads); };
  return peer;
}

}  // namespace

std::vector<Peer> load_peers() {
  return {load_onednn(), load_openblas()};
}

}  // namespace nmperm::bench
