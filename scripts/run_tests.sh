#!/usr/bin/env bash
# From a fresh clone to a verdict: installs what is needed, builds everything (Release) and runs all the tests.
# Arguments go to ctest: scripts/run_tests.sh -R channel_swap. With CI set, warnings are errors.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ci=OFF
[ -z "${CI:-}" ] || ci=ON

scripts/install_debian.sh test
cmake --preset release -DNMPERM_TESTS=ON -DNMPERM_BENCH=ON -DNMPERM_WERROR=$ci -DNMPERM_PRECOMPILE=$ci
cmake --build --preset release
# Tests that compare outputs of networks skip without it.
scripts/install_onnxruntime.sh build-release/onnxruntime || echo "run_tests.sh: going on without ONNX Runtime" >&2
export NMPERM_ONNXRUNTIME=$PWD/build-release/onnxruntime
ctest --preset release "$@"
