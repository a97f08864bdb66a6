// Errors: every exception of this project derives from one class that names the subject (a file, an option),
// the place in it, what is wrong, and what was expected. The class decides the exit code of the command.
#pragma once

#include <stdexcept>
#include <string>

namespace nmperm {

/// Base of all errors. what() is one line: `subject: place: problem (expected ...)`, empty parts left out.
class Error : public std::runtime_error {
 public:
  Error(std::string subject, std::string place, std::string problem, std::string expected, int exit_code);

  const std::string& subject() const { return subject_; }
  const std::string& place() const { return place_; }
  const std::string& expected() const { return expected_; }
  /// The exit code that the command line returns for this error (1, 2 or 4).
  int exit_code() const { return exit_code_; }

 private:
  std::string subject_, place_, expected_;
  int exit_code_;
};

/// The caller's fault: a file, an option, an argument. Exit code 2.
class InputError : public Error {
 public:
  InputError(std::string subject, std::string place, std::string problem, std::string expected = {});
};

/// A solver refuses a problem it was not made for, or an optional part is not installed. Exit code 2.
class UnsupportedError : public InputError {
 public:
  using InputError::InputError;
};

/// A figure of a solution is not what its permutation yields. Exit code 4.
class CheckError : public Error {
 public:
  CheckError(std::string subject, std::string place, std::string problem, std::string expected = {});
};

/// A defect of this program: an invariant does not hold. Exit code 1.
class InternalError : public Error {
 public:
  explicit InternalError(std::string problem);
};

}  // namespace nmperm
