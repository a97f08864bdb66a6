// Reports of comparisons: a page for readers, a figure for papers.
#pragma once

#include <string>
#include <vector>

#include "bench/comparison.h"
#include "bench/known_values.h"

namespace nmperm {

struct ReportOptions {
  std::string title = "Channel permutations: solver quality against time";
  /// The matrix of the heat maps, and of the figure of one instance; empty: the first that will do.
  std::string instance;
  /// Best known values and bounds that count beside those of the runs.
  KnownValues known;
};

/// Throws UnsupportedError where this program was built without the charting library.
void require_charts();

/// One HTML file that shows everything and loads nothing: charts, tables, filters, machine, licences. It
/// contains the runs, without permutations. Some 0.7 MB and what the traces take. Throws InputError (an
/// instance that is in no run) and as require_charts().
std::string report_page(const std::vector<ComparisonRun>& runs, const ReportOptions& options);

/// The figures that report_figure() draws.
inline constexpr const char* kFigures[] = {"progress", "profile", "instance", "heat-map-before",
                                           "heat-map-after"};

/// One figure as SVG, drawn as in the page, in light colours. Takes about a second. Throws InputError where
/// the runs have nothing to draw or `figure` is none of kFigures, and as require_charts().
std::string report_figure(const std::vector<ComparisonRun>& runs, const std::string& figure,
                          const ReportOptions& options);

}  // namespace nmperm
