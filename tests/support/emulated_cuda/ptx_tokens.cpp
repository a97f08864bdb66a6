#include "tests/support/emulated_cuda/ptx_tokens.h"

#include "tests/support/emulated_cuda/result.h"

namespace nmperm::emulated_cuda {
namespace {

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         c == '%' || c == '.';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

bool Token::is_word() const {
  return !text.empty() && is_word_character(text.front());
}

std::vector<Token> tokens_of(std::string_view text) {
  constexpr std::string_view kPunctuation = ",;:(){}[]<>@!+-";
  std::vector<Token> tokens;
  int line = 1;
  for (std::size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      line += text[i] == '\n' ? 1 : 0;
      ++i;
    } else if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (is_word_character(text[i])) {
      std::size_t end = i;
      while (end < text.size() && is_word_character(text[end])) ++end;
      tokens.push_back({std::string(text.substr(i, end - i)), line});
      i = end;
    } else if (kPunctuation.find(text[i]) != std::string_view::npos) {
      tokens.push_back({std::string(1, text[i]), line});
      ++i;
    } else {
      refuse_ptx(line, std::string("unknown character '") + text[i] + "'");
    }
  }
  tokens.push_back({"", line});
  return tokens;
}

void refuse_ptx(int line, const std::string& what) {
  throw Fault(kInvalidPtx, "line " + std::to_string(line) + ": " + what);
}

}  // namespace nmperm::emulated_cuda
