#include "bench/known_values.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "instances/check_solution.h"

namespace nmperm {
namespace {

constexpr std::string_view kPrefix = "library:";

/// A figure, and who states it.
struct Claim {
  double kept = 0;
  std::string by;
};

/// The most that is kept of an instance, and the least that limits it.
struct Claims {
  std::optional<Claim> most, least;

  void keeps(double kept, const std::string& by) {
    if (!most || kept > most->kept) most = Claim{kept, by};
  }
  void is_limited(double bound, const std::string& by) {
    if (!least || bound < least->kept) least = Claim{bound, by};
  }
};

void add_run(Claims& claims, const ComparisonRun& run) {
  const Result& result = run.result;
  const std::string by = fmt::format("{}, seed {}", run.preset.label(), result.seed);
  claims.keeps(result.magnitude.kept, by);
  claims.is_limited(result.magnitude.row_bound, "its row bound");
  if (result.bound)
    claims.is_limited(result.bound->kept, fmt::format("the bound of {} ({})", by, result.bound->method));
}

void add_known(Claims& claims, const BestKnown& known) {
  claims.keeps(known.magnitude.kept, "the library (" + known.credit.solver + ")");
  if (known.bound)
    claims.is_limited(known.bound->kept,
                      fmt::format("the {} of the library ({})", known.optimal() ? "optimum" : "bound",
                                  known.bound->method));
}

}  // namespace

KnownValues::KnownValues(Library library)
    : library_(std::move(library)), entries_(read_best_known(*library_)) {}

KnownValues KnownValues::of_project() {
  std::optional<Library> library = find_library();
  return library ? KnownValues(std::move(*library)) : KnownValues();
}

const LibraryInstance* KnownValues::instance_of(const ComparisonRun& run) const {
  if (!run.sha256.empty()) return library_->find(run.rows, run.columns, run.sha256, run.pattern);
  if (!run.instance.starts_with(kPrefix)) return nullptr;
  const std::string_view name = std::string_view(run.instance).substr(kPrefix.size());
  const auto same = [&](const LibraryInstance& instance) {
    return instance.name == name && instance.pattern == run.pattern && instance.rows == run.rows &&
           instance.columns == run.columns;
  };
  const auto found = std::find_if(library_->instances().begin(), library_->instances().end(), same);
  return found == library_->instances().end() ? nullptr : &*found;
}

const BestKnown* KnownValues::find(const ComparisonRun& run) const {
  if (!library_ || run.segments.size() > 1) return nullptr;
  const LibraryInstance* const instance = instance_of(run);
  return instance == nullptr ? nullptr : find_entry(entries_, instance->name);
}

void require_no_contradiction(const std::vector<ComparisonRun>& runs, const KnownValues& known,
                              const std::string& subject) {
  std::map<InstanceKey, Claims> instances;
  for (const ComparisonRun& run : runs) {
    if (!run.complete()) continue;
    const auto [claims, is_new] = instances.try_emplace(instance_key(run));
    if (const BestKnown* const entry = is_new ? known.find(run) : nullptr) add_known(claims->second, *entry);
    add_run(claims->second, run);
  }
  for (const auto& [key, claims] : instances) {
    if (claims.most->kept <= claims.least->kept * (1 + kFigureTolerance)) continue;
    throw CheckError(subject, std::get<0>(key),
                     fmt::format("{} keeps {}, more than {}, {}", claims.most->by, claims.most->kept,
                                 claims.least->by, claims.least->kept),
                     "a value that no bound contradicts: one of the two is false");
  }
}

}  // namespace nmperm
