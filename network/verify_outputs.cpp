#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/error.h"
#include "core/rng.h"
#include "io/tensor.h"
#include "network/helper_process.h"
#include "network/last_bits.h"
#include "network/tensor_view.h"
#include "network/verify.h"

namespace nmperm {
namespace {

/// Differences of so many times what rounding makes are allowed, where these are small against the output.
constexpr double kRoundings = 4;
constexpr double kMostRounding = 1e-3;

/// Names of ONNX' element types, by number.
const char* type_name(int onnx_type) {
  constexpr const char* kNames[] = {"undefined", "float32", "uint8",  "int8",   "uint16",
                                    "int16",     "int32",   "int64",  "string", "bool",
                                    "float16",   "float64", "uint32", "uint64"};
  return onnx_type >= 0 && onnx_type < 14 ? kNames[onnx_type] : "unknown";
}

template <typename T>
void append(std::vector<std::byte>& bytes, T value) {
  const auto* const data = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), data, data + sizeof value);
}

/// Indices that an integer input may take: the least size of the tables that it picks from, 2 where there is
/// none (masks).
std::int64_t index_limit(const LayerGraph& graph, const std::string& input) {
  std::set<int> reached;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    if (graph.tensors[t].name == input) reached.insert(static_cast<int>(t));
  }
  static const std::set<std::string> kPassing = {"Identity",  "Cast",   "Reshape",   "Squeeze",
                                                 "Unsqueeze", "Slice",  "Transpose", "Concat",
                                                 "Flatten",   "Expand", "Split"};
  std::int64_t limit = INT64_MAX;
  for (const int index : graph.topological_order()) {
    const GraphNode& node = graph.nodes[static_cast<std::size_t>(index)];
    for (std::size_t port = 0; port < node.inputs.size(); ++port) {
      if (reached.count(node.inputs[port]) == 0) continue;
      if (kPassing.count(node.operation) > 0) reached.insert(node.outputs.begin(), node.outputs.end());
      if (node.operation != "Gather" || port != 1) continue;
      const int table = graph.tensors[static_cast<std::size_t>(node.inputs[0])].constant;
      if (table < 0) continue;
      const Shape& dims = graph.constants[static_cast<std::size_t>(table)].dims;
      const std::int64_t axis = node.integer("axis", 0);
      const auto at =
          static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(dims.size()) : axis);
      if (at < dims.size()) limit = std::min(limit, dims[at]);
    }
  }
  return limit == INT64_MAX ? 2 : std::max<std::int64_t>(1, limit);
}

void fill(EngineTensor& tensor, std::int64_t count, std::int64_t limit, Rng& rng) {
  for (std::int64_t i = 0; i < count; ++i) {
    const double real = 2 * rng.uniform() - 1;
    const auto whole = static_cast<std::int64_t>(rng.uniform() * static_cast<double>(limit));
    if (tensor.type == "float32") {
      append(tensor.bytes, static_cast<float>(real));
    } else if (tensor.type == "float64") {
      append(tensor.bytes, real);
    } else if (tensor.type == "float16") {
      // Sign, exponent of [0.5, 1), ten random bits: exact, and needs no rounding.
      const auto bits = static_cast<unsigned>(rng.below(1024));
      append(tensor.bytes, static_cast<std::uint16_t>(0x3800U | bits | (real < 0 ? 0x8000U : 0U)));
    } else if (tensor.type == "int64" || tensor.type == "uint64") {
      append(tensor.bytes, whole);
    } else if (tensor.type == "int32" || tensor.type == "uint32") {
      append(tensor.bytes, static_cast<std::int32_t>(whole));
    } else if (tensor.type == "int16" || tensor.type == "uint16") {
      append(tensor.bytes, static_cast<std::int16_t>(whole));
    } else {
      append(tensor.bytes, static_cast<std::uint8_t>(tensor.type == "bool" ? whole % 2 : whole));
    }
  }
}

