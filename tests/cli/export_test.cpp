// `export`: mathematical programs as files.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CliExport : public Cli {};

std::vector<std::string> export_of(const std::string& instance, const std::string& formulation,
                                   const std::string& format, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"export", instance, "--formulation", formulation, "--format", format});
  return more;
}

TEST_F(CliExport, WritesEveryFormulationInBothFormats) {
  for (const char* formulation : {"bqp", "blp", "mda", "setpart"}) {
    const std::string lp = expect_done(export_of("random:3x8:1", formulation, "lp"));
    EXPECT_THAT(lp,
                StartsWith(std::string("\\ ") + formulation + " of random:3x8:1: 3 x 8, 2:4, segments 8\n"));
    EXPECT_THAT(lp, HasSubstr("\nMinimize\n"));
    EXPECT_THAT(lp, HasSubstr("\nEnd\n"));
    const std::string mps = expect_done(export_of("random:3x8:1", formulation, "mps"));
    EXPECT_THAT(mps, HasSubstr(std::string("\nNAME ") + formulation + " FREE\n"));
    EXPECT_THAT(mps, HasSubstr("\nENDATA\n"));
  }
}

TEST_F(CliExport, AFileHoldsWhatStandardOutputShows) {
  const std::string shown = expect_done(export_of("random:3x8:1", "mda", "lp"));
  EXPECT_EQ(expect_done(export_of("random:3x8:1", "mda", "lp", {"--output", path("mda.lp")})), "");
  EXPECT_EQ(read_file(path("mda.lp")), shown);
  EXPECT_EQ(count_files(), 1);
}

TEST_F(CliExport, TellsTheSizeOnStandardErrorUnlessQuiet) {
  std::vector<std::string> command = export_of("random:3x8:1", "setpart", "lp", {"--output", path("s.lp")});
  command.insert(command.begin(), NMPERM_PROGRAM);
  EXPECT_EQ(Process(command).finish().err, "setpart: 8 rows, 70 columns (70 integer), 280 entries\n");
  command.push_back("--quiet");
  EXPECT_EQ(Process(command).finish().err, "");
}

TEST_F(CliExport, TakesPatternSegmentsAndOptions) {
  const std::string pairs =
      expect_done(export_of("random:3x8:1", "setpart", "lp", {"--pattern", "1:2", "--segments", "2,6"}));
  EXPECT_THAT(pairs, HasSubstr("column0: group_0_1 = 1\n"));
  EXPECT_THAT(pairs, HasSubstr(" group_6_7"));
  EXPECT_THAT(pairs, Not(HasSubstr("group_1_2")));
  EXPECT_THAT(expect_done(export_of("random:3x8:1", "setpart", "lp", {"--option", "rows=cover"})),
              HasSubstr("groups0:"));
  EXPECT_THAT(expect_done(export_of("random:3x8:1", "blp", "lp")), HasSubstr("order_1_1:"));
  EXPECT_THAT(expect_done(export_of("random:3x8:1", "blp", "lp", {"--option", "symmetry-breaking=off"})),
              Not(HasSubstr("order_1_1:")));
  EXPECT_THAT(expect_done(export_of("random:3x8:1", "bqp", "lp")), HasSubstr("x_0_0 * y_0_0"));
  EXPECT_THAT(expect_done(export_of("random:3x8:1", "bqp", "mps")), HasSubstr("QCMATRIX delete_0_0"));
  const std::string linear = expect_done(export_of("random:3x8:1", "bqp", "lp", {"--option", "form=linear"}));
  EXPECT_THAT(linear, Not(HasSubstr("*")));
  EXPECT_THAT(linear, HasSubstr("w_0_0_0"));
}

TEST_F(CliExport, RefusesWhatItDoesNotKnow) {
  expect_error(export_of("random:3x8:1", "qap", "lp"), 2, {"'qap'", "bqp, blp, mda, setpart"});
  expect_error(export_of("random:3x8:1", "blp", "nl"), 2, {"--format", "'nl'", "lp or mps"});
  expect_error(export_of("random:3x8:1", "blp", "lp", {"--option", "symetry-breaking=on"}), 2,
               {"symetry-breaking", "did you mean symmetry-breaking?"});
  expect_error(export_of("random:3x8:1", "setpart", "lp", {"--option", "rows=some"}), 2, {"rows", "'some'"});
  expect_error(export_of("random:3x8:1", "blp", "lp", {"--option", "form=linear"}), 2, {"blp", "form"});
  expect_error({"export", "random:3x8:1", "--format", "lp"}, 2, {"--formulation"});
  expect_error({"export", "random:3x8:1", "--formulation", "blp"}, 2, {"--format"});
}

TEST_F(CliExport, RefusesAbsurdSizesWithoutAFile) {
  const std::vector<std::string> output = {"--output", path("program")};
  expect_error(export_of("random:1x512:1", "setpart", "lp", output), 2,
               {"setpart", "2.83e+09 groups", "GB", "annealing"});
  expect_error(export_of("random:1x512:1", "mda", "mps", output), 2, {"mda", "2.83e+09 groups", "setpart"});
  expect_error(export_of("random:512x512:1", "blp", "lp", output), 2, {"blp", "3.36e+07", "annealing"});
  expect_error(export_of("random:512x512:1", "bqp", "lp", output), 2, {"bqp", "3.36e+07", "annealing"});
  EXPECT_EQ(count_files(), 0);
}

TEST_F(CliExport, RefusesAnOutputThatCannotBeWritten) {
  expect_error(export_of("random:3x8:1", "blp", "lp", {"--output", path("no/such")}), 2, {"no/such"});
  expect_done({"generate", "random:3x8:1", "--output", path("w.npy")});
  const std::string before = read_file(path("w.npy"));
  expect_error(export_of(path("w.npy"), "blp", "lp", {"--output", path("w.npy")}), 2, {"overwritten"});
  EXPECT_EQ(read_file(path("w.npy")), before);
}

}  // namespace
}  // namespace nmperm::test
