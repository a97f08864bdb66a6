#include "tests/cli/process.h"

#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nmperm::test {
namespace {

void require(bool condition, const char* what) {
  if (!condition) throw std::system_error(errno, std::generic_category(), what);
}

std::pair<int, int> open_pipe() {
  int ends[2];
  require(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
  return {ends[0], ends[1]};
}

std::pair<int, int> open_terminal() {
  const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  require(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0, "posix_openpt");
  const int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  require(slave >= 0, "open terminal");
  return {master, slave};
}

/// Appends what can be read now; false at the end of the stream (a terminal's end is an EIO).
bool read_some(int descriptor, std::string& text) {
  char buffer[4096];
  const ssize_t count = read(descriptor, buffer, sizeof buffer);
  if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
  return count > 0;
}

}  // namespace

Process::Process(const std::vector<std::string>& command, ErrorStream error, InputStream input) {
  const auto [out_read, out_write] = open_pipe();
  const auto [err_read, err_write] = error == ErrorStream::kTerminal ? open_terminal() : open_pipe();
  out_ = out_read;
  err_ = err_read;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input == InputStream::kNull) {
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  } else {
    posix_spawn_file_actions_addclose(&actions, STDIN_FILENO);
  }
  posix_spawn_file_actions_adddup2(&actions, out_write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_write, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  setenv("TERM", "xterm", 1);
  errno = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out_write);
  close(err_write);
  require(errno == 0, "posix_spawn");
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    wait();
  }
  close(out_);
  close(err_);
}

void Process::signal(int number) {
  require(kill(pid_, number) == 0, "kill");
}

bool Process::wait_for_error_text(const std::function<bool(const std::string&)>& found) {
  while (!found(output_.err)) {
    if (!read_some(err_, output_.err)) return false;
  }
  return true;
}

void Process::wait_for_unread_output() {
  pollfd stream{out_, POLLIN, 0};
  require(poll(&stream, 1, -1) == 1, "poll");
}

void Process::drain() {
  pollfd streams[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  std::string* const texts[] = {&output_.out, &output_.err};
  for (int open = 2; open > 0;) {
    require(poll(streams, 2, -1) >= 0, "poll");
    for (int i = 0; i < 2; ++i) {
      if (streams[i].revents == 0 || read_some(streams[i].fd, *texts[i])) continue;
      streams[i].fd = -1;
      --open;
    }
  }
}

void Process::wait() {
  int status = 0;
  require(waitpid(pid_, &status, 0) == pid_, "waitpid");
  pid_ = -1;
  output_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Output Process::finish() {
  drain();
  wait();
  return output_;
}

Output Process::finish_without_reading() {
  wait();
  drain();
  return output_;
}

std::vector<std::string> nmperm_command(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {NMPERM_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

Output run_nmperm(const std::vector<std::string>& arguments) {
  return Process(nmperm_command(arguments)).finish();
}

}  // namespace nmperm::test
