// The emulated CUDA driver as a program sees it: opened at run time, called through its C entry points.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/emulated_cuda/driver.h"
#include "tests/support/emulated_cuda/result.h"

namespace nmperm::testing {

/// The entry point NAME of the library; a failure where it has none.
void* emulated_entry(const char* name);

// emulated(cuInit)(0) calls cuInit of the library with the type that driver.h declares.
#define NMPERM_EMULATED(name) (reinterpret_cast<decltype(&::name)>(::nmperm::testing::emulated_entry(#name)))

/// A test with an initialised driver whose context is current.
class EmulatedDriver : public ::testing::Test {
 protected:
  EmulatedDriver();
  ~EmulatedDriver() override;

  /// `.version`, `.target`, `.address_size` and `text` as a module; what cuModuleLoadDataEx answers.
  CUresult load(const std::string& text, CUmodule* module);

  /// Kernel `kernel` of a module that must load: `parameters` are its parameters, `registers_and_body` what
  /// its braces hold.
  CUfunction kernel(const std::string& parameters, const std::string& registers_and_body);

  /// Launches and waits: what cuCtxSynchronize answers. The launch itself must succeed.
  CUresult run(CUfunction kernel, unsigned blocks, unsigned threads, std::vector<void*> parameters);

  template <typename Value>
  CUdeviceptr uploaded(const std::vector<Value>& values) {
    CUdeviceptr address = 0;
    const std::size_t size_bytes = values.size() * sizeof(Value);
    EXPECT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&address, size_bytes), emulated_cuda::kSuccess);
    EXPECT_EQ(NMPERM_EMULATED(cuMemcpyHtoD_v2)(address, values.data(), size_bytes), emulated_cuda::kSuccess);
    return address;
  }

  template <typename Value>
  std::vector<Value> downloaded(CUdeviceptr address, std::size_t count) {
    std::vector<Value> values(count);
    EXPECT_EQ(NMPERM_EMULATED(cuMemcpyDtoH_v2)(values.data(), address, count * sizeof(Value)),
              emulated_cuda::kSuccess);
    return values;
  }
};

}  // namespace nmperm::testing
