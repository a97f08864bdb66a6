#include <cmath>

#include "capi/errors.h"
#include "capi/handles.h"
#include "capi/permutations.h"

using nmperm::guarded;
using nmperm::InputError;
using nmperm::require;

int nmperm_options_create(nmperm_options** options) {
  return guarded([&] {
    nmperm_options*& out = require(options, "options");
    out = new nmperm_options;
  });
}

void nmperm_options_free(nmperm_options* options) {
  delete options;
}

int nmperm_options_set_solver(nmperm_options* options, const char* name) {
  return guarded([&] { require(options, "options").solver = &require(name, "name"); });
}

int nmperm_options_set(nmperm_options* options, const char* key, const char* value) {
  return guarded([&] {
    nmperm::OptionValues& values = require(options, "options").parameters.options;
    const std::string name = &require(key, "key");
    if (value == nullptr) {
      values.erase(name);
    } else {
      values[name] = value;
    }
  });
}

int nmperm_options_set_time_limit(nmperm_options* options, double seconds) {
  return guarded([&] {
    nmperm_options& given = require(options, "options");
    if (!(seconds >= 0)) throw InputError("seconds", {}, std::to_string(seconds), "zero or more");
    given.time_limit_s = seconds;
  });
}

int nmperm_options_set_iteration_limit(nmperm_options* options, int64_t iterations) {
  return guarded([&] {
    nmperm_options& given = require(options, "options");
    if (iterations < 0) throw InputError("iterations", {}, std::to_string(iterations), "zero or more");
    given.iteration_limit = iterations;
  });
}

int nmperm_options_set_gap_limit(nmperm_options* options, double gap) {
  return guarded([&] {
    nmperm_options& given = require(options, "options");
    if (!(gap >= 0)) throw InputError("gap", {}, std::to_string(gap), "zero or more");
    given.parameters.limits.gap = gap;
  });
}

int nmperm_options_set_seed(nmperm_options* options, uint64_t seed) {
  return guarded([&] { require(options, "options").parameters.seed = seed; });
}

int nmperm_options_set_threads(nmperm_options* options, int32_t threads) {
  return guarded([&] {
    nmperm_options& given = require(options, "options");
    if (threads < 0) {
      throw InputError("threads", {}, std::to_string(threads), "a positive number, or 0 for all processors");
    }
    given.parameters.threads = threads;
  });
}

int nmperm_options_set_start(nmperm_options* options, const int32_t* permutation, int32_t columns) {
  return guarded([&] {
    auto& start = require(options, "options").parameters.start;
    if (permutation == nullptr) {
      start.reset();
    } else {
      start = nmperm::permutation_of(permutation, columns);
    }
  });
}

int nmperm_options_set_progress(nmperm_options* options, nmperm_progress_callback callback, void* user) {
  return guarded([&] {
    nmperm_options& given = require(options, "options");
    given.progress = callback;
    given.progress_user = user;
  });
}

int nmperm_options_set_cancellation(nmperm_options* options, nmperm_cancellation* cancellation) {
  return guarded([&] { require(options, "options").cancellation = cancellation; });
}

int nmperm_cancellation_create(nmperm_cancellation** cancellation) {
  return guarded([&] {
    nmperm_cancellation*& out = require(cancellation, "cancellation");
    out = new nmperm_cancellation;
  });
}

void nmperm_cancellation_free(nmperm_cancellation* cancellation) {
  delete cancellation;
}

void nmperm_cancellation_request(nmperm_cancellation* cancellation) {
  if (cancellation != nullptr) cancellation->requested.store(true);
}
