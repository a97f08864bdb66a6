// Runs kernels on the host.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "tests/support/emulated_cuda/memory.h"
#include "tests/support/emulated_cuda/ptx.h"

namespace nmperm::emulated_cuda {

struct Launch {
  std::array<unsigned, 3> grid{}, block{};  // x, y, z
  std::vector<std::byte> parameters;        // laid out as Kernel says
};

/// Runs all blocks one after another, the warps of a block likewise. Each lane of a warp has its own program
/// counter; of the lanes that still run, those at the lowest one take a step together, so that lanes which
/// went different ways meet again behind a forward branch. Throws Fault, and leaves what was stored until
/// then:
/// - kIllegalAddress where a load or a store is not within one allocation, kMisalignedAddress where its
///   address is no multiple of its size;
/// - kLaunchFailed where a register is read that was never written, where mma.sp is not reached by all 32
///   lanes of a warp at once, and for bad metadata;
/// - kLaunchTimeout after four million steps of a warp.
void run_kernel(const Kernel& kernel, const Launch& launch, DeviceMemory& memory);

}  // namespace nmperm::emulated_cuda
