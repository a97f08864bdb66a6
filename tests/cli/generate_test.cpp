// `generate`: instances as files.
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

class CliGenerate : public Cli {};

TEST_F(CliGenerate, TheFileHoldsTheInstance) {
  for (const char* instance : {"random:24x16:7", "structured:24x16:7", "library:digits-conv2-288x16"}) {
    EXPECT_EQ(expect_done({"generate", instance, "--output", path("g.npy")}), "");
    const auto of_file = nlohmann::json::parse(expect_done({"info", path("g.npy"), "--json"}));
    const auto of_spec = nlohmann::json::parse(expect_done({"info", instance, "--json"}));
    EXPECT_EQ(of_file["instance"]["sha256"], of_spec["instance"]["sha256"]);
    EXPECT_EQ(of_file["magnitude"], of_spec["magnitude"]);
  }
  EXPECT_EQ(count_files(), 1);
}

TEST_F(CliGenerate, RefusesWhatItCannotGenerate) {
  for (const char* instance :
       {"weights.npy", "random:8x8", "random:0x8:1", "random:8x8:-1", "random:8x8:4294967296"}) {
    expect_error({"generate", instance, "--output", path("g.npy")}, 2, {instance});
  }
  EXPECT_EQ(count_files(), 0);
}

TEST_F(CliGenerate, RefusesAnOutputThatCannotBeWritten) {
  expect_error({"generate", "random:8x8:1", "--output", path("no/g.npy")}, 2, {"no/g.npy"});
}

TEST_F(CliGenerate, RefusesWhatNoMemoryHolds) {
  expect_error({"generate", "random:2000000000x2000000000:1", "--output", path("g.npy")}, 2, {});
  EXPECT_EQ(count_files(), 0);
}

}  // namespace
}  // namespace nmperm::test
