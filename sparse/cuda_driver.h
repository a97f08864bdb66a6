// The CUDA driver, loaded at run time: neither headers nor libraries of CUDA are needed to build, and a
// machine without a GPU only learns why there is nothing to run.
//
// Source: the CUDA Driver API reference (docs.nvidia.com/cuda/cuda-driver-api), entry points by the names
// that libcuda.so.1 exports. Programs come as PTX text, which the driver compiles for the device it finds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

// What only the driver knows, by its names.
struct CUctx_st;
struct CUmod_st;

namespace nmperm {

struct CudaFunctions;
struct OpenedGpu;

/// The first GPU with sparse tensor cores (compute capability 8.0 or more) that is to be had, with its
/// primary context. Each call makes that context current on the thread that makes it, and the end of the
/// object none: callers with a context of their own set it again. CUDA_VISIBLE_DEVICES of the driver hides
/// devices and orders them.
class Gpu {
 public:
  /// Never throws for what a machine lacks: OpenedGpu says why there is no GPU.
  static OpenedGpu open();
  ~Gpu();
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;

  /// "NVIDIA A100-SXM4-40GB"
  const std::string& name() const { return name_; }

 private:
  friend class GpuMemory;
  friend class GpuProgram;
  Gpu() = default;
  /// The driver, with the device's context current.
  const CudaFunctions& use() const;
  /// Throws UnsupportedError with the driver's own text unless `result` is success.
  void require(int result, const char* call, const std::string& detail = {}) const;

  const CudaFunctions* driver_ = nullptr;
  CUctx_st* context_ = nullptr;
  int device_ = -1;
  std::string name_;
};

struct OpenedGpu {
  std::unique_ptr<Gpu> gpu;
  std::string reason;  ///< where there is no GPU: "no NVIDIA driver: libcuda.so.1 not found"
};

/// A piece of the device's memory. Functions throw UnsupportedError with the driver's text (out of memory).
class GpuMemory {
 public:
  GpuMemory(const Gpu& gpu, std::size_t size_bytes);
  /// A copy of these bytes.
  GpuMemory(const Gpu& gpu, std::span<const std::byte> bytes);
  ~GpuMemory();
  GpuMemory(const GpuMemory&) = delete;
  GpuMemory& operator=(const GpuMemory&) = delete;

  std::uint64_t address() const { return address_; }
  /// Fills `bytes` from the beginning of the memory, after all that runs has ended.
  void read(std::span<std::byte> bytes) const;

 private:
  const Gpu* gpu_;
  unsigned long long address_ = 0;
};

/// A PTX text, compiled.
class GpuProgram {
 public:
  /// Throws UnsupportedError with what the driver's compiler says.
  GpuProgram(const Gpu& gpu, const std::string& ptx);
  ~GpuProgram();
  GpuProgram(const GpuProgram&) = delete;
  GpuProgram& operator=(const GpuProgram&) = delete;

  /// Runs `entry` with width x height blocks of one warp each and waits for its end; arguments[i] points to
  /// the i-th parameter. Throws UnsupportedError where the driver refuses or the program faults.
  void run(const char* entry, unsigned width, unsigned height, std::span<void*> arguments) const;

 private:
  const Gpu* gpu_;
  CUmod_st* module_ = nullptr;
};

}  // namespace nmperm
