// Expected values come from numpy 1.24.2, by the formulas in generators.h.
#include "instances/generators.h"

#include <array>

#include <gtest/gtest.h>

#include "core/problem.h"
#include "instances/fingerprint.h"

namespace nmperm {
namespace {

struct Expected {
  int rows, columns;
  std::uint32_t seed;
  const char* random;
  const char* structured;
};

// SHA-256 of the float32 matrices in row-major order.
constexpr std::array<Expected, 4> kNumpy = {{
    {128, 64, 1, "4a4a6e2df849684d898760dc1a9526b7c015781a388a09e0fcca14b7cce347b7",
     "8d6f553fc0f44b29d3d5387a326116c42a263fcecdc94415fd850e54e7204bcc"},
    {17, 5, 0, "c63c4313a673c90e723c34db1d8e92e58a6a4f80db14220f62e3c1b4b62192a0",
     "59d980cfceb7919285c1fb052894f43872a2dc4d75b974b6c8933de49dd7a0af"},
    {1, 3, 4294967295, "ec96d26b5f1435651d22731f91eb2a33cdd06d0d5ce144ab385d40c21ba20cf7",
     "b11b26794d0578393d157e3d184fd2719be822759dcefe3da09947c223c67ba9"},
    {33, 20, 7, "e86c4e29bc4a0c2158cae16b08974a7ad646cf4352060ea1d95727361bb6eafd",
     "01a9b017dd6e494e3dd8885c5e19d9f00c118c1eaebc9abf6665f26d196d141c"},
}};

TEST(RandomScores, EqualNumpyBitForBit) {
  for (const Expected& expected : kNumpy) {
    EXPECT_EQ(fingerprint(random_scores(expected.rows, expected.columns, expected.seed)), expected.random);
  }
}

TEST(RandomScores, HaveThePublishedMagnitudes) {
  const Magnitude magnitude = Problem(random_scores(128, 64, 1)).magnitude();
  EXPECT_NEAR(magnitude.total, 4083.169, 0.0005);
  EXPECT_NEAR(magnitude.default_kept, 2852.377, 0.0005);
  EXPECT_NEAR(magnitude.row_bound, 3042.332, 0.0005);
}

TEST(StructuredScores, EqualNumpyBitForBit) {
  for (const Expected& expected : kNumpy) {
    EXPECT_EQ(fingerprint(structured_scores(expected.rows, expected.columns, expected.seed)),
              expected.structured);
  }
  EXPECT_EQ(fingerprint(structured_scores(1000, 1000, 3)),
            "1aa163d74cc0c162235e98354365cb6d73497212523798a9bfbebe104905bd45");
}

TEST(StructuredScores, AreWhatNumpyPrints) {
  const float expected[3][4] = {{0x1.4fc3cap-1f, 0x1.975f38p-1f, 0x1.e16502p+0f, 0x1.437936p-2f},
                                {0x1.daded2p-3f, 0x1.5aa318p+2f, 0x1.00493ap+0f, 0x1.0e206ap+0f},
                                {0x1.2dabb0p-4f, 0x1.ad1b9ap-3f, 0x1.f326acp-3f, 0x1.15c140p-4f}};
  const ScoreMatrix scores = structured_scores(3, 4, 5);
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 4; ++c) EXPECT_EQ(scores.at(r, c), expected[r][c]) << r << ' ' << c;
  }
}

}  // namespace
}  // namespace nmperm
