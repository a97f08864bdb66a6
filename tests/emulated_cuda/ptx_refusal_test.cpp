// Modules that are no PTX, or PTX beyond what is emulated: refused with the line.
#include <bit>

#include "tests/emulated_cuda/emulated_driver.h"

namespace nmperm::testing {
namespace {

using namespace emulated_cuda;  // the result codes
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

class PtxRefusal : public EmulatedDriver {
 protected:
  CUresult answer_of_image(const std::string& image) {
    CUmodule module = nullptr;
    CaptureStderr();
    const CUresult answer = NMPERM_EMULATED(cuModuleLoadDataEx)(&module, image.c_str(), 0, nullptr, nullptr);
    said_ = GetCapturedStderr();
    return answer;
  }

  /// `statement` is on line 7 of the module, in a kernel with registers %p .pred, %r0, %r1 .u32, %b0 to %b3
  /// .b32, %f0 to %f3 .f32, %s .s32, %rd .u64 and parameters x .u64, n .u32.
  CUresult answer_of(const std::string& statement) {
    return answer_of_image(
        ".version 7.1\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 x, .param .u32 n) {\n"
        "  .reg .pred %p; .reg .u32 %r<2>; .reg .b32 %b<4>; .reg .f32 %f<4>;\n  .reg .s32 %s; .reg .u64 "
        "%rd;\n  " +
        statement + "\n  ret;\n}\n");
  }

