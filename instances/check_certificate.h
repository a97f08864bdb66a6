// Verifies a certificate by means of its own: no code is shared with the solvers that make them.
#pragma once

#include <string>

#include "core/certificate.h"
#include "core/problem.h"

namespace nmperm {

/// The kept magnitude that the certificate proves to be an upper limit for every permutation of the problem,
/// in units of the scores; what rounding the scores to integers may hide is added. Throws CheckError, naming
/// `subject` and the place in the proof, when it proves less than it claims: the scale is no power of two or
/// too large, a segment is missing, nodes form no tree of complementary decisions, duals do not fit the
/// columns, a leaf's bound is below the claim. Throws UnsupportedError where the groups are too many to scan
/// (more than 2e12).
///
/// Scans all groups of every segment that has nodes once, or twice where its root's duals need repair:
/// C^M / M! groups of R max-adds in float64, of which a core with AVX-512 does 10^10 a second and more.
/// `threads`: 0 stands for all processors. docs/certificates.md has the mathematics.
double check_certificate(const Problem& problem, const Certificate& certificate, int threads,
                         const std::string& subject = "certificate");

}  // namespace nmperm
