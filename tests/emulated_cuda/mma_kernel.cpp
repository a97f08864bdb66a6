#include "tests/emulated_cuda/mma_kernel.h"

namespace nmperm::testing {

CUfunction MmaKernel::mma_kernel(MmaType type, unsigned selector, const std::string& before_metadata,
                                 const std::string& guard) {
  const std::string sum = type == MmaType::kS8 ? "s32" : "f32";
  const std::string shape = type == MmaType::kS8     ? "m16n8k64.row.col.s32.s8.s8.s32"
                            : type == MmaType::kBf16 ? "m16n8k32.row.col.f32.bf16.bf16.f32"
                                                     : "m16n8k32.row.col.f32.f16.f16.f32";
  const std::string body = R"(
    .reg .pred %p;
    .reg .u32 %lane;
    .reg .b32 %a<4>, %b<4>, %e;
    .reg .)" + sum + R"( %c<4>, %d<4>;
    .reg .u64 %pointer<5>;
    ld.param.u64 %pointer0, [a];
    ld.param.u64 %pointer1, [b];
    ld.param.u64 %pointer2, [c];
    ld.param.u64 %pointer3, [e];
    ld.param.u64 %pointer4, [d];
    mov.u32 %lane, %laneid;
    mad.wide.u32 %pointer0, %lane, 16, %pointer0;
    mad.wide.u32 %pointer1, %lane, 16, %pointer1;
    mad.wide.u32 %pointer2, %lane, 16, %pointer2;
    mad.wide.u32 %pointer3, %lane, 4, %pointer3;
    mad.wide.u32 %pointer4, %lane, 16, %pointer4;
    ld.global.v4.b32 {%a0, %a1, %a2, %a3}, [%pointer0];
    ld.global.nc.v4.b32 {%b0, %b1, %b2, %b3}, [%pointer1];
    ld.global.v4.b32 {%c0, %c1, %c2, %c3}, [%pointer2];
    )" + before_metadata + R"(ld.global.b32 %e, [%pointer3];
    )" + guard + "mma.sp.sync.aligned." +
                           shape + R"(
        {%d0, %d1, %d2, %d3}, {%a0, %a1, %a2, %a3}, {%b0, %b1, %b2, %b3}, {%c0, %c1, %c2, %c3}, %e, )" +
                           std::to_string(selector) + R"(;
    st.global.v2.)" + sum + R"( [%pointer4], {%d0, %d1};
    st.global.v2.)" + sum + R"( [%pointer4+8], {%d2, %d3};
    ret;)";
  return kernel(".param .u64 a, .param .u64 b, .param .u64 c, .param .u64 e, .param .u64 d", body);
}

CUresult MmaKernel::run_mma(CUfunction kernel, const MmaFragments& fragments, unsigned threads) {
  const auto flat = [](const auto& registers) {
    std::vector<std::uint32_t> words;
    for (const auto& lane : registers) words.insert(words.end(), lane.begin(), lane.end());
    return words;
  };
  CUdeviceptr a = uploaded(flat(fragments.a)), b = uploaded(flat(fragments.b)),
              c = uploaded(flat(fragments.c));
  CUdeviceptr e = uploaded(std::vector<std::uint32_t>(fragments.metadata.begin(), fragments.metadata.end()));
  sums_ = uploaded(std::vector<std::uint32_t>(128));
  return run(kernel, 1, threads, {&a, &b, &c, &e, &sums_});
}

}  // namespace nmperm::testing
