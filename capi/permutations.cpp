#include "capi/permutations.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "capi/errors.h"
#include "capi/handles.h"
#include "sparse/mask.h"

namespace nmperm {

Permutation permutation_of(const std::int32_t* permutation, std::int32_t columns) {
  require(permutation, "permutation");
  if (columns < 0) throw InputError("columns", {}, std::to_string(columns), "the length of the permutation");
  return {permutation, permutation + columns};
}

namespace {

Permutation checked_permutation(const Problem& problem, const std::int32_t* permutation,
                                std::int32_t columns) {
  Permutation copy = permutation_of(permutation, columns);
  validate_permutation(copy, problem.segments(), "permutation");
  return copy;
}

std::string text_of(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.17g", value);
  return digits;
}

/// From the columns' new order to their original one, row by row.
void restore_order(const Permutation& permutation, const std::vector<std::uint8_t>& mask, std::uint8_t* out) {
  const std::size_t columns = permutation.size();
  for (std::size_t begin = 0; begin < mask.size(); begin += columns) {
    for (std::size_t i = 0; i < columns; ++i) {
      out[begin + static_cast<std::size_t>(permutation[i])] = mask[begin + i];
    }
  }
}

}  // namespace
}  // namespace nmperm

using nmperm::InputError;

int nmperm_kept(const nmperm_problem* problem, const int32_t* permutation, int32_t columns, double* kept) {
  return nmperm::guarded([&] {
    const nmperm::Problem& given = nmperm::require(problem, "problem").problem;
    double& out = nmperm::require(kept, "kept");
    out = given.evaluate(nmperm::checked_permutation(given, permutation, columns)).kept;
  });
}

int nmperm_check(const nmperm_problem* problem, const int32_t* permutation, int32_t columns, double kept) {
  return nmperm::guarded([&] {
    constexpr double kTolerance = 1e-9;
    const nmperm::Problem& given = nmperm::require(problem, "problem").problem;
    const double expected = given.evaluate(nmperm::checked_permutation(given, permutation, columns)).kept;
    if (std::fabs(kept - expected) <= kTolerance * expected) return;
    throw nmperm::CheckError("kept", {}, nmperm::text_of(kept),
                             nmperm::text_of(expected) + ", which the permutation yields");
  });
}

int nmperm_mask(const nmperm_problem* problem, const int32_t* permutation, int32_t columns, int order,
                uint8_t* mask, size_t mask_size) {
  return nmperm::guarded([&] {
    const nmperm::Problem& given = nmperm::require(problem, "problem").problem;
    const nmperm::Permutation copy = nmperm::checked_permutation(given, permutation, columns);
    nmperm::require(mask, "mask");
    if (order != NMPERM_PERMUTED_ORDER && order != NMPERM_ORIGINAL_ORDER) {
      throw InputError("order", {}, std::to_string(order), "NMPERM_PERMUTED_ORDER or NMPERM_ORIGINAL_ORDER");
    }
    const std::size_t size =
        static_cast<std::size_t>(given.rows()) * static_cast<std::size_t>(given.columns());
    if (mask_size != size) {
      throw InputError("mask_size", {}, std::to_string(mask_size), std::to_string(size) + ", rows * columns");
    }
    const std::vector<std::uint8_t> flags = nmperm::pattern_mask(given.scores(), given.pattern(), copy);
    if (order == NMPERM_PERMUTED_ORDER) {
      std::copy(flags.begin(), flags.end(), mask);
    } else {
      nmperm::restore_order(copy, flags, mask);
    }
  });
}
