#include "sparse/cuda_driver.h"

#include <array>
#include <bit>
#include <type_traits>
#include <utility>

#include <dlfcn.h>

#include "core/error.h"

struct CUfunc_st;
struct CUstream_st;

namespace nmperm {

// CUdevice is an int; CUresult and CUjit_option are enumerations, passed as int.
struct CudaFunctions {
  int (*init)(unsigned) = nullptr;
  int (*driver_version)(int*) = nullptr;
  int (*device_count)(int*) = nullptr;
  int (*device)(int*, int) = nullptr;
  int (*device_name)(char*, int, int) = nullptr;
  int (*device_attribute)(int*, int, int) = nullptr;
  int (*retain_context)(CUctx_st**, int) = nullptr;
  int (*release_context)(int) = nullptr;
  int (*set_context)(CUctx_st*) = nullptr;
  int (*synchronize)() = nullptr;
  int (*load_module)(CUmod_st**, const void*, unsigned, int*, void**) = nullptr;
  int (*unload_module)(CUmod_st*) = nullptr;
  int (*find_function)(CUfunc_st**, CUmod_st*, const char*) = nullptr;
  int (*allocate)(unsigned long long*, std::size_t) = nullptr;
  int (*free)(unsigned long long) = nullptr;
  int (*copy_to_device)(unsigned long long, const void*, std::size_t) = nullptr;
  int (*copy_to_host)(void*, unsigned long long, std::size_t) = nullptr;
  int (*launch)(CUfunc_st*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                CUstream_st*, void**, void**) = nullptr;
  int (*error_text)(int, const char**) = nullptr;
};

namespace {

constexpr int kSuccess = 0, kStubLibrary = 34, kNoDevice = 100;
constexpr int kCapabilityMajor = 75, kCapabilityMinor = 76;  // attributes of a device
constexpr int kErrorLog = 5, kErrorLogSize = 6;              // options of the compiler
constexpr int kNeededVersion = 11010;                        // CUDA 11.1, the first with PTX 7.1 and mma.sp
constexpr int kNeededCapability = 80;
constexpr unsigned kWarp = 32;

struct LoadedDriver {
  CudaFunctions functions;
  bool is_complete = false;
  std::string reason;  ///< why it is not
};

/// "11.1" of 11010
std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

LoadedDriver load_driver() {
  // Never closed: drivers keep threads of their own.
  void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    // The message begins with what is not there, or with the path of what does not load.
    const char* const message = dlerror();
    const std::string text = message != nullptr ? message : "";
    if (text.empty() || text.rfind("libcuda.so.1:", 0) == 0) {
      return {{}, false, "no NVIDIA driver: libcuda.so.1 not found"};
    }
    return {{}, false, "the NVIDIA driver does not load: " + text};
  }
  LoadedDriver driver{{}, true, {}};
  const auto find = [&](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    if (function != nullptr || !driver.is_complete) return;
    driver.is_complete = false;
    driver.reason = std::string("the NVIDIA driver has no ") + name;
  };
  CudaFunctions& f = driver.functions;
  // First, since older drivers lack others: it may be asked before cuInit.
  find("cuDriverGetVersion", f.driver_version);
  int version = 0;
  if (driver.is_complete && f.driver_version(&version) == kSuccess && version < kNeededVersion) {
    return {
        {},
        false,
        "NVIDIA driver for CUDA " + version_text(version) + ", " + version_text(kNeededVersion) + " needed"};
  }
  find("cuInit", f.init);
  find("cuDeviceGetCount", f.device_count);
  find("cuDeviceGet", f.device);
  find("cuDeviceGetName", f.device_name);
  find("cuDeviceGetAttribute", f.device_attribute);
  find("cuDevicePrimaryCtxRetain", f.retain_context);
  find("cuDevicePrimaryCtxRelease_v2", f.release_context);
  find("cuCtxSetCurrent", f.set_context);
  find("cuCtxSynchronize", f.synchronize);
  find("cuModuleLoadDataEx", f.load_module);
  find("cuModuleUnload", f.unload_module);
  find("cuModuleGetFunction", f.find_function);
  find("cuMemAlloc_v2", f.allocate);
  find("cuMemFree_v2", f.free);
  find("cuMemcpyHtoD_v2", f.copy_to_device);
  find("cuMemcpyDtoH_v2", f.copy_to_host);
  find("cuLaunchKernel", f.launch);
  find("cuGetErrorString", f.error_text);
  return driver;
}

std::string text_of(const CudaFunctions& driver, int result) {
  const char* text = nullptr;
  if (driver.error_text(result, &text) == kSuccess && text != nullptr) return text;
  return "error " + std::to_string(result);
}

/// Starts the driver; why it cannot be used, or nothing.
std::string start(const CudaFunctions& driver) {
  const int result = driver.init(0);
  if (result == kSuccess) return {};
  if (result == kNoDevice) return "no NVIDIA device";
  if (result == kStubLibrary) return "no NVIDIA driver: libcuda.so.1 is the stub of a CUDA toolkit";
  return "the NVIDIA driver does not start: " + text_of(driver, result);
}

struct RetainedDevice {
  int device = -1;
  CUctx_st* context = nullptr;
  std::string name;
  std::string reason;  ///< why there is no context
};

/// The k-th device with its context, where it has sparse tensor cores and is to be had.
RetainedDevice retain_device(const CudaFunctions& driver, int k) {
  RetainedDevice found;
  int major = 0, minor = 0;
  char name[256] = "";
  for (const int result :
       {driver.device(&found.device, k), driver.device_name(name, sizeof name, found.device),
        driver.device_attribute(&major, kCapabilityMajor, found.device),
        driver.device_attribute(&minor, kCapabilityMinor, found.device)}) {
    if (result != kSuccess) {
      found.reason = "NVIDIA device " + std::to_string(k) + ": " + text_of(driver, result);
      return found;
    }
  }
  found.name = name;
  if (10 * major + minor < kNeededCapability) {
    found.reason = found.name + ": compute capability " + std::to_string(major) + "." +
                   std::to_string(minor) + ", 8.0 needed";
    return found;
  }
  // Fails where another process has the device for itself.
  if (const int result = driver.retain_context(&found.context, found.device); result != kSuccess) {
    found.context = nullptr;
    found.reason = found.name + " is not available: " + text_of(driver, result);
  }
  return found;
}

/// The first device that is to be had, or why the first is not.
RetainedDevice retain_any_device(const CudaFunctions& driver) {
  int count = 0;
  RetainedDevice first;
  if (const int result = driver.device_count(&count); result != kSuccess) {
    first.reason = "the NVIDIA driver does not count its devices: " + text_of(driver, result);
    return first;
  }
  first.reason = "no NVIDIA device";
  for (int k = 0; k < count; ++k) {
    RetainedDevice found = retain_device(driver, k);
    if (found.context != nullptr) return found;
    if (k == 0) first = std::move(found);
  }
  return first;
}

}  // namespace

