#include "tests/cli/cli_fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <stdlib.h>

namespace nmperm::test {

Cli::Cli() {
  std::string pattern = testing::TempDir() + "nmperm cli XXXXXX";  // a blank: paths may have them
  folder_ = mkdtemp(pattern.data());
}

Cli::~Cli() {
  std::filesystem::remove_all(folder_);
}

std::string Cli::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

int Cli::count_files() const {
  const std::filesystem::directory_iterator files(folder_);
  return static_cast<int>(std::distance(begin(files), end(files)));
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool exists(const std::string& path) {
  return std::filesystem::exists(path);
}

nlohmann::json read_json(const std::string& path) {
  return nlohmann::json::parse(read_file(path));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::istringstream stream(text);
  std::vector<std::string> parts;
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), {}};
}

void expect_error(const std::vector<std::string>& arguments, int exit_code,
                  const std::vector<std::string>& parts) {
  SCOPED_TRACE(testing::PrintToString(arguments));
  const Output output = run_nmperm(arguments);
  EXPECT_EQ(output.exit_code, exit_code);
  EXPECT_EQ(output.out, "");
  EXPECT_THAT(output.err, testing::StartsWith("nmperm: "));
  EXPECT_EQ(std::count(output.err.begin(), output.err.end(), '\n'), 1) << output.err;
  EXPECT_THAT(output.err, testing::EndsWith("\n"));
  for (const auto& part : parts) EXPECT_THAT(output.err, testing::HasSubstr(part));
}

std::string expect_done(const std::vector<std::string>& arguments) {
  SCOPED_TRACE(testing::PrintToString(arguments));
  const Output output = run_nmperm(arguments);
  EXPECT_EQ(output.exit_code, 0) << output.err;
  return output.out;
}

nlohmann::json solve(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "solve");
  arguments.insert(arguments.end(), {"--quiet", "--output", "-"});
  return nlohmann::json::parse(expect_done(arguments));
}

}  // namespace nmperm::test
