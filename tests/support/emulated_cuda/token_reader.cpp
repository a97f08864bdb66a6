#include "tests/support/emulated_cuda/token_reader.h"

#include <charconv>
#include <map>

namespace nmperm::emulated_cuda {

bool TokenReader::take(std::string_view text) {
  if (!next_is(text)) return false;
  ++next_;
  return true;
}

void TokenReader::expect(std::string_view text) {
  if (take(text)) return;
  refuse_ptx(line(), "expected '" + std::string(text) + "', found '" + tokens_[next_].text + "'");
}

std::string TokenReader::word(const std::string& meaning) {
  if (!tokens_[next_].is_word()) {
    refuse_ptx(line(), "expected " + meaning + ", found '" + tokens_[next_].text + "'");
  }
  return tokens_[next_++].text;
}

std::uint64_t integer_of(const std::string& text, int line) {
  const bool hexadecimal = text.rfind("0x", 0) == 0;
  const char* const begin = text.data() + (hexadecimal ? 2 : 0);
  const char* const end = text.data() + text.size();
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(begin, end, value, hexadecimal ? 16 : 10);
  // A leading 0 makes a number octal in PTX; nobody here writes those.
  const bool octal = !hexadecimal && text.size() > 1 && text.front() == '0';
  if (error != std::errc() || rest != end || octal) refuse_ptx(line, "'" + text + "' is no integer");
  return value;
}

Type declared_type(TokenReader& tokens) {
  static const std::map<std::string, Type> kTypes = {{".pred", kPred}, {".b32", kB32}, {".b64", kB64},
                                                     {".u32", kU32},   {".u64", kU64}, {".s32", kS32},
                                                     {".s64", kS64},   {".f32", kF32}};
  const int line = tokens.line();
  const std::string name = tokens.word("a type");
  const auto found = kTypes.find(name);
  if (found == kTypes.end()) refuse_ptx(line, "unknown type '" + name + "'");
  return found->second;
}

}  // namespace nmperm::emulated_cuda
