#include <limits>

#include "capi/handles.h"

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

void nmperm_result_free(nmperm_result* result) {
  delete result;
}

const int32_t* nmperm_result_permutation(const nmperm_result* result) {
  return result != nullptr ? result->permutation.data() : nullptr;
}

int32_t nmperm_result_columns(const nmperm_result* result) {
  return result != nullptr ? static_cast<int32_t>(result->permutation.size()) : 0;
}

int nmperm_result_status(const nmperm_result* result) {
  if (result == nullptr) return -1;
  switch (result->result.status) {
    case nmperm::Status::kOptimal:
      return NMPERM_STATUS_OPTIMAL;
    case nmperm::Status::kFeasible:
      return NMPERM_STATUS_FEASIBLE;
    case nmperm::Status::kTimeLimit:
      return NMPERM_STATUS_TIME_LIMIT;
    case nmperm::Status::kInterrupted:
      return NMPERM_STATUS_INTERRUPTED;
  }
  return -1;
}

double nmperm_result_figure(const nmperm_result* result, int figure) {
  if (result == nullptr) return kUnknown;
  const nmperm::Magnitude& magnitude = result->result.magnitude;
  const auto& bound = result->result.bound;
  switch (figure) {
    case NMPERM_TOTAL:
      return magnitude.total;
    case NMPERM_DEFAULT:
      return magnitude.default_kept;
    case NMPERM_ROW_BOUND:
      return magnitude.row_bound;
    case NMPERM_KEPT:
      return magnitude.kept;
    case NMPERM_EFFICACY:
      return magnitude.efficacy().value_or(kUnknown);
    case NMPERM_BOUND:
      return bound ? bound->kept : kUnknown;
    case NMPERM_GAP:
      return result->result.gap.value_or(kUnknown);
    case NMPERM_SECONDS:
      return result->result.seconds;
    default:
      return kUnknown;
  }
}

const char* nmperm_result_solver(const nmperm_result* result) {
  return result != nullptr ? result->result.solver.c_str() : nullptr;
}

const char* nmperm_result_bound_method(const nmperm_result* result) {
  return result != nullptr && result->result.bound ? result->result.bound->method.c_str() : nullptr;
}
