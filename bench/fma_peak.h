// The measured ceiling of matrix products: fused multiply-adds of one core.
#pragma once

namespace nmperm::bench {

/// float32 multiply-adds per second of independent chains in registers, one core, on the instruction set that
/// kernels run on: the best of several short runs, about 50 ms in all.
double fma_peak_per_s();

}  // namespace nmperm::bench
