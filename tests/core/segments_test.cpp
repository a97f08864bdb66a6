#include "core/segments.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;

TEST(Segments, KnowWhereTheyBeginAndEnd) {
  const Segments segments({8, 4, 12});
  EXPECT_EQ(segments.count(), 3);
  EXPECT_EQ(segments.columns(), 24);
  EXPECT_EQ(segments.begin(0), 0);
  EXPECT_EQ(segments.end(0), 8);
  EXPECT_EQ(segments.begin(2), 12);
  EXPECT_EQ(segments.end(2), 24);
  EXPECT_EQ(segments.length(1), 4);
  for (int c = 0; c < 24; ++c) EXPECT_EQ(segments.of_column(c), c < 8 ? 0 : c < 12 ? 1 : 2) << c;
}

TEST(Segments, OneNumberIsOneSegment) {
  const Segments segments(16);
  EXPECT_EQ(segments.count(), 1);
  EXPECT_EQ(segments.of_column(15), 0);
  EXPECT_EQ(segments, Segments(std::vector<int>{16}));
}

TEST(Segments, RefuseLengthsThatAreNotPositive) {
  EXPECT_THAT(refusal_of([] { Segments({8, 0}); }), AllOf(HasSubstr("entry 1"), HasSubstr("length 0")));
  EXPECT_THAT(refusal_of([] { Segments({-4, 8}); }), AllOf(HasSubstr("entry 0"), HasSubstr("length -4")));
  EXPECT_THAT(refusal_of([] { Segments(std::vector<int>{}); }), HasSubstr("no segment"));
  constexpr int kMost = std::numeric_limits<int>::max();
  EXPECT_THAT(refusal_of([] { Segments({kMost, 4}); }), HasSubstr("entry 1"));
}

TEST(Segments, MustAddUpToTheColumns) {
  EXPECT_THAT(refusal_of([] {
                Segments({8, 8}).validate(20, {});
              }),
              AllOf(HasSubstr("add up to 16"), HasSubstr("expected 20")));
  EXPECT_NO_THROW(Segments({8, 12}).validate(20, {}));
}

TEST(Segments, MustBeMultiplesOfTheGroup) {
  EXPECT_THAT(refusal_of([] {
                Segments({8, 6, 6}).validate(20, {});
              }),
              AllOf(HasSubstr("segment 1"), HasSubstr("not divisible by M = 4")));
}

}  // namespace
}  // namespace nmperm
