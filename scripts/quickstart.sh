#!/usr/bin/env bash
# From a fresh clone to a result: installs what is needed, builds the program (Release) and lets it search a
# permutation for the largest layer of the digits network that ships with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install_debian.sh build
cmake --preset release -DNMPERM_TESTS=OFF -DNMPERM_BENCH=OFF
cmake --build --preset release

nmperm=build-release/nmperm
instance=instances/digits/digits_cnn.safetensors:conv4.weight
echo
echo "\$ $nmperm solve $instance --time-limit 5"
"$nmperm" solve "$instance" --time-limit 5
