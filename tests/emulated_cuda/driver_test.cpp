// The entry points of the emulated driver answer as the CUDA Driver API says.
#include <cmath>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/emulated_cuda/emulated_driver.h"

namespace nmperm::testing {
namespace {

using namespace emulated_cuda;  // the result codes

/// An environment variable for as long as this lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

constexpr const char* kEmptyKernel = ".visible .entry empty() { ret; }";

using Driver = EmulatedDriver;

TEST(DriverWithoutInit, AnswersThree) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own: nobody called cuInit there
  EXPECT_EXIT(
      {
        int count = 0;
        CUdeviceptr address = 0;
        const bool refuses = NMPERM_EMULATED(cuDeviceGetCount)(&count) == kNotInitialized &&
                             NMPERM_EMULATED(cuMemAlloc_v2)(&address, 4) == kNotInitialized;
        std::exit(refuses ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST_F(Driver, NamesItsDevice) {
  int count = 0, major = 0, minor = 0, version = 0;
  CUdevice device = -1;
  char name[64] = "";
  EXPECT_EQ(NMPERM_EMULATED(cuDriverGetVersion)(&version), kSuccess);
  EXPECT_GE(version, 11010);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetCount)(&count), kSuccess);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGet)(&device, 0), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetName)(name, sizeof name, device), kSuccess);
  EXPECT_NE(std::string(name).find("emulated"), std::string::npos) << name;
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetName)(name, 5, device), kSuccess);
  EXPECT_STREQ(name, "emul");
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetAttribute)(&major, 75, device), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetAttribute)(&minor, 76, device), kSuccess);
  EXPECT_EQ(10 * major + minor, 80);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetAttribute)(&major, 9999, device), kInvalidValue);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGet)(&device, 1), kInvalidDevice);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGet)(&device, -1), kInvalidDevice);
}

TEST_F(Driver, ErrorsHaveTexts) {
  const char* text = nullptr;
  EXPECT_EQ(NMPERM_EMULATED(cuGetErrorString)(kIllegalAddress, &text), kSuccess);
  EXPECT_STREQ(text, "an illegal memory access was encountered");
  EXPECT_EQ(NMPERM_EMULATED(cuGetErrorString)(-1, &text), kInvalidValue);
  EXPECT_EQ(text, nullptr);
}

TEST_F(Driver, MayHaveNoDevice) {
  const Variable none("NMPERM_EMULATED_CUDA_DEVICES", "0");
  int count = -1;
  CUdevice device = 0;
  EXPECT_EQ(NMPERM_EMULATED(cuInit)(0), kNoDevice);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetCount)(&count), kSuccess);  // this process was initialised before
  EXPECT_EQ(count, 0);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGet)(&device, 0), kInvalidDevice);
}

TEST_F(Driver, MayHaveAnOlderDevice) {
  const Variable older("NMPERM_EMULATED_CUDA_CAPABILITY", "7.5");
  int major = 0, minor = 0;
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetAttribute)(&major, 75, 0), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuDeviceGetAttribute)(&minor, 76, 0), kSuccess);
  EXPECT_EQ(major, 7);
  EXPECT_EQ(minor, 5);
  CUmodule module = nullptr;
  EXPECT_EQ(load(kEmptyKernel, &module), kInvalidPtx);  // its target is sm_80
}

TEST_F(Driver, OneAllocationMayFail) {
  const Variable second("NMPERM_EMULATED_CUDA_FAIL_ALLOCATION", "2");
  CUdeviceptr address = 0;
  EXPECT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&address, 16), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&address, 16), kOutOfMemory);
  EXPECT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&address, 16), kSuccess);
}

TEST_F(Driver, BadVariablesAreRefused) {
  for (const auto& [name, value] : {std::pair("NMPERM_EMULATED_CUDA_DEVICES", "2"),
                                    {"NMPERM_EMULATED_CUDA_DEVICES", ""},
                                    {"NMPERM_EMULATED_CUDA_CAPABILITY", "8"},
                                    {"NMPERM_EMULATED_CUDA_CAPABILITY", "8.x"},
                                    {"NMPERM_EMULATED_CUDA_FAIL_ALLOCATION", "0"}}) {
    const Variable bad(name, value);
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(NMPERM_EMULATED(cuInit)(0), kInvalidValue) << name << value;
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find(name), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
  }
}

