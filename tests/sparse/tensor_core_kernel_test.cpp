// Does NVIDIA's assembler take the program, for every generation with sparse tensor cores?
#include "sparse/tensor_core_kernel.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refusal.h"

namespace nmperm {
namespace {

class TensorCoreProgram : public ::testing::TestWithParam<ValueType> {};

TEST_P(TensorCoreProgram, IsTakenByTheAssembler) {
  const std::string assembler = NMPERM_PTXAS;
  if (assembler.empty()) GTEST_SKIP() << "ptxas of the CUDA toolkit was not found";
  std::string folder = ::testing::TempDir() + "nmperm_ptx_XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string file = folder + "/product.ptx";
  std::ofstream(file) << tensor_core_program(GetParam());
  int taken = 0;
  for (const char* const architecture : {"sm_80", "sm_86", "sm_90", "sm_100", "sm_120"}) {
    const std::string command =
        "'" + assembler + "' -arch=" + architecture + " '" + file + "' -o /dev/null >'" + file + ".log' 2>&1";
    const bool accepted = std::system(command.c_str()) == 0;
    std::ostringstream log;
    log << std::ifstream(file + ".log").rdbuf();
    // Toolkits know the generations of their time.
    if (!accepted && log.str().find("gpu-name") != std::string::npos) continue;
    EXPECT_TRUE(accepted) << architecture << "\n" << log.str();
    ++taken;
  }
  std::filesystem::remove_all(folder);
  EXPECT_GT(taken, 0);
}

INSTANTIATE_TEST_SUITE_P(EveryType, TensorCoreProgram,
                         ::testing::Values(ValueType::kF16, ValueType::kBF16, ValueType::kI8),
                         [](const auto& test) { return to_string(test.param); });

TEST(TensorCoreProgramOfOtherTypes, IsRefused) {
  EXPECT_THAT(testing::refusal_of([] { tensor_core_program(ValueType::kF32); }), ::testing::HasSubstr("f32"));
}

}  // namespace
}  // namespace nmperm
