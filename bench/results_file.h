// The results file: runs of comparisons, with the machine that they were made on (JSON). docs/formats.md
// describes it.
#pragma once

#include <string>
#include <vector>

#include "bench/comparison.h"

namespace nmperm {

/// A results file that grows run by run.
class ResultsFile {
 public:
  /// Reads the file at `path`, or begins a new one where there is none; nothing is written yet. Throws
  /// InputError when the file is no results file of version 1, or cannot be written.
  explicit ResultsFile(std::string path);

  const std::vector<ComparisonRun>& runs() const { return runs_; }
  /// Whether this cell has been run, to its end or to a refusal. O(runs).
  bool has(const ComparisonRun& planned) const;
  /// Adds a run and writes the file, whole or not at all. A failure of the same cell that is there makes way.
  /// Runs that are there keep every field, known or not. O(bytes of the file). Throws InputError.
  void add(const ComparisonRun& run);

 private:
  std::string path_;
  std::vector<ComparisonRun> runs_;
  std::vector<std::string> lines_;  // the JSON of each run
};

/// Whether the file's `format` is that of results files. Throws InputError where it is no JSON or has none.
bool is_results_file(const std::string& path);

/// All runs of a results file. Throws InputError, naming the place, when it is none of version 1, or a field
/// is missing or wrong.
std::vector<ComparisonRun> read_results(const std::string& path);

}  // namespace nmperm
