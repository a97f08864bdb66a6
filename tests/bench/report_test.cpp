#include "bench/report.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bench/heat_map.h"
#include "bench/report_assets.h"
#include "bench/report_data.h"
#include "instances/load.h"
#include "tests/bench/run_of.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::refusal_of;
using testing::run_of;

nlohmann::ordered_json data_of(const std::vector<ComparisonRun>& runs) {
  return report_data(runs, KnownValues(), "title", std::nullopt, "none");
}

TEST(ReportData, HasTheFiguresOfTheRuns) {
  const std::vector<ComparisonRun> runs = {run_of("random:16x8:1", "exhaustive"),
                                           run_of("random:16x8:1", "identity"),
                                           run_of("random:8x16:2", "identity")};
  const auto data = data_of(runs);
  ASSERT_EQ(data["instances"].size(), 2u);
  ASSERT_EQ(data["series"].size(), 2u);
  ASSERT_EQ(data["runs"].size(), 3u);
  EXPECT_EQ(data["instances"][0]["total"], runs[0].result.magnitude.total);
  EXPECT_EQ(data["instances"][0]["rowBound"], runs[0].result.magnitude.row_bound);
  EXPECT_EQ(data["runs"][0]["kept"], runs[0].result.magnitude.kept);
  EXPECT_EQ(data["runs"][0]["bound"], runs[0].result.bound->kept);
  EXPECT_EQ(data["runs"][1]["bound"], nullptr);
  EXPECT_EQ(data["runs"][2]["instance"], 1);
  EXPECT_EQ(data["runs"][2]["series"], 1);
  ASSERT_EQ(data["machines"].size(), 1u);
  EXPECT_EQ(data["machines"][0]["runs"], 3);
}

TEST(ReportData, HasWhatTheLibraryKnows) {
  const Library library;
  const KnownValues known(library);
  const ComparisonRun run = run_of(library.find("random-64x64-100").generator, "identity");
  const auto data = report_data({run, run_of("random:8x16:2", "identity")}, known, "title", std::nullopt, "");
  const BestKnown* const entry = known.find(run);
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(data["instances"][0]["known"]["name"], "random-64x64-100");
  EXPECT_EQ(data["instances"][0]["known"]["kept"], entry->magnitude.kept);
  EXPECT_EQ(data["instances"][0]["known"]["bound"], entry->bound->kept);
  EXPECT_EQ(data["instances"][1]["known"], nullptr);
}

TEST(ReportData, TellsApartWhatDiffers) {
  ComparisonRun run = run_of("random:16x8:1", "identity");
  ComparisonRun longer = run, other_scores = run, other_machine = run;
  longer.time_limit_s = 2;
  other_scores.sha256[0] ^= 1;
  other_machine.machine.processor = "another";
  const auto data = data_of({run, longer, other_scores, other_machine});
  EXPECT_EQ(data["instances"].size(), 2u);
  ASSERT_EQ(data["series"].size(), 2u);
  EXPECT_EQ(data["series"][0]["label"], "identity, 1 s");
  EXPECT_EQ(data["series"][1]["label"], "identity, 2 s");
  EXPECT_EQ(data["machines"].size(), 2u);
}

TEST(ReportData, ThinsTracesButKeepsTheirEnds) {
  ComparisonRun run = run_of("random:16x8:1", "identity");
  run.result.trace.clear();
  for (int i = 0; i <= 10000; ++i)
    run.result.trace.push_back({0.001 + 1e-4 * i, 10 + 1e-4 * i, {}, "identity"});
  const auto trace = data_of({run})["runs"][0]["trace"];
  EXPECT_LT(trace["seconds"].size(), 800u);
  EXPECT_GT(trace["seconds"].size(), 300u);
  EXPECT_EQ(trace["seconds"].front(), run.result.trace.front().seconds);
  EXPECT_EQ(trace["seconds"].back(), run.result.trace.back().seconds);
  EXPECT_EQ(trace["kept"].back(), run.result.trace.back().kept);
}

