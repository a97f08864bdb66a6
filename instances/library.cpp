#include "instances/library.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <set>
#include <utility>

#include "core/error.h"
#include "instances/fingerprint.h"
#include "instances/json_members.h"
#include "instances/load.h"
#include "instances/spec.h"
#include "io/json.h"
#include "io/name_list.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

constexpr char kList[] = "library.json";
constexpr char kVariable[] = "NMPERM_LIBRARY";
constexpr std::uint64_t kMaxListBytes = 16'000'000;
constexpr int kMaxInt = std::numeric_limits<int>::max();

/// Where the library of this project is; empty where none is installed.
std::string project_folder() {
  if (const char* const given = std::getenv(kVariable); given != nullptr && *given != '\0') return given;
  std::error_code failed;
  const fs::path program = fs::canonical("/proc/self/exe", failed);
  const fs::path installed = program.parent_path().parent_path() / NMPERM_LIBRARY_INSTALL_DIR;
  if (!failed && fs::exists(installed / kList, failed)) return installed.string();
  return fs::exists(fs::path(NMPERM_LIBRARY_SOURCE_DIR) / kList, failed) ? NMPERM_LIBRARY_SOURCE_DIR : "";
}

std::string required_folder() {
  if (std::string folder = project_folder(); !folder.empty()) return folder;
  throw InputError("the instance library", {}, "is not installed with this program",
                   std::string("its folder in the environment variable ") + kVariable);
}

/// What stands in paths and on command lines as it is.
bool is_plain_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

LibraryPart part_of(const JsonValue& value) {
  const std::string text = value.text();
  for (const LibraryPart part : {LibraryPart::kTuning, LibraryPart::kReporting}) {
    if (text == to_string(part)) return part;
  }
  value.fail("is no part of the library", "tuning or reporting");
}

LibraryInstance instance_of(const JsonValue& value) {
  LibraryInstance instance;
  instance.name = value.at("name").text();
  if (!is_plain_name(instance.name)) value.at("name").fail("is no name", "letters, digits, '-' and '_'");
  instance.part = part_of(value.at("part"));
  instance.kind = value.at("kind").text();
  instance.pattern = pattern_of(value.at("pattern"));
  instance.rows = static_cast<int>(value.at("rows").integer(1, kMaxInt));
  instance.columns = static_cast<int>(value.at("columns").integer(1, kMaxInt));
  instance.source = value.at("source").text();
  if (parse_instance_spec(instance.source).kind == InstanceSpec::Kind::kLibrary)
    value.at("source").fail("is of the library itself", "a file or a generated instance");
  if (value.object().contains("generator")) instance.generator = value.at("generator").text();
  instance.sha256 = sha256_of(value.at("sha256"));
  return instance;
}

std::vector<LibraryInstance> read_list(const std::string& path) {
  const auto file = open_file(path);
  const nlohmann::json document = parse_json(json_text(*file, kMaxListBytes, "library"), path);
  const JsonValue root(document, path);
  require_format(root, "nmperm-library", 1, "library");
  const JsonValue list = root.at("instances");
  std::vector<LibraryInstance> instances;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.array_size(); ++i) {
    instances.push_back(instance_of(list.at(i)));
    if (!names.insert(instances.back().name).second)
      list.at(i).at("name").fail("is there twice", "one instance of each name");
  }
  return instances;
}

}  // namespace

const char* to_string(LibraryPart part) {
  return part == LibraryPart::kTuning ? "tuning" : "reporting";
}

Library::Library() : Library(required_folder()) {}

Library::Library(const std::string& folder) : folder_(folder), instances_(read_list(path(kList))) {}

const LibraryInstance& Library::find(const std::string& name) const {
  std::vector<std::string> names;
  for (const LibraryInstance& instance : instances_) {
    if (instance.name == name) return instance;
    names.push_back(instance.name);
  }
  throw InputError("library:" + name, {}, "is not in the library",
                   name_list(name, std::move(names)) + "; nmperm library list shows all");
}

const LibraryInstance* Library::find(int rows, int columns, const std::string& sha256,
                                     const Pattern& pattern) const {
  const auto found = std::find_if(instances_.begin(), instances_.end(), [&](const LibraryInstance& instance) {
    return instance.rows == rows && instance.columns == columns && instance.sha256 == sha256 &&
           instance.pattern == pattern;
  });
  return found == instances_.end() ? nullptr : &*found;
}

std::string Library::path(const std::string& file) const {
  return (fs::path(folder_) / file).lexically_normal().string();
}

std::string Library::source_of(const LibraryInstance& instance) const {
  const InstanceSpec spec = parse_instance_spec(instance.source);
  return spec.kind == InstanceSpec::Kind::kGenerated ? instance.source : path(instance.source);
}

double group_count(const LibraryInstance& instance) {
  double groups = 1;
  for (int k = 0; k < instance.pattern.group; ++k) groups *= (instance.columns - k) / (k + 1.0);
  return groups;
}

std::optional<Library> find_library() {
  const std::string folder = project_folder();
  return folder.empty() ? std::nullopt : std::optional<Library>(folder);
}

Pattern default_pattern(const std::string& instance) {
  const InstanceSpec spec = parse_instance_spec(instance);
  return spec.kind == InstanceSpec::Kind::kLibrary ? Library().find(spec.name).pattern : Pattern{};
}

void require_listed_scores(const LibraryInstance& instance, const ScoreMatrix& scores) {
  const std::string subject = "library:" + instance.name;
  if (scores.rows() != instance.rows || scores.columns() != instance.columns) {
    throw InputError(subject, {},
                     "is of " + std::to_string(scores.rows()) + " x " + std::to_string(scores.columns()),
                     std::to_string(instance.rows) + " x " + std::to_string(instance.columns));
  }
  if (const std::string sha256 = fingerprint(scores); sha256 != instance.sha256)
    throw InputError(subject, "scores", "SHA-256 " + sha256, instance.sha256);
}

Problem Library::problem(const LibraryInstance& instance) const {
  Instance loaded = load_instance(source_of(instance));
  require_listed_scores(instance, loaded.scores);
  return Problem(std::move(loaded.scores), instance.pattern);
}

}  // namespace nmperm
