#include "instances/check_certificate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>

#include "core/error.h"
#include "instances/certificate_columns.h"
#include "instances/certificate_tree.h"

namespace nmperm {
namespace {

constexpr double kMostTotal = 9007199254740992;  // 2^53

/// Sum of what rounding takes away: how much more than in integers a permutation may keep. Each difference is
/// exact, and the sum is rounded up.
double hidden_by_rounding(const Problem& problem, double scale, const std::string& subject) {
  double hidden = 0, total = 0;
  for (int c = 0; c < problem.columns(); ++c) {
    for (int r = 0; r < problem.rows(); ++r) {
      const double exact = static_cast<double>(problem.scores().at(r, c)) * scale;
      const double integer = std::nearbyint(exact);
      hidden += std::fmax(0.0, exact - integer);
      total += integer;
    }
  }
  if (!(total < kMostTotal)) {
    throw CheckError(subject, "scale", "the integer scores sum to 2^53 or more, where sums are not exact",
                     "a smaller scale");
  }
  const double scores = static_cast<double>(problem.rows()) * problem.columns();
  return hidden * (1 + scores * std::numeric_limits<double>::epsilon());
}

void require_power_of_two(double scale, const std::string& subject) {
  int exponent = 0;
  if (std::isfinite(scale) && scale > 0 && std::frexp(scale, &exponent) == 0.5) return;
  throw CheckError(subject, "scale", "is no power of two", "one, so that scaling is exact");
}

void check_segment(const CertificateColumns& columns, const Certificate::Segment& proof, int threads,
                   const std::string& subject, const std::string& place) {
  if (proof.pruned < 0 || proof.pruned > columns.total()) {
    throw CheckError(subject, place + ".pruned", std::to_string(proof.pruned) + " cannot be pruned",
                     "0 to the sum of the integer scores, " + std::to_string(columns.total()));
  }
  if (!proof.nodes.empty()) {
    check_certificate_tree(columns, proof, threads, subject, place);
  } else if (proof.pruned > columns.row_bound_pruned()) {
    throw CheckError(subject, place,
                     "without nodes the row bound proves " + std::to_string(columns.row_bound_pruned()),
                     "the claimed " + std::to_string(proof.pruned) + " or more");
  }
}

}  // namespace

double check_certificate(const Problem& problem, const Certificate& certificate, int threads,
                         const std::string& subject) {
  const auto segments = static_cast<std::size_t>(problem.segments().count());
  if (certificate.segments.size() != segments) {
    throw CheckError(subject, "proof", std::to_string(certificate.segments.size()) + " segments",
                     std::to_string(segments));
  }
  require_power_of_two(certificate.scale, subject);
  const double hidden = hidden_by_rounding(problem, certificate.scale, subject);
  const int workers =
      threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::int64_t kept = 0;
  for (std::size_t s = 0; s < segments; ++s) {
    const CertificateColumns columns(problem, static_cast<int>(s), certificate.scale);
    check_segment(columns, certificate.segments[s], workers, subject, "proof[" + std::to_string(s) + "]");
    kept += columns.total() - certificate.segments[s].pruned;
  }
  const double upper = hidden > 0 ? std::nextafter(static_cast<double>(kept) + hidden, kMostTotal * 2)
                                  : static_cast<double>(kept);
  return upper / certificate.scale;
}

}  // namespace nmperm
