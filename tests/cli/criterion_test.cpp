// --criterion and --statistics, from `solve` to `apply`.
#include <string>
#include <vector>

#include "tests/cli/cli_fixture.h"
#include "tests/io/file_builders.h"
#include "tests/network/model_builder.h"

namespace nmperm::test {
namespace {

using nlohmann::json;
using nmperm::testing::bytes_of;
using nmperm::testing::ModelBuilder;
using nmperm::testing::safetensors;
using ::testing::HasSubstr;
using ::testing::Not;

/// A file of F32 tensors, one after another.
class Tensors {
 public:
  Tensors& add(const std::string& name, const std::vector<int>& shape, const std::vector<float>& values) {
    const std::size_t begin = data_.size();
    data_ += bytes_of(values);
    header_[name] = {{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {begin, data_.size()}}};
    return *this;
  }
  std::string bytes() const { return safetensors(header_.dump(), data_); }

 private:
  json header_;
  std::string data_;
};

/// A layer `fc` of one row 1..8 and statistics that turn the order of its columns round.
class CliCriterion : public Cli {
 protected:
  CliCriterion() {
    const std::vector<float> w = {1, -2, 3, -4, 5, -6, 7, -8}, turned = {64, 49, 36, 25, 16, 9, 4, 1};
    layer_ = write("w.safetensors", Tensors().add("fc", {1, 8}, w).bytes()) + ":fc";
    statistics_ = write("s.safetensors", Tensors()
                                             .add("fc.norm", {8}, turned)
                                             .add("fc.gradient", {1, 8}, turned)
                                             .add("weight.norm", {8}, turned)
                                             .bytes());
  }

  std::string layer_, statistics_;
};

TEST_F(CliCriterion, DecidesWhatIsSearchedCheckedAndCompressed) {
  const std::string solution = path("s.json");
  expect_done({"solve", layer_, "--criterion", "wanda", "--statistics", statistics_, "--quiet", "--output",
               solution});
  const json found = read_json(solution);
  // 1*64, 2*49, 3*36, 4*25 | 5*16, 6*9, 7*4, 8: all large scores in one group until columns move.
  EXPECT_DOUBLE_EQ(found["magnitude"]["total"], 64 + 98 + 108 + 100 + 80 + 54 + 28 + 8);
  EXPECT_DOUBLE_EQ(found["magnitude"]["default"], 108 + 100 + 80 + 54);
  EXPECT_DOUBLE_EQ(found["magnitude"]["kept"], 108 + 100 + 98 + 80);
  EXPECT_EQ(found["criterion"], json({{"name", "wanda"}, {"options", json::object()}}));

  EXPECT_THAT(expect_done({"check", layer_, solution, "--statistics", statistics_, "--gemm"}),
              Not(HasSubstr("WRONG")));
  expect_error({"check", layer_, solution}, 2, {"criterion wanda", "--statistics"});
  const std::string compressed = path("c.safetensors");
  expect_done(
      {"compress", layer_, solution, "--statistics", statistics_, "--output", compressed, "--dtype", "f32"});
  const std::string bytes = read_file(compressed);
  EXPECT_THAT(bytes, HasSubstr(bytes_of<float>({5})));  // 5 * 16 is kept, 8 * 1 is not
  EXPECT_THAT(bytes, Not(HasSubstr(bytes_of<float>({-8}))));
}

TEST_F(CliCriterion, MagnitudeIsTheDefaultAndLeavesNoTrace) {
  const json plain = solve({layer_}), named = solve({layer_, "--criterion", "magnitude"});
  EXPECT_FALSE(plain.contains("criterion"));
  EXPECT_EQ(plain["magnitude"], named["magnitude"]);
  EXPECT_FALSE(named.contains("criterion"));
}

TEST_F(CliCriterion, OptionsAreRecorded) {
  const json found =
      solve({layer_, "--criterion", "ria", "--criterion-option", "exponent=1", "--statistics", statistics_});
  EXPECT_EQ(found["criterion"]["options"], json({{"exponent", "1"}}));
}

TEST_F(CliCriterion, AnInstanceWithoutANameHasTheStatisticsOfWeight) {
  const json found = solve({"random:4x8:1", "--criterion", "wanda", "--statistics", statistics_});
  EXPECT_GT(found["magnitude"]["total"], 100);
}

TEST_F(CliCriterion, FaultsAreOneLineAndNothingIsWritten) {
  const int files = count_files();
  const std::string out = path("out.json");
  const auto refused = [&](std::vector<std::string> more, const std::vector<std::string>& parts) {
    more.insert(more.begin(), {"solve", layer_, "--output", out});
    expect_error(more, 2, parts);
  };
  refused({"--criterion", "wnda"}, {"'wnda'", "magnitude, squared, obd, obs, snip, wanda, ria"});
  refused({"--criterion", "wanda"}, {"criterion wanda", "--statistics"});
  refused({"--statistics", statistics_}, {"magnitude needs no statistics"});
  refused({"--criterion", "obs", "--statistics", statistics_}, {"fc.hessian"});
  refused({"--criterion", "wanda", "--statistics", path("none")}, {"none", "cannot be opened"});
  refused({"--criterion", "ria", "--criterion-option", "damping=1", "--statistics", statistics_},
          {"damping", "criterion ria"});
  refused({"--criterion", "wanda", "--statistics",
           write("bad.safetensors", Tensors().add("fc.norm", {8}, {1, 1, 1, -1, 1, 1, 1, 1}).bytes())},
          {"bad.safetensors:fc.norm", "the norm is -1"});
  EXPECT_EQ(count_files(), files + 1);
}

/// Two layers with 32 channels between them, of which the first 16 are the active ones.
class CliNetworkCriterion : public Cli {
 protected:
  CliNetworkCriterion() {
    ModelBuilder net;
    net.input("image", {1, 3, 4, 4});
    net.node("Conv", {"image", net.weight("body", {32, 3, 1, 1})}, "c");
    net.output(net.node("Conv", {"c", net.weight("head", {8, 32, 3, 3})}, "d"));
    model_ = write("net.onnx", net.bytes());
    std::vector<float> norms(32, 1e-3f);
    std::fill(norms.begin(), norms.begin() + 16, 1e3f);
    statistics_ = write("s.safetensors", Tensors().add("head.norm", {32}, norms).bytes());
  }

