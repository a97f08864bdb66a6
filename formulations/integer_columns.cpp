#include "formulations/integer_columns.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <unordered_map>

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "formulations/integer_columns.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;
using V = hn::Vec<D>;

// kKeep = 0: N is known at run time only. Sums of integers below 2^53 are exact in any order.
template <int kKeep>
double KeptOfIntegers(const double* const* columns, const Pattern& pattern, std::size_t rows) {
  const D d;
  const int keep = kKeep > 0 ? kKeep : pattern.keep;
  V sum = hn::Zero(d);
  for (std::size_t r = 0; r < rows; r += hn::Lanes(d)) {
    V top[kKeep > 0 ? kKeep : Pattern::kMaxGroup];
    for (int n = 0; n < keep; ++n) top[n] = hn::Zero(d);
    for (int k = 0; k < pattern.group; ++k) {
      V x = hn::Load(d, columns[k] + r);
      for (int n = 0; n < keep; ++n) {
        const V larger = hn::Max(top[n], x);
        x = hn::Min(top[n], x);
        top[n] = larger;
      }
    }
    for (int n = 0; n < keep; ++n) sum = hn::Add(sum, top[n]);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

double KeptOfIntegerGroup(const double* const* columns, const Pattern& pattern, std::size_t rows) {
  if (pattern.keep == 1) return KeptOfIntegers<1>(columns, pattern, rows);
  if (pattern.keep == 2) return KeptOfIntegers<2>(columns, pattern, rows);
  return KeptOfIntegers<0>(columns, pattern, rows);
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(KeptOfIntegerGroup);

double integer_scale(const Problem& problem) {
  constexpr int kMostBits = 46;
  const double total = problem.magnitude().total;
  return total > 0 ? std::ldexp(1.0, kMostBits - 1 - std::ilogb(total)) : 1;
}

double most_dual(const Pattern& pattern) {
  // M repaired duals, each at most twice as large and an M-th of a group's magnitude more, and that
  // magnitude.
  return std::floor(std::ldexp(3.0, 50) / pattern.group);
}

void IntegerColumns::Free::operator()(double* data) const {
  std::free(data);
}

IntegerColumns::IntegerColumns(const Problem& problem, int segment)
    : pattern_(problem.pattern()),
      rows_(problem.rows()),
      first_(problem.segments().begin(segment)),
      scale_(integer_scale(problem)),
      stride_(problem.scores().stride()) {
  const int count = problem.segments().length(segment);
  const std::size_t size_bytes = static_cast<std::size_t>(count) * stride_ * sizeof(double);
  scores_.reset(static_cast<double*>(std::aligned_alloc(kRowAlignment * sizeof(float), size_bytes)));
  if (!scores_) throw std::bad_alloc();
  std::unordered_map<std::string_view, int> known;  // views of the columns of types
  for (int i = 0; i < count; ++i) {
    const float* const from = problem.scores().column(first_ + i);
    double* const to = column(types());  // the next type, should this be one
    double sum = 0;
    for (std::size_t r = 0; r < stride_; ++r) {
      const double exact = static_cast<double>(from[r]) * scale_;
      to[r] = std::nearbyint(exact) + 0.0;  // no negative zero, as equal columns are known by their bytes
      rounding_ += std::abs(to[r] - exact);
      sum += to[r];
    }
    total_ += sum;
    const std::string_view bytes(reinterpret_cast<const char*>(to), stride_ * sizeof(double));
    const auto [at, is_new] = known.emplace(bytes, types());
    if (is_new) {
      members_.emplace_back();
      type_total_.push_back(sum);
    }
    members_[static_cast<std::size_t>(at->second)].push_back(first_ + i);
    type_of_.push_back(at->second);
  }
}

double IntegerColumns::pruned(const std::uint16_t* types) const {
  const double* columns[Pattern::kMaxGroup];
  double sum = 0;
  for (int k = 0; k < pattern_.group; ++k) {
    columns[k] = column(types[k]);
    sum += type_total(types[k]);
  }
  return sum - HWY_DYNAMIC_DISPATCH(KeptOfIntegerGroup)(columns, pattern_, stride_);
}

double IntegerColumns::sum_over_columns(const std::vector<double>& duals) const {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  std::int64_t sum = 0;
  for (int t = 0; t < types(); ++t) {
    sum += multiplicity(t) * static_cast<std::int64_t>(duals[static_cast<std::size_t>(t)]);
  }
  return static_cast<double>(std::clamp(sum, -kExact, kExact));
}

std::vector<std::uint16_t> IntegerColumns::types_of(std::span<const int> columns) const {
  std::vector<std::uint16_t> types;
  for (const int c : columns) {
    types.push_back(static_cast<std::uint16_t>(type_of_[static_cast<std::size_t>(c - first_)]));
  }
  return types;
}

std::vector<int> IntegerColumns::columns_of(std::span<const std::uint16_t> types) const {
  std::vector<std::size_t> used(members_.size(), 0);
  std::vector<int> columns;
  for (const int t : types) columns.push_back(members(t)[used[static_cast<std::size_t>(t)]++]);
  return columns;
}

}  // namespace nmperm
#endif  // HWY_ONCE
