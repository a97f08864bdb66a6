#include "tests/support/emulated_cuda/sparse_mma.h"

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include "tests/support/emulated_cuda/result.h"

namespace nmperm::emulated_cuda {
namespace {

constexpr int kRows = 16, kColumns = 8, kRegisters = 4, kMaxInner = 64;

int elements_per_register(MmaElement element) {
  return element == MmaElement::kS8 ? 4 : 2;
}

int inner_size(MmaElement element) {
  return 16 * elements_per_register(element);
}

double value_of_half(std::uint32_t bits) {
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  const int exponent = static_cast<int>(bits >> 10 & 0x1f), mantissa = static_cast<int>(bits & 0x3ff);
  if (exponent == 0x1f && mantissa != 0) return std::numeric_limits<double>::quiet_NaN();
  if (exponent == 0x1f) return sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

/// Element e of a register.
template <typename Sum>
Sum element_of(MmaElement element, std::uint32_t pack, int e) {
  if constexpr (std::is_same_v<Sum, double>) {
    const std::uint32_t bits = pack >> (16 * e) & 0xffff;
    return element == MmaElement::kF16 ? value_of_half(bits) : std::bit_cast<float>(bits << 16);
  } else {
    // Sums of bytes wrap: they are unsigned, and a negative byte is its two's complement.
    return static_cast<std::uint32_t>(static_cast<std::int8_t>(pack >> (8 * e) & 0xff));
  }
}

/// The index of a kept element within its chunk of four columns.
int kept_index(MmaElement element, unsigned selector, int row, int compressed_column,
               const std::array<std::uint32_t, kLanes>& metadata) {
  const int chunk = compressed_column / 2;
  int lane, shift;
  if (element == MmaElement::kS8) {
    lane = 4 * (row % 8) + 2 * (chunk / 8) + row / 8;
    shift = 4 * (chunk % 8);
  } else {
    lane = 4 * (row % 8) + 2 * static_cast<int>(selector) + chunk / 4;
    shift = 4 * (chunk % 4) + 16 * (row / 8);
  }
  const std::uint32_t pair = metadata[static_cast<std::size_t>(lane)] >> shift & 0xf;
  if ((pair & 3) >= pair >> 2) {
    throw Fault(kLaunchFailed, std::string("metadata ") +
                                   ((pair & 3) == pair >> 2 ? "undefined" : "descending") + " (" +
                                   std::to_string(pair) + ") for row " + std::to_string(row) + ", chunk " +
                                   std::to_string(chunk) + ", bits from " + std::to_string(shift) +
                                   " of lane " + std::to_string(lane));
  }
  return static_cast<int>(compressed_column % 2 == 0 ? pair & 3 : pair >> 2);
}

template <typename Sum>
struct Matrices {
  std::array<std::array<Sum, kMaxInner>, kRows> a{};  // expanded: zero where nothing is kept
  std::array<std::array<bool, kMaxInner>, kRows> kept{};
  std::array<std::array<Sum, kColumns>, kMaxInner> b{};
  std::array<std::array<Sum, kColumns>, kRows> sums{};
};

/// Calls visit(lane, register, group, thread) for all registers of a fragment.
template <typename Visit>
void for_each_register(const Visit& visit) {
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int r = 0; r < kRegisters; ++r) visit(lane, r, lane / 4, lane % 4);
  }
}

std::uint32_t at(const Fragments& fragments, int lane, int r) {
  return fragments[static_cast<std::size_t>(lane)][static_cast<std::size_t>(r)];
}

template <typename Matrix>
auto& at(Matrix& matrix, int row, int column) {
  return matrix[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
}

template <typename Sum>
Sum sum_of_bits(std::uint32_t bits) {
  if constexpr (std::is_same_v<Sum, double>) return std::bit_cast<float>(bits);
  return static_cast<Sum>(bits);
}

template <typename Sum>
std::uint32_t bits_of_sum(Sum sum) {
  if constexpr (std::is_same_v<Sum, double>) return std::bit_cast<std::uint32_t>(static_cast<float>(sum));
  return static_cast<std::uint32_t>(sum);
}

template <typename Sum>
Fragments multiply(MmaElement element, unsigned selector, const Fragments& a, const Fragments& b,
                   const Fragments& c, const std::array<std::uint32_t, kLanes>& metadata) {
  const int per_register = elements_per_register(element);
  Matrices<Sum> m;
  for_each_register([&](int lane, int r, int group, int thread) {
    for (int e = 0; e < per_register; ++e) {
      const int row = group + 8 * (r % 2), compressed = per_register * (thread + 4 * (r / 2)) + e;
      const int column = compressed / 2 * 4 + kept_index(element, selector, row, compressed, metadata);
      at(m.a, row, column) = element_of<Sum>(element, at(a, lane, r), e);
      at(m.kept, row, column) = true;
      at(m.b, per_register * (thread + 4 * r) + e, group) = element_of<Sum>(element, at(b, lane, r), e);
    }
    at(m.sums, group + 8 * (r / 2), 2 * thread + r % 2) = sum_of_bits<Sum>(at(c, lane, r));
  });
  for (int row = 0; row < kRows; ++row) {
    for (int k = 0; k < inner_size(element); ++k) {
      if (!at(m.kept, row, k)) continue;  // not 0 times B: B may be infinite where A keeps nothing
      for (int n = 0; n < kColumns; ++n) at(m.sums, row, n) += at(m.a, row, k) * at(m.b, k, n);
    }
  }
  Fragments d{};
  for_each_register([&](int lane, int r, int group, int thread) {
    d[static_cast<std::size_t>(lane)][static_cast<std::size_t>(r)] =
        bits_of_sum<Sum>(at(m.sums, group + 8 * (r / 2), 2 * thread + r % 2));
  });
  return d;
}

}  // namespace

bool contributes_metadata(MmaElement element, unsigned selector, int lane) {
  return element == MmaElement::kS8 || lane % 4 / 2 == static_cast<int>(selector);
}

Fragments sparse_mma(MmaElement element, unsigned selector, const Fragments& a, const Fragments& b,
                     const Fragments& c, const std::array<std::uint32_t, kLanes>& metadata) {
  if (element == MmaElement::kS8) return multiply<std::uint32_t>(element, selector, a, b, c, metadata);
  return multiply<double>(element, selector, a, b, c, metadata);
}

}  // namespace nmperm::emulated_cuda
