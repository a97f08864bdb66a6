#include "checkpoints/search_state.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "instances/json_members.h"
#include "io/json.h"

namespace nmperm {
namespace {

constexpr char kFormat[] = "nmperm-checkpoint-state";
constexpr char kKind[] = "state of a search";
constexpr int kVersion = 1;

nlohmann::ordered_json result_json(const std::string& name, const Result& result) {
  nlohmann::ordered_json json = {{"name", name},
                                 {"magnitude", magnitude_json(result.magnitude)},
                                 {"bound", nullptr},
                                 {"status", to_string(result.status)},
                                 {"solver", result.solver},
                                 {"seconds", result.seconds},
                                 {"permutation", result.permutation}};
  if (result.bound) json["bound"] = {{"kept", result.bound->kept}, {"method", result.bound->method}};
  return json;
}

Result result_of(const JsonValue& json) {
  Result result;
  const JsonValue bound = json.at("bound");
  result.magnitude = magnitude_of(json.at("magnitude"));
  if (!bound.is_null()) {
    result.bound = Bound{nonnegative(bound.at("kept")), bound.at("method").text()};
    result.gap = result.magnitude.gap(result.bound->kept);
  }
  result.status = status_of(json.at("status"));
  result.solver = json.at("solver").text();
  result.seconds = nonnegative(json.at("seconds"));
  result.permutation = integers(json.at("permutation"), 0);
  return result;
}

}  // namespace

std::string to_json(const SearchState& state) {
  nlohmann::ordered_json document = {{"format", kFormat},
                                     {"version", kVersion},
                                     {"inputs", state.inputs},
                                     {"settings", state.settings},
                                     {"seconds", state.seconds},
                                     {"written", state.written},
                                     {"sets", nlohmann::ordered_json::array()}};
  for (const auto& [name, result] : state.sets) document["sets"].push_back(result_json(name, result));
  return one_line_each(document);
}

SearchState parse_search_state(const ByteSource& source) {
  const std::string& subject = source.name();
  const nlohmann::json document = parse_json(json_text(source, kMaxStateBytes, kKind), subject);
  const JsonValue root(document, subject);
  require_format(root, kFormat, kVersion, kKind);
  SearchState state;
  state.inputs = sha256_of(root.at("inputs"));
  state.settings = root.at("settings").text();
  state.seconds = nonnegative(root.at("seconds"));
  state.written = root.at("written").boolean();
  const JsonValue sets = root.at("sets");
  for (std::size_t i = 0; i < sets.array_size(); ++i) {
    const JsonValue name = sets.at(i).at("name");
    if (!state.sets.emplace(name.text(), result_of(sets.at(i))).second) {
      name.fail("occurs twice", "every set once");
    }
  }
  return state;
}

}  // namespace nmperm
