#include "bench/child_process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"

namespace nmperm {
namespace {

constexpr std::size_t kMostErrorBytes = 65536;
constexpr int kPollMilliseconds = 50;  // an interrupt between two polls is noticed after this
constexpr int kCannotExecute = 127;    // as shells have it

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& program, const std::string& what) {
  throw InputError(program, {}, what + ": " + std::strerror(errno), "a program that can be started");
}

/// Both ends are closed on exec, and when this goes.
struct Pipe {
  explicit Pipe(const std::string& program) {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail(program, "no pipe to it");
  }
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) close(end);
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read_end() const { return ends[0]; }
  int write_end() const { return ends[1]; }
  void close_write_end() {
    close(ends[1]);
    ends[1] = -1;
  }

  std::array<int, 2> ends{-1, -1};
};

/// The child between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* words, const ChildCommand& command, int out, int error, pid_t parent,
                         const sigset_t& mask) {
  // A signal that arrives before exec must end the child, not run the handler that it has inherited.
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotExecute);  // it ended before the line above
  if (command.memory_limit_bytes) {
    const rlimit limit{*command.memory_limit_bytes, *command.memory_limit_bytes};
    setrlimit(RLIMIT_DATA, &limit);
  }
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(error, STDERR_FILENO);
  execv(words[0], words);
  _exit(kCannotExecute);
}

/// Appends what can be read now; false at the end of the stream.
bool read_some(int descriptor, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t count = read(descriptor, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

/// Reads both streams until the child closes them, and ends it where it goes beyond its limits.
class Watch {
 public:
  Watch(pid_t pid, const ChildCommand& command, ChildResult& result)
      : pid_(pid), command_(command), result_(result), start_(Clock::now()) {}

  void read_to_end(int out, int error) {
    std::array<pollfd, 2> streams{{{out, POLLIN, 0}, {error, POLLIN, 0}}};
    const std::array<std::string*, 2> texts{&result_.output, &result_.error};
    for (int open = 2; open > 0;) {
      if (poll(streams.data(), streams.size(), kPollMilliseconds) > 0) {
        for (std::size_t i = 0; i < streams.size(); ++i) {
          if (streams[i].revents == 0 || read_some(streams[i].fd, *texts[i])) continue;
          streams[i].fd = -1;
          --open;
        }
      }
      check_limits();
    }
  }

  void wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) check_limits();
    if (WIFEXITED(status)) result_.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
  }

 private:
  void check_limits() {
    if (result_.error.size() > 2 * kMostErrorBytes)
      result_.error.erase(0, result_.error.size() - kMostErrorBytes);
    if (!told_ && command_.interrupt != nullptr && command_.interrupt->load()) {
      told_ = true;
      kill(pid_, SIGTERM);
    }
    const std::chrono::duration<double> elapsed = Clock::now() - start_;
    if (command_.time_limit_s && elapsed.count() > *command_.time_limit_s) result_.out_of_time = true;
    if (result_.output.size() > command_.most_output_bytes) result_.too_much_output = true;
    if (result_.out_of_time || result_.too_much_output) kill(pid_, SIGKILL);
  }

  pid_t pid_;
  const ChildCommand& command_;
  ChildResult& result_;
  Clock::time_point start_;
  bool told_ = false;
};

}  // namespace

ChildResult run_child(const ChildCommand& command) {
  const std::string& program = command.words.front();
  if (access(program.c_str(), X_OK) != 0) fail(program, "cannot be executed");
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  Pipe out(program);
  Pipe error(program);
  const pid_t parent = getpid();
  sigset_t all, mask;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &mask);
  const pid_t pid = fork();
  if (pid != 0) pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  if (pid < 0) fail(program, "no process for it");
  if (pid == 0) become(words.data(), command, out.write_end(), error.write_end(), parent, mask);
  out.close_write_end();
  error.close_write_end();
  ChildResult result;
  Watch watch(pid, command, result);
  watch.read_to_end(out.read_end(), error.read_end());
  watch.wait();
  return result;
}

}  // namespace nmperm
