// A vector scan for replacements that pay: entries of a row above a threshold, after prices are taken off.
#pragma once

#include <cstddef>

namespace nmperm {

/// Finds the j < count with w[j] - price[j] > threshold, ascending: writes their indices and these
/// differences, returns how many. `count` must be a multiple of 16 (pad prices with +infinity), indices and
/// values have room for count + 16. O(count): one subtraction and one comparison a vector where nothing is
/// found. Meanwhile fetches `count` floats from `next`, if not null: what is scanned next. Rows are pages of
/// their own, which processors do not fetch ahead of.
std::size_t scan_above(const float* w, const float* price, std::size_t count, float threshold,
                       const float* next, int* indices, float* values);

}  // namespace nmperm
