#include "io/atomic_file.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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

// Without a right to make device nodes, pipes and size limits still show both.
TEST(AtomicFile, WritesToAPipeWithoutReplacingIt) {
  const TemporaryFolder folder;
  const std::string path = folder.path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  require_writable(path);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  write_file(path, "text");
  std::string received(8, '\0');
  const ssize_t count = ::read(reader, received.data(), received.size());
  ::close(reader);
  ASSERT_EQ(count, 4);
  EXPECT_EQ(received.substr(0, 4), "text");
  EXPECT_TRUE(std::filesystem::is_fifo(path));
  EXPECT_THAT(folder.names(), ElementsAre("pipe"));
}

/// Makes files above a size fail, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t size_bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{size_bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(AtomicFile, LeavesTheOldFileWhereTheNewOneDoesNotFit) {
  const TemporaryFolder folder;
  const std::string path = folder.write("out.json", "old");
  std::string message;
  {
    const FileSizeLimit limit(4);
    message = refusal([&] { write_file(path, "more than four bytes"); });
  }
  EXPECT_THAT(message, HasSubstr(path + ": cannot be written: File too large"));
  EXPECT_EQ(contents(path), "old");
  EXPECT_THAT(folder.names(), ElementsAre("out.json"));
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
