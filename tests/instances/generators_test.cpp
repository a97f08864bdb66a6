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

struct ExpectedKind {
  const char* name;
  int rows, columns;
  std::uint32_t seed;
  const char* sha256;
};

constexpr std::array<ExpectedKind, 15> kOtherKinds = {{
    {"heavy-tailed", 128, 64, 1, "a5fe67eea85054801095f9afd9b3eea63a47327a33ec7b462721581541d2ae5d"},
    {"low-rank", 128, 64, 1, "9e88ebf3a24af3bd735e3d2447514fb4b43882fa775f149362adda8e9faa6657"},
    {"duplicated", 128, 64, 1, "7e27327829769b29c57c10dd9149b017c438883f0abc2140ab7780c78dde3929"},
    {"ties", 128, 64, 1, "47844fceaa77747a4f3bc9d9d315414f114c315a9bd1a467695a76d56fca1f8c"},
    {"planted", 128, 64, 1, "6d40b0bf8591d142b691825fe6978b64faa8c0675ecf1602e803cda15a1d4116"},
    {"heavy-tailed", 17, 5, 0, "55b4e5ed222e29775a7a5a84df2a2ce147bef8acf1fab412c1bec2e7946d812f"},
    {"low-rank", 17, 5, 0, "19d05196b0b47e034d6aedba14439eb3d13f2957b13eefd5d92917fc5363d977"},
    {"duplicated", 17, 5, 0, "c21b2aa231ab76b758216532b880ffd9ca60ffca9b84a75c91e6137dc4284fab"},
    {"ties", 17, 5, 0, "9041c62368c13af5dc8aade7430cd545887a0d8522a6e454c4f1dccad7fc07a2"},
    {"planted", 17, 5, 0, "bbddedbf66f837f7b9e561ea45c16e3bf53e70cdfd35f14bb3c64bf4a2173305"},
    {"heavy-tailed", 33, 20, 7, "2e65d0ca88650f794d5b89db75bf39d83d94787cbc01395fc0c432ab4190719e"},
    {"low-rank", 33, 20, 7, "3a719cad5dd289e33ae12846da3939f5ff9ce40788cfddf6d0a01fa3628557f3"},
    {"duplicated", 33, 20, 7, "748473b7e389ccda23d2da1bbb7a677d48e0570c5140710bb95bb2b1c338d7ac"},
    {"ties", 33, 20, 7, "7719351971d1ea6e142529237ebf23f047b0780cff7dde8ddbcd78d5dd275c20"},
    {"planted", 33, 20, 7, "d23e1dea956406f4cd2df40194d6615773e6586596b28c45b0a8e60e19bf84a6"},
}};

TEST(Generators, EqualNumpyBitForBit) {
  for (const ExpectedKind& expected : kOtherKinds) {
    const Generator* const generator = find_generator(expected.name);
    ASSERT_NE(generator, nullptr) << expected.name;
    EXPECT_EQ(fingerprint(generator->make(expected.rows, expected.columns, expected.seed)), expected.sha256)
        << expected.name << ' ' << expected.rows;
  }
  EXPECT_EQ(find_generator("uniform"), nullptr);
}

TEST(PlantedScores, HaveAnOrderThatLosesNothing) {
  // Twelve columns: all scores of each group of the planted order survive, so the row bound is the total.
  const Magnitude magnitude = Problem(planted_scores(40, 12, 3)).magnitude();
  EXPECT_DOUBLE_EQ(magnitude.row_bound, magnitude.total);
  EXPECT_LT(magnitude.default_kept, magnitude.total);
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
