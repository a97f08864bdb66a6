// Running the kernels on every instruction set that the machine supports.
#pragma once

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "core/score_matrix.h"

namespace nmperm::testing {

/// The instruction sets that Highway compiles the kernels for and this machine runs, the scalar one included,
/// as HWY_TARGET bits.
std::vector<std::int64_t> kernel_targets();
/// The same for kernels that are also compiled for AVX3_DL (AVX-512 with VNNI).
std::vector<std::int64_t> byte_kernel_targets();
const char* target_name(std::int64_t target);
/// float32 lanes of a vector.
int target_lanes(std::int64_t target);
/// The instruction set to which a kernel that is called now is dispatched.
std::int64_t running_target();
/// The same for a kernel that is also compiled for AVX3_DL.
std::int64_t running_byte_target();

/// Dispatches to one target for as long as it lives.
class OnTarget {
 public:
  explicit OnTarget(std::int64_t target);
  ~OnTarget();
  OnTarget(const OnTarget&) = delete;
  OnTarget& operator=(const OnTarget&) = delete;
};

/// A test that runs once a target.
class KernelTest : public ::testing::TestWithParam<std::int64_t> {
 private:
  OnTarget on_target_{GetParam()};
};

/// A column of 1024 rows, 2^24 and then ones, and columns of zeros. Once a float32 lane holds 2^24 every
/// further 1 in it is lost, so that the sum of the column, sum_of_witness(), tells the number of lanes.
ScoreMatrix lane_witness(int columns);
double sum_of_witness(int lanes);

#define NMPERM_ON_EVERY_TARGET(Suite)                                                                \
  INSTANTIATE_TEST_SUITE_P(Targets, Suite, ::testing::ValuesIn(::nmperm::testing::kernel_targets()), \
                           [](const auto& test) { return ::nmperm::testing::target_name(test.param); })

#define NMPERM_ON_EVERY_BYTE_TARGET(Suite)                                                                \
  INSTANTIATE_TEST_SUITE_P(Targets, Suite, ::testing::ValuesIn(::nmperm::testing::byte_kernel_targets()), \
                           [](const auto& test) { return ::nmperm::testing::target_name(test.param); })

}  // namespace nmperm::testing
