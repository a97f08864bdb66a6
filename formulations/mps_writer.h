// Writes programs in the free MPS format.
//
// Format: "MPS file format" in the CPLEX manual, in its free form (fields separated by blanks, names of any
// length); read by CBC, GLPK (--freemps), HiGHS, SCIP, Gurobi and others.
#pragma once

#include <string>

#include "formulations/program_text.h"
#include "formulations/quadratic_program.h"

namespace nmperm {

/// Writes `program` to `sink`, `comment` first, named `name` (no blanks). Numbers are written so that they
/// read back unchanged. MPS always minimises: of a program that maximises the negated objective is written,
/// and a comment says so. A constant of the objective is the coefficient of a column `constant`,
/// fixed to 1. O(entries) time, O(1) memory.
void write_mps(const MixedIntegerProgram& program, const std::string& name, const std::string& comment,
               const TextSink& sink);

/// The same with a section QCMATRIX for every row with products: the symmetric matrix Q of x'Qx, so that a
/// product of two different columns is halved. CPLEX, Gurobi and SCIP read it, CBC and GLPK do not.
void write_mps(const QuadraticProgram& program, const std::string& name, const std::string& comment,
               const TextSink& sink);

}  // namespace nmperm