TEST_F(Driver, MemoryIsCopiedWithinOneAllocation) {
  const CUdeviceptr address = uploaded(std::vector<std::uint32_t>{1, 2, 3, 4});
  EXPECT_EQ(address % 256, 0u);
  EXPECT_EQ(downloaded<std::uint32_t>(address + 8, 2), (std::vector<std::uint32_t>{3, 4}));
  std::uint32_t words[2] = {};
  EXPECT_EQ(NMPERM_EMULATED(cuMemcpyDtoH_v2)(words, address + 12, 8), kInvalidValue);
  EXPECT_EQ(NMPERM_EMULATED(cuMemcpyHtoD_v2)(address + 16, words, 4), kInvalidValue);
  EXPECT_EQ(NMPERM_EMULATED(cuMemcpyHtoD_v2)(address + 16, words, 0), kSuccess);
}

TEST_F(Driver, NewMemoryIsNotZero) {
  CUdeviceptr address = 0;
  ASSERT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&address, 8), kSuccess);
  for (const float value : downloaded<float>(address, 2)) EXPECT_TRUE(std::isnan(value));
}

TEST_F(Driver, MemoryIsFreedOnce) {
  CUdeviceptr address = 0;
  EXPECT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&address, 0), kInvalidValue);
  ASSERT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&address, 16), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuMemFree_v2)(address + 4), kInvalidValue);
  EXPECT_EQ(NMPERM_EMULATED(cuMemFree_v2)(address), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuMemFree_v2)(address), kInvalidValue);
  EXPECT_EQ(NMPERM_EMULATED(cuMemFree_v2)(0), kInvalidValue);
}

TEST_F(Driver, AThreadNeedsTheContext) {
  CUdeviceptr address = 0;
  CUresult answer = kSuccess;
  std::thread([&] { answer = NMPERM_EMULATED(cuMemAlloc_v2)(&address, 4); }).join();
  EXPECT_EQ(answer, kInvalidContext);
  EXPECT_EQ(NMPERM_EMULATED(cuCtxSetCurrent)(nullptr), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuCtxSynchronize)(), kInvalidContext);
}

TEST_F(Driver, TheLastReleaseEndsTheContext) {
  CUcontext context = nullptr;
  const CUdeviceptr address = uploaded(std::vector<std::uint32_t>{1});
  ASSERT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRetain)(&context, 0), kSuccess);
  ASSERT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRelease_v2)(0), kSuccess);
  EXPECT_EQ(downloaded<std::uint32_t>(address, 1)[0], 1u);
  ASSERT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRelease_v2)(0), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuCtxSynchronize)(), kContextIsDestroyed);
  EXPECT_EQ(NMPERM_EMULATED(cuCtxSetCurrent)(context), kContextIsDestroyed);
  EXPECT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRelease_v2)(0), kInvalidContext);
  ASSERT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRetain)(&context, 0), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuMemFree_v2)(address), kInvalidValue);
}

TEST_F(Driver, UnknownHandlesAndNamesAreRefused) {
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  ASSERT_EQ(load(kEmptyKernel, &module), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuModuleGetFunction)(&function, module, "other"), kNotFound);
  ASSERT_EQ(NMPERM_EMULATED(cuModuleGetFunction)(&function, module, "empty"), kSuccess);
  EXPECT_EQ(run(function, 1, 1, {}), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuModuleUnload)(module), kSuccess);
  EXPECT_EQ(NMPERM_EMULATED(cuModuleUnload)(module), kInvalidHandle);
  EXPECT_EQ(NMPERM_EMULATED(cuLaunchKernel)(function, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr),
            kInvalidHandle);
}

TEST_F(Driver, LaunchesHaveLimits) {
  const CUfunction function = kernel(".param .u32 n", "ret;");
  std::uint32_t n = 0;
  void* parameters[] = {&n};
  const auto answer = [&](unsigned grid_x, unsigned grid_y, unsigned block_x, unsigned block_y,
                          void** given) {
    return NMPERM_EMULATED(cuLaunchKernel)(function, grid_x, grid_y, 1, block_x, block_y, 1, 0, nullptr,
                                           given, nullptr);
  };
  EXPECT_EQ(answer(1, 1, 1024, 1, parameters), kSuccess);
  EXPECT_EQ(answer(1, 1, 32, 32, parameters), kSuccess);
  EXPECT_EQ(answer(0, 1, 32, 1, parameters), kInvalidValue);
  EXPECT_EQ(answer(1, 65536, 32, 1, parameters), kInvalidValue);
  EXPECT_EQ(answer(1, 1, 1025, 1, parameters), kInvalidValue);
  EXPECT_EQ(answer(1, 1, 33, 32, parameters), kInvalidValue);
  EXPECT_EQ(answer(1, 1, 32, 1, nullptr), kInvalidValue);
}

}  // namespace
}  // namespace nmperm::testing
