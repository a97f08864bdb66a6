// Writes programs in the LP format.
//
// Format: "LP file format: algebraic representation" in the CPLEX manual; read by CBC, GLPK, HiGHS, SCIP,
// Gurobi and others, which differ in corners. What is written here keeps to what they share.
#pragma once

#include <string>

#include "formulations/program_text.h"
#include "formulations/quadratic_program.h"

namespace nmperm {

/// Writes `program` to `sink`, `comment` first. Numbers are written so that they read back unchanged, names
/// are the program's. Where the formats' readers differ: a row with two different bounds is written as two
/// rows, NAME_lower and NAME_upper; rows without bounds are left out; a constant of the objective is the
/// coefficient of a column `constant`, fixed to 1. O(entries) time and memory.
void write_lp(const MixedIntegerProgram& program, const std::string& comment, const TextSink& sink);

/// The same with products in rows, "[ x * y + 2 z ^2 ]", as CPLEX, Gurobi, SCIP and HiGHS write them. CBC and
/// GLPK read no such file.
void write_lp(const QuadraticProgram& program, const std::string& comment, const TextSink& sink);

}  // namespace nmperm
