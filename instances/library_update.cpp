#include "instances/library_update.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "instances/certificate_json.h"
#include "instances/check_certificate.h"

namespace nmperm {
namespace {

namespace fs = std::filesystem;

/// Values and bounds that differ by less are the same: sums of scores carry the rounding of float64.
constexpr double kSame = 1e-12;
constexpr char kRowBound[] = "row-bound";
constexpr char kCertificates[] = "certificates";

std::string text_of(double value) {
  return fmt::format("{}", value);
}

/// The instance that was solved. Throws InputError where it is none of the library.
const LibraryInstance& instance_of(const Library& library, const Solution& solution,
                                   const std::string& path) {
  const LibraryInstance* const instance =
      library.find(solution.rows, solution.columns, solution.sha256, solution.pattern);
  if (instance != nullptr && solution.criterion == "magnitude") return *instance;
  throw InputError(path, "instance",
                   fmt::format("a solution of another instance ({}, pattern {})", solution.instance_name,
                               solution.pattern.str()),
                   "scores and pattern of an instance that nmperm library list shows");
}

/// Throws where the solution does not belong to the problem or states a wrong figure.
void require_true(const Problem& problem, const Solution& solution, const std::string& path) {
  require_same_instance(solution, problem, path);
  if (const auto wrong = check_solution(problem, solution); !wrong.empty())
    throw CheckError(path, wrong.front().place, wrong.front().recorded, wrong.front().expected);
}

/// Throws CheckError unless the certificate in this file proves that no permutation keeps more than `claim`.
void require_proof(const Problem& problem, double claim, const std::string& claimant, const std::string& path,
                   int threads) {
  const CertificateFile file = read_certificate(path);
  require_same_instance(file, problem, path);
  const double proven = check_certificate(problem, file.certificate, threads, path);
  if (proven > claim * (1 + kSame))
    throw CheckError(claimant, "bound.kept", text_of(claim),
                     "at least what the certificate proves, " + text_of(proven));
}

/// How to make the proof again: the search that was run, with as much time as it took.
std::string command_of(const LibraryInstance& instance, const Solution& solution) {
  std::string options;
  for (const auto& [key, value] : solution.result.options)
    options += fmt::format(" --option {}={}", key, value);
  return fmt::format(
      "nmperm solve library:{0} --pattern {1} --solver {2}{3} --seed {4} --threads {5} "
      "--time-limit {6} --output {0}.json",
      instance.name, instance.pattern.str(), solution.result.solver, options, solution.result.seed,
      solution.result.threads, std::ceil(solution.result.seconds) + 1);
}

/// The best bound that the solution proves; null where it proves none that is better than `known`.
std::optional<KnownBound> better_bound(const LibraryInstance& instance, const Problem& problem,
                                       const Solution& solution, const std::string& path,
                                       const std::optional<KnownBound>& known, int threads) {
  const Result& result = solution.result;
  const double row_bound = problem.magnitude().row_bound;
  const auto better = [&](double kept) { return !known || kept < known->kept * (1 - kSame); };
  if (result.magnitude.gap(row_bound) <= kOptimalGap) {
    if (!better(row_bound)) return std::nullopt;
    return KnownBound{row_bound, kRowBound, {}, "nmperm info library:" + instance.name};
  }
  if (!result.bound || solution.certificate_file.empty() || !better(result.bound->kept)) return std::nullopt;
  const std::string certificate = (fs::path(path).parent_path() / solution.certificate_file).string();
  require_proof(problem, result.bound->kept, path, certificate, threads);
  KnownBound bound{result.bound->kept, result.bound->method, {}, command_of(instance, solution)};
  if (fs::file_size(certificate) <= kMaxKeptCertificateBytes)
    bound.certificate = fmt::format("{}/{}.json", kCertificates, instance.name);
  return bound;
}

/// Throws where a value and a bound contradict each other.
void require_consistent(const BestKnown& entry, const std::string& path) {
  if (!entry.bound || entry.magnitude.kept <= entry.bound->kept * (1 + kFigureTolerance)) return;
  throw CheckError(
      path, entry.name,
      "keeps " + text_of(entry.magnitude.kept) + ", more than the proven bound " + text_of(entry.bound->kept),
      "a value that no bound contradicts: one of the two is false");
}

void keep_certificate(const Library& library, const KnownBound& bound, const std::string& from) {
  const fs::path to = library.path(bound.certificate);
  fs::create_directories(to.parent_path());
  if (std::error_code ignored; !fs::equivalent(from, to, ignored))
    write_certificate(to.string(), read_certificate(from));
}

void drop_certificate(const Library& library, const std::optional<KnownBound>& bound) {
  if (bound && !bound->certificate.empty()) fs::remove(library.path(bound->certificate));
}

}  // namespace

LibraryChange update_best_known(const Library& library, std::vector<BestKnown>& entries,
                                const Solution& solution, const std::string& path, const std::string& version,
                                const std::string& date, int threads) {
  const LibraryInstance& instance = instance_of(library, solution, path);
  const Problem problem = library.problem(instance);
  require_true(problem, solution, path);
  const BestKnown* const known = find_entry(entries, instance.name);
  BestKnown entry = known != nullptr ? *known : BestKnown{};
  const std::optional<KnownBound> old_bound = entry.bound;
  const Magnitude found = problem.evaluate(solution.result.permutation);
  LibraryChange change{instance.name};

  const Credit credit{solution.result.solver, version, date};
  if (known == nullptr || found.kept > entry.magnitude.kept * (1 + kSame)) {
    change.kept = true;
    entry.name = instance.name;
    entry.magnitude = found;
    entry.permutation = solution.result.permutation;
    entry.credit = credit;
  }
  if (auto bound = better_bound(instance, problem, solution, path, entry.bound, threads)) {
    change.bound = true;
    entry.bound = std::move(bound);
  }
  require_consistent(entry, path);
  if (change.bound) {
    drop_certificate(library, old_bound);
    if (!entry.bound->certificate.empty())
      keep_certificate(library, *entry.bound,
                       (fs::path(path).parent_path() / solution.certificate_file).string());
  }
  if (known == nullptr) {
    entries.push_back(std::move(entry));
  } else {
    entries[static_cast<std::size_t>(known - entries.data())] = std::move(entry);
  }
  return change;
}

std::vector<Discrepancy> check_best_known(const Library& library, const BestKnown& entry, int threads) {
  const Problem problem = library.problem(library.find(entry.name));
  const Magnitude truth = problem.evaluate(entry.permutation);
  std::vector<Discrepancy> wrong;
  const auto compare = [&](const std::string& place, double recorded, double expected) {
    if (std::fabs(recorded - expected) > kFigureTolerance * std::fabs(expected))
      wrong.push_back({place, text_of(recorded), text_of(expected)});
  };
  compare("magnitude.total", entry.magnitude.total, truth.total);
  compare("magnitude.default", entry.magnitude.default_kept, truth.default_kept);
  compare("magnitude.row_bound", entry.magnitude.row_bound, truth.row_bound);
  compare("magnitude.kept", entry.magnitude.kept, truth.kept);
  if (!entry.bound) return wrong;
  const KnownBound& bound = *entry.bound;
  if (bound.kept < truth.kept * (1 - kFigureTolerance))
    wrong.push_back(
        {"bound.kept", text_of(bound.kept), "at least the kept magnitude, " + text_of(truth.kept)});
  if (bound.method == kRowBound) compare("bound.kept", bound.kept, truth.row_bound);
  if (bound.certificate.empty()) return wrong;
  try {
    require_proof(problem, bound.kept, entry.name, library.path(bound.certificate), threads);
  } catch (const CheckError& fault) {
    wrong.push_back({"bound.certificate", bound.certificate, fault.what()});
  }
  return wrong;
}

}  // namespace nmperm
