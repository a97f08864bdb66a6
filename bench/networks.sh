#!/usr/bin/env bash
# Whole networks: permutes each, lets `nmperm verify` compare original and result in ONNX Runtime, and prints one line a
# network, as in docs/networks.md: prunable elements, coverage, sets, kept before and after, efficacy, largest difference
# of any output relative to the largest output (and where it was needed, what other last bits of the weights make of it),
# wall and CPU seconds of `apply` (proofs included) and its peak memory. Below it stand the weights that the rule selects
# and that may not move, with the reason.
#
#   bench/networks.sh BUILD_FOLDER SECONDS FILE.onnx...
#
# SECONDS limits each search; bench/export_networks.py makes the files. NMPERM_THREADS (2) sets are searched at once.
set -euo pipefail
if [ $# -lt 3 ]; then
  echo "usage: bench/networks.sh BUILD_FOLDER SECONDS FILE.onnx..." >&2
  exit 2
fi
nmperm=$1/nmperm
seconds=$2
shift 2
threads=${NMPERM_THREADS:-2}
export NMPERM_ONNXRUNTIME=${NMPERM_ONNXRUNTIME:-$(cd "$(dirname "$nmperm")" && pwd)/onnxruntime}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "$("$nmperm" --version), $threads thread(s), at most $seconds s, load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "| network | prunable elements | coverage | sets | default / total | kept / total | efficacy | largest difference | s | CPU s | MiB |"
echo "|---|---|---|---|---|---|---|---|---|---|---|"
for model in "$@"; do
  if ! /usr/bin/time -q -f '%e %U %M' -o "$folder/time" "$nmperm" apply "$model" --output "$folder/out.onnx" \
      --time-limit "$seconds" --threads "$threads" --report "$folder/r.json" --quiet 2>"$folder/error" ||
    ! "$nmperm" verify "$model" "$folder/out.onnx" >/dev/null 2>"$folder/error"; then
    echo "| $(basename "$model" .onnx) | FAILED: $(tail -1 "$folder/error") |"
    continue
  fi
  python3 - "$model" "$folder" <<'PY'
import json, os, sys
model, folder = sys.argv[1:]
r = json.load(open(folder + "/r.json"))
wall, cpu, memory = open(folder + "/time").read().split()
m, c, e = r["magnitude"], r["coverage"], r["equivalence"]
share = lambda part, whole, form: form % (part / whole) if whole else "-"
difference = "not compared" if e["engine"] is None else share(e["max_abs_difference"], e["max_abs_output"], "%.1e")
if e.get("max_abs_rounding"):
    difference += " (last bits " + share(e["max_abs_rounding"], e["max_abs_output"], "%.1e)")
efficacy = "-" if r["efficacy"] is None else f"{r['efficacy']:.2f} %"
free, prunable = c["free_elements"], c["prunable_elements"]
print("|", " | ".join([os.path.basename(model).removesuffix(".onnx"), f"{prunable:,}", share(100 * free, prunable, "%.1f %%"),
      str(len(r["sets"])), share(m["default"], m["total"], "%.3f"), share(m["kept"], m["total"], "%.3f"), efficacy,
      difference, wall, cpu, str(int(memory) // 1024)]), "|")
for weight in r["skipped"]:
    if "divisible" not in weight["reason"]:
        print("   ", weight["tensor"] + ":", weight["reason"])
PY
  rm -f "$folder"/out.onnx*
done
