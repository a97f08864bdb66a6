// Long work without the GIL: Ctrl-C ends it, and incumbents reach a Python function.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <pybind11/pybind11.h>

#include "core/search.h"

namespace nmperm::python {

/// What ends one search or many: shared by those that run with it.
struct CancelToken {
  std::atomic<bool> cancelled = false;
};

/// What the work is given: where to look whether to end, and whom to tell of incumbents (empty where nobody
/// listens).
struct WorkContext {
  const std::atomic<bool>* interrupt = nullptr;
  std::function<void(const TracePoint&)> observer;
};

/// Runs `work` in a thread of its own. Meanwhile this thread, which holds the GIL when it calls, lets other
/// Python threads run, handles signals (in the main thread, where Python handles them), and calls
/// `on_incumbent(seconds, kept, bound, source)`, unless it is None, for each incumbent in order; where that
/// returns False, the token is cancelled.
///
/// Returns true when Ctrl-C (a KeyboardInterrupt of the signal handler) cancelled the token: the work then
/// ended early and its outcome is still good. Other exceptions of signal handlers and of `on_incumbent`
/// cancel the token and are thrown when the work has ended; so are those of the work.
bool run_interruptibly(const std::shared_ptr<CancelToken>& token, const pybind11::object& on_incumbent,
                       const std::function<void(const WorkContext&)>& work);

}  // namespace nmperm::python
