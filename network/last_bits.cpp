#include "network/last_bits.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <span>

#include "core/rng.h"

namespace nmperm {
namespace {

template <typename Real, typename Bits>
void change(std::span<std::byte> bytes, Rng& rng) {
  for (std::size_t at = 0; at + sizeof(Real) <= bytes.size(); at += sizeof(Real)) {
    Bits bits = 0;
    std::memcpy(&bits, bytes.data() + at, sizeof bits);
    const Real value = std::bit_cast<Real>(bits);
    if (value == 0 || !std::isfinite(value)) continue;
    bits ^= static_cast<Bits>(rng.below(2));
    std::memcpy(bytes.data() + at, &bits, sizeof bits);
  }
}

}  // namespace

OnnxModel with_last_bits_changed(const OnnxModel& model, std::uint64_t seed) {
  OnnxModel changed = model.clone();
  Rng rng(seed);
  for (int index = 0; index < model.constant_count(); ++index) {
    const StoredConstant& constant = model.constant(index);
    const bool single = constant.type == ElementType::kFloat32;
    if (constant.dims.size() < 2 || (!single && constant.type != ElementType::kFloat64)) continue;
    std::vector<std::byte> bytes = model.constant_bytes(index);
    if (single) {
      change<float, std::uint32_t>(bytes, rng);
    } else {
      change<double, std::uint64_t>(bytes, rng);
    }
    changed.replace_constant(index, std::move(bytes));
  }
  return changed;
}

}  // namespace nmperm
