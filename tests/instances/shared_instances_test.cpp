// Real weight matrices of public networks, which do not ship with the project.
#include <array>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "core/problem.h"
#include "instances/load.h"

namespace nmperm {
namespace {

struct Known {
  const char* file;
  int rows, columns;
  double total, default_kept;
};

// As their list gives them.
constexpr std::array<Known, 3> kKnown = {{{"resnet20.layer1.0.conv1.npy", 144, 16, 195.640195, 157.636938},
                                          {"mtcnn_onet.dense5.npy", 256, 1152, 2395.358711, 1805.892027},
                                          {"stories260k.layer2.w2.npy", 64, 172, 1069.888378, 799.367220}}};

TEST(SharedInstances, HaveTheirKnownMagnitudes) {
  const char* const folder = std::getenv("NMPERM_SHARED_INSTANCES");
  const std::filesystem::path matrices =
      std::filesystem::path(folder != nullptr ? folder : NMPERM_SHARED_INSTANCES_DEFAULT) / "matrices";
  if (!std::filesystem::exists(matrices)) GTEST_SKIP() << matrices << " is absent";
  for (const Known& known : kKnown) {
    const Problem problem(load_instance((matrices / known.file).string()).scores);
    EXPECT_EQ(problem.rows(), known.rows) << known.file;
    EXPECT_EQ(problem.columns(), known.columns) << known.file;
    EXPECT_NEAR(problem.magnitude().total, known.total, 2e-6 * known.total) << known.file;
    EXPECT_NEAR(problem.magnitude().default_kept, known.default_kept, 2e-6 * known.total) << known.file;
  }
}

}  // namespace
}  // namespace nmperm
