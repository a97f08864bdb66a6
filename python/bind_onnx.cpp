// A whole ONNX network: permuted, proven, pruned, written.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <pybind11/stl.h>

#include "core/error.h"
#include "network/permuted_network.h"
#include "python/bindings.h"
#include "python/interruptible.h"
#include "python/network_arguments.h"
#include "solvers/default_solvers.h"

namespace py = pybind11;

namespace nmperm::python {
namespace {

/// Runs both networks where there is an engine that can; 0 inputs: not.
void compare_outputs(PermutedNetwork& network, const std::string& path, int inputs, std::uint64_t seed) {
  const auto engine = inputs > 0 ? InferenceEngine::find({}) : std::nullopt;
  if (!engine) return;
  NumericalOptions options;
  options.inputs = inputs;
  options.seed = seed;
  try {
    network.compare_outputs(*engine, path, options);
  } catch (const UnsupportedError&) {
    return;  // the engine does not run this model; the report says that nothing was compared
  }
}

/// The report as JSON, and whether Ctrl-C ended the search.
py::tuple apply_onnx(const std::string& model, const std::string& output, const NetworkArguments& arguments,
                     bool prune, int inputs) {
  const Pattern pattern = pattern_of(arguments.pattern);
  const PruningRule rule = arguments.pruning_rule();
  NetworkSearch search = arguments.search();
  std::string report;
  const bool interrupted =
      run_interruptibly(std::make_shared<CancelToken>(), py::none(), [&](const WorkContext& context) {
        search.parameters.interrupt = context.interrupt;
        PermutedNetwork network(OnnxModel::read(model), output, pattern, rule, find_solver(arguments.solver),
                                search);
        compare_outputs(network, model, inputs, arguments.seed);
        if (prune) network.prune();
        network.model().write(output);
        report = to_json(network.report(std::filesystem::path(model).filename().string()));
      });
  return py::make_tuple(report, interrupted);
}

}  // namespace

void bind_onnx(py::module_& module) {
  module.def("apply_onnx",
             [](const std::string& model, const std::string& output, const PatternNumbers& pattern,
                const std::string& rule, const std::string& include, const std::string& exclude,
                const std::string& solver, double time_limit, std::optional<std::int64_t> iteration_limit,
                double gap_limit, std::uint64_t seed, int threads, const OptionValues& options,
                const std::string& criterion, const std::string& statistics,
                const OptionValues& criterion_options, bool prune, int inputs) {
               return apply_onnx(
                   model, output,
                   {pattern, rule, include, exclude, solver, time_limit, iteration_limit, gap_limit, seed,
                    threads, options, criterion, criterion_options, statistics},
                   prune, inputs);
             });
}

}  // namespace nmperm::python
