// Exported programs, read back and solved by the executables of CBC and GLPK.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>

#include <gtest/gtest.h>
#include <unistd.h>

#include "formulations/default_formulations.h"
#include "formulations/lp_writer.h"
#include "formulations/mps_writer.h"
#include "tests/support/brute_force.h"
#include "tests/support/scores.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

/// A program that reads FORMAT files; its command with %f for the file and %o for what it writes.
struct Reader {
  const char* executable;
  const char* package;
  const char* lp_command;
  const char* mps_command;
  const char* objective_mark;
};
constexpr Reader kCbc = {"cbc", "coinor-cbc", "cbc %f -solve", "cbc %f -solve", "Objective value:"};
constexpr Reader kGlpsol = {"glpsol", "glpk-utils", "glpsol --lp %f -o /dev/stdout",
                            "glpsol --freemps %f -o /dev/stdout", "Objective:  obj ="};

std::string replace(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) text += buffer.data();
  pclose(pipe);
  return text;
}

class Readers : public ::testing::TestWithParam<Reader> {
 protected:
  void SetUp() override {
    const std::string look = std::string("command -v ") + GetParam().executable + " >/dev/null";
    if (std::system(look.c_str()) != 0) {
      GTEST_SKIP() << GetParam().executable << " is not installed (Debian package " << GetParam().package
                   << ")";
    }
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// What the reader finds to be the optimum of a program in a format.
  double optimum(const MixedIntegerProgram& program, const std::string& format) const {
    const fs::path file = folder_ / ("program." + format);
    {
      std::ofstream stream(file);
      const TextSink sink = [&stream](std::string_view text) { stream << text; };
      if (format == "lp") {
        write_lp(program, "a comment", sink);
      } else {
        write_mps(program, "test", "a comment", sink);
      }
    }
    const char* const command = format == "lp" ? GetParam().lp_command : GetParam().mps_command;
    const std::string text = output_of(replace(command, "%f", file.string()));
    const auto mark = text.find(GetParam().objective_mark);
    if (mark == std::string::npos) {
      ADD_FAILURE() << text;
      return std::nan("");
    }
    return std::stod(text.substr(text.find_first_of("-0123456789", mark)));
  }

 private:
  fs::path folder_ = fs::path(::testing::TempDir()) / ("nmperm_readers_" + std::to_string(getpid()));
};

INSTANTIATE_TEST_SUITE_P(Executables, Readers, ::testing::Values(kCbc, kGlpsol),
                         [](const auto& test) { return std::string(test.param.executable); });

TEST_P(Readers, FindTheOptimumOfEveryFormulation) {
  const Segments segments({8, 4});
  const ScoreMatrix scores = testing::random_scores(testing::Scores::kUniform, 4, 12, 7);
  const Problem problem(scores.clone(), {2, 4}, segments);
  std::vector<int> first(8);
  std::iota(first.begin(), first.end(), 0);
  const double kept = testing::best_kept(scores, problem.pattern(), first) +
                      testing::best_kept(scores, problem.pattern(), {8, 9, 10, 11});
  for (const FormulationKind& kind : default_formulations()) {
    for (const char* format : {"lp", "mps"}) {
      const auto formulation =
          kind.build(FormulationScope::whole(problem), Options(kind.name, kind.options, {}));
      EXPECT_NEAR(optimum(formulation->program(), format), problem.magnitude().total - kept, 1e-6)
          << kind.name << ' ' << format;
    }
  }
}

TEST_P(Readers, FindTheOptimumOfEveryOption) {
  const ScoreMatrix scores = testing::random_scores(testing::Scores::kUniform, 3, 8, 8);
  const Problem problem(scores.clone(), {1, 2});
  std::vector<int> all(8);
  std::iota(all.begin(), all.end(), 0);
  const double pruned = problem.magnitude().total - testing::best_kept(scores, problem.pattern(), all);
  for (const FormulationKind& kind : default_formulations()) {
    for (const OptionRecord& option : kind.options) {
      for (const std::string& value : option.choices) {
        const auto formulation = kind.build(FormulationScope::whole(problem),
                                            Options(kind.name, kind.options, {{option.name, value}}));
        EXPECT_NEAR(optimum(formulation->program(), "mps"), pruned, 1e-6) << kind.name << ' ' << value;
      }
    }
  }
}

// min x - 2 y + 3 z + 100, x + y <= 6.5, -1 <= y - z <= 2, x + y + w = 3; x >= -4 integer, 0 <= y <= 9
// integer, z free, w in -2 .. 2: x = -4, w = 2 leave y = 5, z = 3. A row without bounds and a lone column do
// not matter.
TEST_P(Readers, FindTheOptimumWithBoundsOfEveryKind) {
  MixedIntegerProgram program(MixedIntegerProgram::Sense::kMinimize);
  program.add_row(-kInfinity, 6.5);
  program.add_row(-1, 2);
  program.add_row(3, 3);
  program.add_row(-kInfinity, kInfinity);
  program.add_column(1, -4, kInfinity, true, std::vector<int>{0, 2}, std::vector<double>{1, 1});
  program.add_column(-2, 0, 9, true, std::vector<int>{0, 1, 2, 3}, std::vector<double>{1, 1, 1, 1});
  program.add_column(3, -kInfinity, kInfinity, false, std::vector<int>{1}, std::vector<double>{-1});
  program.add_column(0, -2, 2, false, std::vector<int>{2}, std::vector<double>{1});
  program.add_column(0, 0, 1, true, {}, {});
  program.set_objective_constant(100);
  for (const char* format : {"lp", "mps"}) EXPECT_NEAR(optimum(program, format), 95, 1e-6) << format;
}

}  // namespace
}  // namespace nmperm
