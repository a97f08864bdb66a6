// Integers that follow from the file: dimensions, and what graphs compute from them to reshape by.
#include <algorithm>

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

std::int64_t computed(const std::string& name, std::int64_t a, std::int64_t b) {
  if (a == kUnknownElement || b == kUnknownElement) return kUnknownElement;
  if (name == "Add") return bounded(a + b);
  if (name == "Sub") return bounded(a - b);
  if (name == "Mul") return bounded(a * b);
  return b == 0 ? kUnknownElement : bounded(a / b);
}

std::optional<Values> arithmetic(const Operation& operation) {
  const Values* const a = values_of(operation, 0);
  const Values* const b = values_of(operation, 1);
  if (a == nullptr || b == nullptr || a->empty() || b->empty()) return std::nullopt;
  if (a->size() != b->size() && a->size() != 1 && b->size() != 1) return std::nullopt;
  Values result(std::max(a->size(), b->size()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] =
        computed(operation.node().operation, (*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]);
  }
  return result;
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

std::optional<Values> joined(const Operation& operation) {
  Values values;
  for (int port = 0; port < operation.input_count(); ++port) {
    const Values* const part = values_of(operation, port);
    if (part == nullptr) return std::nullopt;
    values.insert(values.end(), part->begin(), part->end());
  }
  return values;
}

std::optional<Values> picked(const Operation& operation) {
  const Values* const data = values_of(operation, 0);
  const Values* const indices = values_of(operation, 1);
  if (data == nullptr || indices == nullptr) return std::nullopt;
  const auto size = static_cast<std::int64_t>(data->size());
  Values values;
  for (std::int64_t index : *indices) {
    if (index == kUnknownElement) return std::nullopt;
    if (index < 0) index += size;
    if (index < 0 || index >= size) return std::nullopt;
    values.push_back((*data)[static_cast<std::size_t>(index)]);
  }
  return values;
}

std::optional<Values> sliced(const Operation& operation) {
  const Values* const data = values_of(operation, 0);
  const auto starts = operation.integers(1, "starts"), ends = operation.integers(2, "ends");
  const auto steps = operation.integers(4, "steps");
  if (data == nullptr || !starts || !ends || starts->size() != 1 || ends->size() != 1) return std::nullopt;
  if (operation.has(4) && (!steps || *steps != Values{1})) return std::nullopt;
  if (starts->front() == kUnknownElement || ends->front() == kUnknownElement) return std::nullopt;
  const auto size = static_cast<std::int64_t>(data->size());
  const auto clamp = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
  };
  const std::int64_t start = clamp(starts->front()), end = std::max(start, clamp(ends->front()));
  return Values(data->begin() + start, data->begin() + end);
}

std::optional<Values> from_attribute(const Operation& operation) {
  const GraphNode& node = operation.node();
  if (node.integers.count("value_int") > 0) return Values{node.integer("value_int", 0)};
  if (node.integer_lists.count("value_ints") > 0) return node.integer_list("value_ints");
  return std::nullopt;
}

std::optional<Values> inferred(Operation& operation) {
  const std::string& name = operation.node().operation;
  if (name == "Shape") return dimensions(operation);
  if (name == "Constant") return from_attribute(operation);
  if (name == "Add" || name == "Sub" || name == "Mul" || name == "Div") return arithmetic(operation);
  if (name == "Concat") return joined(operation);
  if (name == "Gather") return picked(operation);
  if (name == "Slice") return sliced(operation);
  const bool same = name == "Identity" || name == "Cast" || name == "Squeeze" || name == "Unsqueeze" ||
                    name == "Reshape" || name == "Flatten";
  const Values* const values = same ? values_of(operation, 0) : nullptr;
  return values != nullptr ? std::optional(*values) : std::nullopt;
}

}  // namespace

void infer_values(Operation& operation) {
  if (operation.output_count() != 1) return;
  TensorView& out = operation.output(0);
  out.values.reset();
  if (!out.known_rank || out.rank() > 1) return;
  auto values = inferred(operation);
  const std::int64_t size = product(out.dims);
  if (values && size == static_cast<std::int64_t>(values->size())) out.values = std::move(values);
}

}  // namespace nmperm
