// The library as it is committed: every stored figure is recomputed here.
#include "instances/library.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "instances/best_known.h"
#include "instances/fingerprint.h"
#include "instances/library_table.h"
#include "instances/library_update.h"
#include "instances/load.h"
#include "instances/spec.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;

const Library& library() {
  static const Library opened;
  return opened;
}

TEST(Library, HasTwoPartsThatShareNoMatrix) {
  std::map<std::string, LibraryPart> part_of;
  int reporting = 0;
  for (const LibraryInstance& instance : library().instances()) {
    const auto [entry, is_new] = part_of.emplace(instance.sha256, instance.part);
    EXPECT_EQ(entry->second, instance.part) << instance.name;
    reporting += instance.part == LibraryPart::kReporting ? 1 : 0;
  }
  EXPECT_GE(reporting, 40);
  EXPECT_GE(static_cast<int>(library().instances().size()) - reporting, 10);
}

TEST(Library, ReportsOnSeedsThatSolversWereNotTunedOn) {
  for (const LibraryInstance& instance : library().instances()) {
    const std::string& made_by = instance.generator.empty() ? instance.source : instance.generator;
    const InstanceSpec spec = parse_instance_spec(made_by);
    if (spec.kind != InstanceSpec::Kind::kGenerated) continue;
    EXPECT_EQ(spec.seed >= 100, instance.part == LibraryPart::kReporting) << instance.name;
  }
}

TEST(Library, CoversSizesShapesPatternsAndKinds) {
  std::set<std::string> patterns, kinds;
  int least = 1 << 30, most = 0;
  double flattest = 1, highest = 1;
  for (const LibraryInstance& instance : library().instances()) {
    patterns.insert(instance.pattern.str());
    kinds.insert(instance.kind);
    least = std::min(least, instance.columns);
    most = std::max(most, instance.columns);
    const double shape = static_cast<double>(instance.rows) / instance.columns;
    flattest = std::min(flattest, shape);
    highest = std::max(highest, shape);
  }
  EXPECT_THAT(patterns, ::testing::ElementsAre("1:4", "2:4", "2:8", "4:8"));
  EXPECT_EQ(kinds, (std::set<std::string>{"random", "structured", "heavy-tailed", "low-rank", "duplicated",
                                          "ties", "planted", "layer"}));
  EXPECT_EQ(least, 16);
  EXPECT_EQ(most, 4096);
  EXPECT_LE(flattest, 1.0 / 8);
  EXPECT_GE(highest, 8.0);
}

TEST(Library, StoredMatricesAreWhatTheirGeneratorsMake) {
  for (const LibraryInstance& instance : library().instances()) {
    if (instance.generator.empty()) continue;
    EXPECT_EQ(fingerprint(load_instance(instance.generator).scores), instance.sha256) << instance.name;
  }
}

/// Groups that are scanned here at most; what has more is verified by the test library.certificates.
constexpr double kMostGroups = 2e7;

// Every matrix is loaded or generated, every permutation evaluated, stored certificates verified.
class LibraryEntry : public ::testing::TestWithParam<std::string> {};

TEST_P(LibraryEntry, IsTrue) {
  static const std::vector<BestKnown> entries = read_best_known(library());
  const BestKnown* const entry = find_entry(entries, GetParam());
  ASSERT_NE(entry, nullptr) << "nothing is known of it: scripts/fill_library.sh";
  BestKnown checked = *entry;
  if (checked.bound && group_count(library().find(GetParam())) > kMostGroups)
    checked.bound->certificate.clear();
  for (const Discrepancy& wrong : check_best_known(library(), checked, 2))
    ADD_FAILURE() << wrong.place << ": " << wrong.recorded << ", expected " << wrong.expected;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const LibraryInstance& instance : library().instances()) names.push_back(instance.name);
  return names;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, LibraryEntry, ::testing::ValuesIn(all_names()), test_name);

TEST(BestKnown, ProvesWhatCanBeProven) {
  const std::vector<BestKnown> entries = read_best_known(library());
  for (const LibraryInstance& instance : library().instances()) {
    const BestKnown* const entry = find_entry(entries, instance.name);
    ASSERT_NE(entry, nullptr) << instance.name;
    const int group = instance.pattern.group;
    if (group > 4) continue;
    if (instance.columns <= 96) {
      EXPECT_TRUE(entry->optimal()) << instance.name;
    }
    if (instance.columns <= 256) {
      EXPECT_TRUE(entry->bound.has_value()) << instance.name;
    }
  }
}

TEST(BestKnown, TableIsWrittenFromTheValues) {
  std::ifstream file(NMPERM_BEST_KNOWN_TABLE);
  ASSERT_TRUE(file) << NMPERM_BEST_KNOWN_TABLE;
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}),
            library_markdown(library(), read_best_known(library())))
      << "nmperm library list --markdown > docs/results/best_known.md";
}

TEST(Library, IsAnInstanceByName) {
  const Instance instance = load_instance("library:random-32x16-100");
  EXPECT_EQ(instance.name, "library:random-32x16-100");
  EXPECT_EQ(fingerprint(instance.scores), library().find("random-32x16-100").sha256);
  EXPECT_EQ(load_weight("library:digits-conv2-288x16").rows, 288);
}

TEST(Library, NamesWhatIsNear) {
  EXPECT_THAT(refusal_of([] { load_instance("library:ties-64x64-10"); }),
              AllOf(HasSubstr("library:ties-64x64-10: is not in the library"), HasSubstr("ties-64x64-100")));
  EXPECT_THAT(refusal_of([] { load_instance("library:"); }), HasSubstr("names no instance of the library"));
}

}  // namespace
}  // namespace nmperm
