// Output files that are written whole or not at all.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace nmperm {

/// Writes to a temporary file in the folder of `path`, which commit() moves to `path`; without commit() the
/// destructor removes it and what stood at `path` stays. Links are followed. Where `path` is a device or a
/// pipe, bytes go to it directly.
class AtomicFile {
 public:
  /// Throws InputError, naming `path`, when it cannot be written.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Both throw InputError when the device is full or fails.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// Bytes reach the disk before the file gets its name.
  void commit();

 private:
  [[noreturn]] void fail(const std::string& problem, int error_number) const;

  std::string path_;       // as the caller named it
  std::string target_;     // links resolved
  std::string temporary_;  // empty: write to the target directly
  int descriptor_ = -1;
};

/// Writes `text` as a whole.
void write_file(const std::string& path, std::string_view text);

/// Throws InputError when a file could not be written to `path`: to be called before a long search. Leaves
/// nothing behind and does not touch an existing file.
void require_writable(const std::string& path);

}  // namespace nmperm
