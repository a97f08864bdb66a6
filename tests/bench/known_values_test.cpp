#include "bench/known_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/bench/run_of.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::run_of;

constexpr char kName[] = "random-64x64-100";

const KnownValues& known() {
  static const KnownValues values = KnownValues::of_project();
  return values;
}

/// A run of an instance that is in the library, by its own name there.
ComparisonRun library_run(const std::string& solver = "identity") {
  return run_of(std::string("library:") + kName, solver);
}

/// What is said of the runs; empty where they may be true.
std::string contradiction(const std::vector<ComparisonRun>& runs, const KnownValues& values) {
  try {
    require_no_contradiction(runs, values, "r.json");
  } catch (const CheckError& error) {
    return error.what();
  }
  return {};
}

TEST(KnownValues, AreFoundByScoresAndPattern) {
  const ComparisonRun run = library_run();
  ASSERT_NE(known().find(run), nullptr);
  EXPECT_EQ(known().find(run)->name, kName);
  ComparisonRun renamed = run, wide = run, other = run;
  renamed.instance = "copy.npy";
  EXPECT_EQ(known().find(renamed), known().find(run));
  wide.pattern = {1, 4};
  EXPECT_EQ(known().find(wide), nullptr);
  other.sha256[0] = other.sha256[0] == 'a' ? 'b' : 'a';
  EXPECT_EQ(known().find(other), nullptr) << "the name alone does not make the scores";
  EXPECT_EQ(KnownValues().find(run), nullptr);
}

TEST(KnownValues, AreNotOfColumnsThatMustStayInSegments) {
  ComparisonRun run = library_run();
  run.segments = {32, 32};
  EXPECT_EQ(known().find(run), nullptr);
}

TEST(KnownValues, AreFoundByNameWhereOldResultsDoNotTellTheirScores) {
  ComparisonRun run = library_run();
  run.sha256.clear();
  ASSERT_NE(known().find(run), nullptr);
  run.pattern = {1, 4};
  EXPECT_EQ(known().find(run), nullptr);
  run.pattern = {};
  run.instance = kName;
  EXPECT_EQ(known().find(run), nullptr) << "a file may have this name";
}

TEST(Contradictions, TrueRunsHaveNone) {
  ComparisonRun refused = library_run();
  refused.refusal = "too many columns";
  refused.result.magnitude = {};
  EXPECT_EQ(contradiction({refused, library_run(), library_run("stripe-groups"),
                           run_of("random:16x8:1", "exhaustive"), run_of("random:16x8:1", "identity")},
                          known()),
            "");
}

TEST(Contradictions, ARunThatBeatsAProvenOptimumIsOne) {
  ComparisonRun run = library_run();
  run.result.magnitude.kept = known().find(run)->bound->kept * (1 + 1e-6);
  EXPECT_THAT(contradiction({library_run(), run}, known()),
              AllOf(HasSubstr("r.json: library:random-64x64-100: identity, seed 0 keeps"),
                    HasSubstr("more than the optimum of the library (branch-and-price)")));
  EXPECT_EQ(contradiction({run}, KnownValues()), "") << "below the row bound, and nothing else is known";
}

TEST(Contradictions, ABoundBelowWhatIsKeptIsOne) {
  ComparisonRun exact = run_of("random:16x8:1", "exhaustive");
  exact.result.bound->kept *= 1 - 1e-6;
  EXPECT_THAT(contradiction({exact}, KnownValues()),
              HasSubstr("the bound of exhaustive, seed 0 (exhaustive)"));
  ComparisonRun low = library_run();
  low.result.bound = Bound{low.result.magnitude.kept, "wishful"};
  EXPECT_THAT(contradiction({low}, known()), HasSubstr("the library (branch-and-price) keeps"));
}

TEST(Contradictions, MoreThanTheRowBoundIsOne) {
  ComparisonRun run = run_of("random:16x8:1", "identity");
  run.result.magnitude.kept = run.result.magnitude.row_bound * (1 + 1e-6);
  EXPECT_THAT(contradiction({run}, KnownValues()), HasSubstr("more than its row bound"));
}

}  // namespace
}  // namespace nmperm
