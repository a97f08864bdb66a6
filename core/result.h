// What a search returns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/certificate.h"
#include "core/objective.h"
#include "core/options.h"
#include "core/permutation.h"

namespace nmperm {

/// A valid upper limit on the kept magnitude of every permutation, the method that proved it, and the proof
/// where there is one that others can check.
struct Bound {
  double kept = 0;
  std::string method;
  std::shared_ptr<const Certificate> certificate = nullptr;
};

enum class Status {
  kOptimal,     ///< gap closed to 1e-6 with a valid bound
  kFeasible,    ///< the search ended by itself, or at its iteration limit
  kTimeLimit,   ///< the time limit ended it
  kInterrupted  ///< the caller ended it
};
/// The gap below which a result with a valid bound is called optimal.
inline constexpr double kOptimalGap = 1e-6;

const char* to_string(Status status);
/// The status of this name; null where there is none.
std::optional<Status> status_named(std::string_view name);

/// An improvement of the incumbent or of the bound, as it happened.
struct TracePoint {
  double seconds = 0;  ///< since the start of the search
  double kept = 0;
  std::optional<double> bound;
  std::string source;  ///< the solver (or stage of a portfolio) that found it
};

/// Permutation with its figures. Magnitudes come from the oracle; seconds are wall clock of the search alone.
struct Result {
  Permutation permutation;
  Magnitude magnitude;
  std::optional<Bound> bound;
  std::optional<double> gap;
  Status status = Status::kFeasible;
  std::string solver;
  OptionValues options;
  std::uint64_t seed = 0;
  int threads = 1;
  double seconds = 0;
  std::vector<TracePoint> trace;
};

}  // namespace nmperm
