# Makes report_assets.cpp in the build tree: the files of this folder and the charting library as strings.
# Sets report_assets to its path.

set(charts_folder ${CMAKE_BINARY_DIR}/report_charts)
find_program(NMPERM_NPM npm)
if(NMPERM_NPM)
  # Does nothing where what is there was made from the same pins.
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/install_report_charts.sh ${charts_folder}
                  RESULT_VARIABLE charts_status ERROR_VARIABLE charts_error OUTPUT_QUIET)
  if(NOT charts_status EQUAL 0)
    message(STATUS "The charting library could not be fetched: ${charts_error}")
  endif()
endif()
if(NOT EXISTS ${charts_folder}/charts.js)
  message(STATUS "nmperm report is left without charts (npm and scripts/install_report_charts.sh bring them)")
endif()

function(nmperm_read_asset variable path)
  set(text "")
  if(EXISTS ${path})
    file(READ ${path} text)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  endif()
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

foreach(name page_html page_css page_js statistics_js charts_js figure_js)
  string(REGEX REPLACE "_([a-z]+)$" ".\\1" file ${name})
  nmperm_read_asset(${name} ${CMAKE_CURRENT_LIST_DIR}/${file})
endforeach()
nmperm_read_asset(chart_library_js ${charts_folder}/charts.js)
nmperm_read_asset(chart_library_licences ${charts_folder}/charts_licences.txt)

set(report_assets ${CMAKE_CURRENT_BINARY_DIR}/report_assets.cpp)
configure_file(${CMAKE_CURRENT_LIST_DIR}/../report_assets.cpp.in ${report_assets} @ONLY)
# The charting library is one string, longer than compilers must take; these do.
set_source_files_properties(${report_assets} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
