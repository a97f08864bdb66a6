#!/usr/bin/env bash
# Measures the tables of docs/formulations.md on this machine: bench/formulations.sh [BUILD_FOLDER]. One thread, one run
# each, 60 s at most. The machine should be idle; its load is printed first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
nmperm=${1:-build-release}/nmperm

grep -m1 'model name' /proc/cpuinfo || true
cat /proc/loadavg
printf '\n| rows x columns | program | rows | columns | integer | entries | CBC, s | GLPK, s |\n|---|---|---|---|---|---|---|---|\n'
for size in 16x8 16x12 32x16; do
  for run in "bqp form=linear" "blp symmetry-breaking=on" "blp symmetry-breaking=off" "mda" "setpart rows=partition" \
    "setpart rows=cover"; do
    read -r formulation option <<<"$run"
    # Every program's size, and its time where the solver has the option too.
    read -r rows columns integer entries <<<"$("$nmperm" export "random:$size:1" --formulation "$formulation" \
      ${option:+--option "$option"} --format lp --output /dev/null 2>&1 | grep -oE '[0-9]+' | tr '\n' ' ')"
    cells=""
    for backend in cbc glpk; do
      [[ $option == form=* ]] && option=""
      cells+=" | $("$nmperm" solve "random:$size:1" --solver "$formulation" --option backend=$backend \
        ${option:+--option "$option"} --threads 1 --time-limit 60 --quiet --output - | python3 -c '
import json, sys
d = json.load(sys.stdin)
print("%.3f" % d["seconds"] if d["status"] == "optimal" else "60 (gap %.2f %%)" % (100 * d["gap"]))')"
    done
    echo "| $size | $run | $rows | $columns | $integer | $entries$cells |"
  done
done

printf '\n| 64 rows, 1:2 | columns | matching, s |\n|---|---|---|\n'
for kind in random structured; do
  for columns in 256 1024 2048; do
    echo "| $kind | $columns | $("$nmperm" solve "$kind:64x$columns:1" --pattern 1:2 --solver matching --threads 1 \
      --time-limit 60 --quiet --output - | python3 -c '
import json, sys
d = json.load(sys.stdin)
print("%.3f" % d["seconds"], d["status"])') |"
  done
done
