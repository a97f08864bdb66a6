#include "instances/check_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/instances/plain_prover.h"
#include "tests/support/arbitrary.h"
#include "tests/support/brute_force.h"
#include "tests/support/refusal.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using testing::plain_certificate;
using testing::PlainGroups;
using testing::random_scores;
using testing::refusal_of;
using testing::Scores;

constexpr int kThreads = 2;

/// The largest kept magnitude of any permutation.
double best_kept(const Problem& problem) {
  double kept = 0;
  for (int s = 0; s < problem.segments().count(); ++s) {
    std::vector<int> columns;
    for (int c = problem.segments().begin(s); c < problem.segments().end(s); ++c) columns.push_back(c);
    kept += testing::best_kept(problem.scores(), problem.pattern(), columns);
  }
  return kept;
}

std::size_t count_nodes(const Certificate& certificate) {
  std::size_t count = 0;
  for (const auto& segment : certificate.segments) count += segment.nodes.size();
  return count;
}

void expect_optimum_proven(const Problem& problem) {
  const double proven = check_certificate(problem, plain_certificate(problem), kThreads);
  EXPECT_NEAR(proven, best_kept(problem), 1e-9 * problem.magnitude().total);
  EXPECT_GE(proven, best_kept(problem) * (1 - 1e-14));
  const std::string reason =
      refusal_of<CheckError>([&] { check_certificate(problem, plain_certificate(problem, 1), kThreads); });
  EXPECT_THAT(reason, HasSubstr("a leaf that proves"));
}

TEST(CheckCertificate, ProvesTheOptimum) {
  expect_optimum_proven(Problem(random_scores(Scores::kUniform, 9, 8, 1)));
  const Problem larger(random_scores(Scores::kUniform, 16, 12, 2));
  expect_optimum_proven(larger);
  EXPECT_GT(count_nodes(plain_certificate(larger)), 2u) << "a case that needs branching";
}

TEST(CheckCertificate, ProvesTheOptimumOfOtherPatterns) {
  expect_optimum_proven(Problem(random_scores(Scores::kUniform, 9, 10, 1), {1, 2}));
  expect_optimum_proven(Problem(random_scores(Scores::kUniform, 9, 9, 1), {1, 3}));
  expect_optimum_proven(Problem(random_scores(Scores::kUniform, 9, 12, 1), {2, 3}));
  expect_optimum_proven(Problem(random_scores(Scores::kUniform, 9, 12, 1), {3, 4}));
  expect_optimum_proven(Problem(random_scores(Scores::kUniform, 9, 12, 1), {4, 6}));
  expect_optimum_proven(Problem(random_scores(Scores::kUniform, 9, 12, 1), {5, 12}));
}

TEST(CheckCertificate, ProvesTheOptimumOfEverySegment) {
  expect_optimum_proven(Problem(random_scores(Scores::kUniform, 9, 24, 1), {}, Segments({8, 4, 12})));
}

TEST(CheckCertificate, TakesEqualColumnsAsOneClass) {
  for (const float factor : {1.0f, 0.0f}) {
    ScoreMatrix scores = random_scores(Scores::kUniform, 9, 12, 1);
    for (const int c : {2, 5, 7, 11}) {
      for (int r = 0; r < 9; ++r) scores.at(r, c) = factor * scores.at(r, 2);
    }
    expect_optimum_proven(Problem(std::move(scores)));
  }
}

TEST(CheckCertificate, IsTheSameForEveryNumberOfThreads) {
  const Problem problem(random_scores(Scores::kUniform, 16, 12, 2));
  const Certificate certificate = plain_certificate(problem);
  const double proven = check_certificate(problem, certificate, 1);
  for (const int threads : {0, 2, 8}) EXPECT_EQ(check_certificate(problem, certificate, threads), proven);
}

