// Kept magnitude of every group that can be formed from a few columns, in one pass over the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/pattern.h"

namespace nmperm {

/// Rates all M-subsets of `count` columns. The tables depend on count and pattern only; kept() may be called
/// by many threads, each with its own Workspace.
class SubsetKernel {
 public:
  static constexpr int kMaxColumns = 20;

  /// Scratch memory of one thread; allocated on first use.
  class Workspace {
   public:
    float* floats(std::size_t count);

   private:
    struct Free {
      void operator()(float* data) const;
    };
    std::unique_ptr<float[], Free> data_;
    std::size_t size_ = 0;
  };

  /// count <= kMaxColumns, a multiple of M.
  SubsetKernel(int count, const Pattern& pattern);

  /// The subsets as bit masks, in the order of kept().
  const std::vector<std::uint32_t>& masks() const { return masks_; }

  /// kept[s] = kept magnitude of the group masks()[s]. Columns as in group_kernels.h. By the replacement
  /// identity a subset costs one max and one add per vector of rows beyond its first M - 1 columns: O(rows *
  /// binomial(count, M)).
  void kept(const float* const* columns, std::size_t rows, Workspace& workspace, double* kept) const;

 private:
  int count_;
  Pattern pattern_;
  std::vector<std::uint32_t> masks_;
};

}  // namespace nmperm
