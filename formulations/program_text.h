// What the writers of LP and MPS files share.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "formulations/mixed_integer_program.h"

namespace nmperm {

/// Takes a file's text, piece by piece. What it throws passes through the writer.
using TextSink = std::function<void(std::string_view)>;

/// Collects text into pieces of some size and breaks long lines.
class TextWriter {
 public:
  explicit TextWriter(const TextSink& sink) : sink_(sink) {}

  /// A whole line.
  void line(std::string_view text);
  /// A part of a line that may go on in the next one, indented, where this one gets long.
  void part(std::string_view text);
  /// Ends a line of parts.
  void end_line();
  /// `text` line by line behind `mark`; characters that are not printable become '?'.
  void comment(std::string_view mark, const std::string& text);
  void flush();

 private:
  const TextSink& sink_;
  std::string buffer_;
  std::size_t width_ = 0;
};

/// Shortest decimal that reads back as the same double (17 digits at most).
std::string number_text(double value);

/// A program's entries by rows.
struct RowEntries {
  explicit RowEntries(const MixedIntegerProgram& program);

  std::vector<std::size_t> starts;  ///< of every row, and the end
  std::vector<int> columns;
  std::vector<double> coefficients;
};

}  // namespace nmperm
