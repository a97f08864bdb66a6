// What the entry points of the emulated driver share.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "tests/support/emulated_cuda/driver.h"
#include "tests/support/emulated_cuda/memory.h"
#include "tests/support/emulated_cuda/ptx.h"
#include "tests/support/emulated_cuda/result.h"

namespace nmperm::emulated_cuda {

/// The device's primary context.
struct Context {
  int references = 0;
  int allocations = 0;      // since it was made
  Result fault = kSuccess;  // of a kernel: answered by every call from then on
  DeviceMemory memory;
  std::vector<std::unique_ptr<PtxModule>> modules;
};

struct DriverState {
  std::mutex mutex;
  bool is_initialised = false;
  Context context;
};

DriverState& driver_state();

/// Runs the body of an entry point alone and turns what it throws into its answer; says on stderr what people
/// should know.
CUresult answered(const std::function<void(DriverState&)>& body);

/// The same where cuInit must have been called.
CUresult answered_when_initialised(const std::function<void(DriverState&)>& body);

/// The same where the calling thread must have a current context without a fault.
CUresult answered_in_context(const std::function<void(Context&)>& body);

/// Makes `context` (or none, null) the calling thread's own.
void set_current(Context* context);

inline void require(bool condition, Result otherwise) {
  if (!condition) throw Fault(otherwise);
}

/// One line.
void say(const std::string& text);

/// The environment variables of driver.h. Throw Fault(kInvalidValue).
bool is_stub();
int driver_version();  // 1000 major + 10 minor
int device_count();
int device_capability();   // 10 major + minor
int failing_allocation();  // 0: none
bool copies_are_wrong();

}  // namespace nmperm::emulated_cuda