TEST(CheckCertificate, WithoutNodesTheRowBoundIsTheProof) {
  const Problem problem(random_scores(Scores::kIntegers, 9, 8, 1));
  const PlainGroups groups(problem, 0, 1);
  Certificate certificate{1, {{groups.row_bound_pruned(), {}}}};
  EXPECT_EQ(check_certificate(problem, certificate, 1), problem.magnitude().row_bound);
  ++certificate.segments[0].pruned;
  EXPECT_THAT(refusal_of<CheckError>([&] { check_certificate(problem, certificate, 1); }),
              HasSubstr("certificate: proof[0]: without nodes the row bound proves"));
}

TEST(CheckCertificate, AddsWhatRoundingToIntegersHides) {
  const Problem problem(random_scores(Scores::kUniform, 9, 12, 1));
  for (const double scale : {1.0, 4.0, 1024.0}) {
    const PlainGroups groups(problem, 0, scale);
    testing::PlainProver prover(groups, 0, groups.least_pruned());
    const double proven = check_certificate(problem, {scale, {prover.prove()}}, 1);
    EXPECT_GE(proven, best_kept(problem)) << scale;
    EXPECT_LE(proven, best_kept(problem) + 9 * 12 / scale) << scale;
  }
}

/// Whatever the duals are, what the checker takes them to prove is below the optimum: what a plain
/// enumeration says, to the last unit.
RC_GTEST_PROP(CheckCertificate, RepairsAnyDuals, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(5);
  const int columns = pattern.group * *rc::gen::inRange(1, pattern.group > 3 ? 3 : 5);
  const Problem problem(
      random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 12), columns, testing::arbitrary_seed()),
      pattern);
  const double scale = testing::plain_scale(problem);
  const PlainGroups groups(problem, 0, scale);
  const std::int64_t most = 1 + groups.total() / columns;
  std::vector<std::int64_t> duals;
  for (int c = 0; c < columns; ++c) {
    int equal = 0;
    while (!groups.equal(equal, c)) ++equal;
    duals.push_back(equal < c ? duals[static_cast<std::size_t>(equal)]
                              : *rc::gen::inRange<std::int64_t>(-most / 4, most));
  }
  std::vector<std::int64_t> deficit(duals.size(), 0);
  for (const auto& group : groups.all()) {
    std::int64_t reduced = group.pruned;
    for (const int c : group.columns) reduced -= duals[static_cast<std::size_t>(c)];
    for (const int c : group.columns) {
      for (int other = 0; other < columns; ++other) {
        if (!groups.equal(c, other)) continue;
        deficit[static_cast<std::size_t>(other)] =
            std::max(deficit[static_cast<std::size_t>(other)], -reduced);
      }
    }
  }
  const std::int64_t repaired =
      std::accumulate(duals.begin(), duals.end(), std::int64_t{0}) -
      std::accumulate(deficit.begin(), deficit.end(), std::int64_t{0}) / pattern.group;
  const std::int64_t bound = std::max(repaired, groups.row_bound_pruned());
  RC_ASSERT(bound <= groups.least_pruned());

  Certificate certificate{scale, {{bound, {Certificate::Node{-1, -1, -1, false, duals}}}}};
  RC_ASSERT(check_certificate(problem, certificate, kThreads) >= best_kept(problem) * (1 - 1e-14));
  ++certificate.segments[0].pruned;
  RC_ASSERT_THROWS_AS(check_certificate(problem, certificate, kThreads), CheckError);
}

/// Any problem of a few columns, and the tree that its plain prover makes.
RC_GTEST_PROP(CheckCertificate, ProvesOptimaOfAnyScores, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(4);
  const Problem problem(random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 12),
                                      pattern.group * *rc::gen::inRange(1, 4), testing::arbitrary_seed()),
                        pattern);
  const double scale = testing::plain_scale(problem);
  const PlainGroups groups(problem, 0, scale);
  testing::PlainProver prover(groups, 0, groups.least_pruned() + *rc::gen::inRange(-1, 2));
  const Certificate certificate{scale, {prover.prove()}};
  try {
    RC_ASSERT(check_certificate(problem, certificate, 1) >= best_kept(problem) * (1 - 1e-14));
    RC_ASSERT(certificate.segments[0].pruned <= groups.least_pruned());
  } catch (const CheckError&) {
    // Equal columns may leave nothing to branch on, and above the optimum there is no proof.
  }
}

