#include "formulations/lp_writer.h"

#include <cmath>
#include <span>

#include <fmt/format.h>

namespace nmperm {
namespace {

constexpr const char* kConstant = "constant";

class LpWriter {
 public:
  LpWriter(const MixedIntegerProgram& program, std::span<const QuadraticTerm> terms, const TextSink& sink)
      : program_(program), terms_(terms), entries_(program), text_(sink) {}

  void write(const std::string& comment) {
    text_.comment("\\ ", comment);
    write_objective();
    text_.line("Subject To");
    for (int r = 0; r < program_.rows(); ++r) write_row(r);
    text_.line("Bounds");
    if (has_constant()) text_.line(fmt::format(" {} = 1", kConstant));
    for (int j = 0; j < program_.columns(); ++j) write_bounds(j);
    write_integers("Binaries", true);
    write_integers("Generals", false);
    text_.line("End");
    text_.flush();
  }

 private:
  bool has_constant() const { return program_.objective_constant() != 0; }

  // The first term of a sum has no plus.
  void write_term(bool first, double coefficient, const std::string& name) {
    const char* const sign = std::signbit(coefficient) ? " -" : first ? "" : " +";
    const double size = std::abs(coefficient);
    text_.part(size == 1 ? fmt::format("{} {}", sign, name)
                         : fmt::format("{} {} {}", sign, number_text(size), name));
  }

  void write_objective() {
    text_.line(program_.sense() == MixedIntegerProgram::Sense::kMinimize ? "Minimize" : "Maximize");
    text_.part(" obj:");
    bool first = true;
    for (int j = 0; j < program_.columns(); ++j) {
      const double cost = program_.objective()[static_cast<std::size_t>(j)];
      // A column that is nowhere else has to be mentioned here.
      const bool alone = program_.column_start(j) == program_.column_start(j + 1);
      const bool needed = first && j + 1 == program_.columns() && !has_constant();  // an empty sum is none
      if (cost == 0 && !alone && !needed) continue;
      write_term(first, cost, program_.column_name(j));
      first = false;
    }
    if (has_constant()) write_term(first, program_.objective_constant(), kConstant);
    text_.end_line();
  }

  void write_row(int r) {
    const auto row = static_cast<std::size_t>(r);
    const double lower = program_.row_lower()[row], upper = program_.row_upper()[row];
    const std::string name = program_.row_name(r);
    const std::size_t first_term = next_term_;
    while (next_term_ < terms_.size() && terms_[next_term_].row == r) ++next_term_;
    const auto terms = terms_.subspan(first_term, next_term_ - first_term);
    const bool two = lower > -kInfinity && upper < kInfinity && lower != upper;
    if (lower == upper) {
      write_side(r, name, terms, "=", lower);
      return;
    }
    if (lower > -kInfinity) write_side(r, two ? name + "_lower" : name, terms, ">=", lower);
    if (upper < kInfinity) write_side(r, two ? name + "_upper" : name, terms, "<=", upper);
  }

  void write_side(int r, const std::string& name, std::span<const QuadraticTerm> terms, const char* relation,
                  double bound) {
    const auto row = static_cast<std::size_t>(r);
    text_.part(fmt::format(" {}:", name));
    const std::size_t begin = entries_.starts[row], end = entries_.starts[row + 1];
    for (std::size_t e = begin; e < end; ++e) {
      write_term(e == begin, entries_.coefficients[e], program_.column_name(entries_.columns[e]));
    }
    if (begin == end && terms.empty()) write_term(true, 0, program_.column_name(0));
    if (!terms.empty()) text_.part(begin == end ? " [" : " + [");
    for (const QuadraticTerm& term : terms) {
      const std::string first = program_.column_name(term.first);
      write_term(&term == terms.data(), term.coefficient,
                 term.first == term.second
                     ? fmt::format("{} ^2", first)
                     : fmt::format("{} * {}", first, program_.column_name(term.second)));
    }
    if (!terms.empty()) text_.part(" ]");
    text_.part(fmt::format(" {} {}", relation, number_text(bound)));
    text_.end_line();
  }

  bool is_binary(int j) const {
    const auto column = static_cast<std::size_t>(j);
    return program_.is_integer(j) && program_.column_lower()[column] == 0 &&
           program_.column_upper()[column] == 1;
  }

  void write_bounds(int j) {
    const auto column = static_cast<std::size_t>(j);
    const double lower = program_.column_lower()[column], upper = program_.column_upper()[column];
    const bool is_default = lower == 0 && upper == kInfinity;
    if (is_binary(j) || is_default) return;
    const std::string name = program_.column_name(j);
    if (lower == upper) {
      text_.line(fmt::format(" {} = {}", name, number_text(lower)));
    } else if (lower == -kInfinity && upper == kInfinity) {
      text_.line(fmt::format(" {} free", name));
    } else if (upper == kInfinity) {
      text_.line(fmt::format(" {} >= {}", name, number_text(lower)));
    } else if (lower == 0) {
      text_.line(fmt::format(" {} <= {}", name, number_text(upper)));
    } else {
      const std::string from = lower == -kInfinity ? "-inf" : number_text(lower);
      text_.line(fmt::format(" {} <= {} <= {}", from, name, number_text(upper)));
    }
  }

  void write_integers(const char* section, bool binary) {
    bool any = false;
    for (int j = 0; j < program_.columns(); ++j) {
      if (!program_.is_integer(j) || is_binary(j) != binary) continue;
      if (!any) text_.line(section);
      any = true;
      text_.part(fmt::format(" {}", program_.column_name(j)));
    }
    if (any) text_.end_line();
  }

  const MixedIntegerProgram& program_;
  std::span<const QuadraticTerm> terms_;
  std::size_t next_term_ = 0;
  RowEntries entries_;
  TextWriter text_;
};

}  // namespace

void write_lp(const MixedIntegerProgram& program, const std::string& comment, const TextSink& sink) {
  LpWriter(program, {}, sink).write(comment);
}

void write_lp(const QuadraticProgram& program, const std::string& comment, const TextSink& sink) {
  LpWriter(program.linear, program.terms, sink).write(comment);
}

}  // namespace nmperm
