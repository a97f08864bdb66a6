#!/usr/bin/env bash
# Proofs and certified gaps: solves, lets `nmperm check` verify every certificate, and prints one line an instance: kept,
# gap, status, nodes of the tree, wall seconds of the search, CPU seconds of the process, and the checker's verdict.
#
#   bench/proofs.sh BUILD_FOLDER SOLVER SECONDS INSTANCE...
#
# The sets that the README reports:
#   bench/proofs.sh build branch-and-price 15  {random,structured}:{32,64,128}x64:{0,1,2,3}
#   bench/proofs.sh build branch-and-price 60  {random,structured}:64x96:{0,1,2,3}
#   bench/proofs.sh build branch-and-price 600 {random,structured}:64x128:{0,1,2,3}
#   bench/proofs.sh build column-generation 60 random:64x256:{0,1,2,3} random:64x512:0
set -euo pipefail
if [ $# -lt 4 ]; then
  echo "usage: bench/proofs.sh BUILD_FOLDER SOLVER SECONDS INSTANCE..." >&2
  exit 2
fi
nmperm=$1/nmperm
solver=$2
seconds=$3
shift 3
threads=${NMPERM_THREADS:-1}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "$("$nmperm" --version), solver $solver, $threads thread(s), at most $seconds s, load $(cut -d' ' -f1-3 /proc/loadavg)"
printf '%-32s %16s %10s %10s %9s %8s %8s %8s  %s\n' instance kept efficacy gap status nodes wall_s cpu_s certificate
for instance in "$@"; do
  cpu=$( { TIMEFORMAT='%U'; time "$nmperm" solve "$instance" --solver "$solver" --time-limit "$seconds" --threads "$threads" \
    --quiet --output "$folder/s.json"; } 2>&1 )
  verdict=none
  if [ -f "$folder/s.certificate.json" ]; then
    verdict=verified
    "$nmperm" check "$instance" "$folder/s.json" >/dev/null || verdict=REFUSED
  fi
  python3 - "$instance" "$folder" "$cpu" "$verdict" <<'PY'
import json, os, sys
instance, folder, cpu, verdict = sys.argv[1:]
s = json.load(open(folder + "/s.json"))
path = folder + "/s.certificate.json"
nodes = sum(len(p["nodes"]) for p in json.load(open(path))["proof"]) if os.path.exists(path) else 0
gap = "null" if s["gap"] is None else "%.6f" % s["gap"]
print("%-32s %16.6f %10.3f %10s %9s %8d %8.2f %8s  %s" % (os.path.basename(instance)[:32], s["magnitude"]["kept"], s["efficacy"], gap,
      s["status"], nodes, s["seconds"], cpu, verdict))
PY
  rm -f "$folder"/s.*
done
