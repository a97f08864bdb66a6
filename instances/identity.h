// Which instance a file belongs to.
#pragma once

#include <string>

#include "core/problem.h"

namespace nmperm {

/// What a solution or a certificate says about its instance.
struct InstanceIdentity {
  std::string name;  ///< for messages; may be empty
  int rows = 0;
  int columns = 0;
  std::string sha256;  ///< fingerprint() of the scores
  Pattern pattern;
  Segments segments;
};

/// O(R C): takes the fingerprint of the scores.
InstanceIdentity identity_of(std::string name, const Problem& problem);

/// Throws InputError unless rows, columns and sha256 are those of the scores. O(R C). In the message
/// `subject` is the file's path, and `kind` says what it is: "solution".
void require_same_scores(const InstanceIdentity& identity, const ScoreMatrix& scores,
                         const std::string& subject, const std::string& kind);
/// As require_same_scores(), and pattern and segments must be those of the problem.
void require_same_instance(const InstanceIdentity& identity, const Problem& problem,
                           const std::string& subject, const std::string& kind);

}  // namespace nmperm