OpenedGpu Gpu::open() {
  static const LoadedDriver driver = load_driver();
  if (!driver.is_complete) return {nullptr, driver.reason};
  if (std::string reason = start(driver.functions); !reason.empty()) return {nullptr, std::move(reason)};
  RetainedDevice found = retain_any_device(driver.functions);
  if (found.context == nullptr) return {nullptr, std::move(found.reason)};
  std::unique_ptr<Gpu> gpu(new Gpu);
  gpu->driver_ = &driver.functions;
  gpu->context_ = found.context;
  gpu->device_ = found.device;
  gpu->name_ = std::move(found.name);
  return {std::move(gpu), {}};
}

Gpu::~Gpu() {
  driver_->set_context(nullptr);
  driver_->release_context(device_);
}

const CudaFunctions& Gpu::use() const {
  driver_->set_context(context_);  // what fails here fails in the next call too
  return *driver_;
}

void Gpu::require(int result, const char* call, const std::string& detail) const {
  if (result == kSuccess) return;
  throw UnsupportedError(name_, call, text_of(*driver_, result) + (detail.empty() ? "" : ": " + detail));
}

GpuMemory::GpuMemory(const Gpu& gpu, std::size_t size_bytes) : gpu_(&gpu) {
  gpu.require(gpu.use().allocate(&address_, size_bytes), "cuMemAlloc", std::to_string(size_bytes) + " bytes");
}

GpuMemory::GpuMemory(const Gpu& gpu, std::span<const std::byte> bytes) : GpuMemory(gpu, bytes.size()) {
  gpu.require(gpu.use().copy_to_device(address_, bytes.data(), bytes.size()), "cuMemcpyHtoD");
}

GpuMemory::~GpuMemory() {
  gpu_->use().free(address_);
}

void GpuMemory::read(std::span<std::byte> bytes) const {
  gpu_->require(gpu_->use().copy_to_host(bytes.data(), address_, bytes.size()), "cuMemcpyDtoH");
}

GpuProgram::GpuProgram(const Gpu& gpu, const std::string& ptx) : gpu_(&gpu) {
  std::array<char, 1024> log{};
  std::array<int, 2> options = {kErrorLog, kErrorLogSize};
  std::array<void*, 2> values = {log.data(), std::bit_cast<void*>(log.size())};
  const int result = gpu.use().load_module(&module_, ptx.c_str(), static_cast<unsigned>(options.size()),
                                           options.data(), values.data());
  log.back() = '\0';
  gpu.require(result, "cuModuleLoadDataEx", log.data());
}

GpuProgram::~GpuProgram() {
  gpu_->use().unload_module(module_);
}

void GpuProgram::run(const char* entry, unsigned width, unsigned height, std::span<void*> arguments) const {
  const CudaFunctions& driver = gpu_->use();
  CUfunc_st* function = nullptr;
  gpu_->require(driver.find_function(&function, module_, entry), "cuModuleGetFunction", entry);
  gpu_->require(driver.launch(function, width, height, 1, kWarp, 1, 1, 0, nullptr, arguments.data(), nullptr),
                "cuLaunchKernel", entry);
  gpu_->require(driver.synchronize(), "cuCtxSynchronize", entry);
}

}  // namespace nmperm
