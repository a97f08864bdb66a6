#include "io/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace nmperm {
namespace {

constexpr char kExpected[] = "a path that can be written";

/// The file behind a chain of links, which need not exist; `path` itself where it cannot be resolved.
std::string resolve_links(const std::string& path) {
  std::error_code error;
  const auto resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved.string();
}

std::string temporary_name(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter = 0;
  std::string name = ".";
  name += target.filename().string() + "." + std::to_string(::getpid()) + "-";
  name += std::to_string(counter++) + ".tmp";
  return (target.parent_path() / name).string();
}

}  // namespace

void AtomicFile::fail(const std::string& problem, int error_number) const {
  throw InputError(path_, {}, problem + ": " + std::strerror(error_number), kExpected);
}

AtomicFile::AtomicFile(const std::string& path) : path_(path), target_(resolve_links(path)) {
  struct stat status {};
  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if (path.empty() || path.ends_with('/') || (exists && S_ISDIR(status.st_mode))) {
    fail("cannot be written", path.empty() ? ENOENT : EISDIR);
  }
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail("cannot be written", errno);
  if (exists && !S_ISREG(status.st_mode)) {
    descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail("cannot be written", errno);
    return;
  }
  temporary_ = temporary_name(target_);
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot be written", errno);
  if (exists) static_cast<void>(::fchmod(descriptor_, status.st_mode & 07777u));  // kept where it may be
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot be written", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text)));
}

void AtomicFile::commit() {
  if (!temporary_.empty() && ::fsync(descriptor_) != 0) fail("cannot be written", errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot be written", errno);
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be replaced", errno);
  temporary_.clear();
}

void write_file(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void require_writable(const std::string& path) {
  // Opening a pipe would wait for its reader, and closing it again would tell that reader that all is over.
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode)) return;
  const AtomicFile probe(path);
}

}  // namespace nmperm
