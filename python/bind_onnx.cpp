// A whole ONNX network: permuted, proven, pruned, written.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "core/error.h"
#include "network/apply.h"
#include "network/helper_process.h"
#include "network/report.h"
#include "python/bindings.h"
#include "python/interruptible.h"
#include "python/problems.h"
#include "solvers/default_solvers.h"
#include "sparse/verify_product.h"

namespace py = pybind11;

namespace nmperm::python {
namespace {

struct Request {
  std::string model, output;
  Pattern pattern;
  std::string rule, include, exclude;
  const Solver* solver = nullptr;
  NetworkSearch search;
  bool prune = false;
  int inputs = 3;  // 0: the outputs are not compared
};

/// Runs both networks where there is an engine that can.
void compare_outputs(const Request& request, const OnnxModel& original, const OnnxModel& permuted,
                     NetworkReport& report) {
  const auto engine = request.inputs > 0 ? InferenceEngine::find({}) : std::nullopt;
  if (!engine) return;
  const TemporaryFolder folder;
  permuted.write(folder.path("permuted.onnx"));
  NumericalOptions options;
  options.inputs = request.inputs;
  options.seed = request.search.parameters.seed;
  try {
    report.outputs = nmperm::compare_outputs(*engine, original, request.model, permuted,
                                             folder.path("permuted.onnx"), options);
  } catch (const UnsupportedError&) {
    return;  // the engine does not run this model; the report says that nothing was compared
  }
  if (report.outputs->equal) return;
  throw CheckError(request.output, report.outputs->engine,
                   fmt::format("outputs differ by {:.3e}", report.outputs->max_abs_difference),
                   fmt::format("rounding of outputs up to {:.3e}", report.outputs->max_abs_output));
}

void require_equal(const StructuralProof& proof, const std::string& output) {
  if (!proof.equal) throw CheckError(output, "structure", proof.difference);
}

void check_sparse_products(const Request& request, const OnnxModel& permuted, NetworkReport& report) {
  report.products = check_products(permuted, *report.plan, request.search.scoring);
  for (const SparseProductCheck& check : report.products) {
    if (check.max_relative_error <= kMaxProductError) continue;
    throw CheckError(request.output, "sparse product of '" + check.tensor + "'",
                     fmt::format("relative error {:.3e}", check.max_relative_error),
                     fmt::format("at most {:.0e}", kMaxProductError));
  }
}

/// Everything but the write; returns the report.
std::string permute(const Request& request, OnnxModel& model) {
  const PruningRule rule(request.rule, request.include, request.exclude);
  const OnnxModel original = OnnxModel::read(request.model);
  const NetworkPlan plan = plan_network(original, request.pattern, rule);
  const std::vector<SetResult> results = search_sets(original, plan, *request.solver, request.search);
  std::vector<ChannelOrder> orders;
  for (std::size_t s = 0; s < results.size(); ++s) {
    orders.push_back({plan.sets[s].classes, channel_order(plan.sets[s], results[s].result.permutation)});
  }
  PermutationRecord record = record_of(original, plan.coupling, request.pattern, orders);
  apply_record(model, record);

  NetworkReport report;
  report.model = std::filesystem::path(request.model).filename().string();
  report.plan = &plan;
  report.results = &results;
  const Scoring& scoring = request.search.scoring;
  report.magnitude = network_magnitude(original, model, plan, scoring);
  report.structure = compare_structure(original, model);
  require_equal(*report.structure, request.output);
  compare_outputs(request, original, model, report);
  if (request.prune) {
    check_sparse_products(request, model, report);
    prune_weights(model, record, plan, scoring);
    require_equal(compare_structure(original, model, &scoring), request.output);
  }
  return to_json(report);
}

/// The report as JSON, and whether Ctrl-C ended the search.
py::tuple apply_onnx(const std::string& model_path, const std::string& output, const PatternNumbers& pattern,
                     const std::string& rule, const std::string& include, const std::string& exclude,
                     const std::string& solver, double time_limit,
                     std::optional<std::int64_t> iteration_limit, double gap_limit, std::uint64_t seed,
                     int threads, const OptionValues& options, const std::string& criterion,
                     const std::string& statistics, const OptionValues& criterion_options, bool prune,
                     int inputs) {
  Request request;
  request.model = model_path;
  request.output = output;
  request.pattern = pattern_of(pattern);
  request.rule = rule;
  request.include = include;
  request.exclude = exclude;
  request.solver = &find_solver(solver);
  request.prune = prune;
  request.inputs = inputs;
  request.search.scoring = Scoring(Criterion(criterion, criterion_options), statistics);
  SolveParameters& parameters = request.search.parameters;
  (void)Options(request.solver->info().name, request.solver->info().options, options);
  parameters.options = options;
  parameters.limits.time_s = time_limit;
  if (iteration_limit) parameters.limits.iterations = *iteration_limit;
  parameters.limits.gap = gap_limit;
  parameters.seed = seed;
  parameters.threads = threads;

  OnnxModel model = OnnxModel::read(model_path);
  std::string report;
  const bool interrupted =
      run_interruptibly(std::make_shared<CancelToken>(), py::none(), [&](const WorkContext& context) {
        parameters.interrupt = context.interrupt;
        report = permute(request, model);
        model.write(output);
      });
  return py::make_tuple(report, interrupted);
}

}  // namespace

void bind_onnx(py::module_& module) {
  module.def("apply_onnx", &apply_onnx);
}

}  // namespace nmperm::python
