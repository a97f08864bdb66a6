// Kernels of one mma.sp whose operands the test chooses.
#pragma once

#include <string>
#include <vector>

#include "tests/emulated_cuda/emulated_driver.h"
#include "tests/emulated_cuda/mma_fragments.h"

namespace nmperm::testing {

class MmaKernel : public EmulatedDriver {
 protected:
  /// A kernel for one warp. `before_metadata` stands before the load of the metadata, `guard` before mma.sp;
  /// both may use the registers %lane (.u32) and %p (.pred).
  CUfunction mma_kernel(MmaType type, unsigned selector, const std::string& before_metadata = "",
                        const std::string& guard = "");

  /// What the device answers after one warp ran the kernel.
  CUresult run_mma(CUfunction kernel, const MmaFragments& fragments, unsigned threads = 32);

  /// D of the last run: the registers of lane 0, of lane 1 and so on.
  std::vector<std::uint32_t> sums() { return downloaded<std::uint32_t>(sums_, 128); }

 private:
  CUdeviceptr sums_ = 0;
};

}  // namespace nmperm::testing
