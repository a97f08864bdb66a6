#include "core/error.h"

#include <utility>

namespace nmperm {
namespace {

std::string one_line(const std::string& subject, const std::string& place, const std::string& problem,
                     const std::string& expected) {
  std::string line;
  for (const std::string* part : {&subject, &place, &problem}) {
    if (part->empty()) continue;
    if (!line.empty()) line += ": ";
    line += *part;
  }
  // A suggestion reads as a question of its own.
  const bool suggests = expected.rfind("did you mean", 0) == 0;
  if (!expected.empty()) line += (suggests ? " (" : " (expected ") + expected + ")";
  // File names and parser messages may carry line breaks or control characters; the promise is one line.
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return line;
}

}  // namespace

Error::Error(std::string subject, std::string place, std::string problem, std::string expected, int exit_code)
    : std::runtime_error(one_line(subject, place, problem, expected)),
      subject_(std::move(subject)),
      place_(std::move(place)),
      expected_(std::move(expected)),
      exit_code_(exit_code) {}

InputError::InputError(std::string subject, std::string place, std::string problem, std::string expected)
    : Error(std::move(subject), std::move(place), std::move(problem), std::move(expected), 2) {}

CheckError::CheckError(std::string subject, std::string place, std::string problem, std::string expected)
    : Error(std::move(subject), std::move(place), std::move(problem), std::move(expected), 4) {}

InternalError::InternalError(std::string problem) : Error("internal error", {}, std::move(problem), {}, 1) {}

}  // namespace nmperm
