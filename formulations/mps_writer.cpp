#include "formulations/mps_writer.h"

#include <span>

#include <fmt/format.h>

namespace nmperm {
namespace {

constexpr const char* kObjective = "obj";
// A column that is 1: readers disagree about the sign of a constant among the right-hand sides.
constexpr const char* kConstant = "constant";

class MpsWriter {
 public:
  MpsWriter(const MixedIntegerProgram& program, std::span<const QuadraticTerm> terms, const TextSink& sink)
      : program_(program),
        terms_(terms),
        sign_(program.sense() == MixedIntegerProgram::Sense::kMinimize ? 1 : -1),
        text_(sink) {}

  void write(const std::string& name, const std::string& comment) {
    text_.comment("* ", comment);
    if (sign_ < 0) text_.line("* The objective is negated: maximising was meant.");
    text_.line(fmt::format("NAME {} FREE", name));  // CBC guesses where it is not told
    write_rows();
    write_columns();
    write_right_hand_sides();
    write_ranges();
    text_.line("BOUNDS");
    if (has_constant()) write_bound("FX", kConstant, 1);
    for (int j = 0; j < program_.columns(); ++j) write_bounds(j);
    write_products();
    text_.line("ENDATA");
    text_.flush();
  }

 private:
  bool has_constant() const { return program_.objective_constant() != 0; }
  double lower(int r) const { return program_.row_lower()[static_cast<std::size_t>(r)]; }
  double upper(int r) const { return program_.row_upper()[static_cast<std::size_t>(r)]; }
  bool is_range(int r) const { return lower(r) > -kInfinity && upper(r) < kInfinity && lower(r) != upper(r); }

  void write_rows() {
    text_.line("ROWS");
    text_.line(fmt::format(" N {}", kObjective));
    for (int r = 0; r < program_.rows(); ++r) {
      const char type = lower(r) == upper(r)    ? 'E'
                        : upper(r) < kInfinity  ? 'L'
                        : lower(r) > -kInfinity ? 'G'
                                                : 'N';
      text_.line(fmt::format(" {} {}", type, program_.row_name(r)));
    }
  }

  void mark_integers(bool begin) {
    text_.line(fmt::format(" MARKER{} 'MARKER' '{}'", markers_++, begin ? "INTORG" : "INTEND"));
  }

  void write_columns() {
    text_.line("COLUMNS");
    bool integer = false;
    for (int j = 0; j < program_.columns(); ++j) {
      if (program_.is_integer(j) != integer) mark_integers(integer = !integer);
      const std::string name = program_.column_name(j);
      const double cost = program_.objective()[static_cast<std::size_t>(j)];
      const std::size_t begin = program_.column_start(j), end = program_.column_start(j + 1);
      if (cost != 0 || begin == end) write_entry(name, kObjective, cost == 0 ? 0 : sign_ * cost);
      for (std::size_t e = begin; e < end; ++e) {
        write_entry(name, program_.row_name(program_.entry_rows()[e]), program_.coefficients()[e]);
      }
    }
    if (integer) mark_integers(false);
    if (has_constant()) write_entry(kConstant, kObjective, sign_ * program_.objective_constant());
  }

  void write_entry(const std::string& column, const std::string& row, double value) {
    text_.line(fmt::format(" {} {} {}", column, row, number_text(value)));
  }

  void write_right_hand_sides() {
    text_.line("RHS");
    for (int r = 0; r < program_.rows(); ++r) {
      const double side = upper(r) < kInfinity ? upper(r) : lower(r);
      if (side != 0 && side > -kInfinity) write_entry("RHS", program_.row_name(r), side);
    }
  }

  // The row reaches that far below its right-hand side, which is its upper bound.
  void write_ranges() {
    bool any = false;
    for (int r = 0; r < program_.rows(); ++r) {
      if (!is_range(r)) continue;
      if (!any) text_.line("RANGES");
      any = true;
      write_entry("RANGE", program_.row_name(r), upper(r) - lower(r));
    }
  }

  void write_bound(const char* type, const std::string& name) {
    text_.line(fmt::format(" {} BOUND {}", type, name));
  }
  void write_bound(const char* type, const std::string& name, double value) {
    text_.line(fmt::format(" {} BOUND {} {}", type, name, number_text(value)));
  }

  void write_bounds(int j) {
    const auto column = static_cast<std::size_t>(j);
    const double from = program_.column_lower()[column], to = program_.column_upper()[column];
    const std::string name = program_.column_name(j);
    if (from == to) {
      write_bound("FX", name, from);
    } else if (from == -kInfinity && to == kInfinity) {
      write_bound("FR", name);
    } else {
      // The lower bound first: an upper bound alone may move it.
      if (from == -kInfinity) write_bound("MI", name);
      if (from != 0 && from > -kInfinity) write_bound("LO", name, from);
      if (to < kInfinity) write_bound("UP", name, to);
      // Some readers take an integer column without an upper bound for a binary one.
      if (to == kInfinity && program_.is_integer(j)) write_bound("PL", name);
    }
  }

  void write_products() {
    int row = -1;
    for (const QuadraticTerm& term : terms_) {
      if (term.row != row) text_.line(fmt::format("QCMATRIX {}", program_.row_name(row = term.row)));
      const std::string first = program_.column_name(term.first), second = program_.column_name(term.second);
      const bool square = term.first == term.second;
      write_entry(first, second, square ? term.coefficient : term.coefficient / 2);
      if (!square) write_entry(second, first, term.coefficient / 2);
    }
  }

  const MixedIntegerProgram& program_;
  std::span<const QuadraticTerm> terms_;
  double sign_;
  int markers_ = 0;
  TextWriter text_;
};

}  // namespace

void write_mps(const MixedIntegerProgram& program, const std::string& name, const std::string& comment,
               const TextSink& sink) {
  MpsWriter(program, {}, sink).write(name, comment);
}

void write_mps(const QuadraticProgram& program, const std::string& name, const std::string& comment,
               const TextSink& sink) {
  MpsWriter(program.linear, program.terms, sink).write(name, comment);
}

}  // namespace nmperm
