// The files of bench/report_page, and the charting library, as they were when this was built.
#pragma once

#include <string_view>

namespace nmperm::report_assets {

extern const std::string_view page_html;
extern const std::string_view page_css;
extern const std::string_view page_js;
extern const std::string_view statistics_js;
extern const std::string_view charts_js;
extern const std::string_view figure_js;
/// Apache ECharts, and the licences of all that it contains. Empty where npm was missing.
extern const std::string_view chart_library_js;
extern const std::string_view chart_library_licences;

}  // namespace nmperm::report_assets
