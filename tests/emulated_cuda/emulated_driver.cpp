#include "tests/emulated_cuda/emulated_driver.h"

#include <dlfcn.h>

namespace nmperm::testing {

using emulated_cuda::kSuccess;

void* emulated_entry(const char* name) {
  static void* const library = dlopen(NMPERM_EMULATED_CUDA_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  void* const entry = library == nullptr ? nullptr : dlsym(library, name);
  if (entry == nullptr) throw std::runtime_error(dlerror());
  return entry;
}

EmulatedDriver::EmulatedDriver() {
  CUcontext context = nullptr;
  EXPECT_EQ(NMPERM_EMULATED(cuInit)(0), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRetain)(&context, 0), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuCtxSetCurrent)(context), kSuccess);
}

EmulatedDriver::~EmulatedDriver() {
  EXPECT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRelease_v2)(0), kSuccess);
}

CUresult EmulatedDriver::load(const std::string& text, CUmodule* module) {
  const std::string image = ".version 7.1\n.target sm_80\n.address_size 64\n" + text;
  return NMPERM_EMULATED(cuModuleLoadDataEx)(module, image.c_str(), 0, nullptr, nullptr);
}

CUfunction EmulatedDriver::kernel(const std::string& parameters, const std::string& registers_and_body) {
  CUmodule module = nullptr;
  EXPECT_EQ(load(".visible .entry kernel(" + parameters + ")\n{\n" + registers_and_body + "\n}\n", &module),
            kSuccess);
  CUfunction function = nullptr;
  EXPECT_EQ(NMPERM_EMULATED(cuModuleGetFunction)(&function, module, "kernel"), kSuccess);
  return function;
}

CUresult EmulatedDriver::run(CUfunction kernel, unsigned blocks, unsigned threads,
                             std::vector<void*> parameters) {
  EXPECT_EQ(NMPERM_EMULATED(cuLaunchKernel)(kernel, blocks, 1, 1, threads, 1, 1, 0, nullptr,
                                            parameters.data(), nullptr),
            kSuccess);
  return NMPERM_EMULATED(cuCtxSynchronize)();
}

}  // namespace nmperm::testing
