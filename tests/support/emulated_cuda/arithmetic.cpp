#include "tests/support/emulated_cuda/arithmetic.h"

#include <cstdlib>

namespace nmperm::emulated_cuda {
namespace {

template <typename Integer>
bool holds(Comparison comparison, Integer a, Integer b) {
  switch (comparison) {
    case Comparison::kEqual:
      return a == b;
    case Comparison::kNotEqual:
      return a != b;
    case Comparison::kLess:
      return a < b;
    case Comparison::kLessEqual:
      return a <= b;
    case Comparison::kGreater:
      return a > b;
    case Comparison::kGreaterEqual:
      break;
  }
  return a >= b;
}

/// PTX shifts by more places than there are as if the rest were shifted out one by one.
std::uint64_t shifted_left(std::uint64_t value, std::uint64_t places) {
  return places > 63 ? 0 : value << places;
}

}  // namespace

std::uint64_t computed(const Form& form, const std::array<std::uint64_t, 3>& operands) {
  const auto [a, b, c] = operands;
  // Signed and unsigned sums and low halves of products have the same bits; wide ones here are of unsigned
  // numbers.
  const std::uint64_t mask = form.written[0].bits == 32 ? 0xffffffff : ~std::uint64_t{0};
  switch (form.operation) {
    case Operation::kMove:
      return a;
    case Operation::kAdd:
      return (a + b) & mask;
    case Operation::kSubtract:
      return (a - b) & mask;
    case Operation::kMultiply:
      return (a * b) & mask;
    case Operation::kMultiplyAdd:
      return (a * b + c) & mask;
    case Operation::kShiftLeft:
      return shifted_left(a, b) & mask;
    case Operation::kShiftRight:
      return b > 31 ? 0 : a >> b;
    case Operation::kAnd:
      return a & b;
    case Operation::kOr:
      return a | b;
    case Operation::kCompare:
      if (form.read[0].kind == TypeKind::kSigned) {
        return holds(form.comparison, static_cast<std::int32_t>(a), static_cast<std::int32_t>(b)) ? 1 : 0;
      }
      return holds(form.comparison, a, b) ? 1 : 0;
    default:
      std::abort();  // the interpreter's own: memory, branches, mma.sp
  }
}

}  // namespace nmperm::emulated_cuda
