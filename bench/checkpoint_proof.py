#!/usr/bin/env python3
"""Makes synthetic LLaMA checkpoints of any size, and compares what two checkpoints compute.

    checkpoint_proof.py make FOLDER [--gigabytes 1] [--seed 0]
    checkpoint_proof.py compare FOLDER OTHER [--tokens 6]

`make` writes bfloat16 weights in shards of at most 256 MiB, one tensor at a time. `compare` runs both models on the same
random tokens, layer by layer in double precision from the definitions (RMSNorm, rotary embedding, grouped queries,
SwiGLU), and prints the largest difference of any logit beside the largest logit. It shares no code with nmperm and needs
NumPy alone.
"""
import argparse
import json
import os
import struct
import sys

import numpy as np

HIDDEN, INTERMEDIATE, HEADS, VALUE_HEADS, VOCABULARY = 2048, 5632, 32, 4, 32000
SHARD_BYTES = 256 << 20


def tensor_shapes(layers):
    head = HIDDEN // HEADS
    yield "model.embed_tokens.weight", (VOCABULARY, HIDDEN)
    for i in range(layers):
        layer = f"model.layers.{i}."
        yield layer + "input_layernorm.weight", (HIDDEN,)
        yield layer + "self_attn.q_proj.weight", (HIDDEN, HIDDEN)
        yield layer + "self_attn.k_proj.weight", (VALUE_HEADS * head, HIDDEN)
        yield layer + "self_attn.v_proj.weight", (VALUE_HEADS * head, HIDDEN)
        yield layer + "self_attn.o_proj.weight", (HIDDEN, HIDDEN)
        yield layer + "post_attention_layernorm.weight", (HIDDEN,)
        yield layer + "mlp.gate_proj.weight", (INTERMEDIATE, HIDDEN)
        yield layer + "mlp.up_proj.weight", (INTERMEDIATE, HIDDEN)
        yield layer + "mlp.down_proj.weight", (HIDDEN, INTERMEDIATE)
    yield "model.norm.weight", (HIDDEN,)
    yield "lm_head.weight", (VOCABULARY, HIDDEN)


def bfloat16(values):
    """Upper halves of float32, rounded to nearest even."""
    bits = values.astype("<f4").view("<u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def random_tensor(random, shape):
    if len(shape) == 1:
        return random.uniform(0.5, 1.5, shape)
    values = random.standard_normal(shape, dtype=np.float32)
    values *= np.exp(0.5 * random.standard_normal(shape[1]))[None, :].astype("f4")
    return values / np.sqrt(shape[1])


def shards_of(shapes):
    shard, size = [], 0
    for name, shape in shapes:
        count = 2 * int(np.prod(shape))
        if shard and size + count > SHARD_BYTES:
            yield shard
            shard, size = [], 0
        shard.append((name, shape))
        size += count
    yield shard


def write_shard(path, tensors, random):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in tensors:
        count = 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape in tensors:
            file.write(bfloat16(random_tensor(random, shape)).tobytes())


def make(folder, gigabytes, seed):
    per_layer = sum(2 * int(np.prod(s)) for n, s in tensor_shapes(1) if ".0." in n)
    outside = sum(2 * int(np.prod(s)) for n, s in tensor_shapes(0))
    layers = max(1, round((gigabytes * 1e9 - outside) / per_layer))
    os.makedirs(folder, exist_ok=True)
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN,
              "intermediate_size": INTERMEDIATE, "num_hidden_layers": layers, "num_attention_heads": HEADS,
              "num_key_value_heads": VALUE_HEADS, "vocab_size": VOCABULARY, "rms_norm_eps": 1e-5,
              "rope_theta": 10000.0, "tie_word_embeddings": False, "torch_dtype": "bfloat16"}
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file, indent=1)
    random = np.random.default_rng(seed)
    shards = list(shards_of(tensor_shapes(layers)))
    weight_map = {}
    for k, tensors in enumerate(shards):
        name = f"model-{k + 1:05d}-of-{len(shards):05d}.safetensors"
        write_shard(os.path.join(folder, name), tensors, random)
        weight_map.update({tensor: name for tensor, _ in tensors})
    with open(os.path.join(folder, "model.safetensors.index.json"), "w") as file:
        json.dump({"metadata": {"total_size": outside + layers * per_layer}, "weight_map": weight_map}, file)
    print(f"{folder}: {layers} layers, {(outside + layers * per_layer) / 1e9:.3f} GB in {len(shards)} shards")


