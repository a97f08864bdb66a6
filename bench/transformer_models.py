"""Small transformers of three families in plain PyTorch, for bench/export_networks.py: the shapes of GPT-2, BERT and
LLaMA (grouped queries, rotary embedding, gated MLP), with random weights. They are written here rather than imported so
that the script needs PyTorch alone."""

import math

import torch
from torch import nn


def split_heads(x, heads):
    """[batch, length, heads * width] to [batch, heads, length, width]."""
    batch, length, channels = x.shape
    return x.view(batch, length, heads, channels // heads).transpose(1, 2)


def join_heads(x):
    batch, heads, length, width = x.shape
    return x.transpose(1, 2).reshape(batch, length, heads * width)


def attend(query, key, value, mask):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return join_heads(torch.softmax(scores + mask, dim=-1) @ value)


def causal_mask(length):
    return torch.full((length, length), -1e4).triu(1)


class Gpt2Block(nn.Module):
    """Query, key and value from one matrix; normalised before each part."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.first_norm, self.second_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, mask):
        parts = self.attention(self.first_norm(x)).chunk(3, dim=-1)
        query, key, value = (split_heads(part, self.heads) for part in parts)
        x = x + self.projection(attend(query, key, value, mask))
        return x + self.down(nn.functional.gelu(self.up(self.second_norm(x))))


class Gpt2(nn.Module):
    """The output matrix is the embedding's."""

    def __init__(self, vocabulary=512, length=64, width=128, heads=4, layers=3):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Gpt2Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens):
        length = tokens.shape[1]
        x = self.tokens(tokens) + self.positions(torch.arange(length))
        for block in self.blocks:
            x = block(x, causal_mask(length))
        return self.norm(x) @ self.tokens.weight.t()


class BertBlock(nn.Module):
    """Three matrices for query, key and value; normalised after each part."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.projection = nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.first_norm, self.second_norm = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x, mask):
        parts = (split_heads(part(x), self.heads) for part in (self.query, self.key, self.value))
        x = self.first_norm(x + self.projection(attend(*parts, mask)))
        return self.second_norm(x + self.down(nn.functional.gelu(self.up(x))))


class Bert(nn.Module):
    """Tokens, their types and a mask; the hidden states, and a pooled first token."""

    def __init__(self, vocabulary=512, length=64, width=128, heads=4, layers=3):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.types, self.norm = nn.Embedding(2, width), nn.LayerNorm(width)
        self.blocks = nn.ModuleList(BertBlock(width, heads) for _ in range(layers))
        self.pool, self.classify = nn.Linear(width, width), nn.Linear(width, 16)

    def forward(self, tokens, types, kept):
        x = self.tokens(tokens) + self.types(types) + self.positions(torch.arange(tokens.shape[1]))
        x = self.norm(x)
        mask = (1 - kept[:, None, None, :].float()) * -1e4
        for block in self.blocks:
            x = block(x, mask)
        return self.classify(torch.tanh(self.pool(x[:, 0])))


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5))


def rotated(x, cosine, sine):
    """Rotary position embedding in halves: channel i turns with channel i + width / 2."""
    first, second = x.chunk(2, dim=-1)
    return x * cosine + torch.cat((-second, first), dim=-1) * sine


class LlamaBlock(nn.Module):
    """`groups` heads of keys and values serve `heads` heads of queries."""

    def __init__(self, width, heads, groups, hidden):
        super().__init__()
        self.heads, self.groups = heads, groups
        shared = width // heads * groups
        linear = lambda inputs, outputs: nn.Linear(inputs, outputs, bias=False)
        self.query, self.key, self.value = linear(width, width), linear(width, shared), linear(width, shared)
        self.projection = linear(width, width)
        self.gate, self.up, self.down = linear(width, hidden), linear(width, hidden), linear(hidden, width)
        self.first_norm, self.second_norm = RmsNorm(width), RmsNorm(width)

    def repeated(self, x):
        batch, groups, length, width = x.shape
        times = self.heads // self.groups
        x = x[:, :, None].expand(batch, groups, times, length, width)
        return x.reshape(batch, groups * times, length, width)

    def forward(self, x, mask, cosine, sine):
        normed = self.first_norm(x)
        query = rotated(split_heads(self.query(normed), self.heads), cosine, sine)
        key = rotated(split_heads(self.key(normed), self.groups), cosine, sine)
        value = split_heads(self.value(normed), self.groups)
        x = x + self.projection(attend(query, self.repeated(key), self.repeated(value), mask))
        normed = self.second_norm(x)
        return x + self.down(nn.functional.silu(self.gate(normed)) * self.up(normed))


class Llama(nn.Module):
    def __init__(self, vocabulary=512, length=64, width=128, heads=8, groups=2, hidden=352, layers=3):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.blocks = nn.ModuleList(LlamaBlock(width, heads, groups, hidden) for _ in range(layers))
        self.norm, self.head = RmsNorm(width), nn.Linear(width, vocabulary, bias=False)
        head = width // heads
        turns = 1e4 ** (-torch.arange(0, head, 2).float() / head)
        angles = torch.outer(torch.arange(length).float(), torch.cat((turns, turns)))
        self.register_buffer("cosine", angles.cos())
        self.register_buffer("sine", angles.sin())

    def forward(self, tokens):
        length = tokens.shape[1]
        x = self.tokens(tokens)
        for block in self.blocks:
            x = block(x, causal_mask(length), self.cosine[:length], self.sine[:length])
        return self.head(self.norm(x))
