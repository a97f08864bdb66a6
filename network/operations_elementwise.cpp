// Operations that treat every element alike, or combine tensors element by element.
#include <algorithm>

#include "network/broadcast.h"
#include "network/operation.h"

namespace nmperm {
namespace {

/// The first input as it is; the others are single numbers (the limits of Clip).
bool pass(Operation& operation) {
  if (!operation.has(0)) return false;
  for (int port = 1; port < operation.input_count(); ++port) {
    if (operation.has(port) && product(operation.input(port).dims) != 1) return false;
  }
  operation.output(0) = operation.input(0);
  operation.output(0).values.reset();
  operation.output(0).constant = -1;
  return operation.output_count() == 1;
}

/// The tensor itself under another name: still the stored constant, where it is one.
bool alias(Operation& operation) {
  if (!operation.has(0) || operation.output_count() != 1) return false;
  operation.output(0) = operation.input(0);
  return true;
}

/// Cast, and CastLike, whose second input lends its type alone.
bool cast(Operation& operation) {
  if (!alias(operation)) return false;
  operation.output(0).constant = -1;
  return true;
}

/// The second output tells which elements were kept.
bool dropout(Operation& operation) {
  if (!operation.has(0)) return false;
  for (int port = 0; port < operation.output_count(); ++port) {
    operation.output(port) = operation.input(0);
    operation.output(port).constant = -1;
  }
  return true;
}

/// Neighbours along the channels matter, or their order does: they are pinned; the shape stays.
bool pin_channels(Operation& operation) {
  if (!operation.has(0)) return false;
  const std::string reason = operation.described() + ", which depends on the order of channels";
  for (int port = 0; port < operation.input_count(); ++port) {
    if (operation.has(port)) operation.pin_all(operation.input(port), reason);
  }
  for (int port = 0; port < operation.output_count(); ++port) {
    TensorView& out = operation.output(port);
    out.known_rank = operation.input(0).known_rank;
    out.dims = operation.input(0).dims;
    out.reason = reason;
  }
  return true;
}

/// Operations along axes that hold no channels treat these alike; else they pin them.
bool pass_beside(Operation& operation, const std::vector<std::int64_t>& axes) {
  const TensorView& x = operation.input(0);
  const bool beside = std::ranges::all_of(axes, [&](std::int64_t axis) {
    if (axis < 0) axis += x.rank();
    return axis >= 0 && axis < x.rank() && x.block_of(static_cast<int>(axis)) == nullptr;
  });
  if (!beside) return pin_channels(operation);
  operation.output(0) = x;
  operation.output(0).values.reset();
  operation.output(0).constant = -1;
  operation.output(0).uniform = false;
  return true;
}

bool cumulative_sum(Operation& operation) {
  if (!operation.has(0) || !operation.has(1)) return false;
  const auto& axis = operation.input(1).values;
  return axis && axis->size() == 1 ? pass_beside(operation, *axis) : pin_channels(operation);
}

/// Keeps a triangle of the last two axes.
bool triangle(Operation& operation) {
  return operation.has(0) && pass_beside(operation, {-1, -2});
}

bool combine_all(Operation& operation) {
  std::vector<Operand> operands;
  for (int port = 0; port < operation.input_count(); ++port) {
    if (!operation.has(port)) return false;
    operands.push_back({&operation.input(port), port});
  }
  Shape dims;
  if (operands.empty() || operation.output_count() != 1 || !broadcast_dims(operands, dims)) return false;
  combine(operation, operands, dims, operation.output(0));
  return true;
}

}  // namespace

void add_elementwise_operations(OperationTable& table) {
  for (const char* name : {"Abs",   "Acos",     "Acosh",          "Asin",        "Asinh",
                           "Atan",  "Atanh",    "BitwiseNot",     "Ceil",        "Celu",
                           "Clip",  "Cos",      "Cosh",           "Elu",         "Erf",
                           "Exp",   "Floor",    "Gelu",           "HardSigmoid", "HardSwish",
                           "IsInf", "IsNaN",    "LeakyRelu",      "Log",         "Mish",
                           "Neg",   "Not",      "Reciprocal",     "Relu",        "Round",
                           "Selu",  "Shrink",   "Sigmoid",        "Sign",        "Sin",
                           "Sinh",  "Softplus", "Softsign",       "Sqrt",        "Swish",
                           "Tan",   "Tanh",     "ThresholdedRelu"}) {
    table[name] = pass;
  }
  for (const char* name : {"Add",        "And",         "BitShift", "BitwiseAnd", "BitwiseOr",
                           "BitwiseXor", "Div",         "Equal",    "Greater",    "GreaterOrEqual",
                           "Less",       "LessOrEqual", "Max",      "Mean",       "Min",
                           "Mod",        "Mul",         "Or",       "PRelu",      "Pow",
                           "Sub",        "Sum",         "Where",    "Xor"}) {
    table[name] = combine_all;
  }
  for (const char* name : {"Hardmax", "LRN", "Scatter", "ScatterElements", "ScatterND"})
    table[name] = pin_channels;
  table["CumSum"] = cumulative_sum;
  table["Trilu"] = triangle;
  table["Identity"] = alias;
  table["Cast"] = cast;
  table["CastLike"] = cast;
  table["Dropout"] = dropout;
}

}  // namespace nmperm
