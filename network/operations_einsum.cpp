// Einsum of two factors that share one summed index: a product of matrices under other names.
#include <algorithm>
#include <cctype>

#include "network/index_maps.h"
#include "network/matrix_product.h"
#include "network/operation.h"

namespace nmperm {
namespace {

bool holds(const std::string& term, char letter) {
  return term.find(letter) != std::string::npos;
}

/// "bhid,bhjd->bhij" in its parts.
struct Equation {
  std::string a, b, out;

  /// False where it has not this form: other numbers of factors, an ellipsis, no "->", a repeated letter.
  bool parse(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    const std::size_t comma = text.find(','), arrow = text.find("->");
    if (comma == std::string::npos || arrow == std::string::npos || comma > arrow) return false;
    a = text.substr(0, comma);
    b = text.substr(comma + 1, arrow - comma - 1);
    out = text.substr(arrow + 2);
    return std::ranges::all_of(std::vector{a, b, out}, [](std::string term) {
      std::ranges::sort(term);
      return std::ranges::all_of(term, [](unsigned char c) { return std::isalpha(c) != 0; }) &&
             std::ranges::adjacent_find(term) == term.end();
    });
  }
};

/// The indices by their part in the product.
struct Parts {
  std::string batch;           ///< in both factors and the output
  std::string kept_a, kept_b;  ///< in one factor and the output
  std::string summed;          ///< in both factors alone

  /// False where an index is in one factor alone, or in no factor.
  bool sort(const Equation& equation) {
    for (const char letter : equation.a) {
      const bool shared = holds(equation.b, letter), stays = holds(equation.out, letter);
      if (!shared && !stays) return false;
      (shared ? (stays ? batch : summed) : kept_a) += letter;
    }
    for (const char letter : equation.b) {
      if (holds(equation.a, letter)) continue;
      if (!holds(equation.out, letter)) return false;
      kept_b += letter;
    }
    return batch.size() + kept_a.size() + kept_b.size() == equation.out.size();
  }
};

/// Of the indices that one factor keeps, takes out the last that holds channels, else the last; 0 where there
/// is none. The others serve as batch axes, which the other factor is repeated along.
char take_kept(std::string& kept, const std::string& term, const TensorView& view) {
  if (kept.empty()) return 0;
  std::size_t at = kept.size() - 1;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (view.block_of(static_cast<int>(term.find(kept[i]))) != nullptr) at = i;
  }
  const char letter = kept[at];
  kept.erase(at, 1);
  return letter;
}

/// The view with an axis for each of `letters`, of dimension 1 where `term` has none.
TensorView arranged(const TensorView& view, const std::string& term, const std::string& letters) {
  std::vector<int> order;
  for (const char letter : letters) {
    if (holds(term, letter)) order.push_back(static_cast<int>(term.find(letter)));
  }
  TensorView result = transpose(view, order);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (!holds(term, letters[i])) insert_axis(result, static_cast<int>(i));
  }
  return result;
}

bool einsum(Operation& operation) {
  if (operation.input_count() != 2 || !operation.has(0) || !operation.has(1)) return false;
  const TensorView& a = operation.input(0);
  const TensorView& b = operation.input(1);
  Equation equation;
  Parts parts;
  if (!equation.parse(operation.node().text("equation", "")) || !parts.sort(equation)) return false;
  if (a.rank() != std::ssize(equation.a) || b.rank() != std::ssize(equation.b)) return false;
  if (parts.summed.size() != 1) return false;
  const char kept_a = take_kept(parts.kept_a, equation.a, a), kept_b = take_kept(parts.kept_b, equation.b, b);
  const std::string batch = parts.batch + parts.kept_a + parts.kept_b;
  const TensorView left = arranged(a, equation.a, batch + kept_a + parts.summed);
  const TensorView right = arranged(b, equation.b, batch + parts.summed + kept_b);
  const int last = static_cast<int>(batch.size()) + 1;
  TensorView out;
  if (!follow_product(operation, {&left, 0, last, last - 1}, {&right, 1, last - 1, last}, out)) return false;
  if (kept_b == 0) remove_axis(out, last);
  if (kept_a == 0) remove_axis(out, last - 1);
  std::string letters = batch + kept_a + kept_b;
  std::erase(letters, '\0');
  std::vector<int> order;
  for (const char letter : equation.out) order.push_back(static_cast<int>(letters.find(letter)));
  operation.output(0) = transpose(out, order);
  return true;
}

}  // namespace

void add_einsum_operations(OperationTable& table) {
  table["Einsum"] = einsum;
}

}  // namespace nmperm
