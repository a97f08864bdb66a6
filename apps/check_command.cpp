// `nmperm check`: does a solution say the truth about itself?
#include <algorithm>
#include <memory>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "apps/certificate_files.h"
#include "apps/command.h"
#include "apps/common_options.h"
#include "apps/scoring_options.h"
#include "core/error.h"
#include "core/problem.h"
#include "instances/certificate_json.h"
#include "instances/check_certificate.h"
#include "instances/check_solution.h"
#include "instances/load.h"
#include "instances/solution.h"
#include "sparse/mask.h"
#include "sparse/verify_product.h"
#include "sparse/verify_tensor_cores.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Recomputes every figure of a solution with the scalar oracle alone";

constexpr const char* kFooter =
    R"(Exit code 0 when all figures hold, 4 when one is wrong, 2 when the file is no solution of
this instance (other scores, no permutation, not a solution file).

Where the solution names a certificate, the bound is proven once more from it, by means of
its own: this takes a pass over all groups of columns. Without one it is but a claim.

With --gemm the weight is also permuted, pruned by its scores and compressed, multiplied
with random activations (2:4: the vector kernels), and compared with the product in double
of the pruned weight in its original order: the error must stay within 1e-6 of sum |a||b|.

With --gemm --gpu, 2:4 only, the sparse tensor cores of an NVIDIA GPU multiply it too, as f16,
bf16 and i8: within 1e-5 of sum |a||b| of the values as rounded to the type (C / 2^27 where
that is more), i8 exactly. Where there is no such GPU (compute capability 8.0 or more, and its
driver) one line says so; exit code 2 where the driver refuses, or for another pattern.

Example:
  nmperm check weights.npy solution.json)";

struct CheckOptions {
  std::string instance, solution, statistics;
  int threads = 0;
  bool gemm = false, gpu = false;
};

struct Figure {
  std::string place, stated, recomputed;
};

std::string text_of(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "null";
}

/// Bounds that agree up to this relative difference are taken as equal: they are sums of a few terms.
constexpr double kBoundTolerance = 1e-12;

/// What is known of the bound of a solution.
struct Proof {
  std::string verdict;              ///< "(a claim of ...)" or "(proven by ...)"
  std::optional<CheckError> fault;  ///< why the certificate does not prove it
};

/// Throws InputError where the certificate cannot be read or belongs to another instance.
Proof prove_bound(const CheckOptions& options, const Problem& problem, const Solution& solution) {
  const Bound& bound = *solution.result.bound;
  if (solution.certificate_file.empty()) return {"(a claim of " + bound.method + ")", {}};
  const std::string path = named_certificate(options.solution, solution.certificate_file);
  const CertificateFile file = read_certificate(path);
  require_same_instance(file, problem, path);
  try {
    const double proven = check_certificate(problem, file.certificate, options.threads, path);
    if (proven > file.kept * (1 + kBoundTolerance)) {
      throw CheckError(path, "kept", text_of(file.kept), "at least what is proven, " + text_of(proven));
    }
    if (proven > bound.kept * (1 + kBoundTolerance)) {
      throw CheckError(options.solution, "bound.kept", text_of(bound.kept),
                       "at least what the certificate proves, " + text_of(proven));
    }
  } catch (const CheckError& fault) {
    return {"(not proven by the certificate " + solution.certificate_file + ")", fault};
  }
  return {"(proven by the certificate " + solution.certificate_file + ")", {}};
}

/// All figures of the file beside what the permutation yields.
std::vector<Figure> figures(const Problem& problem, const Solution& solution, const std::string& proof) {
  const Result& stated = solution.result;
  const Magnitude truth = problem.evaluate(stated.permutation);
  std::vector<Figure> figures = {
      {"magnitude.total", text_of(stated.magnitude.total), text_of(truth.total)},
      {"magnitude.default", text_of(stated.magnitude.default_kept), text_of(truth.default_kept)},
      {"magnitude.row_bound", text_of(stated.magnitude.row_bound), text_of(truth.row_bound)},
      {"magnitude.kept", text_of(stated.magnitude.kept), text_of(truth.kept)},
      {"efficacy", text_of(solution.efficacy), text_of(truth.efficacy())},
  };
  if (stated.bound) {
    figures.push_back({"bound.kept", text_of(stated.bound->kept), proof});
    figures.push_back({"gap", text_of(stated.gap), text_of(truth.gap(stated.bound->kept))});
  } else {
    figures.push_back({"gap", text_of(stated.gap), "null"});
  }
  figures.push_back({"status", to_string(stated.status), "(of the run)"});
  return figures;
}

