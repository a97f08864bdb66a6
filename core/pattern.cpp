#include "core/pattern.h"

#include <charconv>

#include "core/error.h"

namespace nmperm {

Pattern Pattern::parse(std::string_view text) {
  const auto fail = [&]() -> InputError {
    return {"pattern", std::string(text), "not an N:M pattern",
            "two whole numbers N:M with 1 <= N < M <= " + std::to_string(kMaxGroup) + ", such as 2:4"};
  };
  Pattern pattern;
  const char* const end = text.data() + text.size();
  const auto [colon, keep_error] = std::from_chars(text.data(), end, pattern.keep);
  if (keep_error != std::errc() || colon == end || *colon != ':') throw fail();
  const auto [rest, group_error] = std::from_chars(colon + 1, end, pattern.group);
  if (group_error != std::errc() || rest != end) throw fail();
  pattern.validate();
  return pattern;
}

void Pattern::validate() const {
  if (keep >= 1 && keep < group && group <= kMaxGroup) return;
  throw InputError("pattern", str(),
                   "keeps " + std::to_string(keep) + " of " + std::to_string(group) + " columns",
                   "1 <= N < M <= " + std::to_string(kMaxGroup));
}

std::string Pattern::str() const {
  return std::to_string(keep) + ":" + std::to_string(group);
}

}  // namespace nmperm
