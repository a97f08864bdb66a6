#include "bench/comparison_table.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace nmperm {
namespace {

/// The runs of one row of the table: one instance, preset and time limit.
using Row = std::vector<const ComparisonRun*>;

std::vector<Row> rows_of(const std::vector<ComparisonRun>& runs) {
  std::vector<Row> rows;
  for (const ComparisonRun& run : runs) {
    const auto same = [&](const Row& row) {
      const ComparisonRun& other = *row.front();
      return other.instance == run.instance && other.preset == run.preset &&
             other.time_limit_s == run.time_limit_s;
    };
    const auto row = std::find_if(rows.begin(), rows.end(), same);
    if (row == rows.end()) {
      rows.push_back({&run});
    } else {
      row->push_back(&run);
    }
  }
  return rows;
}

/// The longest time that any of the runs had or took.
double longest_s(const std::vector<ComparisonRun>& runs) {
  double seconds = 0;
  for (const ComparisonRun& run : runs)
    seconds = std::max(seconds, run.time_limit_s.value_or(run.result.seconds));
  return seconds;
}

struct Widths {
  std::size_t instance = 25, preset = 20;
};

Widths widths_of(const std::vector<ComparisonRun>& runs) {
  Widths widths;
  for (const ComparisonRun& run : runs) {
    widths.instance = std::max(widths.instance, run.instance.size());
    widths.preset = std::max(widths.preset, run.preset.label().size());
  }
  return widths;
}

std::string figures(const Row& complete, const std::vector<double>& times) {
  std::string text;
  const auto count = static_cast<double>(complete.size());
  for (const double seconds : times) {
    double sum = 0;
    for (const ComparisonRun* run : complete) sum += run->efficacy_at(seconds).value_or(0);
    text += fmt::format(" {:8.3f}", sum / count);
  }
  std::vector<double> last;
  for (const ComparisonRun* run : complete) last.push_back(run->result.magnitude.efficacy().value_or(0));
  const auto [least, most] = std::minmax_element(last.begin(), last.end());
  double mean = 0;
  for (const double efficacy : last) mean += efficacy / count;
  const auto optimal = std::count_if(complete.begin(), complete.end(), [](const ComparisonRun* run) {
    return run->result.status == Status::kOptimal;
  });
  return text +
         fmt::format(" {:8.3f} {:8.3f} {:8.3f} {:5} {:7}", mean, *least, *most, complete.size(), optimal);
}

std::string row_text(const Row& row, const std::vector<double>& times, const Widths& widths) {
  const ComparisonRun& first = *row.front();
  std::string line =
      fmt::format("{:{}} {:{}}", first.instance, widths.instance, first.preset.label(), widths.preset);
  if (!first.refusal.empty()) return line + "  refused: " + first.refusal + "\n";
  Row complete;
  std::copy_if(row.begin(), row.end(), std::back_inserter(complete),
               [](const ComparisonRun* run) { return run->complete(); });
  if (!complete.empty()) line += figures(complete, times);
  for (const ComparisonRun* run : row) {
    if (!run->failure.empty()) line += fmt::format("  seed {} failed: {}", run->result.seed, run->failure);
  }
  return line + "\n";
}

}  // namespace

std::string comparison_table(const std::vector<ComparisonRun>& runs) {
  if (runs.empty()) return {};
  std::vector<double> times;
  for (double seconds = 0.01; seconds < 0.99 * longest_s(runs); seconds *= 10) times.push_back(seconds);
  const Widths widths = widths_of(runs);
  std::string text =
      fmt::format("{:{}} {:{}}", "efficacy, mean over seeds", widths.instance, "solver", widths.preset);
  for (const double seconds : times) text += fmt::format(" {:>6g} s", seconds);
  text += fmt::format(" {:>8} {:>8} {:>8} {:>5} {:>7}\n", "end", "least", "most", "seeds", "optimal");
  for (const Row& row : rows_of(runs)) text += row_text(row, times, widths);
  return text;
}

}  // namespace nmperm
