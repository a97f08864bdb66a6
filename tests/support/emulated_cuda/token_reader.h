// Reading PTX token by token, and what modules and kernels have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/emulated_cuda/ptx.h"
#include "tests/support/emulated_cuda/ptx_tokens.h"

namespace nmperm::emulated_cuda {

class TokenReader {
 public:
  explicit TokenReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  bool at_end() const { return tokens_[next_].text.empty(); }
  int line() const { return tokens_[next_].line; }
  bool next_is(std::string_view text) const { return tokens_[next_].text == text; }
  bool next_is_number() const {
    return !at_end() && tokens_[next_].text[0] >= '0' && tokens_[next_].text[0] <= '9';
  }

  /// Whether the token after the next one is `text`.
  bool second_is(std::string_view text) const { return !at_end() && tokens_[next_ + 1].text == text; }

  /// Steps over the next token where it is `text`.
  bool take(std::string_view text);

  /// The same, where nothing else may stand.
  void expect(std::string_view text);

  /// The next token, a word; `meaning` says what is missing where it is none.
  std::string word(const std::string& meaning);

 private:
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

/// A number without a sign, decimal or with 0x.
std::uint64_t integer_of(const std::string& text, int line);

/// Reads `.u32` and the like.
Type declared_type(TokenReader& tokens);

}  // namespace nmperm::emulated_cuda
