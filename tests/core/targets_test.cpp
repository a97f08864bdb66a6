#include "tests/core/targets.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nmperm {
namespace {

using ::testing::Contains;
using testing::kernel_targets;
using ::testing::StrEq;
using testing::target_name;

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const std::int64_t target : kernel_targets()) names.emplace_back(target_name(target));
  return names;
}

TEST(Targets, EachRunsWhereItIsAskedFor) {
  std::string all;
  for (const std::int64_t target : kernel_targets()) {
    const testing::OnTarget on(target);
    EXPECT_EQ(testing::running_target(), target) << target_name(target);
    all += std::string(all.empty() ? "" : " ") + target_name(testing::running_target());
  }
  RecordProperty("targets", all);
}

TEST(Targets, NoInstructionSetOfTheMachineIsLeftOut) {
  EXPECT_THAT(names(), Contains(::testing::AnyOf(StrEq("SCALAR"), StrEq("EMU128"))));
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.2")) {
    EXPECT_THAT(names(), Contains(StrEq("SSE4")));
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    EXPECT_THAT(names(), Contains(StrEq("AVX2")));
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    EXPECT_THAT(names(), Contains(StrEq("AVX3")));
  }
#endif
}

TEST(Targets, ByteKernelsRunOnVnniToo) {
  for (const std::int64_t target : testing::byte_kernel_targets()) {
    const testing::OnTarget on(target);
    EXPECT_EQ(testing::running_byte_target(), target) << target_name(target);
  }
#if defined(__x86_64__)
  __builtin_cpu_init();
  // What else Highway asks for before it takes a processor for one with AVX3_DL.
  if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi2") &&
      __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vpopcntdq") &&
      __builtin_cpu_supports("vpclmulqdq")) {
    EXPECT_EQ(testing::byte_kernel_targets().size(), kernel_targets().size() + 1);
  }
#endif
}

TEST(Targets, TheBestOneRunsUnasked) {
  const auto targets = kernel_targets();
  EXPECT_EQ(testing::running_target(), *std::min_element(targets.begin(), targets.end()));
}

}  // namespace
}  // namespace nmperm
