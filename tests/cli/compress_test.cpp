// `compress`, and `check --gemm`: from a solution to a weight without zeros, and the proof that it
// multiplies.
#include "sparse/compressed_file.h"
#include "sparse/verify_product.h"
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using testing::HasSubstr;

constexpr const char* kInstance = "random:32x64:1";

class CliCompress : public Cli {
 protected:
  std::string solution_ =
      write("s.json", solve({kInstance, "--solver", "annealing", "--iteration-limit", "1"}).dump());

  /// Runs `compress` and reads what it wrote.
  CompressedFile compress(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {"compress", kInstance, solution_, "--output", path("c.safetensors")});
    expect_done(arguments);
    return read_compressed(open_file(path("c.safetensors")));
  }
};

TEST_F(CliCompress, WritesWhatTheSolutionKeeps) {
  const CompressedFile file = compress({});
  EXPECT_EQ(file.weight.type, ValueType::kF32);
  EXPECT_EQ(file.weight.rows, 32);
  EXPECT_EQ(file.weight.columns, 64);
  EXPECT_EQ(file.instance_name, kInstance);
  double kept = 0;  // random instances have no signs
  for (const float value : restore(file.weight).values) kept += static_cast<double>(value);
  const auto solution = read_json(solution_);
  EXPECT_NEAR(kept, solution["magnitude"]["kept"].get<double>(), 1e-9 * kept);
  EXPECT_EQ(file.permutation, solution["permutation"].get<Permutation>());
  EXPECT_EQ(file.sha256, solution["instance"]["sha256"].get<std::string>());
}

TEST_F(CliCompress, WritesEveryTypeAndLayout) {
  const CompressedFile exact = compress({});
  for (const char* type : {"f16", "bf16", "i8"}) {
    const CompressedFile file = compress({"--dtype", type});
    EXPECT_EQ(to_string(file.weight.type), type);
    EXPECT_EQ(file.weight.indices, exact.weight.indices);
  }
  const CompressedFile torch = compress({"--dtype", "f16", "--layout", "torch"});
  EXPECT_EQ(torch.layout, IndexLayout::kTorch);
  EXPECT_EQ(torch.weight.indices, exact.weight.indices);
}

TEST_F(CliCompress, KeepsSigns) {
  // A 1 x 4 array in .npy format: 3, -4, 1, -2.
  std::string npy("\x93NUMPY\x01\x00", 8);
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4), }";
  header.resize(117, ' ');
  header += '\n';
  npy += static_cast<char>(header.size());
  npy += '\0';
  npy += header;
  npy += std::string("\0\0\x40\x40\0\0\x80\xc0\0\0\x80\x3f\0\0\0\xc0", 16);
  const std::string weight = write("w.npy", npy);
  const std::string solution = write("w.json", solve({weight, "--solver", "identity"}).dump());
  expect_done({"compress", weight, solution, "--output", path("w.safetensors")});
  EXPECT_THAT(restore(read_compressed(open_file(path("w.safetensors"))).weight).values,
              testing::ElementsAre(3, -4));
}

TEST_F(CliCompress, PrintsTheShares) {
  const auto shares = [&](const char* type) {
    return expect_done({"compress", kInstance, solution_, "--output", path("c"), "--dtype", type});
  };
  EXPECT_THAT(shares("f16"), HasSubstr("12.5 % of the values"));
  EXPECT_THAT(shares("i8"), HasSubstr("25.0 % of the values"));
}

TEST_F(CliCompress, RefusesAndWritesNothing) {
  const int files = count_files();
  const std::string output = path("never.safetensors");
  const auto refuse = [&](const std::vector<std::string>& more, const std::vector<std::string>& parts) {
    std::vector<std::string> arguments = {"compress", kInstance, solution_, "--output", output};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_error(arguments, 2, parts);
  };
  refuse({"--dtype", "f8"}, {"f8", "f32, f16, bf16 or i8"});
  refuse({"--layout", "rows"}, {"rows", "plain or torch"});
  refuse({"--layout", "torch"}, {"torch layout", "f32"});
  refuse({"--dtype", "i8", "--layout", "torch"}, {"32 x 64", "128 columns"});
  expect_error({"compress", "random:32x64:2", solution_, "--output", output}, 2, {"s.json", "sha256"});
  expect_error({"compress", kInstance, solution_}, 2, {"--output"});
  expect_error({"compress", kInstance, solution_, "--output", path("no/folder")}, 2, {"no/folder"});
  EXPECT_EQ(count_files(), files);
}

TEST_F(CliCompress, HelpNamesTypesAndLayouts) {
  const std::string help = expect_done({"compress", "--help"});
  for (const char* name : {"--output", "f32|f16|bf16|i8", "plain|torch", "nmperm compress "}) {
    EXPECT_THAT(help, HasSubstr(name));
  }
  for (const auto& line : split(help)) EXPECT_LE(line.size(), 100U) << line;
}

TEST_F(CliCompress, CheckRunsTheProduct) {
  const std::string table = expect_done({"check", kInstance, solution_, "--gemm"});
  const std::string last = split(table).back();
  EXPECT_THAT(last, HasSubstr("sparse product error"));
  EXPECT_THAT(last, HasSubstr("ok"));
  EXPECT_LE(std::stod(words(last)[3]), kMaxProductError);
  EXPECT_THAT(expect_done({"check", kInstance, solution_}), testing::Not(HasSubstr("product")));
}

}  // namespace
}  // namespace nmperm::test
