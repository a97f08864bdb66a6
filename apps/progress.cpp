#include "apps/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace nmperm {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);  // at most ten lines a second
constexpr int kLinesPerHeader = 20;
constexpr const char* kEraseLine = "\r\x1b[K";

bool is_terminal() {
  const char* const kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && kind != nullptr && std::strcmp(kind, "dumb") != 0;
}

int terminal_width() {
  winsize size{};
  constexpr int kUsual = 80;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

/// Every second at first, more rarely in long runs.
double interval_s(double elapsed_s) {
  return std::clamp(elapsed_s / 20, 1.0, 10.0);
}

// Eight significant digits with trailing zeros: the width depends on no scale of scores.
std::string magnitude_text(double value) {
  return fmt::format("{:#.8g}", value);
}

}  // namespace

std::string progress_header() {
  return fmt::format("{:>9} {:>14} {:>9} {:>14} {:>10}  {}", "seconds", "kept", "efficacy", "bound", "gap",
                     "source");
}

std::string progress_line(const Magnitude& reference, const TracePoint& point) {
  Magnitude magnitude = reference;
  magnitude.kept = point.kept;
  const auto efficacy = magnitude.efficacy();
  return fmt::format("{:>9.2f} {:>14} {:>9} {:>14} {:>10}  {}", point.seconds, magnitude_text(point.kept),
                     efficacy ? fmt::format("{:.3f}", *efficacy) : "-",
                     point.bound ? magnitude_text(*point.bound) : "-",
                     point.bound ? fmt::format("{:.6f}", magnitude.gap(*point.bound)) : "-", point.source);
}

Progress::Progress(const Magnitude& reference, double time_limit_s)
    : reference_(reference),
      time_limit_s_(time_limit_s),
      terminal_(is_terminal()),
      printer_([this] { print_until_done(); }) {}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_one();
  printer_.join();
}

void Progress::observe(const TracePoint& point) {
  const std::lock_guard lock(mutex_);
  pending_ = point;
}

double Progress::elapsed_s() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

void Progress::print_until_done() {
  for (bool done = false; !done;) {
    std::optional<TracePoint> improvement;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kRedraw, [this] { return done_; });
      done = done_;
      improvement = std::exchange(pending_, std::nullopt);
    }
    print(improvement);
  }
  if (terminal_) std::fputs(kEraseLine, stderr);
}

void Progress::print(const std::optional<TracePoint>& improvement) {
  std::string text;
  if (terminal_) text.append(kEraseLine);
  if (improvement) {
    latest_ = improvement;
    append_line(text, *latest_);
  } else if (latest_ && elapsed_s() >= next_interval_s_) {
    TracePoint now = *latest_;
    now.seconds = elapsed_s();
    now.source.assign(1, '-');
    append_line(text, now);
  }
  if (terminal_) text += bar();
  if (!text.empty()) std::fwrite(text.data(), 1, text.size(), stderr);
}

void Progress::append_line(std::string& text, const TracePoint& point) {
  if (lines_++ % kLinesPerHeader == 0) text += progress_header() + "\n";
  text += progress_line(reference_, point) + "\n";
  next_interval_s_ = elapsed_s() + interval_s(elapsed_s());
}

std::string Progress::bar() const {
  const double seconds = elapsed_s();
  if (!std::isfinite(time_limit_s_)) return fmt::format("{:.1f} s", seconds);
  const double share = time_limit_s_ > 0 ? std::min(1.0, seconds / time_limit_s_) : 1.0;
  const std::string clock = fmt::format(" {:.1f} / {:g} s", std::min(seconds, time_limit_s_), time_limit_s_);
  // One column stays free: a full line would wrap on some terminals.
  const int width = std::clamp(terminal_width() - 3 - static_cast<int>(clock.size()), 0, 60);
  if (width == 0) return clock;
  const int filled = static_cast<int>(std::lround(share * width));
  return fmt::format("[{:#<{}}{:.<{}}]{}", "", filled, "", width - filled, clock);
}

}  // namespace nmperm
