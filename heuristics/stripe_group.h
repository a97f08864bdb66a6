// Exhaustive optimisation of one stripe group: the best way to split the columns of k stripes into k stripes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/pattern.h"
#include "core/subset_kernel.h"

namespace nmperm {

/// Rates all arrangements of k = 2, 3 or 4 stripes (k M <= kMaxColumns columns). Immutable; one Workspace a
/// thread.
class StripeGroup {
 public:
  static constexpr int kMaxColumns = 16;
  static constexpr int kMaxStripes = 4;

  struct Workspace {
    SubsetKernel::Workspace subsets;
    std::vector<double> kept, pair_kept;
  };

  /// The best arrangement: `order` lists local columns, M per stripe.
  struct Best {
    double gain = 0;  ///< kept magnitude above that of the columns' present order
    std::array<std::uint8_t, kMaxColumns> order{};
  };

  StripeGroup(int stripes, const Pattern& pattern);

  int stripes() const { return stripes_; }
  /// Number of arrangements: (kM)! / (M!^k k!).
  std::size_t arrangements() const;

  /// `columns` are the kM columns in their present order. Two 2:4 stripes take 234 vector operations per
  /// vector of rows (stripe_pair_kernel.h), other groups O(rows * binomial(kM, M)) plus a table walk.
  Best best(const float* const* columns, std::size_t rows, Workspace& workspace) const;

 private:
  using Subset = std::uint16_t;  // index into subsets_->masks()
  struct Arrangement {
    std::array<Subset, kMaxStripes> groups;
  };

  Best best_pair(const float* const* columns, std::size_t rows) const;
  Arrangement best_of_list(const double* kept) const;
  Arrangement best_of_halves(const double* kept, std::vector<double>& pair_kept) const;

  int stripes_;
  Pattern pattern_;
  std::unique_ptr<SubsetKernel> subsets_;  // null: the stripe-pair kernel
  std::vector<Subset> subset_of_mask_;
  Arrangement identity_{};
  std::vector<Arrangement> list_;  // up to three stripes: every arrangement

  // Four stripes: 2M-subsets, each with its splits into two groups, and the halvings of all columns.
  struct Split {
    Subset first, second;
  };
  std::vector<Split> splits_;
  std::size_t splits_per_half_ = 0;
  struct Halving {
    std::uint16_t first, second;
  };
  std::vector<Halving> halvings_;
};

}  // namespace nmperm
