// Kernels of the emulated driver do what PTX says: arithmetic, guards, loops, loads and stores.
#include <bit>
#include <numeric>

#include "tests/emulated_cuda/emulated_driver.h"

namespace nmperm::testing {
namespace {

using emulated_cuda::kSuccess;
using Words = std::vector<std::uint32_t>;

class Kernel : public EmulatedDriver {
 protected:
  /// %out (.u32) after `body`, which may use the registers of store_after.
  std::uint32_t out_of(const std::string& body) {
    CUdeviceptr out = uploaded(Words{12345});
    EXPECT_EQ(store_after(body, "%out", out), kSuccess) << body;
    return downloaded<std::uint32_t>(out, 1)[0];
  }

  /// Whether %wide (.u64) is 0 after `body`: only then is its sum with the address of four bytes an address
  /// of four bytes.
  bool is_zero(const std::string& body) {
    CUdeviceptr out = uploaded(Words{0});
    return store_after(body + "add.u64 %pointer, %pointer, %wide;", "1", out) == kSuccess &&
           downloaded<std::uint32_t>(out, 1)[0] == 1;
  }

 private:
  /// Runs one thread that stores `value` at %pointer, which is `out` before `body`. There are registers %a,
  /// %b, %c, %out (.u32), %s (.s32), %f (.f32), %p (.pred), %wide and %pointer (.u64).
  CUresult store_after(const std::string& body, const std::string& value, CUdeviceptr out) {
    const CUfunction function = kernel(".param .u64 out", R"(
        .reg .u32 %a, %b, %c, %out;
        .reg .s32 %s;
        .reg .f32 %f;
        .reg .pred %p;
        .reg .u64 %wide, %pointer;
        ld.param.u64 %pointer, [out];
        )" + body + "st.global.u32 [%pointer], " + value + "; ret;");
    return run(function, 1, 1, {&out});
  }
};

TEST_F(Kernel, ConstantsAndMoves) {
  EXPECT_EQ(out_of("mov.u32 %out, 7;"), 7u);
  EXPECT_EQ(out_of("mov.u32 %out, 0xdeadbeef;"), 0xdeadbeefu);
  EXPECT_EQ(out_of("mov.s32 %out, -2;"), 0xfffffffeu);
  EXPECT_EQ(out_of("mov.b32 %out, 0f3F800000;"), std::bit_cast<std::uint32_t>(1.0f));
  EXPECT_EQ(out_of("mov.f32 %f, 0fC0490FDB; mov.b32 %out, %f;"), 0xc0490fdbu);
}

TEST_F(Kernel, SumsDifferencesAndProductsWrap) {
  EXPECT_EQ(out_of("mov.u32 %a, 0xffffffff; add.u32 %out, %a, 2;"), 1u);
  EXPECT_EQ(out_of("mov.s32 %s, -5; add.s32 %out, %s, 3;"), 0xfffffffeu);
  EXPECT_EQ(out_of("mov.u32 %a, 3; sub.u32 %out, %a, 5;"), 0xfffffffeu);
  EXPECT_EQ(out_of("mov.u32 %a, 0x10001; mul.lo.u32 %out, %a, 0x10001;"), 0x20001u);
  EXPECT_EQ(out_of("mov.s32 %s, -3; mul.lo.s32 %out, %s, 7;"), static_cast<std::uint32_t>(-21));
  EXPECT_EQ(out_of("mov.u32 %a, 6; mov.u32 %b, 7; mad.lo.u32 %out, %a, %b, 8;"), 50u);
  EXPECT_EQ(out_of("mov.s32 %s, -6; mad.lo.s32 %out, %s, 7, 50;"), 8u);
}

TEST_F(Kernel, BitsAreShiftedAndCombined) {
  EXPECT_EQ(out_of("mov.u32 %a, 3; shl.b32 %out, %a, 31;"), 0x80000000u);
  EXPECT_EQ(out_of("mov.u32 %a, 3; shl.b32 %out, %a, 32;"), 0u);
  EXPECT_EQ(out_of("mov.u32 %a, 0x80000000; shr.u32 %out, %a, 31;"), 1u);
  EXPECT_EQ(out_of("mov.u32 %a, 0x80000000; shr.u32 %out, %a, 40;"), 0u);
  EXPECT_EQ(out_of("mov.u32 %a, 12; and.b32 %out, %a, 10;"), 8u);
  EXPECT_EQ(out_of("mov.u32 %a, 12; or.b32 %out, %a, 10;"), 14u);
}

TEST_F(Kernel, WideResultsKeepAllBits) {
  EXPECT_TRUE(is_zero("mov.u64 %wide, 0;"));
  EXPECT_FALSE(is_zero("mov.u64 %wide, 0x100000000;"));
}

TEST_F(Kernel, WideArithmetic) {
  EXPECT_TRUE(is_zero(
      "mov.u32 %a, 0xffffffff; mul.wide.u32 %wide, %a, %a; sub.u64 %wide, %wide, 0xfffffffe00000001;"));
  EXPECT_TRUE(
      is_zero("mov.u32 %a, 0x10000; mov.u64 %wide, 5; mad.wide.u32 %wide, %a, %a, %wide; "
              "sub.s64 %wide, %wide, 0x100000005;"));
  EXPECT_TRUE(is_zero("mov.u64 %wide, 3; shl.b64 %wide, %wide, 40; sub.u64 %wide, %wide, 0x30000000000;"));
  EXPECT_TRUE(is_zero("mov.u64 %wide, 3; shl.b64 %wide, %wide, 64;"));
  EXPECT_TRUE(is_zero("mov.u32 %a, 0xffffffff; cvt.u64.u32 %wide, %a; add.s64 %wide, %wide, -4294967295;"));
}

TEST_F(Kernel, ComparisonsKnowSigns) {
  struct Case {
    const char* comparison;
    bool below, equal, above;  // for 1 and 2, 2 and 2, -1 and 2
  };
  for (const Case& c : {Case{"eq.u32", false, true, false}, Case{"ne.u32", true, false, true},
                        Case{"lt.u32", true, false, false}, Case{"le.u32", true, true, false},
                        Case{"gt.u32", false, false, true}, Case{"ge.u32", false, true, true},
                        Case{"eq.s32", false, true, false}, Case{"ne.s32", true, false, true},
                        Case{"lt.s32", true, false, true}, Case{"le.s32", true, true, true},
                        Case{"gt.s32", false, false, false}, Case{"ge.s32", false, true, false}}) {
    const auto holds = [&](const std::string& left) {
      return out_of("mov.u32 %a, " + left + "; setp." + c.comparison +
                    " %p, %a, 2; mov.u32 %out, 0; @%p mov.u32 %out, 1;") == 1;
    };
    EXPECT_EQ(holds("1"), c.below) << c.comparison;
    EXPECT_EQ(holds("2"), c.equal) << c.comparison;
    EXPECT_EQ(holds("-1"), c.above) << c.comparison;
  }
}

TEST_F(Kernel, GuardsMayBeNegated) {
  EXPECT_EQ(out_of("mov.u32 %a, 1; setp.eq.u32 %p, %a, 1; mov.u32 %out, 4; @!%p mov.u32 %out, 5;"), 4u);
  EXPECT_EQ(out_of("mov.u32 %a, 1; setp.eq.u32 %p, %a, 2; mov.u32 %out, 4; @!%p mov.u32 %out, 5;"), 5u);
}

TEST_F(Kernel, LoopsEnd) {
  EXPECT_EQ(out_of(R"(
      mov.u32 %a, 0;
      mov.u32 %out, 0;
    NEXT:                       // 0 + 1 + ... + 99
      add.u32 %out, %out, %a;
      add.u32 %a, %a, 1;
      setp.lt.u32 %p, %a, 100;
      @%p bra NEXT;
      bra.uni END;
      mov.u32 %out, 0;
    END:)"),
            4950u);
}

// Each lane of each block adds 1 + 2 + ... + its index, leaving the loop at a time of its own, and those
// beyond `count` leave at once.
TEST_F(Kernel, LanesGoTheirOwnWays) {
  const CUfunction function = kernel(".param .u64 out, .param .u32 count", R"(
      .reg .u32 %index, %size, %count, %i, %sum;
      .reg .u64 %pointer;
      .reg .pred %done;
      mov.u32 %index, %tid.x;
      mov.u32 %i, %ctaid.x;
      mov.u32 %size, %ntid.x;
      mad.lo.u32 %index, %i, %size, %index;
      ld.param.u32 %count, [count];
      setp.ge.u32 %done, %index, %count;
      @%done ret;
      mov.u32 %i, 0;
      mov.u32 %sum, 0;
    NEXT:
      setp.eq.u32 %done, %i, %index;
      @%done bra STORE;
      add.u32 %i, %i, 1;
      add.u32 %sum, %sum, %i;
      bra NEXT;
    STORE:
      ld.param.u64 %pointer, [out];
      mad.wide.u32 %pointer, %index, 4, %pointer;
      st.global.u32 [%pointer], %sum;
      ret;)");
  std::uint32_t count = 90;
  CUdeviceptr out = uploaded(Words(96, 7));
  ASSERT_EQ(run(function, 2, 48, {&out, &count}), kSuccess);  // a full warp and half a one in each block
  Words expected(96, 7);
  for (std::uint32_t i = 0; i < count; ++i) expected[i] = i * (i + 1) / 2;
  EXPECT_EQ(downloaded<std::uint32_t>(out, 96), expected);
}

TEST_F(Kernel, PlacesOfThreadsAndBlocks) {
  const CUfunction function = kernel(".param .u64 out", R"(
      .reg .u32 %v<6>, %place;
      .reg .u64 %pointer;
      mov.u32 %v0, %tid.x;
      mov.u32 %v1, %ctaid.x;
      mov.u32 %v2, %ctaid.y;
      mov.u32 %v3, %ntid.x;
      mov.u32 %v4, %nctaid.x;
      mov.u32 %v5, %laneid;
      mad.lo.u32 %place, %v2, %v4, %v1;
      mad.lo.u32 %place, %place, %v3, %v0;
      ld.param.u64 %pointer, [out];
      mad.wide.u32 %pointer, %place, 24, %pointer;
      st.global.v2.u32 [%pointer], {%v0, %v1};
      st.global.v2.b32 [%pointer+8], {%v2, %v3};
      st.global.v2.u32 [%pointer+16], {%v4, %v5};)");  // the end of the body is a `ret`
  CUdeviceptr out = uploaded(Words(2 * 3 * 40 * 6));
  void* parameters[] = {&out};
  ASSERT_EQ(NMPERM_EMULATED(cuLaunchKernel)(function, 2, 3, 1, 40, 1, 1, 0, nullptr, parameters, nullptr),
            kSuccess);
  Words expected;
  for (std::uint32_t y = 0; y < 3; ++y) {
    for (std::uint32_t x = 0; x < 2; ++x) {
      for (std::uint32_t t = 0; t < 40; ++t) expected.insert(expected.end(), {t, x, y, 40, 2, t % 32});
    }
  }
  EXPECT_EQ(downloaded<std::uint32_t>(out, expected.size()), expected);
}

TEST_F(Kernel, LoadsAndStoresOfAllWidths) {
  const CUfunction function = kernel(".param .u64 in, .param .u32 offset, .param .u64 out", R"(
      .reg .b32 %v<12>;
      .reg .f32 %f<2>;
      .reg .u32 %offset;
      .reg .u64 %in, %out;
      ld.param.u64 %in, [in];
      ld.param.u32 %offset, [offset];
      ld.param.u64 %out, [out];
      cvta.to.global.u64 %in, %in;
      mad.wide.u32 %in, %offset, 1, %in;
      ld.global.nc.v4.b32 {%v0, %v1, %v2, %v3}, [%in];
      ld.global.v4.u32 {%v4, %v5, %v6, %v7}, [%in+16];
      ld.global.v2.u32 {%v8, %v9}, [%in+32];
      ld.global.nc.f32 %f0, [%in+40];
      ld.global.s32 %v11, [%in+-16];
      mov.b32 %f1, 0f40000000;
      st.global.v2.b32 [%out], {%v3, %v2};
      st.global.v2.f32 [%out+8], {%f0, %f1};
      st.global.v2.s32 [%out+16], {%v7, %v4};
      st.global.b32 [%out+24], %v9;
      st.global.s32 [%out+28], %v11;
      st.global.f32 [%out+32], %f1;
      ret;)");
  Words values(20);
  std::iota(values.begin(), values.end(), 100u);
  CUdeviceptr in = uploaded(values), out = uploaded(Words(9));
  std::uint32_t offset = 32;  // the kernel's first word is values[8]
  ASSERT_EQ(run(function, 1, 1, {&in, &offset, &out}), kSuccess);
  const auto two = std::bit_cast<std::uint32_t>(2.0f);
  EXPECT_EQ(downloaded<std::uint32_t>(out, 9), (Words{111, 110, 118, two, 115, 112, 117, 104, two}));
}

TEST_F(Kernel, AModuleMayHoldSeveralKernels) {
  CUmodule module = nullptr;
  const std::string body = "{ .reg .u64 %p; ld.param.u64 %p, [out]; st.global.u32 [%p], ";
  ASSERT_EQ(load(".visible .entry one(.param .u64 out)" + body +
                     "1; ret; }\n.visible .entry two(.param .u64 out)" + body + "2; ret; }\n",
                 &module),
            kSuccess);
  CUdeviceptr out = uploaded(Words{0});
  for (const auto& [name, value] : {std::pair("one", 1u), {"two", 2u}}) {
    CUfunction function = nullptr;
    ASSERT_EQ(NMPERM_EMULATED(cuModuleGetFunction)(&function, module, name), kSuccess);
    ASSERT_EQ(run(function, 1, 1, {&out}), kSuccess);
    EXPECT_EQ(downloaded<std::uint32_t>(out, 1)[0], value);
  }
}

}  // namespace
}  // namespace nmperm::testing
