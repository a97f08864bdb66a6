#include "bench/report.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/report_assets.h"
#include "bench/report_data.h"
#include "bench/script.h"
#include "core/error.h"

namespace nmperm {
namespace {

std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

/// JSON for a script element: nothing in it can end the element or begin a comment. Bytes that are not UTF-8
/// are replaced.
std::string json_text(const nlohmann::ordered_json& data) {
  const std::string text = data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string escaped;
  for (const char c : text) {
    if (c == '<') {
      escaped += "\\u003c";  // only strings have one
    } else {
      escaped += c;
    }
  }
  return escaped;
}

/// The template with `{{name}}` replaced, once: what is filled in is not looked at.
std::string filled(std::string_view page, const std::map<std::string_view, std::string>& values) {
  std::string text;
  for (std::size_t at = 0;;) {
    const std::size_t begin = page.find("{{", at);
    const std::size_t end = page.find("}}", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return text.append(page.substr(at));
    text.append(page.substr(at, begin - at));
    text.append(values.at(page.substr(begin + 2, end - begin - 2)));
    at = end + 2;
  }
}

nlohmann::ordered_json data_of(const std::vector<ComparisonRun>& runs, const ReportOptions& options) {
  std::string note;
  const auto heat_map = heat_map_of(runs, options.instance, note);
  return report_data(runs, options.known, options.title, heat_map, note);
}

/// The index of the instance that was asked for; the first where none was.
std::size_t instance_index(const nlohmann::ordered_json& data, const std::string& name) {
  for (std::size_t i = 0; i < data["instances"].size(); ++i) {
    if (name.empty() || data["instances"][i]["name"] == name) return i;
  }
  return 0;  // data_of() refuses unknown names
}

}  // namespace

void require_charts() {
  if (!report_assets::chart_library_js.empty()) return;
  throw UnsupportedError(
      "report", {}, "this nmperm was built without the charting library",
      "npm (scripts/install_debian.sh test), then scripts/install_report_charts.sh and CMake again");
}

std::string report_page(const std::vector<ComparisonRun>& runs, const ReportOptions& options) {
  require_charts();
  return filled(report_assets::page_html,
                {{"title", html_text(options.title)},
                 {"style", std::string(report_assets::page_css)},
                 {"licences", html_text(report_assets::chart_library_licences)},
                 {"data", json_text(data_of(runs, options))},
                 {"charts_library", std::string(report_assets::chart_library_js)},
                 {"scripts", fmt::format("{}\n{}\n{}", report_assets::statistics_js, report_assets::charts_js,
                                         report_assets::page_js)}});
}

std::string report_figure(const std::vector<ComparisonRun>& runs, const std::string& figure,
                          const ReportOptions& options) {
  require_charts();
  if (std::find(std::begin(kFigures), std::end(kFigures), figure) == std::end(kFigures))
    throw InputError("--figure", {}, "'" + figure + "'", fmt::format("one of {}", fmt::join(kFigures, ", ")));
  const nlohmann::ordered_json data = data_of(runs, options);
  Script script;
  script.run("the charting library", report_assets::chart_library_js);
  script.run("statistics.js", report_assets::statistics_js);
  script.run("charts.js", report_assets::charts_js);
  script.run("figure.js", report_assets::figure_js);
  script.set_json("data", json_text(data));
  script.set_json("figure",
                  json_text({{"kind", figure}, {"instance", instance_index(data, options.instance)}}));
  std::string svg = script.run("drawFigure()", "drawFigure();");
  if (svg.empty())
    throw InputError("--figure", figure, "there is nothing to draw", "runs that were complete");
  return svg + "\n";
}

}  // namespace nmperm
