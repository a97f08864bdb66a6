#include "io/name_list.h"

#include <algorithm>
#include <cstddef>

namespace nmperm {
namespace {

/// Letters that two names share at their beginnings and at their ends.
std::ptrdiff_t shared_letters(const std::string& a, const std::string& b) {
  const auto front = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
  const auto back = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin();
  return front + back;
}

}  // namespace

std::string name_list(const std::string& wanted, std::vector<std::string> names) {
  if (names.empty()) return "a file that holds arrays; this one holds none";
  constexpr std::size_t kShown = 8;
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return shared_letters(a, wanted) > shared_letters(b, wanted);
  });
  std::string text = names.size() == 1 ? "" : "one of ";
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

}  // namespace nmperm