/// Faults, each in a certificate that is right without it.
class BadCertificate : public ::testing::Test {
 protected:
  std::string refused() const {
    return refusal_of<CheckError>(
        [&] { check_certificate(problem_, certificate_, 1, "s.certificate.json"); });
  }
  /// The same with the certificate as it was.
  template <typename Change>
  std::string refused_after(Change change) {
    const Certificate right = certificate_;
    change();
    const std::string message = refused();
    certificate_ = right;
    return message;
  }

  static ScoreMatrix scores() {
    ScoreMatrix scores = random_scores(Scores::kUniform, 16, 16, 2);
    for (int r = 0; r < 16; ++r) scores.at(r, 7) = scores.at(r, 6);
    return scores;
  }

  Problem problem_{scores(), {}, Segments({12, 4})};
  Certificate certificate_ = plain_certificate(problem_);
  std::vector<Certificate::Node>& nodes_ = certificate_.segments[0].nodes;
};

TEST_F(BadCertificate, IsRightBefore) {
  EXPECT_NEAR(check_certificate(problem_, certificate_, 1), best_kept(problem_), 1e-9);
  ASSERT_GE(nodes_.size(), 5u);
}

TEST_F(BadCertificate, Scale) {
  const double scale = certificate_.scale;
  for (const double wrong : {0.0, -scale, 0.75 * scale, std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    certificate_.scale = wrong;
    EXPECT_THAT(refused(), HasSubstr("s.certificate.json: scale: is no power of two")) << wrong;
  }
  for (const double wrong : {4 * scale, 1e300 / 1e300 * std::ldexp(1.0, 1000)}) {
    certificate_.scale = wrong;
    EXPECT_THAT(refused(), HasSubstr("scale: the integer scores sum to 2^53 or more")) << wrong;
  }
}

TEST_F(BadCertificate, Segments) {
  certificate_.segments.pop_back();
  EXPECT_THAT(refused(), HasSubstr("proof: 1 segments (expected 2)"));
}

TEST_F(BadCertificate, Claim) {
  EXPECT_THAT(refused_after([&] { ++certificate_.segments[0].pruned; }), HasSubstr("a leaf that proves"));
  EXPECT_THAT(refused_after([&] { certificate_.segments[1].pruned = -1; }),
              HasSubstr("proof[1].pruned: -1 cannot be pruned"));
  EXPECT_THAT(refused_after([&] { certificate_.segments[1].pruned = std::int64_t{1} << 53; }),
              HasSubstr("proof[1].pruned: 9007199254740992 cannot be pruned"));
}

TEST_F(BadCertificate, DualsOfALeaf) {
  std::size_t leaf = nodes_.size() - 1;
  while (nodes_[leaf].duals.empty()) --leaf;
  nodes_[leaf].duals[3] -= std::int64_t{1} << 50;
  const std::string message = refused();
  EXPECT_THAT(message, HasSubstr("proof[0].nodes[" + std::to_string(leaf) + "]: a leaf that proves"));
}

TEST_F(BadCertificate, DualsOfTheRoot) {
  for (auto& dual : nodes_[0].duals) dual = 0;
  EXPECT_NO_THROW(check_certificate(problem_, certificate_, 1)) << "the leaves have duals of their own";
  for (auto& node : nodes_) node.duals.clear();
  EXPECT_THAT(refused(), HasSubstr("a leaf that proves"));
}

TEST_F(BadCertificate, NumberOfDuals) {
  EXPECT_THAT(
      refused_after([&] { nodes_[0].duals.pop_back(); }),
      HasSubstr("proof[0].nodes[0]: has 11 duals (expected one for each of the 12 columns, or none)"));
  EXPECT_THAT(refused_after([&] { certificate_.segments[1].nodes[0].duals.push_back(1); }),
              HasSubstr("proof[1].nodes[0]: has 5 duals"));
}

TEST_F(BadCertificate, DualsOfEqualColumns) {
  ++nodes_[0].duals[7];
  EXPECT_THAT(refused(), HasSubstr("proof[0].nodes[0]: dual 7 differs from that of an equal column"));
}

TEST_F(BadCertificate, SizeOfDuals) {
  for (const std::int64_t size : {std::int64_t{1} << 53, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT(refused_after([&] { nodes_[0].duals[2] = size; }),
                HasSubstr("proof[0].nodes[0]: dual 2 is " + std::to_string(size)));
  }
  nodes_[0].duals[2] = (std::int64_t{1} << 53) - 1;
  EXPECT_NO_THROW(check_certificate(problem_, certificate_, 1)) << "repaired, and the leaves prove it alone";
}

TEST_F(BadCertificate, Parents) {
  EXPECT_THAT(refused_after([&] { nodes_[0].parent = 0; }),
              HasSubstr("nodes[0]: the first node has a parent"));
  for (const int parent : {-1, -2, 2, 3, 1000000}) {
    EXPECT_THAT(refused_after([&] { nodes_[2].parent = parent; }),
                HasSubstr("proof[0].nodes[2]: has parent " + std::to_string(parent)));
  }
}

TEST_F(BadCertificate, OneChildAlone) {
  EXPECT_THAT(refused_after([&] { nodes_.pop_back(); }), HasSubstr("has one child"));
}

TEST_F(BadCertificate, AThirdChild) {
  Certificate::Node third = nodes_.back();
  third.parent = 0;
  nodes_.push_back(third);
  EXPECT_THAT(refused(), HasSubstr("nodes[" + std::to_string(nodes_.size() - 1) + "]: is a third child"));
}

TEST_F(BadCertificate, ChildrenThatDoNotComplementEachOther) {
  const auto second = static_cast<std::size_t>(
      std::find_if(nodes_.begin() + 2, nodes_.end(), [](const auto& node) { return node.parent == 0; }) -
      nodes_.begin());
  const std::string expected =
      "nodes[" + std::to_string(second) + "]: does not complement its sibling, node 1";
  EXPECT_THAT(refused_after([&] { nodes_[second].together = !nodes_[second].together; }),
              HasSubstr(expected));
  EXPECT_THAT(refused_after([&] { nodes_[second].other = nodes_[second].other == 11 ? 10 : 11; }),
              HasSubstr(expected));
  EXPECT_THAT(refused_after([&] {
                nodes_[second].single = nodes_[second].single == 9 || nodes_[second].other == 9 ? 8 : 9;
              }),
              HasSubstr(expected));
}

TEST_F(BadCertificate, Pairs) {
  EXPECT_THAT(refused_after([&] { nodes_[1].other = nodes_[1].single; }),
              HasSubstr("nodes[1]: pairs a column with itself"));
  EXPECT_THAT(refused_after([&] { nodes_[1].single = 6; }), HasSubstr("nodes[1]: column 6 has an equal one"));
  for (const int column : {-1, 12, 15, 16, 1000000}) {
    const std::string expected = "nodes[1]: decides about column " + std::to_string(column);
    EXPECT_THAT(refused_after([&] { nodes_[1].single = column; }), HasSubstr(expected));
    EXPECT_THAT(refused_after([&] { nodes_[1].other = column; }), HasSubstr(expected));
  }
}

TEST(CheckCertificateLimits, TooManyGroups) {
  const Problem problem(random_scores(Scores::kIntegers, 9, 256, 1), {4, 8});
  const Certificate certificate{1, {{1, {Certificate::Node{}}}}};
  EXPECT_THAT(refusal_of<UnsupportedError>([&] { check_certificate(problem, certificate, 1); }),
              HasSubstr("groups are too many to check (expected at most 2e12)"));
}

}  // namespace
}  // namespace nmperm
