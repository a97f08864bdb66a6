// What kernels must not do, the emulated driver answers as a device would, and says where it was.
#include "tests/emulated_cuda/emulated_driver.h"
#include "tests/emulated_cuda/mma_kernel.h"

namespace nmperm::testing {
namespace {

using namespace emulated_cuda;  // the result codes
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;
using Words = std::vector<std::uint32_t>;

class KernelFaults : public MmaKernel {
 protected:
  /// Runs `body`, which may use %v0 to %v3 (.b32), %p (.pred) and %at (.u64, `address` on entry), with
  /// `threads` threads. What stderr says is in `said_`.
  CUresult answer_of(const std::string& body, CUdeviceptr address = 0, unsigned threads = 1) {
    const CUfunction function = kernel(".param .u64 at",
                                       ".reg .b32 %v<4>;\n.reg .pred %p;\n.reg .u64 %at;\n"
                                       "ld.param.u64 %at, [at];\n" +
                                           body + "\nret;");
    CaptureStderr();
    const CUresult answer = run(function, 1, threads, {&address});
    said_ = GetCapturedStderr();
    return answer;
  }

  CUresult answer_of_mma(CUfunction function, const MmaFragments& fragments, unsigned threads = 32) {
    CaptureStderr();
    const CUresult answer = run_mma(function, fragments, threads);
    said_ = GetCapturedStderr();
    return answer;
  }

  /// The context anew, without the fault.
  void recover() {
    CUcontext context = nullptr;
    ASSERT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRelease_v2)(0), kSuccess);
    ASSERT_EQ(NMPERM_EMULATED(cuDevicePrimaryCtxRetain)(&context, 0), kSuccess);
    ASSERT_EQ(NMPERM_EMULATED(cuCtxSetCurrent)(context), kSuccess);
  }

  bool said(const std::string& text) const {
    return said_.rfind("emulated CUDA: kernel kernel, line ", 0) == 0 &&
           said_.find('\n') == said_.size() - 1 && said_.find(text) != std::string::npos;
  }

  std::string said_;
};

TEST_F(KernelFaults, NothingLiesAroundAnAllocation) {
  for (const char* access : {"ld.global.u32 %v0, [%at+64];", "ld.global.u32 %v0, [%at+-4];",
                             "ld.global.v4.b32 {%v0, %v1, %v2, %v3}, [%at+56];", "st.global.b32 [%at+64], 0;",
                             "ld.global.u32 %v0, [%at+61];", "mov.u64 %at, 0; ld.global.u32 %v0, [%at];"}) {
    const CUdeviceptr address = uploaded(Words(16));
    EXPECT_EQ(answer_of(access, address), kIllegalAddress) << access;
    EXPECT_TRUE(said("line 10, block (0, 0): illegal address")) << said_;
    recover();
  }
}

TEST_F(KernelFaults, WhatWasFreedIsGone) {
  const CUdeviceptr address = uploaded(Words(16));
  ASSERT_EQ(NMPERM_EMULATED(cuMemFree_v2)(address), kSuccess);
  uploaded(Words(16));  // nor does its address belong to another allocation now
  EXPECT_EQ(answer_of("ld.global.u32 %v0, [%at];", address), kIllegalAddress);
}

TEST_F(KernelFaults, AddressesAreMultiplesOfTheSize) {
  for (const char* access :
       {"ld.global.u32 %v0, [%at+2];", "st.global.u32 [%at+1], 0;", "ld.global.v2.u32 {%v0, %v1}, [%at+4];",
        "ld.global.nc.v4.u32 {%v0, %v1, %v2, %v3}, [%at+8];", "st.global.v2.b32 [%at+12], {0, 0};"}) {
    const CUdeviceptr address = uploaded(Words(16));
    EXPECT_EQ(answer_of(access, address), kMisalignedAddress) << access;
    EXPECT_TRUE(said("misaligned address")) << said_;
    recover();
  }
}

TEST_F(KernelFaults, RegistersAreWrittenBeforeTheyAreRead) {
  for (const char* body : {"add.u32 %v0, %v1, 1;", "@%p mov.u32 %v0, 1;", "st.global.u32 [%at], %v1;",
                           "setp.eq.u32 %p, %v1, 0;"}) {
    const CUdeviceptr address = uploaded(Words(16));
    EXPECT_EQ(answer_of(body, address), kLaunchFailed) << body;
    EXPECT_TRUE(said(std::string(body).find("%v1") == std::string::npos ? "register %p" : "register %v1"))
        << said_;
    recover();
  }
}

TEST_F(KernelFaults, ARegisterIsWrittenInEachLaneOfItsOwn) {
  EXPECT_EQ(
      answer_of("mov.u32 %v0, %laneid; setp.ne.u32 %p, %v0, 3; @%p mov.u32 %v1, 1; mov.u32 %v2, %v1;", 0, 32),
      kLaunchFailed);
  EXPECT_TRUE(said("register %v1 is read before it was written, in lane 3")) << said_;
}

