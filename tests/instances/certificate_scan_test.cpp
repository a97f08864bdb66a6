#include "instances/certificate_scan.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/targets.h"
#include "tests/instances/plain_prover.h"
#include "tests/support/arbitrary.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

using testing::PlainGroups;
using testing::random_scores;
using testing::Scores;
using Classes = std::vector<std::uint16_t>;

/// The groups as multisets of classes.
std::map<Classes, std::int64_t> by_classes(const CertificateColumns& columns, const PlainGroups& groups) {
  std::map<Classes, std::int64_t> pruned;
  for (const auto& group : groups.all()) {
    Classes classes;
    for (const int c : group.columns) classes.push_back(static_cast<std::uint16_t>(columns.class_of(c)));
    std::sort(classes.begin(), classes.end());
    pruned[classes] = group.pruned;
  }
  return pruned;
}

/// A scan must be what a plain enumeration of all sets of columns is.
void expect_plain_scan(const Problem& problem, std::uint64_t seed, int threads) {
  const double scale = testing::plain_scale(problem);
  const CertificateColumns columns(problem, 0, scale);
  const PlainGroups groups(problem, 0, scale);
  const auto plain = by_classes(columns, groups);
  ASSERT_EQ(columns.groups(), static_cast<double>(plain.size()));
  ASSERT_EQ(columns.total(), groups.total());
  ASSERT_EQ(columns.row_bound_pruned(), groups.row_bound_pruned());

  Rng rng(seed);
  std::vector<std::int64_t> duals(columns.classes());
  for (auto& dual : duals) {
    dual = static_cast<std::int64_t>((rng.uniform() - 0.25) * static_cast<double>(groups.total()));
  }
  const std::int64_t limit =
      static_cast<std::int64_t>((rng.uniform() - 0.5) * static_cast<double>(groups.total()));
  std::vector<std::int64_t> least(duals.size(), INT64_MAX);
  std::map<Classes, std::int64_t> below;
  for (const auto& [classes, pruned] : plain) {
    std::int64_t reduced = pruned;
    for (const auto c : classes) reduced -= duals[c];
    for (const auto c : classes) least[c] = std::min(least[c], reduced);
    if (reduced < limit) below[classes] = pruned;
  }

  const CertificateScan scan = scan_certificate_groups(columns, duals, limit, threads, "s");
  EXPECT_EQ(scan.least, least);
  std::map<Classes, std::int64_t> listed;
  for (std::size_t g = 0; g < scan.below.size(); ++g) {
    listed[{scan.below.of(g), scan.below.of(g) + scan.below.group}] = scan.below.pruned[g];
  }
  EXPECT_EQ(listed.size(), scan.below.size()) << "a group twice";
  EXPECT_EQ(listed, below);
}

class CertificateScanKernel : public testing::KernelTest {};

TEST_P(CertificateScanKernel, IsAPlainEnumeration) {
  for (const Pattern pattern : {Pattern{2, 4}, {1, 2}, {1, 3}, {2, 3}, {1, 4}, {3, 4}, {3, 6}, {7, 8}}) {
    for (const int rows : {1, 8, 19}) {
      const int columns = pattern.group * (pattern.group > 4 ? 2 : 5);
      expect_plain_scan(Problem(random_scores(Scores::kUniform, rows, columns, 3), pattern), 7, 2);
    }
  }
}

NMPERM_ON_EVERY_TARGET(CertificateScanKernel);

RC_GTEST_PROP(CertificateScan, IsAPlainEnumeration, ()) {
  const Pattern pattern = *testing::arbitrary_pattern(6);
  const int columns = pattern.group * *rc::gen::inRange(1, pattern.group > 4 ? 3 : 6);
  const std::uint64_t seed = testing::arbitrary_seed();
  expect_plain_scan(
      Problem(random_scores(*testing::arbitrary_kind(), *rc::gen::inRange(1, 30), columns, seed), pattern),
      seed, *rc::gen::inRange(1, 5));
}

TEST(CertificateScan, OneGroupOfAllColumns) {
  expect_plain_scan(Problem(random_scores(Scores::kUniform, 5, 64, 1), {13, 64}), 1, 3);
  expect_plain_scan(Problem(random_scores(Scores::kAllZero, 5, 20, 1), {2, 4}), 1, 3);
}

}  // namespace
}  // namespace nmperm
