#!/usr/bin/env bash
# Fetches the charting library that `nmperm report` embeds (npm package echarts, Apache-2.0, with zrender and tslib),
# bundles the part of it that is used, and writes it with its licences into a folder. Versions and checksums are pinned
# by bench/report_page/package-lock.json. Nothing outside of the folder is touched; no package's own script is run.
#
#   scripts/install_report_charts.sh [FOLDER]      (default: build/report_charts)
#
# CMake runs it where npm is installed. After it was run by hand, `cmake -S . -B build` finds what it wrote.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-build/report_charts}
pins=bench/report_page

# What was made from the same pins is made.
stamp=$(cat "$pins/package-lock.json" "$pins/package.json" "$pins/chart_library.js" | sha256sum)
if [ -f "$folder/stamp" ] && [ "$(cat "$folder/stamp")" = "$stamp" ]; then exit 0; fi
if ! command -v npm >/dev/null; then
  echo "install_report_charts.sh: there is no npm (expected Debian's nodejs and npm: scripts/install_debian.sh test)" >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$pins/package.json" "$pins/package-lock.json" "$pins/chart_library.js" "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --silent --fetch-retries 1 --fetch-timeout 60000
npm run --prefix "$work" --silent bundle -- "--outfile=$work/charts.js" --log-level=error

modules=$work/node_modules
{
  echo "This page contains Apache ECharts $(node -p "require('$modules/echarts/package.json').version")."
  echo
  cat "$modules/echarts/NOTICE"
  printf '\n---- Apache ECharts: licence ----\n\n'
  cat "$modules/echarts/LICENSE"
  printf '\n---- d3, of which ECharts contains parts: licence ----\n\n'
  cat "$modules/echarts/licenses/LICENSE-d3"
  printf '\n---- ZRender %s: licence ----\n\n' "$(node -p "require('$modules/zrender/package.json').version")"
  cat "$modules/zrender/LICENSE"
  printf '\n---- tslib %s: licence ----\n\n' "$(node -p "require('$modules/tslib/package.json').version")"
  cat "$modules/tslib/LICENSE.txt"
} >"$work/charts_licences.txt"

mkdir -p "$folder"
cp "$work/charts.js" "$work/charts_licences.txt" "$folder"
echo "$stamp" >"$folder/stamp"
