// A network that Python describes operation by operation (nmperm.torch): permuted and proven as ONNX files
// are.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pybind11/stl.h>

#include "network/network_builder.h"
#include "network/permuted_network.h"
#include "python/bindings.h"
#include "python/interruptible.h"
#include "python/network_arguments.h"
#include "solvers/default_solvers.h"

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
  py::tuple permute(const NetworkArguments& arguments) {
    const Pattern pattern = pattern_of(arguments.pattern);
    const PruningRule rule = arguments.pruning_rule();
    const Solver& solver = find_solver(arguments.solver);
    NetworkSearch search = arguments.search();
    const bool interrupted =
        run_interruptibly(std::make_shared<CancelToken>(), py::none(), [&](const WorkContext& context) {
          search.parameters.interrupt = context.interrupt;
          network_.emplace(builder_.build(), name_, pattern, rule, solver, search);
        });
    std::vector<std::string> names;
    for (const AxisPermutation& axis : network_->record().axes) names.push_back(axis.tensor);
    return py::make_tuple(elements_of(names), interrupted);
  }

  /// Enters what the caller found when it ran the network before and after.
  void add_outputs(const std::string& engine, int inputs, double max_abs_difference, double max_abs_output) {
    network_->set_outputs({engine, inputs, max_abs_difference, max_abs_output, true, std::nullopt});
  }

  /// New elements of the tensors that are pruned. Each is compressed and multiplied first.
  py::dict prune() {
    {
      const py::gil_scoped_release without_gil;
      network_->prune();
    }
    std::vector<std::string> names;
    for (const PrunedAxis& axis : network_->record().pruned) names.push_back(axis.tensor);
    return elements_of(names);
  }

  std::string report() const { return to_json(network_->report(name_)); }

 private:
  py::dict elements_of(const std::vector<std::string>& names) const {
    py::dict elements;
    for (const std::string& name : names) {
      const OnnxModel& model = network_->model();
      const auto bytes = model.constant_bytes(model.find_constant(name));
      elements[py::str(name)] = py::bytearray(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return elements;
  }

  std::string name_;
  NetworkBuilder builder_;
  std::optional<PermutedNetwork> network_;
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
