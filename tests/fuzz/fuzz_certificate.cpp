// Any bytes as a certificate file; what is accepted must survive being written and read again, and whatever
// the checker takes for a proof must not be below the best permutation.
#include "instances/certificate_json.h"
#include "instances/check_certificate.h"
#include "instances/generators.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/instances/plain_prover.h"

namespace {

using namespace nmperm;

/// The instance of the seeds. Claims to belong to another are not looked at, so that more gets this far.
const Problem& problem() {
  static const Problem problem(random_scores(16, 8, 2));
  return problem;
}

double best_kept() {
  static const double kept = [] {
    const double scale = testing::plain_scale(problem());
    const testing::PlainGroups groups(problem(), 0, scale);
    return static_cast<double>(groups.total() - groups.least_pruned()) / scale;
  }();
  return kept;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  fuzz::read_or_refuse([&] {
    const CertificateFile file = parse_certificate(*fuzz::source_of(data, size_bytes));
    const std::string text = to_json(file);
    const CertificateFile again = parse_certificate(*open_memory("again", std::as_bytes(std::span(text))));
    fuzz::require(to_json(again) == text);
    try {
      fuzz::require(check_certificate(problem(), file.certificate, 1) >= best_kept() * (1 - 1e-12));
    } catch (const CheckError&) {  // it proves less than it claims
    }
  });
  return 0;
}
