# Shared by .ci/run and .ci/nightly: named steps. A step that fails does not stop the others; finish() repeats
# what ctest said and which steps failed, and decides the exit status.

# Where ccache is installed, clones in other folders find what was compiled in this one.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

steps_ok=()
steps_failed=()
verdicts=()

# step NAME COMMAND...: runs the command with its output shown, remembers its time, status and ctest's verdict.
step() {
  local name=$1 begin=$SECONDS log status=0 line
  shift
  log=$(mktemp)
  printf '\n===== %s =====\n' "$name"
  "$@" 2>&1 | tee "$log" || status=$?
  while IFS= read -r line; do verdicts+=("$name: $line"); done < <(grep -E '% tests passed|^Total Test time' "$log" || true)
  rm -f "$log"
  if [ "$status" -eq 0 ]; then
    steps_ok+=("$name ($((SECONDS - begin)) s)")
  else
    steps_failed+=("$name (exit status $status after $((SECONDS - begin)) s)")
  fi
}

finish() {
  printf '\n===== summary =====\n'
  [ ${#steps_ok[@]} -eq 0 ] || printf 'passed: %s\n' "${steps_ok[@]}"
  [ ${#steps_failed[@]} -eq 0 ] || printf 'FAILED: %s\n' "${steps_failed[@]}"
  [ ${#verdicts[@]} -eq 0 ] || printf '%s\n' "${verdicts[@]}"
  [ ${#steps_failed[@]} -eq 0 ]
}
