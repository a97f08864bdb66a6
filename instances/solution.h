// The solution file: a permutation with its figures, and the instance it belongs to (JSON).
#pragma once

#include <optional>
#include <string>

#include "core/problem.h"
#include "core/result.h"
#include "io/byte_source.h"

namespace nmperm {

/// Longest solution file that is read.
inline constexpr std::uint64_t kMaxSolutionBytes = 64'000'000;

/// A solution as its file states it. Figures are what was written, not what the permutation yields: see
/// check_solution().
struct Solution {
  std::string instance_name;
  int rows = 0;
  int columns = 0;
  std::string sha256;  ///< fingerprint() of the scores
  Pattern pattern;
  Segments segments;
  std::optional<double> efficacy;
  /// What was called score, and its options: the default has none.
  std::string criterion = "magnitude";
  OptionValues criterion_options = {};
  /// Where the proof of the bound lies, relative to the folder of the solution file; empty where there is
  /// none. Reading a solution does not read it, so result.bound->certificate is null then.
  std::string certificate_file;
  Result result;
};

/// O(R C): takes the fingerprint of the problem's scores.
Solution make_solution(std::string instance_name, const Problem& problem, Result result);

/// The text of a solution file; doubles with all their digits. Bytes of names that are not UTF-8 are
/// replaced.
std::string to_json(const Solution& solution);
/// Writes the file whole or not at all. Throws InputError when `path` cannot be written.
void write_solution(const std::string& path, const Solution& solution);

/// Reads a solution file. Throws InputError, naming the place in the file, when it is no solution of version
/// 1, a field is missing or of a wrong type, or the permutation is none within the segments. Fields that this
/// version does not know are ignored.
Solution read_solution(const std::string& path);
Solution parse_solution(const ByteSource& source);

/// Throws InputError unless the solution was made for these scores (rows, columns and sha256). O(R C).
/// `subject` names the solution in the message: its path.
void require_same_scores(const Solution& solution, const ScoreMatrix& scores, const std::string& subject);
/// As require_same_scores(), and pattern and segments must be those of the problem.
void require_same_instance(const Solution& solution, const Problem& problem, const std::string& subject);

/// The permutation of a solution file, to start a search from. Throws as read_solution() and
/// require_same_instance().
Permutation read_start(const std::string& path, const Problem& problem);

}  // namespace nmperm
