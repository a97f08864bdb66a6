// Statistics from files, whole and broken.
#include "criteria/scoring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "instances/load.h"
#include "tests/io/file_builders.h"
#include "tests/support/refusal.h"
#include "tests/support/scores.h"

namespace nmperm::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Statistics of a layer "fc" with two columns and of a convolution "conv" [1, 2, 1, 3].
class ScoringFile : public ::testing::Test {
 protected:
  ScoringFile() {
    add("fc.norm", "[2]", {2, 3});
    add("fc.hessian", "[2, 2]", {2, 0, 0, 4});
    add("fc.gradient", "[2, 2]", {1, 2, 3, 4});
    add("conv.norm", "[2]", {10, 100});
    add("conv.gradient", "[1, 2, 1, 3]", {1, 2, 3, 4, 5, 6});
    add("bad.norm", "[2]", {1, -1});
    add("flat.norm", "[1, 2]", {1, 1});
    add("flat.hessian", "[1, 2]", {1, 1});
    add("long.norm", "[3]", {1, 1, 1});
    path_ = folder_.write("stats.safetensors", safetensors("{" + header_ + "}", data_));
  }

  void add(const std::string& name, const std::string& shape, const std::vector<float>& values) {
    header_ += (header_.empty() ? "\"" : ",\"") + name + R"(":{"dtype":"F32","shape":)" + shape +
               ",\"data_offsets\":[" + std::to_string(data_.size()) + ",";
    data_ += bytes_of(values);
    header_ += std::to_string(data_.size()) + "]}";
  }

  ScoreMatrix score(const std::string& criterion, const std::string& layer) const {
    ScoreMatrix weights =
        layer == "conv" ? scores_of_rows({{1, 1}, {2, 2}, {3, 3}}) : scores_of_rows({{1, 1}, {1, -1}});
    return Scoring(Criterion(criterion), path_).score(std::move(weights), layer, scores_of_tensor);
  }

  TemporaryFolder folder_;
  std::string header_, data_, path_;
};

TEST_F(ScoringFile, EveryStatisticIsFoundByTheNameOfTheLayer) {
  EXPECT_EQ(score("wanda", "fc").at(1, 1), 3);
  EXPECT_EQ(score("obd", "fc").at(1, 1), 2);
  EXPECT_EQ(score("snip", "fc").at(1, 0), 3);
}

TEST_F(ScoringFile, AConvolutionHasOneNormForAllPositionsOfTheKernel) {
  const ScoreMatrix wanda = score("wanda", "conv"), snip = score("snip", "conv");
  for (int r = 0; r < 3; ++r) {
    const float w = static_cast<float>(r + 1);
    EXPECT_EQ(wanda.at(r, 0), 10 * w);
    EXPECT_EQ(wanda.at(r, 1), 100 * w);
    EXPECT_EQ(snip.at(r, 0), w * static_cast<float>(r + 1));
    EXPECT_EQ(snip.at(r, 1), w * static_cast<float>(r + 4));
  }
}

TEST_F(ScoringFile, FaultsNameFileAndTensor) {
  EXPECT_THAT(refusal_of([&] { score("wanda", "fc2"); }),
              AllOf(HasSubstr("stats.safetensors"), HasSubstr("fc2.norm"), HasSubstr("fc.norm")));
  EXPECT_THAT(refusal_of([&] { score("wanda", "bad"); }),
              AllOf(HasSubstr("bad.norm"), HasSubstr("the norm is -1")));
  EXPECT_THAT(refusal_of([&] { score("wanda", "flat"); }),
              AllOf(HasSubstr("flat.norm"), HasSubstr("[1, 2]")));
  EXPECT_THAT(refusal_of([&] { score("obs", "flat"); }),
              AllOf(HasSubstr("flat.hessian"), HasSubstr("[2, 2]")));
  EXPECT_THAT(refusal_of([&] { score("ria", "long"); }),
              AllOf(HasSubstr("long.norm"), HasSubstr("3 input channels")));
}

TEST_F(ScoringFile, StatisticsAreGivenWhereTheyAreNeededAndNowhereElse) {
  EXPECT_THAT(refusal_of([] { Scoring(Criterion("wanda"), ""); }),
              AllOf(HasSubstr("--statistics"), HasSubstr("WEIGHT.norm")));
  EXPECT_THAT(refusal_of([&] { Scoring(Criterion("squared"), path_); }), HasSubstr("needs no statistics"));
  EXPECT_THAT(refusal_of([&] { Scoring(Criterion("wanda"), folder_.path("none")); }), HasSubstr("none"));
  EXPECT_EQ(Scoring().statistics_sha256(), "");
  EXPECT_EQ(Scoring(Criterion("wanda"), path_).statistics_sha256().size(), 64U);
}

}  // namespace
}  // namespace nmperm::testing
