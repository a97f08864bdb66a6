// Permutations in the caller's memory.
#pragma once

#include <cstdint>

#include "core/permutation.h"

namespace nmperm {

/// A copy. Throws InputError where the pointer is null or `columns` is negative.
Permutation permutation_of(const std::int32_t* permutation, std::int32_t columns);

}  // namespace nmperm
