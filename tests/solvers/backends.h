// The backends that were built here, for tests that run with each of them.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace nmperm::testing {

inline std::vector<std::string> built_backends() {
  std::vector<std::string> names;
  if (NMPERM_HAS_CBC) names.emplace_back("cbc");
  if (NMPERM_HAS_GLPK) names.emplace_back("glpk");
  return names;
}

/// A test that runs once with the name of each.
class WithEachBackend : public ::testing::TestWithParam<std::string> {};

inline std::string backend_label(const ::testing::TestParamInfo<std::string>& test) {
  return test.param;
}

}  // namespace nmperm::testing
