#include "python/interruptible.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

namespace py = pybind11;

namespace nmperm::python {
namespace {

/// How long a signal may wait.
constexpr std::chrono::milliseconds kPoll(50);

class InterruptibleWork {
 public:
  InterruptibleWork(CancelToken& token, const py::object& on_incumbent)
      : token_(token), on_incumbent_(on_incumbent) {}

  bool run(const std::function<void(const WorkContext&)>& work) {
    {
      const std::jthread worker([&] { carry_out(work); });  // joins, also when an exception passes
      const py::gil_scoped_release without_gil;
      while (wait()) {
        const py::gil_scoped_acquire with_gil;
        handle_signals();
        deliver();
      }
    }
    if (python_error_) throw std::move(*python_error_);
    if (work_error_) std::rethrow_exception(work_error_);
    return keyboard_interrupt_;
  }

 private:
  void carry_out(const std::function<void(const WorkContext&)>& work) {
    WorkContext context{&token_.cancelled, {}};
    if (!on_incumbent_.is_none()) {
      context.observer = [this](const TracePoint& point) {
        const std::lock_guard lock(mutex_);
        points_.push_back(point);
        news_.notify_one();
      };
    }
    try {
      work(context);
    } catch (...) {
      work_error_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    done_ = true;
    news_.notify_one();
  }

  /// Until something happens or kPoll has passed; false when the work is done and all is delivered.
  bool wait() {
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, kPoll, [&] { return done_ || !points_.empty(); });
    return !done_ || !points_.empty();
  }

  void handle_signals() {
    if (PyErr_CheckSignals() != 0) end_with(py::error_already_set());
  }

  /// Ctrl-C may strike while Python code runs, in a signal handler or in on_incumbent.
  void end_with(py::error_already_set error) {
    token_.cancelled = true;
    if (error.matches(PyExc_KeyboardInterrupt)) {
      keyboard_interrupt_ = true;
    } else if (!python_error_) {
      python_error_.emplace(std::move(error));
    }
  }

  void deliver() {
    std::vector<TracePoint> points;
    {
      const std::lock_guard lock(mutex_);
      points.swap(points_);
    }
    for (const TracePoint& point : points) {
      if (python_error_ || keyboard_interrupt_) return;
      try {
        const py::object answer = on_incumbent_(point.seconds, point.kept, point.bound, point.source);
        if (answer.ptr() == Py_False) token_.cancelled = true;
      } catch (py::error_already_set& error) {
        end_with(std::move(error));
      }
    }
  }

  CancelToken& token_;
  const py::object& on_incumbent_;
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<TracePoint> points_;
  bool done_ = false;
  bool keyboard_interrupt_ = false;
  std::exception_ptr work_error_;
  std::optional<py::error_already_set> python_error_;
};

}  // namespace

bool run_interruptibly(const std::shared_ptr<CancelToken>& token, const py::object& on_incumbent,
                       const std::function<void(const WorkContext&)>& work) {
  return InterruptibleWork(*token, on_incumbent).run(work);
}

}  // namespace nmperm::python
