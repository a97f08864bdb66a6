#include "solvers/backend_loader.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/solvers/backends.h"
#include "tests/support/refusal.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

/// NMPERM_BACKEND_PATH points to a folder of the test's own.
class BackendPath : public ::testing::Test {
 protected:
  BackendPath() {
    fs::create_directories(folder_);
    setenv("NMPERM_BACKEND_PATH", folder_.c_str(), 1);
  }
  ~BackendPath() override {
    unsetenv("NMPERM_BACKEND_PATH");
    fs::remove_all(folder_);
  }

  fs::path folder_ =
      fs::path(::testing::TempDir()) /
      (std::string("nmperm_backends_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(BackendPath, AMissingBackendIsNamedWithItsPackage) {
  const std::string cbc = testing::refusal_of<UnsupportedError>([] { load_backend("cbc"); });
  EXPECT_NE(cbc.find("backend cbc"), std::string::npos) << cbc;
  EXPECT_NE(cbc.find("libnmperm_cbc.so"), std::string::npos) << cbc;
  EXPECT_NE(cbc.find(folder_.string()), std::string::npos) << cbc;
  EXPECT_NE(cbc.find("coinor-libcbc-dev"), std::string::npos) << cbc;
  EXPECT_NE(cbc.find("backend=glpk"), std::string::npos) << cbc;
  const std::string glpk = testing::refusal_of<UnsupportedError>([] { load_backend("glpk"); });
  EXPECT_NE(glpk.find("backend glpk"), std::string::npos) << glpk;
  EXPECT_NE(glpk.find("libglpk-dev"), std::string::npos) << glpk;
  EXPECT_NE(glpk.find("backend=cbc"), std::string::npos) << glpk;
}

TEST_F(BackendPath, AFileThatIsNoModuleIsRefusedInOneLine) {
  std::ofstream(folder_ / "libnmperm_cbc.so") << "not a library\n";
  const std::string line = testing::refusal_of<UnsupportedError>([] { load_backend("cbc"); });
  EXPECT_NE(line.find("does not load"), std::string::npos) << line;
}

TEST_F(BackendPath, ALibraryWithoutTheEntryPointIsRefused) {
  fs::create_symlink(NMPERM_PLAIN_LIBRARY, folder_ / "libnmperm_cbc.so");
  const std::string line = testing::refusal_of<UnsupportedError>([] { load_backend("cbc"); });
  EXPECT_NE(line.find("no backend module"), std::string::npos) << line;
}

TEST_F(BackendPath, FoldersAreSearchedInOrder) {
  if (testing::built_backends().empty()) GTEST_SKIP() << "no backend was built";
  const std::string name = testing::built_backends().front();
  setenv("NMPERM_BACKEND_PATH", (folder_.string() + ":" + NMPERM_BACKENDS_BUILT).c_str(), 1);
  EXPECT_FALSE(load_backend(name)->description().empty());
}

TEST(BackendLoader, FindsWhatWasBuiltNextToTheProgram) {
  for (const std::string& name : testing::built_backends()) {
    EXPECT_FALSE(load_backend(name)->description().empty()) << name;
  }
}

TEST(BackendLoader, AnUnknownNameIsADefectOfTheCaller) {
  EXPECT_THROW(load_backend("cplex"), InternalError);
}

}  // namespace
}  // namespace nmperm
