// What the emulated driver makes of a PTX module: kernels as lists of instructions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace nmperm::emulated_cuda {

enum class TypeKind { kPredicate, kBits, kUnsigned, kSigned, kFloat, kHalves };

struct Type {
  TypeKind kind;
  int bits;

  std::size_t size_bytes() const { return static_cast<std::size_t>(bits) / 8; }
  bool operator==(const Type&) const = default;
};

constexpr Type kPred{TypeKind::kPredicate, 1}, kB32{TypeKind::kBits, 32}, kB64{TypeKind::kBits, 64},
    kU32{TypeKind::kUnsigned, 32}, kU64{TypeKind::kUnsigned, 64}, kS32{TypeKind::kSigned, 32},
    kS64{TypeKind::kSigned, 64}, kF32{TypeKind::kFloat, 32}, kF16x2{TypeKind::kHalves, 32};

/// Whether an operand of one type may stand where an instruction wants the other (PTX ISA, "Operand Type
/// Checking").
bool agree(Type a, Type b);

enum class Operation {
  kMove,  // mov, cvta.to.global and cvt.u64.u32: global addresses are generic ones here, values are kept
          // zero-extended
  kLoadParameter,
  kLoad,
  kStore,
  kAdd,
  kSubtract,
  kMultiply,
  kMultiplyAdd,
  kShiftLeft,
  kShiftRight,
  kAnd,
  kOr,
  kCompare,
  kBranch,
  kReturn,
  kSparseMma,
};

enum class Comparison { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

/// Multiplicands of mma.sp: m16n8k32 for the two floats (f32 accumulation), m16n8k64 for bytes (s32).
enum class MmaElement { kF16, kBf16, kS8 };

/// One opcode with its types, such as "mad.wide.u32".
struct Form {
  Operation operation;
  std::vector<Type> written;  // types of the operands that are written, in order
  std::vector<Type>
      read;  // types of those that are read; an address and mma.sp's selector are no operands here
  Comparison comparison = Comparison::kEqual;
  MmaElement element = MmaElement::kF16;
};

/// The six registers of a thread's place.
enum class Special { kTidX, kCtaidX, kCtaidY, kNtidX, kNctaidX, kLaneid };

struct Operand {
  enum class Kind { kRegister, kImmediate, kSpecial } kind;
  std::size_t register_index = 0;
  std::uint64_t immediate = 0;
  Special special = Special::kTidX;
};

struct Instruction {
  int line;  // of the module's text, from 1
  const Form* form;
  bool guarded = false, guard_negated = false;
  std::size_t guard_register = 0;
  std::vector<std::size_t> written;  // registers
  std::vector<Operand> read;
  std::size_t address_register = 0;  // loads and stores of global memory
  std::int64_t offset = 0;           // bytes, from that register or, for ld.param, from the first parameter
  std::size_t target = 0;            // of a branch: index of an instruction, or their number
  unsigned selector = 0;             // of mma.sp
};

struct Register {
  std::string name;
  Type type;
};

struct Parameter {
  std::string name;
  Type type;
  std::size_t offset;  // bytes, from the first parameter; aligned to the type's size
};

struct Kernel {
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Register> registers;
  std::vector<Instruction> instructions;

  std::size_t parameter_bytes() const {
    return parameters.empty() ? 0 : parameters.back().offset + parameters.back().type.size_bytes();
  }
};

struct PtxModule {
  std::vector<Kernel> kernels;
};

}  // namespace nmperm::emulated_cuda
