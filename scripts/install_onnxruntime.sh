#!/usr/bin/env bash
# Installs ONNX Runtime for Node (npm package onnxruntime-node, MIT) into a folder, for the comparison of outputs in
# `nmperm apply` and `nmperm verify` and for the tests. Nothing outside of the folder is touched; the package's own
# installation script, which would download GPU libraries, is not run.
#
#   scripts/install_onnxruntime.sh [FOLDER]      (default: build/onnxruntime)
#
# nmperm finds it in the folder `onnxruntime` beside the program, or where NMPERM_ONNXRUNTIME points.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-build/onnxruntime}
package=onnxruntime-node@1.20.1

if [ -f "$folder/node_modules/onnxruntime-node/package.json" ]; then exit 0; fi
if ! command -v npm >/dev/null; then
  echo "install_onnxruntime.sh: there is no npm (expected Debian's nodejs and npm: scripts/install_debian.sh test)" >&2
  exit 2
fi
mkdir -p "$folder"
npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent "$package"