/// Elements of an output as doubles; integers exactly up to 2^53.
std::vector<double> reals_of(const EngineTensor& tensor) {
  std::vector<double> values;
  const auto read = [&](auto sample) {
    values.resize(tensor.bytes.size() / sizeof sample);
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::memcpy(&sample, tensor.bytes.data() + i * sizeof sample, sizeof sample);
      values[i] = static_cast<double>(sample);
    }
  };
  if (tensor.type == "float32") {
    read(float{});
  } else if (tensor.type == "float64") {
    read(double{});
  } else if (tensor.type == "float16") {
    std::vector<float> floats(tensor.bytes.size() / 2);
    TensorInfo info;
    info.dtype = DType::kF16;
    convert_to_float32(info, tensor.bytes, floats);
    values.assign(floats.begin(), floats.end());
  } else if (tensor.type == "int64" || tensor.type == "uint64") {
    read(std::int64_t{});
  } else if (tensor.type == "int32" || tensor.type == "uint32") {
    read(std::int32_t{});
  } else {
    read(std::uint8_t{});
  }
  return values;
}

/// Largest difference and largest element of two outputs; infinite where one is not a number and the other
/// is.
void compare(const EngineTensor& a, const EngineTensor& b, double& difference, double& largest) {
  difference = largest = 0;
  if (a.dims != b.dims || a.type != b.type || a.bytes.size() != b.bytes.size()) {
    difference = INFINITY;
    return;
  }
  const std::vector<double> x = reals_of(a), y = reals_of(b);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]))) {
      if (std::isfinite(x[i])) largest = std::max(largest, std::fabs(x[i]));
      continue;
    }
    const double one = std::fabs(x[i] - y[i]);
    difference = std::max(difference, std::isnan(one) ? INFINITY : one);
    if (std::isfinite(x[i])) largest = std::max(largest, std::fabs(x[i]));
  }
}

bool half_precision(const OnnxModel& model) {
  for (int i = 0; i < model.constant_count(); ++i) {
    const ElementType type = model.constant(i).type;
    if (type == ElementType::kFloat16 || type == ElementType::kBFloat16) return true;
  }
  return false;
}

}  // namespace

std::string describe(const NumericalProof& proof) {
  const std::string rounding =
      proof.max_abs_rounding ? fmt::format(", other last bits make {:.3e}", *proof.max_abs_rounding) : "";
  return fmt::format("largest difference {:.3e}, largest output {:.3e}{} ({}, {} inputs)",
                     proof.max_abs_difference, proof.max_abs_output, rounding, proof.engine, proof.inputs);
}

std::vector<EngineTensor> random_inputs(const OnnxModel& model, std::uint64_t seed, std::int64_t batch,
                                        std::int64_t size) {
  const LayerGraph graph = model.layer_graph();
  Rng rng(seed);
  std::map<std::string, std::int64_t> symbols;
  std::vector<EngineTensor> inputs;
  for (const OnnxValue& value : model.inputs()) {
    EngineTensor tensor{value.name, type_name(value.onnx_type), value.dims, {}};
    if (tensor.type == "string" || tensor.type == "unknown" || tensor.type == "undefined") {
      throw UnsupportedError(model.path(), "input '" + value.name + "'",
                             "has an element type without random values", "numbers");
    }
    for (std::size_t axis = 0; axis < tensor.dims.size(); ++axis) {
      if (tensor.dims[axis] != kUnknownDimension) continue;
      const std::int64_t chosen = axis == 0 ? batch : size;
      const std::string& symbol = value.symbols[axis];
      tensor.dims[axis] = symbol.empty() ? chosen : symbols.emplace(symbol, chosen).first->second;
    }
    const std::int64_t count = product(tensor.dims);
    if (count < 0 || count > kMaxBlockLabels) {
      throw UnsupportedError(model.path(), "input '" + value.name + "'", "is too large to be filled",
                             "at most 2^26 elements");
    }
    fill(tensor, count, index_limit(graph, value.name), rng);
    inputs.push_back(std::move(tensor));
  }
  return inputs;
}

