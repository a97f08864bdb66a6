// Names for the "expected" part of a message.
#pragma once

#include <string>
#include <vector>

namespace nmperm {

/// "one of a, b, c": the first few names, nearest to `wanted` in spelling first, and how many there are
/// besides; "a file with at least one array" for none.
std::string name_list(const std::string& wanted, std::vector<std::string> names);

}  // namespace nmperm
