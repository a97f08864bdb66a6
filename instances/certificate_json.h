// The certificate file: a proof that no permutation of an instance keeps more than a bound (JSON).
#pragma once

#include <string>

#include "core/certificate.h"
#include "core/problem.h"
#include "instances/identity.h"
#include "io/byte_source.h"

namespace nmperm {

/// Longest certificate file that is read.
inline constexpr std::uint64_t kMaxCertificateBytes = 1'000'000'000;

/// A certificate as its file states it. Whether it belongs to a problem and proves what it claims is another
/// question: see require_same_instance() and check_certificate().
struct CertificateFile {
  InstanceIdentity instance;
  double kept = 0;  ///< the claim: no permutation keeps more; in units of the scores
  Certificate certificate;
};

/// O(R C): takes the fingerprint of the problem's scores.
CertificateFile make_certificate_file(const Problem& problem, double kept, Certificate certificate);

/// The text of a certificate file, one node a line.
std::string to_json(const CertificateFile& file);
/// Writes the file whole or not at all. Throws InputError when `path` cannot be written.
void write_certificate(const std::string& path, const CertificateFile& file);

/// Reads a certificate file. Throws InputError, naming the place in the file, when it is no certificate of
/// version 1, or a member is missing, of a wrong type or out of range. Members that this version does not
/// know are ignored.
CertificateFile read_certificate(const std::string& path);
CertificateFile parse_certificate(const ByteSource& source);

/// Throws InputError unless the certificate was made for this problem: rows, columns, sha256, pattern and
/// segments. O(R C). `subject` names the certificate in the message: its path.
void require_same_instance(const CertificateFile& file, const Problem& problem, const std::string& subject);

}  // namespace nmperm
