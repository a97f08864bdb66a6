// What a call says when it throws.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "core/error.h"

namespace nmperm::testing {

/// The one line of the Kind (an Error) that `call` throws; a failure, and an empty line, where it throws
/// none.
template <typename Kind = InputError, typename Call>
std::string refusal_of(Call call) {
  try {
    call();
  } catch (const Kind& error) {
    const std::string line = error.what();
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    return line;
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

}  // namespace nmperm::testing