TEST_F(KernelFaults, AnEndlessLoopIsEnded) {
  EXPECT_EQ(answer_of("AGAIN: bra AGAIN;"), kLaunchTimeout);
  EXPECT_TRUE(said("does not come to an end")) << said_;
}

TEST_F(KernelFaults, AFaultStaysUntilTheContextIsReleased) {
  const CUdeviceptr address = uploaded(Words(16));
  ASSERT_EQ(answer_of("ld.global.u32 %v0, [%at+2];", address), kMisalignedAddress);
  CUdeviceptr other = 0;
  EXPECT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&other, 4), kMisalignedAddress);
  EXPECT_EQ(NMPERM_EMULATED(cuMemFree_v2)(address), kMisalignedAddress);
  recover();
  EXPECT_EQ(NMPERM_EMULATED(cuMemAlloc_v2)(&other, 4), kSuccess);
}

/// Products of m16n8k32 and m16n8k64 that keep elements 0 and 1 of each chunk.
MmaFragments plain_fragments(MmaType type) {
  return fragments_of(MmaCase(type), 0, 0);
}

TEST_F(KernelFaults, MetadataNamesTwoColumns) {
  for (const MmaType type : {MmaType::kF16, MmaType::kBf16, MmaType::kS8}) {
    for (const std::uint32_t undefined : {0u, 5u, 10u, 15u}) {
      MmaFragments fragments = plain_fragments(type);
      fragments.metadata[21] = (fragments.metadata[21] & 0xff0fffff) | undefined << 20;
      EXPECT_EQ(answer_of_mma(mma_kernel(type, 0), fragments), kLaunchFailed);
      // Lane 21 is lane 1 of group 5. Of 16 bits, it has columns 16 to 31 of row 13 in its upper half; of
      // bytes, columns 0 to 31 of row 13.
      EXPECT_TRUE(said("metadata undefined")) << said_;
      EXPECT_TRUE(said("row 13, chunk 5, bits from 20 of lane 21")) << said_;
      recover();
    }
  }
}

TEST_F(KernelFaults, MetadataAscends) {
  for (const MmaType type : {MmaType::kF16, MmaType::kBf16, MmaType::kS8}) {
    for (const std::uint32_t descending : {1u, 2u, 3u, 6u, 7u, 11u}) {
      MmaFragments fragments = plain_fragments(type);
      fragments.metadata[0] = (fragments.metadata[0] & 0xfffffff0) | descending;
      EXPECT_EQ(answer_of_mma(mma_kernel(type, 0), fragments), kLaunchFailed);
      EXPECT_TRUE(said("metadata descending")) << said_;
      EXPECT_TRUE(said("row 0, chunk 0, bits from 0 of lane 0")) << said_;
      recover();
    }
  }
}

TEST_F(KernelFaults, BytesNeedTheMetadataOfAllLanes) {
  for (std::size_t lane = 0; lane < 32; ++lane) {
    MmaFragments fragments = plain_fragments(MmaType::kS8);
    fragments.metadata[lane] = 0;
    EXPECT_EQ(answer_of_mma(mma_kernel(MmaType::kS8, 0), fragments), kLaunchFailed) << lane;
    recover();
  }
}

TEST_F(KernelFaults, AllLanesOfAWarpMultiplyTogether) {
  const std::string but_one = "setp.ne.u32 %p, %lane, 17;\n";
  struct Case {
    std::string before_metadata, guard;
    unsigned threads;
  };
  for (const Case& c :
       {Case{but_one, "@%p ", 32},              // one lane does not execute it
        Case{but_one + "@!%p ret;\n", "", 32},  // one is gone
        Case{but_one + "@!%p bra ELSE;\n", "ELSE: ", 32}, Case{"", "", 31}}) {  // the warp has 31
    const CUresult answer = answer_of_mma(mma_kernel(MmaType::kF16, 0, c.before_metadata, c.guard),
                                          plain_fragments(MmaType::kF16), c.threads);
    EXPECT_EQ(answer, kLaunchFailed) << c.before_metadata << c.guard;
    recover();
  }
}

TEST_F(KernelFaults, LanesThatMeetAgainMultiplyTogether) {
  const CUfunction function = mma_kernel(
      MmaType::kF16, 0, "setp.ne.u32 %p, %lane, 17;\n@%p bra JOINED;\nmov.u32 %lane, 0;\nJOINED: ");
  EXPECT_EQ(answer_of_mma(function, plain_fragments(MmaType::kF16)), kSuccess) << said_;
}

TEST_F(KernelFaults, MultiplicandsAreWritten) {
  // Lane 17 comes without its metadata, which selector 0 asks of lanes 0 and 1 of each four.
  const CUfunction function = mma_kernel(MmaType::kF16, 0, "setp.ne.u32 %p, %lane, 17;\n@%p ");
  EXPECT_EQ(answer_of_mma(function, plain_fragments(MmaType::kF16)), kLaunchFailed);
  EXPECT_TRUE(said("register %e is read before it was written, in lane 17")) << said_;
}

}  // namespace
}  // namespace nmperm::testing
