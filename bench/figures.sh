#!/usr/bin/env bash
# Measures the figures that README.md states, on this machine: bench/figures.sh [BUILD_FOLDER]. The machine should be
# idle; its load is printed first. Needs /usr/bin/time (Debian package `time`) for peak memory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build-release}
nmperm=$build/nmperm

step() { printf '\n## %s\n' "$*"; }
# The named lines of a solve's summary.
solve() { "$nmperm" solve "$@" --quiet | grep -E '^(run|kept|efficacy|status)' | tr -s ' ' | paste -sd';'; }

step "machine"
grep -m1 'model name' /proc/cpuinfo || true
cat /proc/loadavg

step "random:128x64:1"
"$nmperm" info random:128x64:1 | grep -E '^(total|default|row bound)'
for size in 8 12; do
  echo "stripe-groups, $size columns, no regressions, 1 thread: $(solve random:128x64:1 --solver stripe-groups \
    --option stripe-group-size=$size --option bounded-regressions=0 --threads 1)"
done

step "random:32x16:S: setpart with both backends against exhaustive, S = 0..4"
for seed in 0 1 2 3 4; do
  for run in "exhaustive" "setpart --option backend=cbc" "setpart --option backend=glpk"; do
    # shellcheck disable=SC2086
    echo "$seed $run: $(solve random:32x16:$seed --solver $run --threads 1)"
  done
done

step "random:32x16:S: annealing for 0.05 s against exhaustive, S = 0..24"
agree=0
slowest=0
for seed in $(seq 0 24); do
  optimum=$("$nmperm" solve random:32x16:$seed --solver exhaustive --threads 1 --quiet --output - |
    python3 -c 'import json,sys; d=json.load(sys.stdin); print("%.6f %.6f" % (d["magnitude"]["kept"], d["seconds"]))')
  found=$("$nmperm" solve random:32x16:$seed --solver annealing --threads 1 --time-limit 0.05 --quiet --output - |
    python3 -c 'import json,sys; print("%.6f" % json.load(sys.stdin)["magnitude"]["kept"])')
  [ "${optimum% *}" = "$found" ] && agree=$((agree + 1))
  slowest=$(printf '%s\n%s\n' "$slowest" "${optimum#* }" | sort -g | tail -n 1)
done
echo "annealing finds the optimum on $agree of 25; slowest exhaustive run $slowest s"

step "kernels"
"$build/bench/bench_kernels" --benchmark_counters_tabular=true 2>/dev/null

step "searches"
"$build/bench/bench_searches" --benchmark_min_time=2 2>/dev/null

step "sparse product"
"$build/bench/bench_sparse"
OMP_WAIT_POLICY=passive "$build/bench/bench_sparse" --threads 2
"$build/bench/bench_sparse" --target AVX2

step "peak memory, random:4096x4096:1, 10 s"
for solver in stripe-groups channel-swap; do
  /usr/bin/time -f "$solver: %M kB peak" "$nmperm" solve random:4096x4096:1 --solver $solver --time-limit 10 --quiet
done
