// The explicit list of all programs, for who solves them and who writes them to files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/options.h"
#include "formulations/formulation.h"

namespace nmperm {

/// One kind of program, under one interface.
struct FormulationKind {
  std::string name;  ///< identifier: file name, and command-line name
  std::vector<OptionRecord> options;
  bool quadratic;  ///< whether it linearises a quadratic program
  /// Why a scope is refused (with numbers), or an empty string; and what to use instead.
  std::string (*refusal)(const FormulationScope& scope);
  std::string advice;
  /// Null once the scope says stop. Throws UnsupportedError where refusal() says so.
  std::unique_ptr<Formulation> (*build)(const FormulationScope& scope, const Options& options);
};

/// bqp, blp, mda, setpart.
const std::vector<FormulationKind>& default_formulations();

/// The program of this name. Throws InputError, naming all, where there is none.
const FormulationKind& find_formulation(const std::string& name);

}  // namespace nmperm