  std::string model_, statistics_;
};

TEST_F(CliNetworkCriterion, MasksFollowTheCriterionOfTheSearch) {
  const auto apply = [&](const std::string& criterion, std::vector<std::string> more) {
    more.insert(more.begin(), {"apply", model_, "--output", path(criterion + ".onnx"), "--prune",
                               "--criterion", criterion, "--iteration-limit", "20", "--solver",
                               "channel-swap", "--report", path("r.json"), "--quiet"});
    expect_done(more);
    return read_json(path("r.json"));
  };
  const json by_norm = apply("wanda", {"--statistics", statistics_});
  // Two active channels in each group of four: all of their weights stay, nothing of the others does.
  const json magnitude = by_norm["magnitude"];
  EXPECT_GT(magnitude["kept"], 0.99999 * magnitude["total"].get<double>());
  EXPECT_LT(magnitude["default"], 0.9 * magnitude["total"].get<double>());
  EXPECT_LT(by_norm["sparse_gemm"][0]["max_relative_error"], 1e-6);
  apply("squared", {});
  EXPECT_NE(read_file(path("wanda.onnx")), read_file(path("squared.onnx")));
  // `verify` has no statistics: what it can say is that zeros are the only change, and obey the pattern.
  const Output output = run_nmperm({"verify", model_, path("wanda.onnx")});
  EXPECT_EQ(output.exit_code, 4);
  EXPECT_THAT(output.out, HasSubstr("equal but for recorded zeros"));
}

TEST_F(CliNetworkCriterion, StatisticsOfEveryPrunedWeightAreNeeded) {
  const std::string other =
      write("o.safetensors", Tensors().add("tail.norm", {32}, std::vector<float>(32)).bytes());
  expect_error({"apply", model_, "--output", path("o.onnx"), "--criterion", "wanda", "--statistics", other},
               2, {"head.norm"});
  EXPECT_FALSE(exists(path("o.onnx")));
}

}  // namespace
}  // namespace nmperm::test
