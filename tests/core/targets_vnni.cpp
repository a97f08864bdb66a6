// The targets of kernels that ask for AVX3_DL, which Highway compiles for only where it is asked to.
#include "tests/core/targets.h"

#define HWY_COMPILE_ALL_ATTAINABLE
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tests/core/targets_vnni.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nmperm {
namespace HWY_NAMESPACE {

std::int64_t ByteKernelCompiledFor() {
  return HWY_TARGET;
}

}  // namespace HWY_NAMESPACE
}  // namespace nmperm
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nmperm {

HWY_EXPORT(ByteKernelCompiledFor);

namespace testing {

std::vector<std::int64_t> byte_kernel_targets() {
  std::int64_t targets = (hwy::SupportedTargets() | HWY_BASELINE_SCALAR) & HWY_TARGETS;
  std::vector<std::int64_t> list;
  for (; targets != 0; targets &= targets - 1) list.push_back(targets & ~(targets - 1));
  return list;
}

std::int64_t running_byte_target() {
  return HWY_DYNAMIC_DISPATCH(ByteKernelCompiledFor)();
}

}  // namespace testing
}  // namespace nmperm
#endif  // HWY_ONCE
