// `info`: figures of an instance.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CliInfo : public Cli {};

json info(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "info");
  arguments.push_back("--json");
  return json::parse(expect_done(arguments));
}

TEST_F(CliInfo, PrintsThePublishedFiguresOfTheReferenceMatrix) {
  const std::string text = expect_done({"info", "random:128x64:1"});
  for (const char* part : {"4083.169", "2852.377", "3042.332", "128 rows", "64 columns", "2:4"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_F(CliInfo, JsonSaysTheSame) {
  const json j = info({"random:128x64:1"});
  EXPECT_NEAR(j["magnitude"]["total"], 4083.169, 5e-4);
  EXPECT_NEAR(j["magnitude"]["default"], 2852.377, 5e-4);
  EXPECT_NEAR(j["magnitude"]["row_bound"], 3042.332, 5e-4);
  EXPECT_EQ(j["instance"]["sha256"], solve({"random:128x64:1", "--time-limit", "0"})["instance"]["sha256"]);
}

TEST_F(CliInfo, CountsThePermutationsThatDiffer) {
  EXPECT_EQ(info({"random:2x8:1"})["permutations"]["exact"], 35);
  EXPECT_EQ(info({"random:2x12:1"})["permutations"]["exact"], 5775);
  EXPECT_EQ(info({"random:2x16:1"})["permutations"]["exact"], 2627625);
  EXPECT_EQ(info({"random:2x16:1", "--segments", "8,8"})["permutations"]["exact"], 35 * 35);
  EXPECT_EQ(info({"random:2x6:1", "--pattern", "1:2"})["permutations"]["exact"], 15);
  EXPECT_EQ(info({"random:2x4:1"})["permutations"]["exact"], 1);
}

TEST_F(CliInfo, GivesThePowerOfTenWhereTheCountIsLarge) {
  const json j = info({"random:2x64:1"});  // 64! / (24^16 16!) = 5.0e53, by exact integers
  EXPECT_TRUE(j["permutations"]["exact"].is_null());
  EXPECT_NEAR(j["permutations"]["log10"], 53.69942, 1e-4);
  EXPECT_THAT(expect_done({"info", "random:2x64:1"}), HasSubstr("10^53.7"));
}

TEST_F(CliInfo, SizesCountValuesAndIndices) {
  const json j = info({"random:128x64:1"});  // 4096 kept values with 2 bits each
  EXPECT_EQ(j["bytes"]["32-bit"]["dense"], 128 * 64 * 4);
  EXPECT_EQ(j["bytes"]["32-bit"]["compressed"], 4096 * 4 + 1024);
  EXPECT_EQ(j["bytes"]["16-bit"]["compressed"], 4096 * 2 + 1024);
  EXPECT_EQ(j["bytes"]["8-bit"]["compressed"], 4096 + 1024);
  EXPECT_EQ(info({"random:8x10:1", "--pattern", "2:5"})["bytes"]["8-bit"]["compressed"], 32 + 12);
}

TEST_F(CliInfo, CountsZeroRowsZeroColumnsAndDuplicates) {
  // 3 x 4, C order: row 1 is zero; columns 1 and 3 are zero; columns 0 and 2 are equal up to sign.
  const float values[] = {1, 0, -1, 0, 0, 0, 0, 0, 2, 0, 2, 0};
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
  header.resize(117, ' ');
  header += '\n';
  const std::string magic("\x93NUMPY\x01\x00\x76\x00", 10);
  const std::string file =
      write("z.npy", magic + header + std::string(reinterpret_cast<const char*>(values), sizeof values));
  const json j = info({file});
  EXPECT_EQ(j["zero_rows"], 1);
  EXPECT_EQ(j["zero_columns"], 2);
  EXPECT_EQ(j["duplicate_columns"], 1);
}

TEST_F(CliInfo, RefusesBadInput) {
  expect_error({"info", path("missing.npy")}, 2, {"missing.npy"});
  expect_error({"info", "random:8x9:1"}, 2, {"9 columns", "3 zero columns"});
  expect_error({"info", "random:8x8:1", "--pattern", "4:2"}, 2, {"pattern"});
}

}  // namespace
}  // namespace nmperm::test
