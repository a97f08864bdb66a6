// Members that several JSON files have in common. Every fault is an InputError that names its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/objective.h"
#include "core/options.h"
#include "core/pattern.h"
#include "core/result.h"
#include "core/segments.h"
#include "io/byte_source.h"
#include "io/json.h"

namespace nmperm {

/// The whole source, which must not be longer than `most_bytes`; `kind` says what it should be: "solution".
std::string json_text(const ByteSource& source, std::uint64_t most_bytes, const std::string& kind);

/// Requires the members `format` and `version`.
void require_format(const JsonValue& root, const std::string& format, int version, const std::string& kind);

/// A number that is not negative.
double nonnegative(const JsonValue& value);
/// Whole numbers from `min` on.
std::vector<int> integers(const JsonValue& array, int min);
/// 64 lower-case hexadecimal digits.
std::string sha256_of(const JsonValue& value);
/// An N:M pattern.
Pattern pattern_of(const JsonValue& value);
/// Lengths of segments that fit the columns and the pattern.
Segments segments_of(const JsonValue& value, int columns, const Pattern& pattern);

/// The member `magnitude`.
nlohmann::ordered_json magnitude_json(const Magnitude& magnitude);
Magnitude magnitude_of(const JsonValue& value);
/// The member `status`.
Status status_of(const JsonValue& value);
/// Options of a solver or a criterion: an object, where there are none too.
nlohmann::ordered_json options_json(const OptionValues& options);
/// The member `trace`.
nlohmann::ordered_json trace_json(const std::vector<TracePoint>& trace);

/// One member of the document a line, so that two files can be compared line by line. Bytes of names that are
/// not UTF-8 are replaced.
std::string one_line_each(const nlohmann::ordered_json& document);

}  // namespace nmperm
