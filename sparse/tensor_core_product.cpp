#include "sparse/tensor_core_product.h"

#include <array>
#include <cmath>
#include <string>

#include "core/error.h"
#include "sparse/tensor_core_kernel.h"
#include "sparse/tensor_core_layout.h"
#include "sparse/value_type.h"

namespace nmperm {
namespace {

/// Runs the program; the sums of the weight's rows and b's columns, without what fills up.
template <typename Sum>
std::vector<Sum> multiply(const Gpu& gpu, const TensorCoreWeight& a, const TensorCoreActivations& b) {
  const auto rows = static_cast<std::size_t>(a.row_blocks) * kWarpRows;
  const auto pitch = static_cast<std::size_t>(b.column_blocks) * kWarpColumns;
  const GpuProgram program(gpu, tensor_core_program(a.type));
  const GpuMemory values(gpu, std::as_bytes(std::span(a.values)));
  const GpuMemory metadata(gpu, std::as_bytes(std::span(a.metadata)));
  const GpuMemory activations(gpu, std::as_bytes(std::span(b.values)));
  const GpuMemory sums(gpu, rows * pitch * sizeof(Sum));
  std::array<std::uint64_t, 4> addresses = {values.address(), metadata.address(), activations.address(),
                                            sums.address()};
  std::array<std::uint32_t, 2> sizes = {static_cast<std::uint32_t>(a.steps),
                                        static_cast<std::uint32_t>(pitch * sizeof(Sum))};
  std::array<void*, 6> arguments = {&addresses[0], &addresses[1], &addresses[2],
                                    &addresses[3], &sizes[0],     &sizes[1]};
  program.run("product", static_cast<unsigned>(a.row_blocks), static_cast<unsigned>(b.column_blocks),
              arguments);
  std::vector<Sum> all(rows * pitch);
  sums.read(std::as_writable_bytes(std::span(all)));
  std::vector<Sum> y;
  y.reserve(static_cast<std::size_t>(a.rows) * static_cast<std::size_t>(b.columns));
  for (int r = 0; r < a.rows; ++r) {
    const auto row = all.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(r) * pitch);
    y.insert(y.end(), row, row + b.columns);
  }
  return y;
}

[[noreturn]] void refuse(float value, std::size_t position, int n, const std::string& expected) {
  const auto width = static_cast<std::size_t>(n);
  throw InputError("activations",
                   "row " + std::to_string(position / width) + ", column " + std::to_string(position % width),
                   std::to_string(value), expected);
}

std::vector<std::uint16_t> halves_of(std::span<const float> b, int n, ValueType type) {
  std::vector<std::uint16_t> halves;
  halves.reserve(b.size());
  for (const float value : b) {
    const std::uint16_t half = type == ValueType::kF16 ? f16_of(value) : bf16_of(value);
    const int infinity = type == ValueType::kF16 ? 0x7c00 : 0x7f80;  // NaN is above it
    if ((half & 0x7fff) >= infinity)
      refuse(value, halves.size(), n, "a number in the range of " + to_string(type));
    halves.push_back(half);
  }
  return halves;
}

std::vector<float> integer_product(const Gpu& gpu, const StoredWeight& a, std::span<const float> b, int n) {
  for (std::size_t k = 0; k < b.size(); ++k) {
    if (!std::isfinite(b[k])) refuse(b[k], k, n, "a finite number");
  }
  const float scale = i8_scale(b);
  std::vector<std::int8_t> integers;
  integers.reserve(b.size());
  for (const float value : b) integers.push_back(i8_of(value, scale));
  const std::vector<std::int32_t> sums = tensor_core_sums(gpu, a, integers, n);
  std::vector<float> y(sums.size());
  for (std::size_t k = 0; k < y.size(); ++k) {
    const double row_scale = static_cast<double>(a.scales[k / static_cast<std::size_t>(n)]);
    y[k] = static_cast<float>(sums[k] * row_scale * static_cast<double>(scale));
  }
  return y;
}

}  // namespace

std::vector<float> tensor_core_product(const Gpu& gpu, const StoredWeight& a, std::span<const float> b,
                                       int n) {
  if (n < 1) throw InputError("activations", "columns", std::to_string(n), "at least one");
  if (a.type == ValueType::kI8) return integer_product(gpu, a, b, n);
  const TensorCoreWeight weight = tensor_core_weight(a);
  return multiply<float>(gpu, weight, tensor_core_activations(weight, halves_of(b, n, a.type), n));
}

std::vector<std::int32_t> tensor_core_sums(const Gpu& gpu, const StoredWeight& a,
                                           std::span<const std::int8_t> b, int n) {
  // 2^17 products of -128 times -128 would not fit into 32 bits.
  constexpr int kColumns = 1 << 18;
  if (a.columns >= kColumns) {
    throw InputError("weight for tensor cores", "columns", std::to_string(a.columns),
                     "less than " + std::to_string(kColumns) + " for exact sums of i8");
  }
  const TensorCoreWeight weight = tensor_core_weight(a);
  return multiply<std::int32_t>(gpu, weight, tensor_core_activations(weight, b, n));
}

}  // namespace nmperm
