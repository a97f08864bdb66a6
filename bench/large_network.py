#!/usr/bin/env python3
"""Writes a network of square linear layers as ONNX with external data, by default 2.25 GiB of them: more than one
protobuf message may hold. Needs NumPy alone.

    bench/large_network.py FILE.onnx [--width 8192] [--layers 9]

Each layer is a Gemm (its weight stored [out, in], with a bias) and a Relu; the weights lie in FILE.onnx.weights.
"""

import argparse
import os
import sys

import numpy as np


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, value):
    """One field of a protobuf message: an integer, a text, or a message as bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


# Numbers of fields are those of onnx.proto3.
def external_tensor(name, dims, location, offset, length):
    entries = b"".join(field(13, field(1, key) + field(2, str(value)))
                       for key, value in (("location", location), ("offset", offset), ("length", length)))
    return b"".join(field(1, dim) for dim in dims) + field(2, 1) + field(8, name) + entries + field(14, 1)


def node(operation, inputs, output, **integers):
    attributes = b"".join(field(5, field(1, key) + field(3, value) + field(20, 2)) for key, value in integers.items())
    return (b"".join(field(1, name) for name in inputs) + field(2, output) + field(3, output) + field(4, operation)
            + attributes)


def value(name, dims):
    shape = b"".join(field(1, field(1, dim)) for dim in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def write(path, width, layers):
    location = os.path.basename(path) + ".weights"
    random = np.random.default_rng(1)
    graph, last = b"", "x"
    with open(path + ".weights", "wb") as data:
        def store(name, array):
            offset = data.tell()
            array.tofile(data)
            return field(5, external_tensor(name, array.shape, location, offset, array.nbytes))

        for i in range(layers):
            weight, bias = f"layer{i}.weight", f"layer{i}.bias"
            scale = random.gamma(4, 0.25, width).astype(np.float32) * np.float32((2 / width) ** 0.5)
            graph += store(weight, random.standard_normal((width, width), dtype=np.float32) * scale)
            graph += store(bias, random.standard_normal(width, dtype=np.float32) * np.float32(0.1))
            graph += field(1, node("Gemm", [last, weight, bias], f"gemm{i}", transB=1))
            last = f"gemm{i}"
            if i + 1 < layers:
                graph += field(1, node("Relu", [last], f"relu{i}"))
                last = f"relu{i}"
    graph += field(2, "large") + field(11, value("x", (2, width))) + field(12, value(last, (2, width)))
    with open(path, "wb") as model:
        model.write(field(1, 8) + field(2, "large_network.py") + field(7, graph) + field(8, field(1, "") + field(2, 17)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", metavar="FILE.onnx")
    parser.add_argument("--width", type=int, default=8192)
    parser.add_argument("--layers", type=int, default=9)
    options = parser.parse_args()
    write(options.path, options.width, options.layers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
