// An emulated CUDA driver: a shared library `libcuda.so.1` that exports the entry points below. It lets
// programs that open the CUDA driver at run time, and hand it kernels as PTX, run to the end on machines
// without a GPU: with LD_LIBRARY_PATH pointing at its folder (CMake: NMPERM_EMULATED_CUDA_FOLDER) the loader
// finds it before any other driver. It emulates what nmperm uses and refuses the rest: the part of PTX is in
// ptx_parser.h, mma.sp in sparse_mma.h.
//
// Names, arguments and answers follow NVIDIA's "CUDA Driver API" reference. There is one device, with one
// context (its primary one), the default stream alone, no shared memory. As on a device, a launch returns
// before its kernel is known to be good: a kernel's fault is answered by the next call that needs the
// context, and by all after it, until the context is released. What is wrong with a module or a kernel is
// also said on stderr in one line that begins with "emulated CUDA: ". All calls are safe from any thread; the
// current context is each thread's own.
//
// Environment variables, read when they matter:
//
// - NMPERM_EMULATED_CUDA_STUB, 1: cuInit answers 34, as the stub does that CUDA toolkits have to link
// against.
// - NMPERM_EMULATED_CUDA_VERSION: the version of CUDA (default 11010, the first with PTX 7.1), such as 12040.
// - NMPERM_EMULATED_CUDA_DEVICES, 0 or 1 (default 1): the number of devices. With 0, cuInit answers 100.
// - NMPERM_EMULATED_CUDA_CAPABILITY: the device's compute capability (default 8.0), such as 7.5.
// - NMPERM_EMULATED_CUDA_FAIL_ALLOCATION, N: allocation number N, counted from 1 since the context was made,
//   answers 2.
// - NMPERM_EMULATED_CUDA_WRONG_COPY, 1: copies to the host have the highest bit of their first four bytes
//   changed.
//
// cuInit answers 1, and says so on stderr, where one of them is no such number.
#pragma once

#include <cstddef>

#pragma GCC visibility push(default)
extern "C" {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct CUctx_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using CUstream = struct CUstream_st*;

// NOLINTBEGIN(readability-identifier-naming): NVIDIA's names.
CUresult cuInit(unsigned flags);
CUresult cuDriverGetVersion(int* version);
CUresult cuGetErrorString(CUresult error, const char** text);

CUresult cuDeviceGetCount(int* count);
CUresult cuDeviceGet(CUdevice* device, int ordinal);
CUresult cuDeviceGetName(char* name, int length, CUdevice device);
/// Attributes 10 (threads of a warp), 75 and 76 (compute capability, major and minor); others are answered
/// with 1.
CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device);

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device);
/// The last release frees all memory and modules, and forgets the fault of a kernel.
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device);
CUresult cuCtxSetCurrent(CUcontext context);
CUresult cuCtxSynchronize();

/// Options other than the buffer for errors (5) and its size (6) change nothing.
CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned option_count, int* options,
                            void** values);
CUresult cuModuleUnload(CUmodule module);
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name);

CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t size_bytes);
CUresult cuMemFree_v2(CUdeviceptr address);
CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, std::size_t size_bytes);
CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, std::size_t size_bytes);

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                        unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                        CUstream stream, void** parameters, void** extra);
// NOLINTEND(readability-identifier-naming)
}
#pragma GCC visibility pop