TEST(HeatMap, SharesAreThoseOfTheMatrix) {
  // Two groups of 1:2; the second keeps more of itself, so it comes first.
  const Problem problem(load_instance("random:6x4:1").scores, {1, 2});
  const HeatMap map = kept_shares(problem, {0, 1, 2, 3}, 3);
  ASSERT_EQ(map.size(), 3u);
  ASSERT_EQ(map[0].size(), 2u);
  const auto share = [&](int block, int group) {
    double kept = 0, total = 0;
    for (int row = 2 * block; row < 2 * block + 2; ++row) {
      const double a = problem.scores().column(2 * group)[row];
      const double b = problem.scores().column(2 * group + 1)[row];
      kept += std::max(a, b);
      total += a + b;
    }
    return kept / total;
  };
  const bool swapped = std::abs(map[0][0] - share(0, 0)) > 1e-12;
  for (int block = 0; block < 3; ++block) {
    const auto& row = map[static_cast<std::size_t>(block)];
    EXPECT_DOUBLE_EQ(row[0], share(block, swapped ? 1 : 0));
    EXPECT_DOUBLE_EQ(row[1], share(block, swapped ? 0 : 1));
  }
}

TEST(HeatMap, IsOfAMatrixThatIsStillThere) {
  const std::vector<ComparisonRun> runs = {run_of("random:16x8:1", "exhaustive")};
  std::string note;
  const auto pair = heat_map_of(runs, "", note);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->kept_after, runs[0].result.magnitude.kept);
  EXPECT_EQ(pair->kept_before, runs[0].result.magnitude.default_kept);
  ComparisonRun changed = runs[0];
  changed.sha256[0] ^= 1;
  EXPECT_FALSE(heat_map_of({changed}, "", note));
  EXPECT_THAT(note, HasSubstr("None is shown"));
  EXPECT_THAT(refusal_of([&] { heat_map_of(runs, "another", note); }), HasSubstr("another"));
}

class Report : public ::testing::Test {
 protected:
  void SetUp() override {
    if (report_assets::chart_library_js.empty()) GTEST_SKIP() << "built without npm: no charting library";
  }
};

TEST_F(Report, EscapesWhatComesFromOutside) {
  ComparisonRun run = run_of("random:16x8:1", "exhaustive");
  run.instance = "</script><script>alert(1)</script>\xff";
  run.sha256.clear();
  const std::string page = report_page({run}, {"<i>\"title\"</i> & more", "", {}});
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("<title>&lt;i&gt;&quot;title&quot;&lt;/i&gt; &amp; more</title>"));
  EXPECT_THAT(page, HasSubstr("\\u003cscript>alert(1)"));
}

TEST_F(Report, LoadsNothingAndNamesItsLicences) {
  const std::string page = report_page({run_of("random:16x8:1", "exhaustive")}, {});
  for (const char* element : {"<link", "<script src", "<img", "@import", "url("}) {
    EXPECT_THAT(page.substr(0, page.find("id=\"data\"")), Not(HasSubstr(element)));
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* name : {"Apache License", "ZRender", "BSD 3-Clause License", "tslib"}) {
    EXPECT_THAT(page, HasSubstr(name));
  }
}

TEST_F(Report, DrawsFigures) {
  const std::vector<ComparisonRun> runs = {run_of("random:16x8:1", "exhaustive"),
                                           run_of("random:16x8:1", "stripe-groups")};
  for (const char* figure : kFigures) {
    SCOPED_TRACE(figure);
    const std::string svg = report_figure(runs, figure, {});
    EXPECT_THAT(svg, ::testing::StartsWith("<svg "));
    EXPECT_THAT(svg, ::testing::EndsWith("</svg>\n"));
    EXPECT_THAT(svg, Not(HasSubstr("NaN")));
    EXPECT_THAT(svg, HasSubstr("<path"));
  }
  EXPECT_THAT(report_figure(runs, "progress", {}), HasSubstr("stripe-groups"));
  EXPECT_THAT(report_figure(runs, "instance", {}), HasSubstr("proven optimum"));
}

TEST_F(Report, RefusesAFigureThatThereIsNot) {
  const std::vector<ComparisonRun> runs = {run_of("random:16x8:1", "exhaustive")};
  EXPECT_THAT(refusal_of([&] { report_figure(runs, "pie", {}); }), HasSubstr("profile"));
  ComparisonRun failed = runs[0];
  failed.failure = "ended by signal 9 (Killed)";
  EXPECT_THAT(refusal_of([&] { report_figure({failed}, "progress", {}); }), HasSubstr("nothing to draw"));
}

}  // namespace
}  // namespace nmperm
