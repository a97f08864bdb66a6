// A network that Python describes operation by operation (nmperm.torch): permuted and proven as ONNX files
// are.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "core/error.h"
#include "network/apply.h"
#include "network/network_builder.h"
#include "network/report.h"
#include "python/bindings.h"
#include "python/interruptible.h"
#include "python/problems.h"
#include "solvers/default_solvers.h"
#include "sparse/verify_product.h"

namespace py = pybind11;

namespace nmperm::python {
namespace {

ElementType element_type_of(const std::string& name) {
  static const std::map<std::string, ElementType> types = {
      {"float16", ElementType::kFloat16}, {"bfloat16", ElementType::kBFloat16},
      {"float32", ElementType::kFloat32}, {"float64", ElementType::kFloat64},
      {"int32", ElementType::kInt32},     {"int64", ElementType::kInt64}};
  const auto found = types.find(name);
  return found == types.end() ? ElementType::kOther : found->second;
}

struct NetworkOptions {
  PatternNumbers pattern;
  std::string rule, include, exclude, solver;
  double time_limit = 0;
  std::optional<std::int64_t> iteration_limit;
  double gap_limit = 0;
  std::uint64_t seed = 0;
  int threads = 0;
  OptionValues options;
  std::string criterion;
  OptionValues criterion_options;
  std::string statistics;
};

/// Built by the add_ functions, then permuted once, then perhaps pruned.
class Network {
 public:
  explicit Network(const std::string& name) : name_(name), builder_(name) {}

  void add_input(const std::string& tensor, const std::string& type, const Shape& dims) {
    builder_.add_input(tensor, element_type_of(type), dims);
  }
  void declare(const std::string& tensor, const std::string& type, const Shape& dims) {
    builder_.declare(tensor, element_type_of(type), dims);
  }
  void add_constant(const std::string& tensor, const std::string& type, const Shape& dims,
                    const py::buffer& elements) {
    const py::buffer_info info = elements.request();
    const auto size = static_cast<std::size_t>(info.size * info.itemsize);
    builder_.add_constant(tensor, element_type_of(type), dims,
                          {static_cast<const std::byte*>(info.ptr), size});
  }
  void add_node(const std::string& operation, const std::string& name, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs, const OperationAttributes& attributes) {
    builder_.add_node(operation, name, inputs, outputs, attributes);
  }
  void add_output(const std::string& tensor) { builder_.add_output(tensor); }

  /// New elements of the tensors that move, and whether Ctrl-C ended the search.
  py::tuple permute(const NetworkOptions& options) {
    const Pattern pattern = pattern_of(options.pattern);
    const PruningRule rule(options.rule, options.include, options.exclude);
    const Solver& solver = find_solver(options.solver);
    (void)Options(solver.info().name, solver.info().options, options.options);
    search_.scoring = Scoring(Criterion(options.criterion, options.criterion_options), options.statistics);
    SolveParameters& parameters = search_.parameters;
    parameters.options = options.options;
    parameters.limits.time_s = options.time_limit;
    if (options.iteration_limit) parameters.limits.iterations = *options.iteration_limit;
    parameters.limits.gap = options.gap_limit;
    parameters.seed = options.seed;
    parameters.threads = options.threads;
    const bool interrupted =
        run_interruptibly(std::make_shared<CancelToken>(), py::none(), [&](const WorkContext& context) {
          parameters.interrupt = context.interrupt;
          search(pattern, rule, solver);
        });
    parameters.interrupt = nullptr;
    std::vector<std::string> names;
    for (const AxisPermutation& axis : record_.axes) names.push_back(axis.tensor);
    return py::make_tuple(elements_of(names), interrupted);
  }

  /// Enters what the caller found when it ran the network before and after.
  void add_outputs(const std::string& engine, int inputs, double max_abs_difference, double max_abs_output) {
    report_.outputs = NumericalProof{engine, inputs, max_abs_difference, max_abs_output, true};
  }

  /// New elements of the tensors that are pruned. Each is compressed and multiplied first.
  py::dict prune() {
    {
      const py::gil_scoped_release without_gil;
      report_.products = check_products(*permuted_, *plan_, search_.scoring);
      for (const SparseProductCheck& check : report_.products) {
        if (check.max_relative_error <= kMaxProductError) continue;
        throw CheckError(name_, "sparse product of '" + check.tensor + "'",
                         fmt::format("relative error {:.3e}", check.max_relative_error),
                         fmt::format("at most {:.0e}", kMaxProductError));
      }
      prune_weights(*permuted_, record_, *plan_, search_.scoring);
      require_equal();
    }
    std::vector<std::string> names;
    for (const PrunedAxis& axis : record_.pruned) names.push_back(axis.tensor);
    return elements_of(names);
  }

  std::string report() {
    report_.plan = &*plan_;
    report_.results = &results_;
    return to_json(report_);
  }

 private:
  void search(const Pattern& pattern, const PruningRule& rule, const Solver& solver) {
    original_ = builder_.build();
    plan_ = plan_network(*original_, pattern, rule);
    results_ = search_sets(*original_, *plan_, solver, search_);
    std::vector<ChannelOrder> orders;
    for (std::size_t s = 0; s < results_.size(); ++s) {
      const PermutableSet& set = plan_->sets[s];
      orders.push_back({set.classes, channel_order(set, results_[s].result.permutation)});
    }
    record_ = record_of(*original_, plan_->coupling, pattern, orders);
    permuted_ = original_->clone();
    apply_record(*permuted_, record_);
    report_.model = name_;
    report_.magnitude = network_magnitude(*original_, *permuted_, *plan_, search_.scoring);
    report_.structure = require_equal();
  }

  StructuralProof require_equal() const {
    StructuralProof proof = compare_structure(*original_, *permuted_, &search_.scoring);
    if (!proof.equal) throw CheckError(name_, "structure", proof.difference);
    return proof;
  }

  py::dict elements_of(const std::vector<std::string>& names) const {
    py::dict elements;
    for (const std::string& name : names) {
      const auto bytes = permuted_->constant_bytes(permuted_->find_constant(name));
      elements[py::str(name)] = py::bytearray(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return elements;
  }

  std::string name_;
  NetworkBuilder builder_;
  NetworkSearch search_;
  std::optional<OnnxModel> original_, permuted_;
  std::optional<NetworkPlan> plan_;
  std::vector<SetResult> results_;
  PermutationRecord record_;
  NetworkReport report_;
};

}  // namespace

void bind_network(py::module_& module) {
  py::class_<Network>(module, "Network")
      .def(py::init<const std::string&>())
      .def("add_input", &Network::add_input)
      .def("declare", &Network::declare)
      .def("add_constant", &Network::add_constant)
      .def("add_node", &Network::add_node)
      .def("add_output", &Network::add_output)
      .def("permute",
           [](Network& network, const PatternNumbers& pattern, const std::string& rule,
              const std::string& include, const std::string& exclude, const std::string& solver,
              double time_limit, std::optional<std::int64_t> iteration_limit, double gap_limit,
              std::uint64_t seed, int threads, const OptionValues& options, const std::string& criterion,
              const OptionValues& criterion_options, const std::string& statistics) {
             return network.permute({pattern, rule, include, exclude, solver, time_limit, iteration_limit,
                                     gap_limit, seed, threads, options, criterion, criterion_options,
                                     statistics});
           })
      .def("add_outputs", &Network::add_outputs)
      .def("prune", &Network::prune)
      .def("report", &Network::report);
}

}  // namespace nmperm::python
