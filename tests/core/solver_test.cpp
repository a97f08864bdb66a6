#include "core/solver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refusal.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;

/// Reverses the columns, or refuses where it is told to.
class Reverser : public Solver {
 public:
  const SolverInfo& info() const override {
    static const SolverInfo info{
        "reverser", "reverses", "", false, "none", {OptionRecord::integer("refuse", "", 0, 0, 1)}, {}};
    return info;
  }
  Support supports(const Problem&, const Options& options) const override {
    if (options.integer("refuse") == 0) return {};
    return {"it does not want to", "another solver"};
  }
  void run(Search& search) const override {
    const int columns = search.problem().columns();
    Permutation reversed;
    for (int i = columns; i-- > 0;) reversed.push_back(i);
    search.report(reversed, search.incumbent_kept() + 1);
  }
};

TEST(Solver, FillsTheResult) {
  const Problem problem(testing::scores_of_rows({{1, 2, 3, 4}}), {2, 4});
  SolveParameters parameters;
  parameters.seed = 9;
  parameters.threads = 2;
  const Result result = Reverser().solve(problem, parameters);
  EXPECT_EQ(result.solver, "reverser");
  EXPECT_EQ(result.options, (OptionValues{{"refuse", "0"}}));
  EXPECT_EQ(result.seed, 9u);
  EXPECT_EQ(result.threads, 2);
  EXPECT_EQ(result.permutation, (Permutation{3, 2, 1, 0}));
  EXPECT_EQ(result.magnitude.kept, 7);
  EXPECT_GE(result.seconds, 0);
}

TEST(Solver, ChecksOptionsAndSupportBeforeItRuns) {
  const Problem problem(testing::scores_of_rows({{1, 2, 3, 4}}), {2, 4});
  SolveParameters parameters;
  parameters.options = {{"refuse", "1"}};
  EXPECT_THAT(
      refusal_of<UnsupportedError>([&] { Reverser().solve(problem, parameters); }),
      AllOf(HasSubstr("solver reverser"), HasSubstr("it does not want to"), HasSubstr("another solver")));
  parameters.options = {{"refuse", "2"}};
  EXPECT_THAT(refusal_of([&] { Reverser().solve(problem, parameters); }), HasSubstr("option refuse"));
  parameters.options = {{"refuze", "1"}};
  EXPECT_THAT(refusal_of([&] { Reverser().solve(problem, parameters); }), HasSubstr("did you mean refuse?"));
}

TEST(Error, IsOneLineWithTheExitCodeOfItsKind) {
  const InputError error("a\nb.npy", "byte 3", "bad \x01magic", "good magic");
  EXPECT_STREQ(error.what(), "a b.npy: byte 3: bad  magic (expected good magic)");
  EXPECT_EQ(error.exit_code(), 2);
  EXPECT_EQ(UnsupportedError("s", "", "p").exit_code(), 2);
  EXPECT_STREQ(UnsupportedError("s", "", "p").what(), "s: p");
  EXPECT_EQ(CheckError("s", "", "p").exit_code(), 4);
  EXPECT_EQ(InternalError("p").exit_code(), 1);
}

}  // namespace
}  // namespace nmperm
