#!/usr/bin/env python3
"""Writes instances/library/library.json and the small matrices beside it: scripts/make_library.py BUILD_FOLDER.

The list below is the library. Every matrix is generated from a seed, or a layer of the network in instances/digits.
Matrices of at most 4096 scores are stored as files, so that they can be read without this program; of the others the
list holds the seed. The SHA-256 of the scores is recorded for all. Solvers were tuned on seeds below 100; reporting
uses seeds from 100 on.
"""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, "instances", "library")
LARGEST_FILE = 4096  # scores

# Kind, rows, columns, seed, pattern.
TUNING = [
    ("random", 32, 16, 0, "2:4"),
    ("random", 64, 64, 0, "2:4"),
    ("random", 128, 64, 1, "2:4"),  # the example of the published implementation
    ("random", 64, 96, 0, "2:4"),
    ("random", 64, 128, 0, "2:4"),
    ("random", 64, 256, 0, "2:4"),
    ("random", 256, 256, 1, "2:4"),
    ("random", 512, 512, 1, "2:4"),
    ("random", 1024, 1024, 1, "2:4"),
    ("random", 2048, 2048, 1, "2:4"),
    ("structured", 64, 64, 0, "2:4"),
    ("structured", 128, 64, 1, "2:4"),
    ("structured", 64, 96, 0, "2:4"),
    ("structured", 512, 512, 1, "2:4"),
    ("structured", 1024, 1024, 1, "2:4"),
    ("random", 64, 64, 0, "1:4"),
    ("random", 32, 24, 0, "4:8"),
]
REPORTING = [
    ("random", 16, 16, 100, "2:4"),
    ("random", 32, 16, 100, "2:4"),
    ("random", 32, 32, 100, "2:4"),
    ("random", 64, 64, 100, "2:4"),
    ("random", 512, 64, 100, "2:4"),
    ("random", 12, 96, 100, "2:4"),
    ("random", 64, 96, 100, "2:4"),
    ("random", 64, 128, 100, "2:4"),
    ("random", 1024, 128, 100, "2:4"),
    ("random", 32, 256, 100, "2:4"),
    ("random", 256, 256, 100, "2:4"),
    ("random", 512, 512, 100, "2:4"),
    ("random", 128, 1024, 100, "2:4"),
    ("random", 1024, 1024, 100, "2:4"),
    ("random", 512, 4096, 100, "2:4"),
    ("structured", 128, 16, 100, "2:4"),
    ("structured", 64, 64, 100, "2:4"),
    ("structured", 192, 96, 100, "2:4"),
    ("structured", 128, 128, 100, "2:4"),
    ("structured", 256, 256, 100, "2:4"),
    ("structured", 512, 512, 100, "2:4"),
    ("structured", 2048, 512, 100, "2:4"),
    ("structured", 1024, 1024, 100, "2:4"),
    ("structured", 512, 2048, 100, "2:4"),
    ("heavy-tailed", 64, 64, 100, "2:4"),
    ("heavy-tailed", 96, 96, 100, "2:4"),
    ("heavy-tailed", 256, 256, 100, "2:4"),
    ("heavy-tailed", 1024, 1024, 100, "2:4"),
    ("low-rank", 64, 64, 100, "2:4"),
    ("low-rank", 128, 96, 100, "2:4"),
    ("low-rank", 512, 512, 100, "2:4"),
    ("duplicated", 32, 32, 100, "2:4"),
    ("duplicated", 48, 96, 100, "2:4"),
    ("duplicated", 256, 512, 100, "2:4"),
    ("ties", 32, 32, 100, "2:4"),
    ("ties", 64, 64, 100, "2:4"),
    ("ties", 256, 256, 100, "2:4"),
    ("planted", 32, 32, 100, "2:4"),
    ("planted", 64, 64, 100, "2:4"),
    ("planted", 64, 256, 100, "2:4"),
    ("random", 32, 48, 100, "1:4"),
    ("structured", 64, 96, 100, "1:4"),
    ("random", 512, 512, 100, "1:4"),
    ("random", 32, 16, 100, "2:8"),
    ("structured", 48, 24, 100, "2:8"),
    ("random", 32, 24, 100, "4:8"),
    ("ties", 24, 24, 100, "4:8"),
    ("structured", 64, 64, 100, "4:8"),
    ("structured", 512, 512, 100, "4:8"),
]
# Layers of instances/digits and their shapes; for reporting.
LAYERS = [
    ("conv2.weight", 288, 16, "2:4"),
    ("conv3.weight", 576, 32, "2:4"),
    ("conv3.weight", 576, 32, "1:4"),
    ("conv4.weight", 1152, 64, "2:4"),
    ("fc1.weight", 64, 128, "2:4"),
    ("fc2.weight", 10, 64, "2:4"),
]


def name_of(kind, rows, columns, pattern, seed=None):
    name = f"{kind}-{rows}x{columns}"
    if pattern != "2:4":
        name += "-" + pattern.replace(":", "of")
    return name if seed is None else f"{name}-{seed}"


def generated(nmperm, part, kind, rows, columns, seed, pattern):
    spec = f"{kind}:{rows}x{columns}:{seed}"
    entry = {
        "name": name_of(kind, rows, columns, pattern, seed),
        "part": part,
        "kind": kind,
        "pattern": pattern,
        "rows": rows,
        "columns": columns,
        "source": spec,
    }
    if rows * columns <= LARGEST_FILE:
        # One matrix may be an instance for several patterns.
        entry["source"] = f"matrices/{kind}-{rows}x{columns}-{seed}.npy"
        entry["generator"] = spec
        path = os.path.join(FOLDER, entry["source"])
        subprocess.run([nmperm, "generate", spec, "--output", path], check=True)
    return entry


def layer(tensor, rows, columns, pattern):
    return {
        "name": name_of("digits-" + tensor.removesuffix(".weight"), rows, columns, pattern),
        "part": "reporting",
        "kind": "layer",
        "pattern": pattern,
        "rows": rows,
        "columns": columns,
        "source": f"../digits/digits_cnn.safetensors:{tensor}",
    }


def sha256(nmperm, entry):
    source = entry["source"]
    if "/" in source:
        source = os.path.join(FOLDER, source)
    figures = subprocess.run(
        [nmperm, "info", source, "--pattern", entry["pattern"], "--json"], check=True, capture_output=True
    ).stdout
    instance = json.loads(figures)["instance"]
    assert (instance["rows"], instance["columns"]) == (entry["rows"], entry["columns"]), entry
    return instance["sha256"]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: scripts/make_library.py BUILD_FOLDER")
    nmperm = os.path.join(sys.argv[1], "nmperm")
    os.makedirs(os.path.join(FOLDER, "matrices"), exist_ok=True)
    entries = [generated(nmperm, "tuning", *item) for item in TUNING]
    entries += [generated(nmperm, "reporting", *item) for item in REPORTING]
    entries += [layer(*item) for item in LAYERS]
    for entry in entries:
        entry["sha256"] = sha256(nmperm, entry)
    lines = ",\n".join("  " + json.dumps(entry) for entry in entries)
    with open(os.path.join(FOLDER, "library.json"), "w", encoding="utf-8") as file:
        file.write('{"format": "nmperm-library", "version": 1, "instances": [\n' + lines + "\n]}\n")
    print(len(entries), "instances")


if __name__ == "__main__":
    main()
