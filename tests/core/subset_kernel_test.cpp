#include "core/subset_kernel.h"

#include <bit>
#include <set>

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/objective.h"
#include "tests/core/kernel_cases.h"
#include "tests/core/targets.h"

namespace nmperm {
namespace {

using testing::Scores;

struct Size {
  int count;
  Pattern pattern;
  std::size_t subsets;  // binomial(count, M)
};
const std::vector<Size>& sizes() {
  static const std::vector<Size> sizes = {{8, {2, 4}, 70},    {12, {2, 4}, 495}, {16, {1, 4}, 1820},
                                          {8, {1, 2}, 28},    {9, {2, 3}, 84},   {16, {4, 8}, 12870},
                                          {20, {3, 4}, 4845}, {4, {2, 4}, 1},    {12, {5, 6}, 924}};
  return sizes;
}

std::vector<double> kept_by_kernel(const SubsetKernel& kernel, const ScoreMatrix& scores) {
  std::vector<double> kept(kernel.masks().size());
  SubsetKernel::Workspace workspace;
  kernel.kept(testing::columns_of(scores).data(), scores.stride(), workspace, kept.data());
  return kept;
}

TEST(SubsetKernelMasks, AreAllSubsetsOnce) {
  for (const Size& size : sizes()) {
    const SubsetKernel kernel(size.count, size.pattern);
    EXPECT_EQ(kernel.masks().size(), size.subsets);
    EXPECT_EQ((std::set<std::uint32_t>(kernel.masks().begin(), kernel.masks().end()).size()), size.subsets);
    for (const std::uint32_t mask : kernel.masks()) {
      EXPECT_EQ(std::popcount(mask), size.pattern.group);
      EXPECT_LT(mask, std::uint32_t{1} << size.count);
    }
  }
}

TEST(SubsetKernelMasks, RefuseTooManyColumns) {
  EXPECT_THROW(SubsetKernel(SubsetKernel::kMaxColumns + 4, {2, 4}), InternalError);
  EXPECT_THROW(SubsetKernel(3, {2, 4}), InternalError);
}

using SubsetKernels = testing::KernelTest;
NMPERM_ON_EVERY_TARGET(SubsetKernels);

TEST_P(SubsetKernels, EqualTheOracleInEverySubset) {
  std::uint64_t seed = 0;
  for (const Size& size : sizes()) {
    const SubsetKernel kernel(size.count, size.pattern);
    const std::size_t stride = std::max<std::size_t>(1, size.subsets / 40);  // the oracle is slow
    for (const int rows : {1, 16, 33, 100, 1100}) {
      for (const Scores kind : {testing::kAllScores.begin()[seed % testing::kAllScores.size()],
                                Scores::kUniform, Scores::kIntegers}) {
        SCOPED_TRACE(std::to_string(size.count) + " columns " + size.pattern.str() + " " +
                     std::to_string(rows) + " rows " + testing::name_of(kind));
        const ScoreMatrix scores = testing::kernel_scores(kind, rows, size.count, ++seed);
        const std::vector<double> kept = kept_by_kernel(kernel, scores);
        for (std::size_t s = seed % stride; s < kept.size(); s += stride) {
          std::vector<int> group;
          for (int c = 0; c < size.count; ++c) {
            if ((kernel.masks()[s] >> c & 1) != 0) group.push_back(c);
          }
          const double oracle = kept_of_group(scores, size.pattern, group.data());
          testing::expect_sum(kept[s], oracle, kind, testing::float_rounding(rows, size.pattern.keep),
                              oracle);
        }
      }
    }
  }
}

TEST_P(SubsetKernels, RunOnTheLanesOfTheTarget) {
  const double expected = testing::sum_of_witness(testing::target_lanes(GetParam()));
  const SubsetKernel kernel(8, {1, 4});
  const std::vector<double> kept = kept_by_kernel(kernel, testing::lane_witness(8));
  for (std::size_t s = 0; s < kept.size(); ++s)
    EXPECT_EQ(kept[s], (kernel.masks()[s] & 1) != 0 ? expected : 0);
}

TEST_P(SubsetKernels, AWorkspaceServesManySizes) {
  SubsetKernel::Workspace workspace;
  for (const int count : {8, 16, 8, 12}) {
    const SubsetKernel kernel(count, {2, 4});
    const ScoreMatrix scores = testing::random_scores(Scores::kIntegers, 33, count, 7);
    std::vector<double> kept(kernel.masks().size());
    kernel.kept(testing::columns_of(scores).data(), scores.stride(), workspace, kept.data());
    EXPECT_EQ(kept, kept_by_kernel(kernel, scores)) << count;
  }
}

}  // namespace
}  // namespace nmperm
