#include "formulations/program_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace nmperm {

void TextWriter::line(std::string_view text) {
  buffer_ += text;
  buffer_ += '\n';
  constexpr std::size_t kPiece = 1 << 16;
  if (buffer_.size() >= kPiece) flush();
}

void TextWriter::part(std::string_view text) {
  constexpr std::size_t kWidth = 100;  // readers stop at 255 to 560
  if (width_ > 0 && width_ + text.size() > kWidth) {
    end_line();
    buffer_ += ' ';
    width_ = 1;
  }
  buffer_ += text;
  width_ += text.size();
}

void TextWriter::end_line() {
  line({});
  width_ = 0;
}

void TextWriter::comment(std::string_view mark, const std::string& text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string printable(mark);
    for (std::size_t i = begin; i < end; ++i) printable += text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    line(printable);
    begin = end + 1;
  }
}

void TextWriter::flush() {
  if (!buffer_.empty()) sink_(buffer_);
  buffer_.clear();
}

std::string number_text(double value) {
  return fmt::format("{}", value);
}

RowEntries::RowEntries(const MixedIntegerProgram& program)
    : starts(static_cast<std::size_t>(program.rows()) + 1, 0),
      columns(program.entries()),
      coefficients(program.entries()) {
  for (const int row : program.entry_rows()) ++starts[static_cast<std::size_t>(row) + 1];
  for (std::size_t r = 1; r < starts.size(); ++r) starts[r] += starts[r - 1];
  std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
  for (int j = 0; j < program.columns(); ++j) {
    for (std::size_t e = program.column_start(j); e < program.column_start(j + 1); ++e) {
      const std::size_t at = next[static_cast<std::size_t>(program.entry_rows()[e])]++;
      columns[at] = j;
      coefficients[at] = program.coefficients()[e];
    }
  }
}

}  // namespace nmperm
