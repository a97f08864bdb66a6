// Child processes and temporary folders.
#pragma once

#include <string>
#include <vector>

namespace nmperm {

/// A folder that is removed, with all in it, at the end of its life.
class TemporaryFolder {
 public:
  /// Throws InputError where none can be made.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Runs a program (looked up in PATH) to its end, standard input empty, standard output to `output_path` and
/// standard error beside it; returns its exit code, -1 where it cannot be started or a signal ends it.
int run_process(const std::vector<std::string>& command, const std::string& output_path);

}  // namespace nmperm
