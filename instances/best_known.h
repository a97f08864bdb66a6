// The best that is known of every instance of the library: permutation, value, bound, and their proofs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/result.h"
#include "instances/library.h"

namespace nmperm {

/// A valid upper limit on what any permutation keeps. A `certificate` names the file of its proof, relative
/// to the library's folder; where it is empty the proof was verified when the bound was entered, but is too
/// long to be kept (or there is none because the row bound is all), and `command` makes it again.
struct KnownBound {
  double kept = 0;
  std::string method;
  std::string certificate;
  std::string command;
};

/// Who found a value or a bound, and when.
struct Credit {
  std::string solver;   ///< as the solution states it
  std::string version;  ///< of the program that entered it
  std::string date;     ///< of the entry, YYYY-MM-DD
};

/// What is known of one instance.
struct BestKnown {
  std::string name;
  Magnitude magnitude;  ///< total, default, row bound; kept: the best known
  std::optional<KnownBound> bound;
  Credit credit;  ///< of the permutation
  Permutation permutation;

  std::optional<double> gap() const;
  /// Bound and value meet: no permutation keeps more.
  bool optimal() const;
};

/// Longest best_known.json that is read.
inline constexpr std::uint64_t kMaxBestKnownBytes = 64'000'000;

/// Reads `best_known.json` of the library, in the order of its list; instances without an entry are left out,
/// and so is everything where the file is not there. Throws InputError, naming the place, when an entry is
/// not valid or of no instance, and when the permutation is none of its columns. Whether figures are true is
/// another question: check_best_known().
std::vector<BestKnown> read_best_known(const Library& library);
/// Writes the file whole or not at all, one entry a line.
void write_best_known(const Library& library, const std::vector<BestKnown>& entries);

/// The entry of this name; null where there is none.
const BestKnown* find_entry(const std::vector<BestKnown>& entries, const std::string& name);

}  // namespace nmperm