  std::string said_;
};

TEST_F(PtxRefusal, WhatIsKnownLoads) {
  EXPECT_EQ(answer_of("add.u32 %r0, %r0, %s; // a comment"), kSuccess) << said_;
  EXPECT_EQ(said_, "");
}

TEST_F(PtxRefusal, StatementsAreRefusedWithTheirLine) {
  const std::string mma = "mma.sp.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 ";
  const std::string sums = "{%f0, %f1, %f2, %f3}", packs = "{%b0, %b1, %b2, %b3}";
  for (const std::string& statement :
       {std::string("sqrt.rn.f32 %f0, %f1;"),
        std::string("add.u16 %r0, %r0, 1;"),
        std::string("mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 ;"),
        std::string("add.u32 %r0, %r0;"),
        std::string("add.u32 %r0, %r0, 1, 2;"),
        std::string("add.u32 %r0, %r9, 1;"),
        std::string("add.u32 %r0, %f0, 1;"),
        std::string("add.u32 %r0, %rd, 1;"),
        std::string("add.u32 %r0, %r0, 1"),
        std::string("mov.u32 %r0, %tid.z;"),
        std::string("add.u32 %r0, %tid.x, 1;"),
        std::string("mov.u64 %rd, %tid.x;"),
        std::string("mov.f32 %f0, 0;"),
        std::string("mov.u32 %r0, 0f3F800000;"),
        std::string("mov.f32 %f0, 0f3F8;"),
        std::string("mov.u32 %r0, 4294967296;"),
        std::string("mov.u32 %r0, -2147483649;"),
        std::string("mov.u32 %r0, 010;"),
        std::string("mov.u32 %r0, 0x;"),
        std::string("@%r0 ret;"),
        std::string("@%q ret;"),
        std::string("bra NOWHERE;"),
        std::string("A: A: ret;"),
        std::string("ld.global.u32 %r0, [%r1];"),
        std::string("ld.global.u32 %r0, %rd;"),
        std::string("ld.global.u32 %r0, [x];"),
        std::string("ld.global.v2.u32 %r0, [%rd];"),
        std::string("ld.global.v4.u32 {%r0, %r1}, [%rd];"),
        std::string("ld.param.u32 %r0, [y];"),
        std::string("ld.param.u64 %rd, [n];"),
        std::string("ld.param.u64 %rd, [x+4];"),
        std::string("ld.param.u32 %r0, [x+8];"),
        std::string(".reg .u32 %r<4>;"),
        std::string(".reg .f16 %h;"),
        std::string(".shared .b32 s;"),
        std::string("mov.u32 %r0, \"\";"),
        mma + sums + ", " + packs + ", " + packs + ", " + sums + ", %r0, 2;",
        mma + sums + ", " + packs + ", " + packs + ", " + sums + ", %r0;",
        mma + sums + ", {%r0, %r1, %r0, %r1}, " + packs + ", " + sums + ", %r0, 0;"}) {
    EXPECT_EQ(answer_of(statement), kInvalidPtx) << statement;
    const bool is_next_line =
        said_.rfind("emulated CUDA: line 8: ", 0) == 0;  // where a ';' is missing at the end
    EXPECT_TRUE(said_.rfind("emulated CUDA: line 7: ", 0) == 0 || (is_next_line && statement.back() != ';'))
        << statement << ": " << said_;
    EXPECT_EQ(said_.find('\n'), said_.size() - 1) << said_;
  }
}

TEST_F(PtxRefusal, TheUnknownIsNamed) {
  answer_of("sqrt.rn.f32 %f0, %f1;");
  EXPECT_NE(said_.find("unknown instruction 'sqrt.rn.f32'"), std::string::npos) << said_;
  answer_of("add.u32 %r0, %r9, 1;");
  EXPECT_NE(said_.find("unknown register '%r9'"), std::string::npos) << said_;
}

TEST_F(PtxRefusal, BytesHaveOneSelector) {
  const std::string mma =
      "mma.sp.sync.aligned.m16n8k64.row.col.s32.s8.s8.s32 {%b0, %b1, %b2, %b3}, {%b0, %b1, %b2, %b3}, "
      "{%b0, %b1, %b2, %b3}, {%b0, %b1, %b2, %b3}, %r0, ";
  EXPECT_EQ(answer_of(mma + "0;"), kSuccess) << said_;
  EXPECT_EQ(answer_of(mma + "1;"), kInvalidPtx);
}

TEST_F(PtxRefusal, HeadsAreRefused) {
  const std::string kernel = ".visible .entry k() { ret; }\n";
  EXPECT_EQ(answer_of_image("not PTX"), kInvalidImage);
  EXPECT_EQ(answer_of_image(""), kInvalidImage);
  EXPECT_EQ(answer_of_image(".version 7.1\n.target sm_80\n.address_size 64\n" + kernel), kSuccess) << said_;
  EXPECT_EQ(answer_of_image(".version 7.2\n.target sm_80\n.address_size 64\n" + kernel),
            kUnsupportedPtxVersion);
  EXPECT_EQ(answer_of_image(".version 7.1\n.target sm_86\n.address_size 64\n" + kernel), kInvalidPtx);
  EXPECT_EQ(answer_of_image(".version 7.1\n.target sm_80\n.address_size 32\n" + kernel), kInvalidPtx);
  EXPECT_EQ(answer_of_image(".version 7.1\n.target sm_80\n.address_size 64\n" + kernel + kernel),
            kInvalidPtx);
  EXPECT_EQ(answer_of_image(".version 7.1\n.target sm_80\n.address_size 64\n.visible .entry k() { ret;"),
            kInvalidPtx);
  EXPECT_EQ(answer_of_image(".version 7.1\n.target sm_80\n.address_size 64\n"
                            ".visible .entry k(.param .u32 a, .param .u32 a) { ret; }"),
            kInvalidPtx);
}

TEST_F(PtxRefusal, TheCallersBufferGetsTheReason) {
  char text[64] = "";
  int options[] = {5, 6};
  void* values[] = {text, std::bit_cast<void*>(std::uintptr_t{sizeof text})};
  CUmodule module = nullptr;
  CaptureStderr();
  EXPECT_EQ(NMPERM_EMULATED(cuModuleLoadDataEx)(&module, ".version 7.1\n.target x", 2, options, values),
            kInvalidPtx);
  GetCapturedStderr();
  EXPECT_STREQ(text, "line 2: target x, expected sm_N");
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(values[1]), std::string(text).size());
}

}  // namespace
}  // namespace nmperm::testing