class Checkpoint:
    """Tensors of a folder in double precision, read when asked for."""

    def __init__(self, folder):
        with open(os.path.join(folder, "config.json")) as file:
            self.config = json.load(file)
        self.entries = {}
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".safetensors"):
                continue
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                length = struct.unpack("<Q", file.read(8))[0]
                header = json.loads(file.read(length))
            header.pop("__metadata__", None)
            for tensor, entry in header.items():
                self.entries[tensor] = (path, 8 + length, entry)

    def __contains__(self, name):
        return name in self.entries

    def __getitem__(self, name):
        path, begin, entry = self.entries[name]
        first, end = entry["data_offsets"]
        with open(path, "rb") as file:
            file.seek(begin + first)
            data = file.read(end - first)
        if entry["dtype"] == "BF16":
            values = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
        else:
            values = np.frombuffer(data, {"F32": "<f4", "F16": "<f2", "F64": "<f8"}[entry["dtype"]])
        return values.reshape(entry["shape"]).astype("f8")


def rms_norm(x, weight, epsilon):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + epsilon) * weight


def rotary(x, theta):
    """x: heads, tokens, head size; the halves of a head are turned against each other."""
    half = x.shape[2] // 2
    angles = np.arange(x.shape[1])[:, None] * theta ** (-np.arange(half) / half)[None, :]
    a, b = x[:, :, :half], x[:, :, half:]
    return np.concatenate([a * np.cos(angles) - b * np.sin(angles), b * np.cos(angles) + a * np.sin(angles)], axis=2)


def attention(q, k, v):
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[2])
    scores = np.where(np.tril(np.ones(scores.shape[1:], bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    return weights / weights.sum(axis=2, keepdims=True) @ v


def logits(model, tokens):
    config = model.config
    heads, shared, epsilon = config["num_attention_heads"], config["num_key_value_heads"], config["rms_norm_eps"]
    x = model["model.embed_tokens.weight"][tokens]
    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}."
        h = rms_norm(x, model[layer + "input_layernorm.weight"], epsilon)
        q, k, v = (
            (h @ model[layer + f"self_attn.{name}_proj.weight"].T).reshape(len(tokens), count, -1).transpose(1, 0, 2)
            for name, count in (("q", heads), ("k", shared), ("v", shared)))
        q, k = rotary(q, config["rope_theta"]), rotary(k, config["rope_theta"])
        context = attention(q, np.repeat(k, heads // shared, axis=0), np.repeat(v, heads // shared, axis=0))
        context = context.transpose(1, 0, 2).reshape(len(tokens), -1)
        x = x + context @ model[layer + "self_attn.o_proj.weight"].T
        h = rms_norm(x, model[layer + "post_attention_layernorm.weight"], epsilon)
        gate = h @ model[layer + "mlp.gate_proj.weight"].T
        inner = gate / (1 + np.exp(-gate)) * (h @ model[layer + "mlp.up_proj.weight"].T)
        x = x + inner @ model[layer + "mlp.down_proj.weight"].T
    x = rms_norm(x, model["model.norm.weight"], epsilon)
    head = "lm_head.weight" if "lm_head.weight" in model else "model.embed_tokens.weight"
    return x @ model[head].T


def compare(folder, other, count):
    first, second = Checkpoint(folder), Checkpoint(other)
    tokens = np.random.default_rng(0).integers(0, first.config["vocab_size"], count)
    a, b = logits(first, tokens), logits(second, tokens)
    print(f"largest difference {abs(a - b).max():.3e}, largest output {abs(a).max():.3e}, {count} tokens")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    maker = commands.add_parser("make")
    maker.add_argument("folder")
    maker.add_argument("--gigabytes", type=float, default=1)
    maker.add_argument("--seed", type=int, default=0)
    comparer = commands.add_parser("compare")
    comparer.add_argument("folder")
    comparer.add_argument("other")
    comparer.add_argument("--tokens", type=int, default=6)
    arguments = parser.parse_args()
    if arguments.command == "make":
        make(arguments.folder, arguments.gigabytes, arguments.seed)
    else:
        compare(arguments.folder, arguments.other, arguments.tokens)
    return 0


if __name__ == "__main__":
    sys.exit(main())
