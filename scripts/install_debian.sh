#!/usr/bin/env bash
# Installs the Debian 12 packages that this project needs. Does nothing, and asks for no rights, when all are there.
#
#   scripts/install_debian.sh [build] [python] [test] [ci] [nightly] [train] [bench]      (default: build)
#
#   build  compile and run nmperm                     test   build and run the tests and micro-benchmarks too
#   ci     what .ci/run needs, with what is above     nightly  what .ci/nightly needs, with what is above
#   train  train the network of instances/digits again
#   python the Python module: `pip install --no-build-isolation .` in an environment with --system-site-packages
#   bench  dense products that bench_sparse compares with, where they are installed
set -euo pipefail

build_packages=(build-essential cmake ninja-build pkg-config
  libhwy-dev libcli11-dev nlohmann-json3-dev libfmt-dev zlib1g-dev libzip-dev libssl-dev
  libprotobuf-dev protobuf-compiler libonnx-dev libboost-graph-dev libeigen3-dev
  coinor-libcbc-dev coinor-libclp-dev libglpk-dev liblemon-dev duktape-dev)
python_packages=(python3-dev python3-numpy pybind11-dev python3-setuptools python3-wheel python3-pip python3-venv)
# The tests of the Python module skip what needs PyTorch and scikit-learn where these are missing.
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev coinor-cbc glpk-utils
  "${python_packages[@]}" python3-pytest python3-torch python3-sklearn)
# A browser, in which the page of `nmperm report` is tested.
test_packages+=(chromium-headless-shell)
# Node runs ONNX Runtime for the tests (scripts/install_onnxruntime.sh), and npm fetches the charts of `nmperm report`
# (scripts/install_report_charts.sh); another source's Node will do.
command -v npm >/dev/null || test_packages+=(nodejs npm)
ci_packages=(git python3 mypy clang-14 clang-format-14 llvm-14 libomp-14-dev libclang-rt-14-dev)
bench_packages=(libdnnl2 libopenblas0-pthread)
nightly_packages=(clang-tidy-14 gcovr)
train_packages=(python3-torch python3-sklearn)

[ $# -gt 0 ] || set -- build
wanted=()
for tier in "$@"; do
  case "$tier" in
    build) wanted+=("${build_packages[@]}") ;;
    test) wanted+=("${build_packages[@]}" "${test_packages[@]}") ;;
    ci) wanted+=("${build_packages[@]}" "${test_packages[@]}" "${ci_packages[@]}") ;;
    nightly)
      wanted+=("${build_packages[@]}" "${test_packages[@]}" "${ci_packages[@]}" "${nightly_packages[@]}")
      ;;
    python) wanted+=("${build_packages[@]}" "${python_packages[@]}") ;;
    train) wanted+=("${train_packages[@]}") ;;
    bench) wanted+=("${bench_packages[@]}") ;;
    *) echo "install_debian.sh: '$tier' is no tier (expected build, python, test, ci, nightly, train or bench)" >&2; exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null; then
  echo "install_debian.sh: there is no apt-get here (expected Debian 12); these packages are needed: ${wanted[*]}" >&2
  exit 2
fi

missing=()
for package in $(printf '%s\n' "${wanted[@]}" | sort -u); do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || true
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_debian.sh: run this as root, or install sudo; missing: ${missing[*]}" >&2
    exit 2
  fi
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get -q update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${missing[@]}"
