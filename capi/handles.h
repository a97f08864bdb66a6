// What the handles of the C interface stand for.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capi/nmperm.h"
#include "core/problem.h"
#include "core/result.h"
#include "core/search.h"

struct nmperm_problem {
  nmperm::Problem problem;
};

struct nmperm_options {
  std::string solver = "auto";
  std::optional<double> time_limit_s;
  std::optional<std::int64_t> iteration_limit;
  nmperm::SolveParameters parameters;  // all but the two limits above, interrupt and observer
  nmperm_progress_callback progress = nullptr;
  void* progress_user = nullptr;
  nmperm_cancellation* cancellation = nullptr;
};

struct nmperm_cancellation {
  std::atomic<bool> requested = false;
};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set it");

struct nmperm_result {
  nmperm::Result result;
  std::vector<std::int32_t> permutation;
};
