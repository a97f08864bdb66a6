// The entry points for the driver, its device and its context.
#include "tests/support/emulated_cuda/driver.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include "tests/support/emulated_cuda/driver_state.h"

namespace emulated = nmperm::emulated_cuda;
using emulated::Context;
using emulated::DriverState;
using emulated::require;

namespace {

CUcontext handle_of(Context& context) {
  return reinterpret_cast<CUcontext>(&context);
}

void require_device(CUdevice device) {
  require(device >= 0 && device < emulated::device_count(), emulated::kInvalidDevice);
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned flags) {
  return emulated::answered([&](DriverState& state) {
    require(flags == 0, emulated::kInvalidValue);
    emulated::device_capability();  // refuse bad variables before anything
    emulated::failing_allocation();
    emulated::copies_are_wrong();
    require(!emulated::is_stub(), emulated::kStubLibrary);
    require(emulated::device_count() > 0, emulated::kNoDevice);
    state.is_initialised = true;
  });
}

CUresult cuDriverGetVersion(int* version) {
  return emulated::answered([&](DriverState&) {
    require(version != nullptr, emulated::kInvalidValue);
    *version = emulated::driver_version();
  });
}

CUresult cuGetErrorString(CUresult error, const char** text) {
  static const std::map<CUresult, const char*> kTexts = {
      {emulated::kSuccess, "no error"},
      {emulated::kInvalidValue, "invalid argument"},
      {emulated::kOutOfMemory, "out of memory"},
      {emulated::kNotInitialized, "initialization error"},
      {emulated::kStubLibrary, "CUDA driver is a stub library"},
      {emulated::kNoDevice, "no CUDA-capable device is detected"},
      {emulated::kInvalidDevice, "invalid device ordinal"},
      {emulated::kInvalidImage, "device kernel image is invalid"},
      {emulated::kInvalidContext, "invalid device context"},
      {emulated::kInvalidPtx, "a PTX JIT compilation failed"},
      {emulated::kUnsupportedPtxVersion, "the provided PTX was compiled with an unsupported toolchain."},
      {emulated::kInvalidHandle, "invalid resource handle"},
      {emulated::kNotFound, "named symbol not found"},
      {emulated::kIllegalAddress, "an illegal memory access was encountered"},
      {emulated::kLaunchTimeout, "the launch timed out and was terminated"},
      {emulated::kContextIsDestroyed, "context is destroyed"},
      {emulated::kMisalignedAddress, "misaligned address"},
      {emulated::kLaunchFailed, "unspecified launch failure"}};
  return emulated::answered([&](DriverState&) {
    require(text != nullptr, emulated::kInvalidValue);
    const auto found = kTexts.find(error);
    *text = found == kTexts.end() ? nullptr : found->second;
    require(*text != nullptr, emulated::kInvalidValue);
  });
}

CUresult cuDeviceGetCount(int* count) {
  return emulated::answered_when_initialised([&](DriverState&) {
    require(count != nullptr, emulated::kInvalidValue);
    *count = emulated::device_count();
  });
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return emulated::answered_when_initialised([&](DriverState&) {
    require(device != nullptr, emulated::kInvalidValue);
    require_device(ordinal);
    *device = ordinal;
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return emulated::answered_when_initialised([&](DriverState&) {
    require(name != nullptr && length > 0, emulated::kInvalidValue);
    require_device(device);
    const std::string full = "emulated CUDA device (no GPU)";
    const std::size_t kept = std::min(full.size(), static_cast<std::size_t>(length) - 1);
    std::memcpy(name, full.data(), kept);
    name[kept] = '\0';
  });
}

CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
  return emulated::answered_when_initialised([&](DriverState&) {
    require(value != nullptr, emulated::kInvalidValue);
    require_device(device);
    const std::map<int, int> attributes = {
        {10, 32}, {75, emulated::device_capability() / 10}, {76, emulated::device_capability() % 10}};
    const auto found = attributes.find(attribute);
    require(found != attributes.end(), emulated::kInvalidValue);
    *value = found->second;
  });
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  return emulated::answered_when_initialised([&](DriverState& state) {
    require(context != nullptr, emulated::kInvalidValue);
    require_device(device);
    ++state.context.references;
    *context = handle_of(state.context);
  });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return emulated::answered_when_initialised([&](DriverState& state) {
    require_device(device);
    require(state.context.references > 0, emulated::kInvalidContext);
    if (--state.context.references > 0) return;
    state.context.allocations = 0;
    state.context.fault = emulated::kSuccess;
    state.context.memory.clear();
    state.context.modules.clear();
  });
}

CUresult cuCtxSetCurrent(CUcontext context) {
  return emulated::answered_when_initialised([&](DriverState& state) {
    require(context == nullptr || context == handle_of(state.context), emulated::kInvalidContext);
    require(context == nullptr || state.context.references > 0, emulated::kContextIsDestroyed);
    emulated::set_current(context == nullptr ? nullptr : &state.context);
  });
}

CUresult cuCtxSynchronize() {
  return emulated::answered_in_context([](Context&) {});
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t size_bytes) {
  return emulated::answered_in_context([&](Context& context) {
    require(address != nullptr && size_bytes > 0, emulated::kInvalidValue);
    require(++context.allocations != emulated::failing_allocation(), emulated::kOutOfMemory);
    *address = context.memory.allocate(size_bytes);
  });
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  return emulated::answered_in_context(
      [&](Context& context) { require(context.memory.release(address), emulated::kInvalidValue); });
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, std::size_t size_bytes) {
  return emulated::answered_in_context([&](Context& context) {
    if (size_bytes == 0) return;
    std::byte* const bytes = context.memory.range(to, size_bytes);
    require(bytes != nullptr && from != nullptr, emulated::kInvalidValue);
    std::memcpy(bytes, from, size_bytes);
  });
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, std::size_t size_bytes) {
  return emulated::answered_in_context([&](Context& context) {
    if (size_bytes == 0) return;
    const std::byte* const bytes = context.memory.range(from, size_bytes);
    require(bytes != nullptr && to != nullptr, emulated::kInvalidValue);
    std::memcpy(to, bytes, size_bytes);
    if (emulated::copies_are_wrong() && size_bytes >= 4) static_cast<std::byte*>(to)[3] ^= std::byte{0x80};
  });
}
}
