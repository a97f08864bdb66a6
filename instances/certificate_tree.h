// The proof of one segment: a tree of decisions with duals, checked from the root down.
#pragma once

#include <string>

#include "core/certificate.h"
#include "instances/certificate_columns.h"

namespace nmperm {

/// Throws CheckError (naming `subject`, and the node at `place`) unless the nodes prove that no partition of
/// the columns prunes less than `proof.pruned`: a scan of all groups, then O(M) a node and group that the
/// duals of its ancestors leave. UnsupportedError as scan_certificate_groups().
void check_certificate_tree(const CertificateColumns& columns, const Certificate::Segment& proof, int threads,
                            const std::string& subject, const std::string& place);

}  // namespace nmperm
