// Networks of random operations, for comparing coupling with an engine.
#pragma once

#include <cstdint>
#include <string>

namespace nmperm::testing {

/// A serialised model with one input `x` [2, C, H, W] (and for some, token indices `t`), a dozen and more
/// random operations of all that coupling follows and some that it does not, and one to three outputs.
std::string random_network(std::uint64_t seed);

}  // namespace nmperm::testing
