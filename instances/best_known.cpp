// The two directions of best_known.json side by side, so that a field is added to both.
#include "instances/best_known.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "instances/json_members.h"
#include "io/atomic_file.h"
#include "io/json.h"

namespace nmperm {
namespace {

constexpr char kFile[] = "best_known.json";
constexpr char kFormat[] = "nmperm-best-known";
constexpr char kKind[] = "list of best-known values";
constexpr int kVersion = 1;

using Json = nlohmann::ordered_json;

Json bound_json(const std::optional<KnownBound>& bound) {
  if (!bound) return nullptr;
  return {{"kept", bound->kept},
          {"method", bound->method},
          {"certificate", bound->certificate.empty() ? Json(nullptr) : Json(bound->certificate)},
          {"command", bound->command}};
}

Json entry_json(const BestKnown& entry) {
  const Magnitude& magnitude = entry.magnitude;
  return {{"name", entry.name},
          {"magnitude", magnitude_json(magnitude)},
          {"efficacy", or_null(magnitude.efficacy())},
          {"bound", bound_json(entry.bound)},
          {"gap", or_null(entry.gap())},
          {"optimal", entry.optimal()},
          {"solver", entry.credit.solver},
          {"version", entry.credit.version},
          {"date", entry.credit.date},
          {"permutation", entry.permutation}};
}

KnownBound bound_of(const JsonValue& value) {
  KnownBound bound{nonnegative(value.at("kept")), value.at("method").text(), {}, value.at("command").text()};
  if (const JsonValue certificate = value.at("certificate"); !certificate.is_null()) {
    bound.certificate = certificate.text();
    if (bound.certificate.empty()) certificate.fail("names no file", "null or a file name");
  }
  return bound;
}

/// Requires that the file states what follows from the rest of the entry.
void require_consequences(const JsonValue& value, const BestKnown& entry) {
  const JsonValue gap = value.at("gap");
  const std::optional<double> expected = entry.gap();
  constexpr double kTolerance = 1e-9;
  if (gap.is_null() == expected.has_value() ||
      (expected && std::abs(gap.number() - *expected) > kTolerance)) {
    gap.fail("does not follow from bound and kept", expected ? std::to_string(*expected) : "null");
  }
  if (value.at("optimal").boolean() != entry.optimal())
    value.at("optimal").fail("does not follow from the gap", entry.optimal() ? "true" : "false");
}

BestKnown entry_of(const JsonValue& value, const Library& library) {
  BestKnown entry;
  entry.name = value.at("name").text();
  const LibraryInstance& instance = library.find(entry.name);
  const JsonValue magnitude = value.at("magnitude");
  entry.magnitude.total = nonnegative(magnitude.at("total"));
  entry.magnitude.default_kept = nonnegative(magnitude.at("default"));
  entry.magnitude.row_bound = nonnegative(magnitude.at("row_bound"));
  entry.magnitude.kept = nonnegative(magnitude.at("kept"));
  if (!value.at("bound").is_null()) entry.bound = bound_of(value.at("bound"));
  entry.credit = {value.at("solver").text(), value.at("version").text(), value.at("date").text()};
  entry.permutation = integers(value.at("permutation"), 0);
  validate_permutation(entry.permutation, Segments(instance.columns), entry.name);
  require_consequences(value, entry);
  return entry;
}

}  // namespace

std::optional<double> BestKnown::gap() const {
  if (!bound) return std::nullopt;
  return magnitude.gap(bound->kept);
}

bool BestKnown::optimal() const {
  return bound && *gap() <= kOptimalGap;
}

std::vector<BestKnown> read_best_known(const Library& library) {
  const std::string path = library.path(kFile);
  if (!std::filesystem::exists(path)) return {};
  const nlohmann::json document = parse_json(json_text(*open_file(path), kMaxBestKnownBytes, kKind), path);
  const JsonValue root(document, path);
  require_format(root, kFormat, kVersion, kKind);
  const JsonValue list = root.at("entries");
  std::map<std::string, BestKnown> by_name;
  for (std::size_t i = 0; i < list.array_size(); ++i) {
    BestKnown entry = entry_of(list.at(i), library);
    const std::string name = entry.name;
    if (!by_name.emplace(name, std::move(entry)).second)
      list.at(i).at("name").fail("is there twice", "one entry of each instance");
  }
  std::vector<BestKnown> entries;
  for (const LibraryInstance& instance : library.instances()) {
    if (const auto found = by_name.find(instance.name); found != by_name.end())
      entries.push_back(std::move(found->second));
  }
  return entries;
}

void write_best_known(const Library& library, const std::vector<BestKnown>& entries) {
  std::string text = Json{{"format", kFormat}, {"version", kVersion}}.dump();
  text.back() = ',';
  text += " \"entries\": [";
  for (const LibraryInstance& instance : library.instances()) {
    const BestKnown* const entry = find_entry(entries, instance.name);
    if (entry == nullptr) continue;
    text += (text.back() == '[' ? "\n" : ",\n") + entry_json(*entry).dump();
  }
  write_file(library.path(kFile), text + "\n]}\n");
}

const BestKnown* find_entry(const std::vector<BestKnown>& entries, const std::string& name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const BestKnown& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace nmperm