void print_table(const std::vector<Figure>& figures, std::vector<Discrepancy> wrong) {
  const auto line = [](const std::string& place, const std::string& stated, const std::string& recomputed,
                       const std::string& verdict) {
    fmt::print("{:<20} {:>24} {:>24}  {}\n", place, stated, recomputed, verdict);
  };
  line("figure", "stated", "recomputed", "verdict");
  for (const Figure& figure : figures) {
    const auto found =
        std::find_if(wrong.begin(), wrong.end(), [&](const auto& w) { return w.place == figure.place; });
    line(figure.place, figure.stated, figure.recomputed,
         found == wrong.end() ? "ok" : "WRONG, expected " + found->expected);
    if (found != wrong.end()) wrong.erase(found);
  }
  for (const Discrepancy& rest : wrong)
    line(rest.place, rest.recorded, "", "WRONG, expected " + rest.expected);
}

/// The error of a product, and the most that rounding explains.
struct ProductCheck {
  std::string product;  ///< "sparse product"
  double error = 0, limit = 0;

  bool holds() const { return error <= limit; }
};

void print_product(const ProductCheck& check, const std::string& device = {}) {
  fmt::print("{:<20} {:>24} {:>24.3e}  {}{}\n", check.product + " error", "", check.error,
             check.holds() ? "ok" : "WRONG", device.empty() ? "" : " (" + device + ")");
}

void require_product(const ProductCheck& check, const std::string& subject) {
  if (check.holds()) return;
  throw CheckError(subject, check.product, fmt::format("relative error {:.3e}", check.error),
                   fmt::format("at most {:.0e}", check.limit));
}

/// What a solution makes of a weight.
struct PrunedWeight {
  WeightView weight;
  const Solution& solution;
  std::vector<std::uint8_t> mask;
};

/// All types are multiplied, then the first wrong one is an error.
void check_on_gpu(const PrunedWeight& pruned, const std::string& subject) {
  const OpenedGpu opened = Gpu::open();
  if (opened.gpu == nullptr) {
    fmt::print("gpu: skipped ({})\n", opened.reason);
    return;
  }
  std::vector<ProductCheck> checks;
  for (const ValueType type : {ValueType::kF16, ValueType::kBF16, ValueType::kI8}) {
    checks.push_back(
        {"gpu " + to_string(type),
         verify_tensor_cores(*opened.gpu, type, pruned.weight, pruned.solution.result.permutation,
                             pruned.solution.pattern, pruned.mask),
         max_tensor_core_error(type, pruned.weight.columns)});
    print_product(checks.back(), opened.gpu->name());
  }
  for (const ProductCheck& check : checks) require_product(check, subject);
}

/// Runs the sparse product of the permuted, pruned and compressed weight, on the GPU too where that is asked
/// for; throws where an error is not that of rounding.
void check_products(const CheckOptions& options, const Problem& problem, const Solution& solution) {
  const Weight weight = load_weight(options.instance);
  const Permutation& permutation = solution.result.permutation;
  const PrunedWeight pruned{{weight.values, weight.rows, weight.columns},
                            solution,
                            pattern_mask(problem.scores(), solution.pattern, permutation)};
  const ProductCheck check{"sparse product",
                           verify_sparse_product(pruned.weight, permutation, solution.pattern, pruned.mask),
                           kMaxProductError};
  print_product(check);
  require_product(check, options.solution);
  if (options.gpu) check_on_gpu(pruned, options.solution);
}

int run(const CheckOptions& options) {
  const Solution solution = read_solution(options.solution);
  if (options.gpu && solution.pattern != Pattern{2, 4}) {
    throw InputError(options.solution, "pattern",
                     solution.pattern.str() + " is not what the sparse tensor cores of --gpu multiply",
                     "2:4");
  }
  Instance instance = load_scored_instance(options.instance, scoring_of(solution, options.statistics));
  require_same_scores(solution, instance.scores, options.solution);
  const Problem problem(std::move(instance.scores), solution.pattern, solution.segments);
  std::vector<Discrepancy> wrong = check_solution(problem, solution);
  Proof proof;
  if (solution.result.bound) proof = prove_bound(options, problem, solution);
  if (proof.fault) {
    wrong.push_back({"bound.kept", text_of(solution.result.bound->kept), "what the certificate proves"});
  }
  print_table(figures(problem, solution, proof.verdict), wrong);
  if (proof.fault) throw CheckError(*proof.fault);
  if (!wrong.empty()) {
    throw CheckError(options.solution, wrong.front().place, wrong.front().recorded, wrong.front().expected);
  }
  if (options.gemm) check_products(options, problem, solution);
  return kExitDone;
}

}  // namespace

Command add_check_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("check", kDescription);
  const auto options = std::make_shared<CheckOptions>();
  add_instance_argument(*command, options->instance);
  command->add_option("SOLUTION", options->solution, "the solution file")->required()->type_name("");
  add_statistics_option(*command, options->statistics);
  command->add_option("--threads", options->threads, "threads; 0 stands for all processors (0)")
      ->type_name("N")
      ->check(whole_number(0, 4096));
  CLI::Option* const gemm =
      command->add_flag("--gemm", options->gemm, "also run the sparse product and compare");
  command->add_flag("--gpu", options->gpu, "with --gemm: also on the sparse tensor cores of a GPU")
      ->needs(gemm);
  command->footer(kFooter);
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
