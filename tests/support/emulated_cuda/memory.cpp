#include "tests/support/emulated_cuda/memory.h"

#include <new>

namespace nmperm::emulated_cuda {

namespace {

constexpr std::size_t kLargestAllocation = std::size_t{1} << 34;

}  // namespace

std::uint64_t DeviceMemory::allocate(std::size_t size_bytes) {
  constexpr std::uint64_t kAlignment = 256, kGap = std::uint64_t{1} << 20;
  // More than this machine could give is refused before it is asked: sanitizers end a program that asks.
  if (size_bytes > kLargestAllocation) throw std::bad_alloc();
  std::vector<std::byte> bytes(size_bytes, std::byte{0xff});
  const std::uint64_t address = next_;
  allocations_.emplace(address, std::move(bytes));
  next_ = (address + size_bytes + kGap) / kAlignment * kAlignment;
  return address;
}

bool DeviceMemory::release(std::uint64_t address) {
  return allocations_.erase(address) == 1;
}

std::byte* DeviceMemory::range(std::uint64_t address, std::size_t size_bytes) {
  auto after = allocations_.upper_bound(address);
  if (after == allocations_.begin()) return nullptr;
  auto& [begin, bytes] = *--after;
  const std::uint64_t offset = address - begin;
  if (offset > bytes.size() || size_bytes > bytes.size() - offset) return nullptr;
  return bytes.data() + offset;
}

}  // namespace nmperm::emulated_cuda
