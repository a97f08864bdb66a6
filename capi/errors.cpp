#include "capi/errors.h"

#include <new>

namespace nmperm {
namespace {

thread_local std::string last_error;
// Where there is no memory for a message, there is none for its copy.
thread_local const char* last_message = "";

void keep(const char* message) noexcept {
  try {
    last_error = message;
    last_message = last_error.c_str();
  } catch (...) {
    last_message = "not enough memory";
  }
}

}  // namespace

int keep_current_error() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    keep(error.what());
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    keep("not enough memory");
    return NMPERM_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    keep(error.what());
    return NMPERM_ERROR_INTERNAL;
  } catch (...) {
    keep("an exception of unknown type");
    return NMPERM_ERROR_INTERNAL;
  }
}

}  // namespace nmperm

const char* nmperm_last_error(void) {
  return nmperm::last_message;
}

int nmperm_interface_version(void) {
  return NMPERM_INTERFACE_VERSION;
}

const char* nmperm_version(void) {
  return NMPERM_VERSION;
}
