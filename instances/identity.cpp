#include "instances/identity.h"

#include <utility>

#include "core/error.h"
#include "instances/fingerprint.h"

namespace nmperm {
namespace {

std::string shape(int rows, int columns) {
  return std::to_string(rows) + " x " + std::to_string(columns);
}

std::string list(const Segments& segments) {
  constexpr int kShown = 8;
  std::string text;
  for (int s = 0; s < segments.count() && s < kShown; ++s) {
    if (s > 0) text += ',';
    text += std::to_string(segments.length(s));
  }
  return text + (segments.count() > kShown ? ",..." : "");
}

}  // namespace

InstanceIdentity identity_of(std::string name, const Problem& problem) {
  return {std::move(name),   problem.rows(),    problem.columns(), fingerprint(problem.scores()),
          problem.pattern(), problem.segments()};
}

void require_same_scores(const InstanceIdentity& identity, const ScoreMatrix& scores,
                         const std::string& subject, const std::string& kind) {
  const auto fail = [&](const std::string& place, const std::string& own, const std::string& expected) {
    throw InputError(
        subject, place,
        kind + " of another instance (" + (identity.name.empty() ? "" : identity.name + ", ") + own + ")",
        expected);
  };
  if (identity.rows != scores.rows() || identity.columns != scores.columns()) {
    fail("instance", shape(identity.rows, identity.columns), shape(scores.rows(), scores.columns()));
  }
  if (const std::string sha256 = fingerprint(scores); identity.sha256 != sha256) {
    fail("instance.sha256", "scores " + identity.sha256, sha256);
  }
}

void require_same_instance(const InstanceIdentity& identity, const Problem& problem,
                           const std::string& subject, const std::string& kind) {
  require_same_scores(identity, problem.scores(), subject, kind);
  if (!(identity.pattern == problem.pattern())) {
    throw InputError(subject, "pattern", kind + " for pattern " + identity.pattern.str(),
                     problem.pattern().str());
  }
  if (!(identity.segments == problem.segments())) {
    throw InputError(subject, "segments", kind + " for segments " + list(identity.segments),
                     list(problem.segments()));
  }
}

}  // namespace nmperm
