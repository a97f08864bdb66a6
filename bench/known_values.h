// What the instance library knows of the instances of a results file, and whether the runs can be true.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/comparison.h"
#include "instances/best_known.h"

namespace nmperm {

/// The best known values of the instance library, found by what was run.
class KnownValues {
 public:
  /// Knows nothing.
  KnownValues() = default;
  /// All that this library knows. Throws InputError where its best_known.json is not valid.
  explicit KnownValues(Library library);
  /// Of this project's library; nothing where none is installed. Throws InputError where what NMPERM_LIBRARY
  /// names is none, or a file of it is not valid.
  static KnownValues of_project();

  /// What is known of the instance of `run`: its scores (SHA-256 and shape) and its pattern are those of an
  /// instance of the library, under whatever name it was run, and columns were free to go anywhere. Of runs
  /// that do not state their scores, `library:NAME` with its pattern counts. Null where nothing is known.
  const BestKnown* find(const ComparisonRun& run) const;

 private:
  const LibraryInstance* instance_of(const ComparisonRun& run) const;

  std::optional<Library> library_;
  std::vector<BestKnown> entries_;
};

/// Throws CheckError where a run, or the library, keeps more than a bound that a run or the library states of
/// the same instance, or than its row bound: one of the two is then false, and nothing that is drawn from
/// them would be true. `subject` names the results.
void require_no_contradiction(const std::vector<ComparisonRun>& runs, const KnownValues& known,
                              const std::string& subject);

}  // namespace nmperm
