#include "tests/support/emulated_cuda/ptx_forms.h"

#include <map>

namespace nmperm::emulated_cuda {
namespace {

struct NamedType {
  const char* name;
  Type type;
};

constexpr NamedType kNamedB32{"b32", kB32}, kNamedU32{"u32", kU32}, kNamedS32{"s32", kS32},
    kNamedF32{"f32", kF32}, kNamedU64{"u64", kU64}, kNamedS64{"s64", kS64};

using Forms = std::map<std::string, Form>;

void add_arithmetic(Forms& forms) {
  for (const auto& [name, type] : {kNamedU32, kNamedB32, kNamedF32, kNamedU64, kNamedS32}) {
    forms[std::string("mov.") + name] = {Operation::kMove, {type}, {type}};
  }
  forms["cvta.to.global.u64"] = {Operation::kMove, {kU64}, {kU64}};
  forms["cvt.u64.u32"] = {Operation::kMove, {kU64}, {kU32}};
  for (const auto& [name, type] : {kNamedU32, kNamedS32, kNamedU64, kNamedS64}) {
    forms[std::string("add.") + name] = {Operation::kAdd, {type}, {type, type}};
    forms[std::string("sub.") + name] = {Operation::kSubtract, {type}, {type, type}};
  }
  for (const auto& [name, type] : {kNamedU32, kNamedS32}) {
    forms[std::string("mul.lo.") + name] = {Operation::kMultiply, {type}, {type, type}};
    forms[std::string("mad.lo.") + name] = {Operation::kMultiplyAdd, {type}, {type, type, type}};
  }
  forms["mul.wide.u32"] = {Operation::kMultiply, {kU64}, {kU32, kU32}};
  forms["mad.wide.u32"] = {Operation::kMultiplyAdd, {kU64}, {kU32, kU32, kU64}};
  // The number of places is a .u32 whatever is shifted.
  forms["shl.b32"] = {Operation::kShiftLeft, {kB32}, {kB32, kU32}};
  forms["shl.b64"] = {Operation::kShiftLeft, {kB64}, {kB64, kU32}};
  forms["shr.u32"] = {Operation::kShiftRight, {kU32}, {kU32, kU32}};
  forms["and.b32"] = {Operation::kAnd, {kB32}, {kB32, kB32}};
  forms["or.b32"] = {Operation::kOr, {kB32}, {kB32, kB32}};
}

void add_comparisons(Forms& forms) {
  const std::map<std::string, Comparison> comparisons = {
      {"eq", Comparison::kEqual},     {"ne", Comparison::kNotEqual}, {"lt", Comparison::kLess},
      {"le", Comparison::kLessEqual}, {"gt", Comparison::kGreater},  {"ge", Comparison::kGreaterEqual}};
  for (const auto& [comparison_name, comparison] : comparisons) {
    for (const auto& [name, type] : {kNamedU32, kNamedS32}) {
      forms["setp." + comparison_name + "." + name] = {
          Operation::kCompare, {kPred}, {type, type}, comparison};
    }
  }
  for (const char* branch : {"bra", "bra.uni"}) forms[branch] = {Operation::kBranch, {}, {}};
  forms["ret"] = {Operation::kReturn, {}, {}};
}

void add_memory(Forms& forms) {
  for (const auto& [name, type] : {kNamedU32, kNamedU64}) {
    forms[std::string("ld.param.") + name] = {Operation::kLoadParameter, {type}, {}};
  }
  for (const std::string load : {"ld.global.", "ld.global.nc."}) {
    for (const auto& [name, type] : {kNamedU32, kNamedB32, kNamedF32, kNamedS32}) {
      forms[load + name] = {Operation::kLoad, {type}, {}};
    }
    for (const auto& [name, type] : {kNamedU32, kNamedB32}) {
      forms[load + "v2." + name] = {Operation::kLoad, {type, type}, {}};
      forms[load + "v4." + name] = {Operation::kLoad, {type, type, type, type}, {}};
    }
  }
  for (const auto& [name, type] : {kNamedF32, kNamedS32, kNamedU32, kNamedB32}) {
    forms[std::string("st.global.") + name] = {Operation::kStore, {}, {type}};
    forms[std::string("st.global.v2.") + name] = {Operation::kStore, {}, {type, type}};
  }
}

void add_sparse_mma(Forms& forms) {
  // Read: four registers each of A, B and C, then the metadata.
  const auto form = [](Type sum, Type pack, MmaElement element) {
    return Form{.operation = Operation::kSparseMma,
                .written = {sum, sum, sum, sum},
                .read = {pack, pack, pack, pack, pack, pack, pack, pack, sum, sum, sum, sum, kU32},
                .element = element};
  };
  const std::string mma = "mma.sp.sync.aligned.";
  forms[mma + "m16n8k32.row.col.f32.f16.f16.f32"] = form(kF32, kF16x2, MmaElement::kF16);
  forms[mma + "m16n8k32.row.col.f32.bf16.bf16.f32"] = form(kF32, kU32, MmaElement::kBf16);
  forms[mma + "m16n8k64.row.col.s32.s8.s8.s32"] = form(kS32, kU32, MmaElement::kS8);
}

}  // namespace

bool agree(Type a, Type b) {
  const auto is_integer = [](Type type) {
    return type.kind == TypeKind::kUnsigned || type.kind == TypeKind::kSigned;
  };
  if (a.bits != b.bits) return false;
  return a.kind == b.kind || a.kind == TypeKind::kBits || b.kind == TypeKind::kBits ||
         (is_integer(a) && is_integer(b));
}

const Form* form_of(const std::string& opcode) {
  static const Forms kForms = [] {
    Forms forms;
    add_arithmetic(forms);
    add_comparisons(forms);
    add_memory(forms);
    add_sparse_mma(forms);
    return forms;
  }();
  const auto found = kForms.find(opcode);
  return found == kForms.end() ? nullptr : &found->second;
}

}  // namespace nmperm::emulated_cuda
