// No exception crosses the C interface: it becomes a code and the calling thread's message.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "capi/nmperm.h"
#include "core/error.h"

namespace nmperm {

/// Keeps the message of the exception that is being handled for nmperm_last_error(); returns its code.
int keep_current_error() noexcept;

/// Runs `body`; returns NMPERM_OK, or the code of what it threw.
template <typename Body>
int guarded(Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return NMPERM_OK;
  } catch (...) {
    return keep_current_error();
  }
}

/// Throws InputError, naming the argument, where the pointer is null.
template <typename T>
T& require(T* pointer, const char* argument) {
  if (pointer == nullptr) throw InputError(argument, {}, "null pointer", "a valid pointer");
  return *pointer;
}

}  // namespace nmperm
