// `check --gemm --gpu`: with the emulated driver, with whatever driver the machine has, and without any.
#include <dlfcn.h>

#include "sparse/verify_tensor_cores.h"
#include "tests/cli/cli_fixture.h"

namespace nmperm::test {
namespace {

using testing::HasSubstr;

constexpr const char* kInstance = "random:40x68:1";

class CliGpu : public Cli {
 protected:
  std::string solution_ =
      write("s.json", solve({kInstance, "--solver", "annealing", "--iteration-limit", "1"}).dump());

  /// Runs `check INSTANCE SOLUTION --gemm --gpu` with variables of the environment as env(1) takes them.
  Output check(std::vector<std::string> command) const {
    command.insert(command.begin(), "/usr/bin/env");
    for (const auto& word : nmperm_command({"check", kInstance, solution_, "--gemm", "--gpu"}))
      command.push_back(word);
    return Process(command).finish();
  }
};

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

constexpr const char* kEmulated = "LD_LIBRARY_PATH=" NMPERM_EMULATED_CUDA_FOLDER;

TEST_F(CliGpu, MultipliesInEveryType) {
  const Output output = check({kEmulated});
  EXPECT_EQ(output.exit_code, 0) << output.err;
  const auto lines = split(output.out);
  ASSERT_GE(lines.size(), 4U);
  EXPECT_THAT(lines[lines.size() - 4], HasSubstr("sparse product error"));
  const std::vector<ValueType> types = {ValueType::kF16, ValueType::kBF16, ValueType::kI8};
  for (std::size_t k = 0; k < types.size(); ++k) {
    const std::string& line = lines[lines.size() - 3 + k];
    EXPECT_THAT(line, testing::StartsWith("gpu " + to_string(types[k]) + " error "));
    EXPECT_THAT(line, testing::ContainsRegex("  ok \\(.+\\)$"));
    EXPECT_LE(std::stod(words(line)[3]), max_tensor_core_error(types[k], 68));
  }
}

TEST_F(CliGpu, IsSkippedWhereThereIsNoneAndSaysWhy) {
  const auto last_line = [&](const std::vector<std::string>& environment) {
    const Output output = check(environment);
    EXPECT_EQ(output.exit_code, 0) << output.err;
    EXPECT_EQ(output.err, "");
    return split(output.out).back();
  };
  EXPECT_EQ(last_line({kEmulated, "NMPERM_EMULATED_CUDA_DEVICES=0"}), "gpu: skipped (no NVIDIA device)");
  EXPECT_EQ(last_line({kEmulated, "NMPERM_EMULATED_CUDA_VERSION=10020"}),
            "gpu: skipped (NVIDIA driver for CUDA 10.2, 11.1 needed)");
  EXPECT_EQ(last_line({kEmulated, "NMPERM_EMULATED_CUDA_STUB=1"}),
            "gpu: skipped (no NVIDIA driver: libcuda.so.1 is the stub of a CUDA toolkit)");
  EXPECT_THAT(last_line({kEmulated, "NMPERM_EMULATED_CUDA_CAPABILITY=7.5"}),
              testing::MatchesRegex("gpu: skipped \\(.+: compute capability 7.5, 8.0 needed\\)"));
  EXPECT_THAT(
      last_line({"LD_LIBRARY_PATH=" + folder_of(write("libcuda.so.1", "no library"))}),
      testing::MatchesRegex("gpu: skipped \\(the NVIDIA driver does not load: .+libcuda.so.1: .+\\)"));
  // What the machine has: most have none.
  const std::string last = last_line({"-u", "LD_LIBRARY_PATH"});
  if (dlopen("libcuda.so.1", RTLD_LAZY) == nullptr) {
    EXPECT_EQ(last, "gpu: skipped (no NVIDIA driver: libcuda.so.1 not found)");
  } else {
    EXPECT_THAT(last,
                testing::AnyOf(testing::StartsWith("gpu: skipped ("), testing::StartsWith("gpu i8 error")));
  }
}

TEST_F(CliGpu, FindsWrongSums) {
  const Output output = check({kEmulated, "NMPERM_EMULATED_CUDA_WRONG_COPY=1"});
  EXPECT_EQ(output.exit_code, 4);
  EXPECT_THAT(output.err, HasSubstr("s.json: gpu f16: relative error"));
  EXPECT_THAT(output.err, HasSubstr("(expected at most 1e-05)"));
  EXPECT_EQ(split(output.err).size(), 1U) << output.err;
  const auto lines = split(output.out);
  for (std::size_t k = lines.size() - 3; k < lines.size(); ++k)
    EXPECT_THAT(lines[k], HasSubstr("  WRONG (")) << k;
}

TEST_F(CliGpu, SaysWhatTheDriverRefuses) {
  const Output output = check({kEmulated, "NMPERM_EMULATED_CUDA_FAIL_ALLOCATION=3"});
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.err, HasSubstr(": cuMemAlloc: out of memory: "));
  EXPECT_EQ(split(output.err).size(), 1U) << output.err;
}

TEST_F(CliGpu, IsForTwoOfFourAndBesideTheProduct) {
  expect_error({"check", kInstance, solution_, "--gpu"}, 2, {"--gpu requires --gemm"});
  const std::string other =
      write("1:4.json", solve({kInstance, "--solver", "identity", "--pattern", "1:4"}).dump());
  expect_error({"check", kInstance, other, "--gemm", "--gpu"}, 2,
               {"1:4.json", "pattern", "1:4", "(expected 2:4)"});
}

TEST_F(CliGpu, IsOnlyRunWhereAskedFor) {
  EXPECT_THAT(expect_done({"check", kInstance, solution_, "--gemm"}), testing::Not(HasSubstr("gpu")));
}

}  // namespace
}  // namespace nmperm::test
