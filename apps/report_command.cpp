// `nmperm report`: a page, or a figure for papers, of what `compare` measured.
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/command.h"
#include "apps/common_options.h"
#include "bench/report.h"
#include "bench/results_file.h"
#include "core/error.h"
#include "io/atomic_file.h"

namespace nmperm {
namespace {

constexpr const char* kDescription = "Shows results of `nmperm compare`: quality against time";

constexpr const char* kFooter =
    R"(The page is one HTML file that loads nothing: it can be sent, kept and opened from disk. It
has the set at a glance, a table of gap and time, every instance, one matrix before and
after, and the machine.

Where an instance is one of the instance library, its best known value and bound count
beside those of the runs; the page says which it used. A run that keeps more than a proven
bound is an error (exit code 4): one of the two is false.

Figures of --format svg: progress (gain still missing against time), profile (performance
profile), instance (efficacy against time of --instance), heat-map-before, heat-map-after.

Examples:
  nmperm compare a.npy b.npy --seeds 3 --output results.json
  nmperm report results.json --output report.html
  nmperm report results.json --output profile.svg --format svg --figure profile
One command from a matrix to a page: nmperm compare weights.npy --report report.html)";

struct ReportCommandOptions {
  std::vector<std::string> results;
  std::string output;
  std::string format = "html";
  std::string figure = "progress";
  ReportOptions report;
};

int run(ReportCommandOptions& options) {
  require_charts();
  std::vector<ComparisonRun> runs;
  for (const std::string& path : options.results) {
    if (same_file(path, options.output))
      throw InputError("--output", {}, options.output + " is among the results", "another file");
    for (ComparisonRun& run : read_results(path)) runs.push_back(std::move(run));
  }
  if (runs.empty()) throw InputError(options.results.front(), "runs", "there is none", "one or more");
  options.report.known = KnownValues::of_project();
  require_no_contradiction(runs, options.report.known, fmt::format("{}", fmt::join(options.results, ", ")));
  require_writable(options.output);
  const std::string text = options.format == "svg" ? report_figure(runs, options.figure, options.report)
                                                   : report_page(runs, options.report);
  write_file(options.output, text);
  return kExitDone;
}

}  // namespace

Command add_report_command(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("report", kDescription);
  const auto options = std::make_shared<ReportCommandOptions>();
  command->add_option("RESULTS", options->results, "results files that `nmperm compare --output` wrote")
      ->required();
  command->add_option("--output", options->output, "the file to write")
      ->required()
      ->type_name("FILE")
      ->check(file_name());
  command->add_option("--format", options->format, "html: the page; svg: one figure (html)")
      ->type_name("html|svg")
      ->check([](const std::string& text) {
        return text == "html" || text == "svg" ? std::string{}
                                               : "value '" + text + "' (expected html or svg)";
      });
  command->add_option("--figure", options->figure, "which figure (progress)")->type_name("NAME");
  command
      ->add_option("--instance", options->report.instance,
                   "the matrix of the heat maps and of the figure\n`instance` (the first that will do)")
      ->type_name("NAME");
  command->add_option("--title", options->report.title, "the page's heading")->type_name("TEXT");
  command->footer(kFooter);
  return {command, [options] { return run(*options); }};
}

}  // namespace nmperm
