// Strict reading of JSON that comes from outside: every fault is an InputError that names its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "io/byte_source.h"

namespace nmperm {

/// Deepest nesting that is accepted.
inline constexpr int kMaxJsonDepth = 16;

/// Throws InputError (naming `subject` and the byte) on malformed JSON, nesting beyond kMaxJsonDepth and keys
/// that occur twice in one object.
nlohmann::json parse_json(std::string_view text, const std::string& subject);

/// The value, or JSON's null.
template <typename Value>
nlohmann::ordered_json or_null(const std::optional<Value>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

/// A value and its place in the document, such as `magnitude.kept` or `permutation[3]`. Refers to the
/// document.
class JsonValue {
 public:
  JsonValue(const nlohmann::json& root, const std::string& subject) : JsonValue(root, subject, {}) {}

  /// Member of an object; throws InputError when this is no object or has no such member.
  JsonValue at(const std::string& key) const;
  /// Element of an array; throws InputError when this is no array or it ends before.
  JsonValue at(std::size_t index) const;
  /// Throws InputError unless this is an array / an object.
  std::size_t array_size() const;
  const nlohmann::json& object() const;

  bool is_null() const { return value_->is_null(); }
  bool is_number() const { return value_->is_number(); }
  /// Each throws InputError unless the value has this type (and is in the range).
  std::string text() const;
  bool boolean() const;
  double number() const;
  std::int64_t integer(std::int64_t min, std::int64_t max) const;
  std::uint64_t unsigned_integer() const;

  /// Throws InputError at this place.
  [[noreturn]] void fail(const std::string& problem, const std::string& expected) const;

 private:
  JsonValue(const nlohmann::json& value, const std::string& subject, std::string place)
      : value_(&value), subject_(&subject), place_(std::move(place)) {}
  std::string shown() const;

  const nlohmann::json* value_;
  const std::string* subject_;
  std::string place_;
};

}  // namespace nmperm
