// Integers that follow from the file: dimensions, and what graphs compute from them to reshape by.
#include <algorithm>
#include <set>

#include "network/operation.h"

namespace nmperm {
namespace {

using Values = std::vector<std::int64_t>;

std::int64_t bounded(std::int64_t value) {
  const bool followed = value >= -kMaxFollowedInteger && value <= kMaxFollowedInteger;
  return followed ? value : kUnknownElement;
}

const Values* values_of(const Operation& operation, int port) {
  if (!operation.has(port) || !operation.input(port).values) return nullptr;
  return &*operation.input(port).values;
}

/// One element of an elementwise operation; `real` where the operands are floating-point numbers, whose
/// quotients need not be whole. Comparisons yield 0 or 1.
std::int64_t computed(const std::string& name, const Values& operands, bool real) {
  const auto known = [](std::int64_t value) { return std::abs(value) < kMaxFollowedInteger; };
  if (std::find(operands.begin(), operands.end(), kUnknownElement) != operands.end()) return kUnknownElement;
  if (!std::all_of(operands.begin(), operands.end(), known)) return kUnknownElement;  // it may stand for more
  const std::int64_t a = operands[0], b = operands.size() > 1 ? operands[1] : 0;
  if (name == "Add") return bounded(a + b);
  if (name == "Sub") return bounded(a - b);
  if (name == "Mul") return bounded(a * b);
  if (name == "Div") return b == 0 || (real && a % b != 0) ? kUnknownElement : bounded(a / b);
  if (name == "Mod") return b <= 0 || a < 0 ? kUnknownElement : a % b;  // signs: by attribute
  if (name == "Neg") return -a;
  if (name == "Min") return *std::min_element(operands.begin(), operands.end());
  if (name == "Max") return *std::max_element(operands.begin(), operands.end());
  if (name == "Equal") return a == b ? 1 : 0;
  if (name == "Greater") return a > b ? 1 : 0;
  if (name == "Less") return a < b ? 1 : 0;
  if (name == "Not") return a == 0 ? 1 : 0;
  return a != 0 ? b : operands[2];  // Where
}

bool is_elementwise(const std::string& name) {
  static const std::set<std::string> kNames = {"Add", "Sub",   "Mul",     "Div",  "Mod", "Neg",  "Min",
                                               "Max", "Equal", "Greater", "Less", "Not", "Where"};
  return kNames.count(name) > 0;
}

std::optional<Values> elementwise(const Operation& operation, bool real) {
  std::vector<const Values*> operands;
  std::size_t size = 1;
  for (int port = 0; port < operation.input_count(); ++port) {
    const Values* const values = values_of(operation, port);
    if (values == nullptr || values->empty()) return std::nullopt;
    if (values->size() != 1 && size != 1 && values->size() != size) return std::nullopt;
    size = std::max(size, values->size());
    operands.push_back(values);
  }
  Values result(size), elements(operands.size());
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < operands.size(); ++k)
      elements[k] = (*operands[k])[operands[k]->size() == 1 ? 0 : i];
    result[i] = computed(operation.node().operation, elements, real);
  }
  return result;
}

/// ConstantOfShape of a vector: so many times its value.
std::optional<Values> repeated(const Operation& operation, std::int64_t size) {
  const GraphNode& node = operation.node();
  if (node.integers.count("value") == 0 || size < 0 || size > static_cast<std::int64_t>(kMaxShapeValues))
    return std::nullopt;
  return Values(static_cast<std::size_t>(size), node.integer("value", 0));
}

std::optional<Values> element_count(const Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return std::nullopt;
  const std::int64_t count = product(operation.input(0).dims);
  return Values{count == kUnknownDimension ? kUnknownElement : bounded(count)};
}

std::optional<Values> dimensions(Operation& operation) {
  if (!operation.has(0) || !operation.input(0).known_rank) return std::nullopt;
  const Shape& dims = operation.input(0).dims;
  const auto rank = static_cast<std::int64_t>(dims.size());
  std::int64_t start = operation.node().integer("start", 0), end = operation.node().integer("end", rank);
  start = std::clamp<std::int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<std::int64_t>(end < 0 ? end + rank : end, start, rank);
  Values values;
  for (std::int64_t i = start; i < end; ++i) {
    const std::int64_t dim = dims[static_cast<std::size_t>(i)];
    values.push_back(dim == kUnknownDimension ? kUnknownElement : dim);
  }
  return values;
}

/// Concat along the first axis.
std::optional<Values> joined(const Operation& operation) {
  const std::int64_t axis = operation.node().integer("axis", 0);
  if (axis != 0 && (!operation.has(0) || axis != -operation.input(0).rank())) return std::nullopt;
  Values values;
  for (int port = 0; port < operation.input_count(); ++port) {
    const Values* const part = values_of(operation, port);
    if (part == nullptr) return std::nullopt;
    values.insert(values.end(), part->begin(), part->end());
  }
  return values;
}

std::optional<Values> from_attribute(const Operation& operation) {
  const GraphNode& node = operation.node();
  if (node.integers.count("value_int") > 0) return Values{node.integer("value_int", 0)};
  if (node.integer_lists.count("value_ints") > 0) return node.integer_list("value_ints");
  return std::nullopt;
}

/// Whether the values are those of floating-point numbers: all that is stored is whole, only Cast makes them.
bool holds_reals(const Operation& operation) {
  constexpr std::int64_t kInt32 = 6, kInt64 = 7;  // of TensorProto
  if (operation.node().operation == "Cast") {
    const std::int64_t type = operation.node().integer("to", 0);
    return type != kInt32 && type != kInt64;
  }
  for (int port = 0; port < operation.input_count(); ++port) {
    if (operation.has(port) && operation.input(port).real_values) return true;
  }
  return false;
}

std::optional<Values> inferred(Operation& operation, bool real) {
  const std::string& name = operation.node().operation;
  if (name == "Shape") return dimensions(operation);
  if (name == "Size") return element_count(operation);
  if (name == "Constant") return from_attribute(operation);
  if (name == "ConstantOfShape") return repeated(operation, product(operation.output(0).dims));
  if (is_elementwise(name)) return elementwise(operation, real);
  if (name == "Concat") return joined(operation);
  const bool same = name == "Identity" || name == "Cast" || name == "Squeeze" || name == "Unsqueeze" ||
                    name == "Reshape" || name == "Flatten";
  const Values* const values = same ? values_of(operation, 0) : nullptr;
  return values != nullptr ? std::optional(*values) : std::nullopt;
}

}  // namespace

void infer_values(Operation& operation) {
  // Those that rearrange elements have done so with the values too.
  static const std::set<std::string> kRearranging = {"Gather", "Slice", "Split", "Transpose"};
  if (operation.output_count() != 1 || kRearranging.count(operation.node().operation) > 0) return;
  TensorView& out = operation.output(0);
  out.values.reset();
  if (!out.known_rank) return;
  const bool real = holds_reals(operation);
  auto values = inferred(operation, real);
  // Elementwise operations repeat single elements alone: with as many values as elements nothing else was.
  const std::int64_t size = product(out.dims);
  if (values && size == static_cast<std::int64_t>(values->size())) {
    out.values = std::move(values);
    out.real_values = real;
  }
}

}  // namespace nmperm
