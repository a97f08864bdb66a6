#include "io/json.h"

#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "core/error.h"

namespace nmperm {
namespace {

/// Refuses nesting and repeated keys while the document is parsed, before it is held in memory as a whole.
class Guard {
 public:
  explicit Guard(const std::string& subject) : subject_(&subject) {}

  bool operator()(int /*depth*/, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (keys_.size() == kMaxJsonDepth) {
        throw InputError(*subject_, {}, "JSON is nested too deeply",
                         "at most " + std::to_string(kMaxJsonDepth) + " levels");
      }
      keys_.emplace_back();
    } else if (event == Event::object_end || event == Event::array_end) {
      keys_.pop_back();
    } else if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) {
        throw InputError(*subject_, {}, "key '" + key + "' occurs twice", "every key once");
      }
    }
    return true;
  }

 private:
  const std::string* subject_;
  std::vector<std::set<std::string>> keys_;  // one set for each open object or array
};

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& subject) {
  try {
    Guard guard(subject);
    return nlohmann::json::parse(
        text, [&guard](int depth, auto event, auto& parsed) { return guard(depth, event, parsed); });
  } catch (const nlohmann::json::parse_error& error) {
    throw InputError(subject, "byte " + std::to_string(error.byte), "malformed JSON", "JSON (RFC 8259)");
  } catch (const nlohmann::json::out_of_range&) {
    throw InputError(subject, {}, "JSON holds a number beyond the range of double");
  }
}

std::string JsonValue::shown() const {
  constexpr std::size_t kMost = 40;
  if (value_->is_object() || value_->is_array()) return std::string("is an ") + value_->type_name();
  std::string text = value_->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  return "is " + text;
}

void JsonValue::fail(const std::string& problem, const std::string& expected) const {
  throw InputError(*subject_, place_, problem, expected);
}

const nlohmann::json& JsonValue::object() const {
  if (!value_->is_object()) fail(shown(), "an object");
  return *value_;
}

JsonValue JsonValue::at(const std::string& key) const {
  const auto member = object().find(key);
  if (member == value_->end()) fail("has no '" + key + "'", "a member '" + key + "'");
  return {*member, *subject_, place_.empty() ? key : place_ + "." + key};
}

std::size_t JsonValue::array_size() const {
  if (!value_->is_array()) fail(shown(), "an array");
  return value_->size();
}

JsonValue JsonValue::at(std::size_t index) const {
  if (index >= array_size()) {
    fail("has " + std::to_string(value_->size()) + " elements", "at least " + std::to_string(index + 1));
  }
  return {(*value_)[index], *subject_, place_ + "[" + std::to_string(index) + "]"};
}

std::string JsonValue::text() const {
  if (!value_->is_string()) fail(shown(), "a string");
  return value_->get<std::string>();
}

bool JsonValue::boolean() const {
  if (!value_->is_boolean()) fail(shown(), "true or false");
  return value_->get<bool>();
}

double JsonValue::number() const {
  if (!value_->is_number()) fail(shown(), "a number");
  return value_->get<double>();
}

std::int64_t JsonValue::integer(std::int64_t min, std::int64_t max) const {
  const std::string expected = "a whole number " + std::to_string(min) + ".." + std::to_string(max);
  if (!value_->is_number_integer()) fail(shown(), expected);
  const bool too_large =
      value_->is_number_unsigned() && value_->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  const std::int64_t value = too_large ? max : value_->get<std::int64_t>();
  if (too_large || value < min || value > max) fail(shown(), expected);
  return value;
}

std::uint64_t JsonValue::unsigned_integer() const {
  if (!value_->is_number_unsigned()) fail(shown(), "a whole number 0..2^64-1");
  return value_->get<std::uint64_t>();
}

}  // namespace nmperm
