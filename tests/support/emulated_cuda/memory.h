// The memory of the emulated device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace nmperm::emulated_cuda {

/// Host memory behind fake addresses. No address is ever given out twice and there are wide gaps between
/// allocations, so that a use after free, or past an end, is seen. The addresses need more than 32 bits and
/// are no host addresses: who drops their upper half or follows them on the host is found out.
class DeviceMemory {
 public:
  /// The address of `size_bytes` (> 0) new bytes, a multiple of 256. They are all ones: a NaN in every format
  /// of floats, so that what is read before it is written shows in results. Throws std::bad_alloc, above 16
  /// GiB always.
  std::uint64_t allocate(std::size_t size_bytes);

  /// False where nothing starts at `address`.
  bool release(std::uint64_t address);

  /// The host's view of a range; null unless it lies within one allocation. O(log allocations).
  std::byte* range(std::uint64_t address, std::size_t size_bytes);

  void clear() { allocations_.clear(); }

 private:
  std::map<std::uint64_t, std::vector<std::byte>> allocations_;
  std::uint64_t next_ = 0x00d0'0000'0000'0000;
};

}  // namespace nmperm::emulated_cuda
