#include "apps/summary.h"

#include <array>
#include <iterator>

#include <fmt/format.h>

namespace nmperm {
namespace {

std::string share_of(double part, double total) {
  return total > 0 ? fmt::format("{:9.3f} %", 100 * part / total) : fmt::format("{:>9}", "-");
}

std::string efficacy_text(const Magnitude& magnitude) {
  const auto efficacy = magnitude.efficacy();
  return efficacy ? fmt::format("{:.3f} % of the way from default to row bound", *efficacy)
                  : "none: default = row bound, no permutation keeps more";
}

std::string bound_text(const Result& result) {
  if (!result.bound) return "none known but the row bound";
  return fmt::format("{:.3f}, proven by {}", result.bound->kept, result.bound->method);
}

std::string gap_text(const Result& result) {
  if (!result.gap) return "unknown";
  return fmt::format("{:.6f} of the pruned magnitude might still be saved", *result.gap);
}

const char* status_text(Status status) {
  switch (status) {
    case Status::kOptimal:
      return "optimal: no permutation keeps more";
    case Status::kFeasible:
      return "feasible: the search ended by itself or at its iteration limit";
    case Status::kTimeLimit:
      return "time limit: a longer search might find more";
    case Status::kInterrupted:
      return "interrupted: the best so far";
  }
  return "";
}

std::string options_text(const OptionValues& options) {
  std::string text;
  for (const auto& [name, value] : options) text += fmt::format(" {}={}", name, value);
  return text;
}

/// A number, or an empty field.
std::string field(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : std::string{};
}

}  // namespace

std::string summary(const std::string& instance_name, const Problem& problem, const Result& result) {
  const Magnitude& magnitude = result.magnitude;
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "instance   {} ({} rows x {} columns), pattern {}\n", instance_name, problem.rows(),
                 problem.columns(), problem.pattern().str());
  fmt::format_to(out, "solver     {}{}\n", result.solver, options_text(result.options));
  fmt::format_to(out, "run        {:.3f} s, {} thread{}, seed {}\n\n", result.seconds, result.threads,
                 result.threads == 1 ? "" : "s", result.seed);
  const auto line = [&](const char* name, double value) {
    fmt::format_to(out, "{:<10}{:>16.3f} {}\n", name, value, share_of(value, magnitude.total));
  };
  line("total", magnitude.total);
  line("default", magnitude.default_kept);
  line("kept", magnitude.kept);
  line("row bound", magnitude.row_bound);
  fmt::format_to(out, "\nefficacy   {}\n", efficacy_text(magnitude));
  fmt::format_to(out, "bound      {}\n", bound_text(result));
  fmt::format_to(out, "gap        {}\n", gap_text(result));
  fmt::format_to(out, "status     {}\n", status_text(result.status));
  return text;
}

std::string one_line_summary(const Result& result) {
  const auto efficacy = result.magnitude.efficacy();
  return fmt::format("{} after {:.2f} s: kept {:.3f}, efficacy {}, gap {}", to_string(result.status),
                     result.seconds, result.magnitude.kept,
                     efficacy ? fmt::format("{:.3f} %", *efficacy) : "undefined",
                     result.gap ? fmt::format("{:.6f}", *result.gap) : "unknown");
}

std::string trace_csv(const Result& result) {
  std::string text = "seconds,kept,efficacy,bound,gap,source\n";
  for (const TracePoint& point : result.trace) {
    Magnitude magnitude = result.magnitude;
    magnitude.kept = point.kept;
    const auto gap = point.bound ? std::optional(magnitude.gap(*point.bound)) : std::nullopt;
    fmt::format_to(std::back_inserter(text), "{:.6f},{},{},{},{},{}\n", point.seconds, point.kept,
                   field(magnitude.efficacy()), field(point.bound), field(gap), point.source);
  }
  return text;
}

std::string bytes_text(double bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

}  // namespace nmperm
