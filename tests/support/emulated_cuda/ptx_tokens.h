// PTX text as a row of tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nmperm::emulated_cuda {

/// A word (name, opcode with its suffixes, directive, number: letters, digits, `_ $ % .`) or one sign of
/// punctuation.
struct Token {
  std::string text;
  int line;  // from 1

  bool is_word() const;
};

/// All tokens without comments, closed by an empty one. Throws Fault(kInvalidPtx) at a character that PTX has
/// not.
std::vector<Token> tokens_of(std::string_view text);

/// Throws Fault(kInvalidPtx) with "line N: what".
[[noreturn]] void refuse_ptx(int line, const std::string& what);

}  // namespace nmperm::emulated_cuda
