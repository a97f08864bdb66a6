#include "core/instruction_set.h"

#include <gtest/gtest.h>

#include "tests/core/targets.h"

namespace nmperm {
namespace {

using InstructionSet = testing::KernelTest;
NMPERM_ON_EVERY_TARGET(InstructionSet);

TEST_P(InstructionSet, IsTheOneThatKernelsRunOn) {
  EXPECT_FALSE(instruction_set().empty());
  EXPECT_EQ(instruction_set(), testing::target_name(GetParam()));
}

}  // namespace
}  // namespace nmperm
