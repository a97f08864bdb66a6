// The instance library: named matrices with a pattern, for tuning solvers and for reporting on them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/pattern.h"
#include "core/problem.h"

namespace nmperm {

/// Solvers may be tuned on the one part, and results are reported on the other.
enum class LibraryPart { kTuning, kReporting };

const char* to_string(LibraryPart part);

/// One instance as the library's list states it.
struct LibraryInstance {
  std::string name;
  LibraryPart part = LibraryPart::kTuning;
  std::string kind;  ///< of the scores: a generator's name, or "layer" of a trained network
  Pattern pattern;
  int rows = 0, columns = 0;
  std::string source;     ///< an INSTANCE argument; files are named relative to the library's folder
  std::string generator;  ///< of a stored file: the INSTANCE that it was made from; else empty
  std::string sha256;     ///< fingerprint() of the scores
};

/// The library in a folder: `library.json` lists the instances (docs/library.md).
class Library {
 public:
  /// Opens the library of this project: the folder that the environment variable NMPERM_LIBRARY names, else
  /// the one installed with the program, else the one it was built from. Throws InputError where there is
  /// none, or its list is no valid one.
  Library();
  /// Opens the library in this folder. Throws InputError.
  explicit Library(const std::string& folder);

  const std::vector<LibraryInstance>& instances() const { return instances_; }
  /// The instance of this name. Throws InputError with the names that are near.
  const LibraryInstance& find(const std::string& name) const;
  /// The instance that a file was made for; null where there is none. (A shape is not part of the SHA-256: of
  /// one seed, matrices of another shape may hold the same numbers.)
  const LibraryInstance* find(int rows, int columns, const std::string& sha256, const Pattern& pattern) const;

  /// The path of a file of the library.
  std::string path(const std::string& file) const;
  /// `source` as an INSTANCE argument for load_instance(): files with the path of the folder.
  std::string source_of(const LibraryInstance& instance) const;
  /// The instance as a problem. Throws InputError when its scores are not those of the list. O(R C).
  Problem problem(const LibraryInstance& instance) const;

 private:
  std::string folder_;
  std::vector<LibraryInstance> instances_;
};

/// Number of groups that its columns can form: what the check of a certificate looks at, for each row.
double group_count(const LibraryInstance& instance);

/// The library of this project; null where none is installed. Throws InputError where NMPERM_LIBRARY names a
/// folder without one, or its list is no valid one.
std::optional<Library> find_library();

/// The pattern of an INSTANCE where none is given: that of the library for library:NAME, else 2:4. Throws
/// InputError on what is no INSTANCE or not in the library.
Pattern default_pattern(const std::string& instance);

/// Throws InputError unless these are the scores that the library lists. O(R C).
void require_listed_scores(const LibraryInstance& instance, const ScoreMatrix& scores);

}  // namespace nmperm
