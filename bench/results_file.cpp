#include "bench/results_file.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "bench/run_json.h"
#include "core/error.h"
#include "instances/json_members.h"
#include "io/atomic_file.h"
#include "io/byte_source.h"
#include "io/json.h"

namespace nmperm {
namespace {

constexpr char kFormat[] = "nmperm-results";
constexpr int kVersion = 1;
constexpr std::uint64_t kMostBytes = 4'000'000'000;

std::string line_of(const nlohmann::ordered_json& run) {
  // Names of files may hold any bytes.
  return run.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

struct Contents {
  std::vector<ComparisonRun> runs;
  std::vector<std::string> lines;
};

Contents read_contents(const std::string& path) {
  const std::string text = json_text(*open_file(path), kMostBytes, "results file");
  const nlohmann::json checked = parse_json(text, path);
  const JsonValue root(checked, path);
  require_format(root, kFormat, kVersion, "results file");
  const JsonValue runs = root.at("runs");
  const auto ordered = nlohmann::ordered_json::parse(text);
  Contents contents;
  for (std::size_t i = 0; i < runs.array_size(); ++i) {
    contents.runs.push_back(run_of_json(runs.at(i)));
    contents.lines.push_back(line_of(ordered["runs"][i]));
  }
  return contents;
}

}  // namespace

ResultsFile::ResultsFile(std::string path) : path_(std::move(path)) {
  if (std::filesystem::exists(path_)) {
    Contents contents = read_contents(path_);
    runs_ = std::move(contents.runs);
    lines_ = std::move(contents.lines);
  }
  require_writable(path_);
}

bool ResultsFile::has(const ComparisonRun& planned) const {
  return std::any_of(runs_.begin(), runs_.end(), [&](const ComparisonRun& run) {
    return run.failure.empty() && same_cell(run, planned);
  });
}

void ResultsFile::add(const ComparisonRun& run) {
  const auto old_failure = std::find_if(runs_.begin(), runs_.end(), [&](const ComparisonRun& other) {
    return !other.failure.empty() && same_cell(other, run);
  });
  if (old_failure != runs_.end()) {
    lines_.erase(lines_.begin() + (old_failure - runs_.begin()));
    runs_.erase(old_failure);
  }
  runs_.push_back(run);
  lines_.push_back(line_of(run_json(run)));
  // One run a line, so that two files can be compared line by line.
  write_file(path_, fmt::format("{{\"format\": \"{}\", \"version\": {}, \"runs\": [\n{}\n]}}\n", kFormat,
                                kVersion, fmt::join(lines_, ",\n")));
}

bool is_results_file(const std::string& path) {
  const nlohmann::json document = parse_json(json_text(*open_file(path), kMostBytes, "results file"), path);
  return JsonValue(document, path).at("format").text() == kFormat;
}

std::vector<ComparisonRun> read_results(const std::string& path) {
  return read_contents(path).runs;
}

}  // namespace nmperm
