// All groups of a segment, in exact arithmetic: what duals prove about every partition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "instances/certificate_columns.h"

namespace nmperm {

/// Most groups that are scanned: hours of work.
inline constexpr double kMostScannedGroups = 2e12;
/// Most groups that a scan lists: some gigabytes.
inline constexpr std::size_t kMostListedGroups = 200'000'000;

/// Groups (multisets of M classes), and what the pattern prunes from each.
struct ListedGroups {
  std::size_t group = 0;               ///< M
  std::vector<std::uint16_t> classes;  ///< M a group, ascending
  std::vector<std::int64_t> pruned;    ///< one a group

  std::size_t size() const { return pruned.size(); }
  const std::uint16_t* of(std::size_t g) const { return classes.data() + g * group; }
  void swap(std::size_t a, std::size_t b);
  void append(const ListedGroups& more);
};

/// What a scan found. The reduced cost of a group is what is pruned from it minus the duals of its classes.
struct CertificateScan {
  std::vector<std::int64_t> least;  ///< for each class: least reduced cost of the groups that hold it
  ListedGroups below;               ///< groups whose reduced cost is below the limit, in any order
};

/// Scans all groups. There is one dual a class; M times their size must be below 2^59. O(groups R) max-adds
/// in float64. Throws UnsupportedError (naming `subject`) beyond kMostScannedGroups or kMostListedGroups.
CertificateScan scan_certificate_groups(const CertificateColumns& columns,
                                        std::span<const std::int64_t> duals, std::int64_t limit, int threads,
                                        const std::string& subject);

}  // namespace nmperm
