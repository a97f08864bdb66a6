// What the tests of the command line share: a folder of their own, and what one line of error looks like.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/process.h"

namespace nmperm::test {

/// A test with a folder that goes away with it.
class Cli : public ::testing::Test {
 protected:
  Cli();
  ~Cli() override;

  /// Path of a file in the folder.
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  /// Writes a file in the folder; returns its path.
  std::string write(const std::string& name, const std::string& text) const;
  /// Number of files in the folder.
  int count_files() const;

 private:
  std::string folder_;
};

std::string read_file(const std::string& path);
bool exists(const std::string& path);
nlohmann::json read_json(const std::string& path);

/// Splits at `separator`; a separator at the end begins nothing.
std::vector<std::string> split(const std::string& text, char separator = '\n');
/// Splits at runs of blanks.
std::vector<std::string> words(const std::string& line);

/// Expects the exit code, nothing on standard output, and exactly one line `nmperm: ...` on standard error
/// that contains all of `parts`.
void expect_error(const std::vector<std::string>& arguments, int exit_code,
                  const std::vector<std::string>& parts);

/// Runs and expects exit code 0; returns standard output.
std::string expect_done(const std::vector<std::string>& arguments);

/// Runs `solve ... --quiet --output -` and returns the solution.
nlohmann::json solve(std::vector<std::string> arguments);

}  // namespace nmperm::test
