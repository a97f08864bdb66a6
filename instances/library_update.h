// Better solutions into the library, and whether all that is in it is true.
#pragma once

#include <string>
#include <vector>

#include "instances/best_known.h"
#include "instances/check_solution.h"
#include "instances/solution.h"

namespace nmperm {

/// What a solution changed in the library.
struct LibraryChange {
  std::string name;
  bool kept = false;   ///< the value is better, or the first
  bool bound = false;  ///< the bound is better, or the first
};

/// How long a certificate may be that is kept in the library; longer ones are verified, and not kept.
inline constexpr std::uint64_t kMaxKeptCertificateBytes = 50'000;

/// Improves `entries` by a solution, and the certificate that it names: all its figures are recomputed, and a
/// bound counts only as far as a certificate (or the row bound) proves it. `path` is the file of the
/// solution: certificates lie in its folder. A certificate that is kept is copied into the library's folder.
/// `version` and `date` (YYYY-MM-DD) go into the entry. Throws InputError when this is no solution of an
/// instance of the library, or in segments; CheckError when a figure is wrong, the certificate proves less
/// than is claimed, the solution keeps more than a proven bound, or a proven bound lies below what is kept:
/// then a proof or a value is false, and nothing is changed. `threads` verify the certificate (0: all
/// processors).
LibraryChange update_best_known(const Library& library, std::vector<BestKnown>& entries,
                                const Solution& solution, const std::string& path, const std::string& version,
                                const std::string& date, int threads);

/// All that is wrong with an entry: magnitudes that the scores and the permutation do not yield, a bound
/// below the value, a certificate that proves less. Throws InputError when a file is missing or of another
/// instance. O(R C), and the certificate's pass over all groups.
std::vector<Discrepancy> check_best_known(const Library& library, const BestKnown& entry, int threads);

}  // namespace nmperm
