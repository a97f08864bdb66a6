#include "sparse/tensor_core_kernel.h"

#include <string_view>
#include <utility>

#include "core/error.h"

namespace nmperm {
namespace {

/// Words after `$` differ between the types. All loads of a warp are of neighbouring addresses: 16 bytes a
/// lane for A and B, 4 for the metadata. Each register of A serves two instructions, and each of B.
constexpr std::string_view kProgram = R"(.version 7.1
.target sm_80
.address_size 64

.visible .entry product(
    .param .u64 values,
    .param .u64 metadata,
    .param .u64 activations,
    .param .u64 sums,
    .param .u32 steps,
    .param .u32 pitch)
{
  .reg .pred %more;
  .reg .u32 %lane, %row_block, %column_block, %steps, %index, %row, %pitch;
  .reg .u64 %pa, %pb, %pe, %pd, %offset, %step;
  .reg .b32 %a<8>;                              // two times 16 rows of A
  .reg .b32 %b<8>;                              // two times 8 columns of B
  .reg .b32 %e0, %e1;                           // metadata
  .reg .$sum %d<16>;                            // sums: rows 0-15 columns 0-7, then 8-15; rows 16-31 alike

  mov.u32 %lane, %tid.x;
  mov.u32 %row_block, %ctaid.x;
  mov.u32 %column_block, %ctaid.y;
  ld.param.u32 %steps, [steps];

  // A and B: 1024 bytes for each block and step, 16 bytes for each lane.
  ld.param.u64 %pa, [values];
  cvta.to.global.u64 %pa, %pa;
  mul.wide.u32 %offset, %row_block, %steps;
  shl.b64 %offset, %offset, 10;
  add.u64 %pa, %pa, %offset;
  mul.wide.u32 %offset, %lane, 16;
  add.u64 %pa, %pa, %offset;
  ld.param.u64 %pb, [activations];
  cvta.to.global.u64 %pb, %pb;
  add.u64 %pb, %pb, %offset;
  mul.wide.u32 %offset, %column_block, %steps;
  shl.b64 %offset, %offset, 10;
  add.u64 %pb, %pb, %offset;

  // Metadata: $block bytes for each row block, all row blocks of a step together.
  ld.param.u64 %pe, [metadata];
  cvta.to.global.u64 %pe, %pe;
  mul.wide.u32 %offset, %row_block, $block;
  add.u64 %pe, %pe, %offset;
  mul.wide.u32 %offset, %lane, 4;
  add.u64 %pe, %pe, %offset;
  mov.u32 %index, %nctaid.x;
  mul.wide.u32 %step, %index, $block;

  mov.$sum %d0, $zero;
  mov.$sum %d1, $zero;
  mov.$sum %d2, $zero;
  mov.$sum %d3, $zero;
  mov.$sum %d4, $zero;
  mov.$sum %d5, $zero;
  mov.$sum %d6, $zero;
  mov.$sum %d7, $zero;
  mov.$sum %d8, $zero;
  mov.$sum %d9, $zero;
  mov.$sum %d10, $zero;
  mov.$sum %d11, $zero;
  mov.$sum %d12, $zero;
  mov.$sum %d13, $zero;
  mov.$sum %d14, $zero;
  mov.$sum %d15, $zero;

STEP:
  ld.global.nc.v4.b32 {%a0, %a1, %a2, %a3}, [%pa];
  ld.global.nc.v4.b32 {%a4, %a5, %a6, %a7}, [%pa+512];
  ld.global.nc.v4.b32 {%b0, %b1, %b2, %b3}, [%pb];
  ld.global.nc.v4.b32 {%b4, %b5, %b6, %b7}, [%pb+512];
  ld.global.nc.b32 %e0, [%pe];
  ld.global.nc.b32 %e1, [%pe+$second];
  $mma
      {%d0, %d1, %d2, %d3}, {%a0, %a1, %a2, %a3}, {%b0, %b1, %b2, %b3}, {%d0, %d1, %d2, %d3}, %e0, 0;
  $mma
      {%d4, %d5, %d6, %d7}, {%a0, %a1, %a2, %a3}, {%b4, %b5, %b6, %b7}, {%d4, %d5, %d6, %d7}, %e0, 0;
  $mma
      {%d8, %d9, %d10, %d11}, {%a4, %a5, %a6, %a7}, {%b0, %b1, %b2, %b3}, {%d8, %d9, %d10, %d11}, %e1, $selector;
  $mma
      {%d12, %d13, %d14, %d15}, {%a4, %a5, %a6, %a7}, {%b4, %b5, %b6, %b7}, {%d12, %d13, %d14, %d15}, %e1, $selector;
  add.u64 %pa, %pa, 1024;
  add.u64 %pb, %pb, 1024;
  add.u64 %pe, %pe, %step;
  sub.u32 %steps, %steps, 1;
  setp.ne.u32 %more, %steps, 0;
  @%more bra STEP;

  // Lane 4 g + t: row 32 * block + g, column 16 * block + 2 t.
  ld.param.u64 %pd, [sums];
  cvta.to.global.u64 %pd, %pd;
  ld.param.u32 %pitch, [pitch];
  shr.u32 %row, %lane, 2;
  shl.b32 %index, %row_block, 5;
  add.u32 %row, %row, %index;
  mul.wide.u32 %offset, %row, %pitch;
  add.u64 %pd, %pd, %offset;
  mul.wide.u32 %offset, %column_block, 64;
  add.u64 %pd, %pd, %offset;
  and.b32 %index, %lane, 3;
  mul.wide.u32 %offset, %index, 8;
  add.u64 %pd, %pd, %offset;
  mul.wide.u32 %offset, %pitch, 8;              // eight rows further down
  st.global.v2.$sum [%pd], {%d0, %d1};
  st.global.v2.$sum [%pd+32], {%d4, %d5};
  add.u64 %pd, %pd, %offset;
  st.global.v2.$sum [%pd], {%d2, %d3};
  st.global.v2.$sum [%pd+32], {%d6, %d7};
  add.u64 %pd, %pd, %offset;
  st.global.v2.$sum [%pd], {%d8, %d9};
  st.global.v2.$sum [%pd+32], {%d12, %d13};
  add.u64 %pd, %pd, %offset;
  st.global.v2.$sum [%pd], {%d10, %d11};
  st.global.v2.$sum [%pd+32], {%d14, %d15};
  ret;
}
)";

/// What stands in the program for one type.
struct Words {
  std::string_view mma, sum, zero;
  std::string_view block;     ///< bytes of metadata of 32 rows and one step
  std::string_view second;    ///< where the word for the second 16 rows is
  std::string_view selector;  ///< which lanes describe them
};

Words words_of(ValueType type) {
  switch (type) {
    case ValueType::kF16:
      return {"mma.sp.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32", "f32", "0f00000000", "128", "0", "1"};
    case ValueType::kBF16:
      return {"mma.sp.sync.aligned.m16n8k32.row.col.f32.bf16.bf16.f32", "f32", "0f00000000", "128", "0", "1"};
    case ValueType::kI8:
      return {"mma.sp.sync.aligned.m16n8k64.row.col.s32.s8.s8.s32", "s32", "0", "256", "128", "0"};
    case ValueType::kF32:
      break;
  }
  throw InputError("tensor cores", "dtype", to_string(type), "f16, bf16 or i8");
}

}  // namespace

std::string tensor_core_program(ValueType type) {
  const Words words = words_of(type);
  std::string program(kProgram);
  for (const auto& [name, word] : {std::pair<std::string_view, std::string_view>{"$mma", words.mma},
                                   {"$sum", words.sum},
                                   {"$zero", words.zero},
                                   {"$block", words.block},
                                   {"$second", words.second},
                                   {"$selector", words.selector}}) {
    for (std::size_t at = program.find(name); at != std::string::npos; at = program.find(name, at)) {
      program.replace(at, name.size(), word);
    }
  }
  return program;
}

}  // namespace nmperm
