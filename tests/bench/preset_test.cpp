#include "bench/preset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/refusal.h"

namespace nmperm {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;

TEST(Preset, IsASolverWithOptions) {
  EXPECT_EQ(parse_preset("auto"), (Preset{"auto", {}}));
  const Preset preset = parse_preset("stripe-groups:stripe-group-size=8:bounded-regressions=0");
  EXPECT_EQ(preset.solver, "stripe-groups");
  EXPECT_EQ(preset.options, (OptionValues{{"bounded-regressions", "0"}, {"stripe-group-size", "8"}}));
  EXPECT_EQ(preset.label(), "stripe-groups:bounded-regressions=0:stripe-group-size=8");
  EXPECT_EQ(parse_preset(preset.label()), preset);
  EXPECT_EQ(parse_preset("set-covering").solver, "setpart") << "an alias";
}

TEST(Preset, RefusesWhatIsNone) {
  const auto refusal = [](const char* text) { return refusal_of([&] { parse_preset(text); }); };
  EXPECT_THAT(refusal("strip-groups"), AllOf(HasSubstr("strip-groups"), HasSubstr("stripe-groups")));
  EXPECT_THAT(refusal(""), HasSubstr("solver"));
  EXPECT_THAT(refusal("stripe-groups:"), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(refusal("stripe-groups:=3"), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(refusal("stripe-groups:bounded=0"), HasSubstr("bounded"));
  EXPECT_THAT(refusal("stripe-groups:bounded-regressions=x"), HasSubstr("bounded-regressions"));
  EXPECT_THAT(refusal("stripe-groups:bounded-regressions=0:bounded-regressions=1"), HasSubstr("given twice"));
}

}  // namespace
}  // namespace nmperm
