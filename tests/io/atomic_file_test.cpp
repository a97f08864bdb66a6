#include "io/atomic_file.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/io/file_builders.h"

namespace nmperm {
namespace {

using testing::contents;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::refusal;
using testing::TemporaryFolder;

TEST(AtomicFile, ReplacesTheFileOnlyOnCommit) {
  const TemporaryFolder folder;
  const std::string path = folder.write("out.json", "old");
  {
    AtomicFile file(path);
    file.write("new ");
    file.write("text");
    EXPECT_EQ(contents(path), "old");
    file.commit();
    EXPECT_EQ(contents(path), "new text");
  }
  EXPECT_EQ(contents(path), "new text");
  EXPECT_THAT(folder.names(), ElementsAre("out.json"));
}

TEST(AtomicFile, LeavesNothingBehindWithoutCommit) {
  const TemporaryFolder folder;
  {
    AtomicFile file(folder.path("out.json"));
    file.write("half of it");
  }
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(AtomicFile, FollowsLinksAndKeepsTheMode) {
  const TemporaryFolder folder;
  const std::string target = folder.write("target", "old");
  ASSERT_EQ(::chmod(target.c_str(), 0640), 0);
  std::filesystem::create_symlink("target", folder.path("link"));
  write_file(folder.path("link"), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("link")));
  EXPECT_EQ(contents(target), "new");
  EXPECT_EQ(static_cast<int>(std::filesystem::status(target).permissions()), 0640);
}

/// A device that a faulty write may replace without harm to the machine: a node of our own where we may make
/// and use one (root), else the system's, which only root could replace.
std::string device(const TemporaryFolder& folder, const std::string& name, unsigned minor) {
  const std::string node = folder.path(name);
  constexpr unsigned kMemoryDevices = 1;
  if (::mknod(node.c_str(), S_IFCHR | 0666, makedev(kMemoryDevices, minor)) == 0 && std::ofstream(node))
    return node;
  return "/dev/" + name;
}

TEST(AtomicFile, WritesToDevicesWithoutReplacingThem) {
  const TemporaryFolder folder;
  const std::string null = device(folder, "null", 3);
  require_writable(null);
  write_file(null, "text");
  EXPECT_TRUE(std::filesystem::is_character_file(null));
}

TEST(AtomicFile, ReportsAFullDevice) {
  const TemporaryFolder folder;
  const std::string full = device(folder, "full", 7);
  if (!std::filesystem::exists(full)) GTEST_SKIP() << "needs a full device";
  EXPECT_THAT(refusal([&] { write_file(full, "text"); }),
              HasSubstr(full + ": cannot be written: No space left"));
}

TEST(RequireWritable, NamesThePathThatCannotBeWritten) {
  const TemporaryFolder folder;
  const std::string orphan = folder.path("missing/out.json");
  EXPECT_THAT(refusal([&] { require_writable(orphan); }),
              HasSubstr(orphan + ": cannot be written: No such file"));
  EXPECT_THAT(refusal([&] { require_writable(folder.path("")); }), HasSubstr("Is a directory"));
  EXPECT_THROW(require_writable(""), InputError);
  EXPECT_THROW(require_writable(folder.path("folder/")), InputError);
}

TEST(RequireWritable, TouchesNothing) {
  const TemporaryFolder folder;
  const std::string path = folder.write("out.json", "old");
  require_writable(path);
  require_writable(folder.path("new.json"));
  EXPECT_EQ(contents(path), "old");
  EXPECT_THAT(folder.names(), ElementsAre("out.json"));
}

}  // namespace
}  // namespace nmperm
