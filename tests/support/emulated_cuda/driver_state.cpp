#include "tests/support/emulated_cuda/driver_state.h"

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

namespace nmperm::emulated_cuda {
namespace {

thread_local Context* current_context = nullptr;

[[noreturn]] void refuse_variable(const char* name, const std::string& value, const char* expected) {
  throw Fault(kInvalidValue, std::string(name) + " is '" + value + "', expected " + expected);
}

/// Decimal digits, up to nine of them; -1 for anything else.
int small_number(const std::string& text) {
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos) return -1;
  return std::atoi(text.c_str());
}

/// A whole number from `least` to `most`, or `otherwise` where the variable is not set.
int number_of(const char* name, int otherwise, int least, int most, const char* expected) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return otherwise;
  const int number = small_number(value);
  if (number < least || number > most) refuse_variable(name, value, expected);
  return number;
}

}  // namespace

DriverState& driver_state() {
  static DriverState state;
  return state;
}

CUresult answered(const std::function<void(DriverState&)>& body) {
  DriverState& state = driver_state();
  const std::lock_guard lock(state.mutex);
  try {
    body(state);
    return kSuccess;
  } catch (const Fault& fault) {
    if (*fault.what() != '\0') say(fault.what());
    return fault.result();
  } catch (const std::bad_alloc&) {
    return kOutOfMemory;
  }
}

CUresult answered_when_initialised(const std::function<void(DriverState&)>& body) {
  return answered([&](DriverState& state) {
    require(state.is_initialised, kNotInitialized);
    body(state);
  });
}

CUresult answered_in_context(const std::function<void(Context&)>& body) {
  return answered_when_initialised([&](DriverState&) {
    require(current_context != nullptr, kInvalidContext);
    require(current_context->references > 0, kContextIsDestroyed);
    require(current_context->fault == kSuccess, current_context->fault);
    body(*current_context);
  });
}

void set_current(Context* context) {
  current_context = context;
}

void say(const std::string& text) {
  std::fprintf(stderr, "emulated CUDA: %s\n", text.c_str());
}

bool is_stub() {
  return number_of("NMPERM_EMULATED_CUDA_STUB", 0, 0, 1, "0 or 1") == 1;
}

int driver_version() {
  return number_of("NMPERM_EMULATED_CUDA_VERSION", 11010, 1000, 99999,
                   "1000 MAJOR + 10 MINOR, such as 11010");
}

int device_count() {
  return number_of("NMPERM_EMULATED_CUDA_DEVICES", 1, 0, 1, "0 or 1");
}

int device_capability() {
  constexpr const char* kName = "NMPERM_EMULATED_CUDA_CAPABILITY";
  const char* const value = std::getenv(kName);
  const std::string text = value == nullptr ? "8.0" : value;
  const std::size_t point = text.find('.');
  const int major = small_number(text.substr(0, point));
  const int minor = point == std::string::npos ? -1 : small_number(text.substr(point + 1));
  if (major < 1 || major > 99 || minor < 0 || minor > 9)
    refuse_variable(kName, text, "MAJOR.MINOR such as 8.0");
  return 10 * major + minor;
}

int failing_allocation() {
  return number_of("NMPERM_EMULATED_CUDA_FAIL_ALLOCATION", 0, 1, 999999999, "a number from 1");
}

bool copies_are_wrong() {
  return number_of("NMPERM_EMULATED_CUDA_WRONG_COPY", 0, 0, 1, "0 or 1") == 1;
}

}  // namespace nmperm::emulated_cuda
