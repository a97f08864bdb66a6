// The measured ceiling that kernels are compared with: vector max and add operations of one core.
#pragma once

namespace nmperm::bench {

/// float32 lanes of a vector on the instruction set that kernels run on.
int vector_lanes();

/// Vector operations per second of independent max and add chains in registers, one core: the best of several
/// short runs, about 50 ms in all.
double vector_peak_ops_per_s();

}  // namespace nmperm::bench
