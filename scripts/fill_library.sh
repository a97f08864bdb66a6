#!/usr/bin/env bash
# Solves every instance of the library that WORK_FOLDER holds no solution of, smallest first, on one thread, and hands
# the solutions to `nmperm library update`: scripts/fill_library.sh BUILD_FOLDER WORK_FOLDER [NAME...]. It can be
# stopped and started again; solutions and certificates stay in WORK_FOLDER. With names it solves these alone.
#
# NMPERM_SECONDS scales all time limits (1); NMPERM_UPDATE=no leaves best_known.json as it is; NMPERM_PLAN=yes prints what
# would be run (name, pattern, solver, most seconds), and runs nothing.
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: scripts/fill_library.sh BUILD_FOLDER WORK_FOLDER [NAME...]" >&2
  exit 2
fi
nmperm=$(realpath "$1")/nmperm
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
work=$2
shift 2
mkdir -p "$work"

# name, pattern, solver, seconds: exact where that ends in minutes, certified gaps up to 256 columns, else a search.
plan() {
  python3 - "$root/instances/library/library.json" "${NMPERM_SECONDS:-1}" "$@" <<'PY'
import json, sys
path, scale, names = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
entries = [e for e in json.load(open(path))["instances"] if not names or e["name"] in names]
for e in sorted(entries, key=lambda e: (e["columns"], e["rows"])):
    group, columns = int(e["pattern"].split(":")[1]), e["columns"]
    if columns <= (96 if group <= 4 else 24):
        solver, seconds = "branch-and-price", 300
    elif group <= 4 and columns <= 128:
        solver, seconds = "branch-and-price", 120
    elif group <= 4 and columns <= 256:
        solver, seconds = "column-generation", 300
    elif group <= 4 and columns <= 512:
        solver, seconds = "column-generation", 120
    else:
        solver, seconds = "auto", 20
    print(e["name"], e["pattern"], solver, seconds * scale)
PY
}

while read -r name pattern solver seconds; do
  [ -e "$work/$name.json" ] && continue
  if [ "${NMPERM_PLAN:-no}" = yes ]; then
    echo "$name $pattern $solver $seconds"
    continue
  fi
  echo "$name: $solver, at most $seconds s"
  "$nmperm" solve "library:$name" --pattern "$pattern" --solver "$solver" --time-limit "$seconds" --threads 1 \
    --quiet --output "$work/$name.json" </dev/null || echo "$name: $solver failed with exit code $?" >&2
done < <(plan "$@")

if [ "${NMPERM_PLAN:-no}" = no ] && [ "${NMPERM_UPDATE:-yes}" = yes ]; then
  find "$work" -maxdepth 1 -name '*.json' ! -name '*.certificate.json' -print0 | sort -z |
    xargs -0 "$nmperm" library update
  "$nmperm" library list --markdown >"$root/docs/results/best_known.md"
fi
