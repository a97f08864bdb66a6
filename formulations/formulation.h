// What every mathematical program of the problem offers: its rows and columns, and what its solutions mean.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/problem.h"
#include "formulations/mixed_integer_program.h"
#include "formulations/quadratic_program.h"

namespace nmperm {

/// The part of a problem that a program describes: some consecutive segments. Columns never leave their
/// segment, so a program of several segments falls apart into those of each. The problem must outlive the
/// programs that are made from it.
struct FormulationScope {
  const Problem& problem;
  int first_segment = 0;
  int segment_count = 1;
  /// Threads that building may use; programs do not depend on it.
  int threads = 1;
  /// Building ends, without a program, once this says true. May be empty; is asked from any thread.
  std::function<bool()> should_stop = {};

  /// All segments.
  static FormulationScope whole(const Problem& problem, int threads = 1) {
    return {problem, 0, problem.segments().count(), threads, {}};
  }
  /// Lengths of the segments.
  std::vector<int> lengths() const {
    const auto first = problem.segments().lengths().begin() + first_segment;
    return {first, first + segment_count};
  }
  int first_column() const { return problem.segments().begin(first_segment); }
  int columns() const { return problem.segments().begin(first_segment + segment_count) - first_column(); }
  bool stops() const { return should_stop && should_stop(); }
};

class GroupValues;

/// A program whose least objective is the least magnitude that the pattern prunes from the segments of a
/// scope, in units of Problem::search_scores(): kept = total - objective.
class Formulation {
 public:
  virtual ~Formulation() = default;

  virtual const MixedIntegerProgram& program() const = 0;
  /// The quadratic program that program() linearises, where there is one. Its columns are the first ones of
  /// program(): the first values of a solution are its solution.
  virtual std::optional<QuadraticProgram> quadratic() const { return std::nullopt; }
  /// The order of the scope's columns that a solution stands for, canonical in each segment. Values of
  /// integer columns may be off by less than 1/2. Throws InternalError where they are no division into
  /// groups.
  virtual std::vector<int> permutation(std::span<const double> solution) const = 0;
  /// A solution that stands for an order of the scope's columns, at the least objective that it allows.
  virtual std::vector<double> solution(std::span<const int> permutation) const = 0;
  /// The table of groups of the i-th segment, where the program was made from one; else null.
  virtual const GroupValues* group_values(int /*i*/) const { return nullptr; }
};

}  // namespace nmperm