void compare_answers(const EngineAnswer& a, const EngineAnswer& b, double tolerance, NumericalProof& proof,
                     const EngineAnswer* rounded) {
  for (std::size_t r = 0; r < a.outputs.size(); ++r) {
    for (std::size_t k = 0; k < a.outputs[r].size(); ++k) {
      double difference = 0, largest = 0, rounding = 0;
      if (rounded != nullptr) {
        compare(a.outputs[r][k], rounded->outputs[r][k], rounding, largest);
        proof.max_abs_rounding = std::max(proof.max_abs_rounding.value_or(0), rounding);
      }
      compare(a.outputs[r][k], b.outputs[r][k], difference, largest);
      proof.max_abs_difference = std::max(proof.max_abs_difference, difference);
      proof.max_abs_output = std::max(proof.max_abs_output, largest);
      const double allowed =
          std::max(tolerance * largest, std::min(kRoundings * rounding, kMostRounding * largest));
      proof.equal = proof.equal && difference <= allowed;
    }
  }
}

namespace {

NumericalProof proof_of(const InferenceEngine& engine, const std::vector<EngineAnswer>& answers,
                        const OnnxModel& a, const std::vector<std::vector<EngineTensor>>& runs,
                        const NumericalOptions& options) {
  const auto compared = [&](double tolerance, const EngineAnswer* rounded) {
    NumericalProof proof{engine.name(), options.inputs, 0, 0, true, std::nullopt};
    compare_answers(answers[0], answers[1], tolerance, proof, rounded);
    return proof;
  };
  const double tolerance = options.tolerance.value_or(half_precision(a) ? 1e-2 : 1e-5);
  NumericalProof proof = compared(tolerance, nullptr);
  if (proof.equal || options.tolerance || !compared(kMostRounding, nullptr).equal) return proof;
  const TemporaryFolder folder;
  const std::string path = folder.path("rounded.onnx");
  with_last_bits_changed(a, options.seed).write(path);
  const std::vector<EngineAnswer> rounded = engine.run({{path, runs}});
  return rounded[0].error.empty() ? compared(tolerance, &rounded[0]) : proof;
}

}  // namespace

NumericalProof compare_outputs(const InferenceEngine& engine, const OnnxModel& a, const std::string& path_a,
                               const OnnxModel& b, const std::string& path_b,
                               const NumericalOptions& options) {
  const auto names = [](const std::vector<OnnxValue>& values) {
    std::vector<std::string> list;
    for (const OnnxValue& value : values) list.push_back(value.name);
    return list;
  };
  if (names(a.inputs()) != names(b.inputs()) || names(a.outputs()) != names(b.outputs())) {
    throw InputError(b.path(), {}, "has other inputs or outputs than " + a.path(),
                     "two versions of one network");
  }
  // Open dimensions: sizes that suit most networks, until one runs.
  struct Size {
    std::int64_t batch, other;
  };
  std::set<std::vector<std::int64_t>> tried;
  std::string error;
  for (const Size& size : {Size{2, 8}, {1, 8}, {2, 32}, {1, 32}, {1, 224}, {1, 1}}) {
    std::vector<std::vector<EngineTensor>> runs;
    for (int i = 0; i < options.inputs; ++i) {
      runs.push_back(random_inputs(a, options.seed + static_cast<std::uint64_t>(i), size.batch, size.other));
    }
    std::vector<std::int64_t> dims;
    for (const EngineTensor& input : runs.front())
      dims.insert(dims.end(), input.dims.begin(), input.dims.end());
    if (!tried.insert(dims).second) continue;
    const std::vector<EngineAnswer> answers = engine.run({{path_a, runs}, {path_b, runs}});
    if (!answers[0].error.empty()) {
      if (error.empty()) error = answers[0].error;
      continue;
    }
    if (!answers[1].error.empty())
      throw InputError(b.path(), engine.name(), answers[1].error, "a model that runs");
    return proof_of(engine, answers, a, runs, options);
  }
  throw UnsupportedError(a.path(), engine.name(), error, "a model that the engine runs");
}

}  // namespace nmperm
