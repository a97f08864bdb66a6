#include "sparse/lookup_plan.h"

namespace nmperm {
namespace {

/// Where a vector stands in the plan.
struct Vector {
  int row = 0;    ///< the first of its two
  int first = 0;  ///< index of its first value among those of a row
};

void fill_vector(const CompressedMatrix& a, const Vector& at, int lanes, float* values,
                 std::uint32_t& places) {
  for (int lane = 0; lane < lanes; ++lane) {
    const int row = at.row + lane / (lanes / 2);
    const int k = at.first + lane % (lanes / 2);
    if (row >= a.rows || k >= static_cast<int>(a.row_size())) continue;
    const std::size_t from = static_cast<std::size_t>(row) * a.row_size() + static_cast<std::size_t>(k);
    values[lane] = a.values[from];
    places |= std::uint32_t{a.places[from]} << (2 * lane);
  }
}

}  // namespace

LookupPlan make_lookup_plan(const CompressedMatrix& a, int lanes) {
  LookupPlan plan{a.rows, a.columns, lanes, {}, {}};
  const std::size_t vectors =
      static_cast<std::size_t>(plan.units()) * static_cast<std::size_t>(plan.steps()) * kLookupPairs;
  plan.values.assign(vectors * static_cast<std::size_t>(lanes), 0.0f);
  plan.places.assign(vectors, 0);
  std::size_t vector = 0;
  for (int unit = 0; unit < plan.units(); ++unit) {
    for (int step = 0; step < plan.steps(); ++step) {
      for (int pair = 0; pair < kLookupPairs; ++pair, ++vector) {
        fill_vector(a, {unit * kLookupRows + 2 * pair, step * lanes / 2}, lanes,
                    plan.values.data() + vector * static_cast<std::size_t>(lanes), plan.places[vector]);
      }
    }
  }
  return plan;
}

}  // namespace nmperm
