#include "tests/core/targets.h"

#define HWY_COMPILE_ALL_ATTAINABLE
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/core/targets.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {

std::int64_t CompiledFor() {
  return HWY_TARGET;
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(CompiledFor);

namespace testing {

std::vector<std::int64_t> kernel_targets() {
  // SupportedTargets() leaves the scalar target out of the bits where a better one exists; dispatch knows it.
  std::int64_t targets = (hwy::SupportedTargets() | HWY_BASELINE_SCALAR) & HWY_TARGETS;
  std::vector<std::int64_t> list;
  for (; targets != 0; targets &= targets - 1) list.push_back(targets & ~(targets - 1));
  return list;
}

const char* target_name(std::int64_t target) {
  return hwy::TargetName(target);
}

int target_lanes(std::int64_t target) {
#if HWY_ARCH_X86
  if (target == HWY_AVX3 || target == HWY_AVX3_DL) return 16;
  if (target == HWY_AVX2) return 8;
#endif
  return target == HWY_SCALAR ? 1 : 4;
}

std::int64_t running_target() {
  return HWY_DYNAMIC_DISPATCH(CompiledFor)();
}

OnTarget::OnTarget(std::int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
}
OnTarget::~OnTarget() {
  hwy::SetSupportedTargetsForTest(0);
}

ScoreMatrix lane_witness(int columns) {
  ScoreMatrix scores(1024, columns);
  for (int r = 0; r < 1024; ++r) scores.at(r, 0) = r == 0 ? 0x1p24f : 1.0f;
  return scores;
}

double sum_of_witness(int lanes) {
  return 0x1p24 + 1024 - 1024 / lanes;
}

}  // namespace testing
}  // namespace nmperm
#endif  // HWY_ONCE
