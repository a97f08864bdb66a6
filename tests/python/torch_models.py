"""Small PyTorch models of the kinds that are pruned, for the tests of nmperm.torch."""

import math

import torch
import torch.fx
import torch.nn.functional as F
from torch import nn


@torch.fx.wrap
def doubled(x):
    """Libraries ask torch.fx not to look into some of their functions; this can be looked into."""
    return x + x if x.dim() == 2 else x


@torch.fx.wrap
def by_sign(x):
    return x if float(x.sum()) > 1e9 else -x


def conv_norm(inputs, outputs, kernel=3, **options):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False, **options),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.a = conv_norm(channels, channels)
        self.b = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.b(self.a(x))
        y += x
        return self.relu(y)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = conv_norm(3, 32)
        self.blocks = nn.Sequential(Residual(32), Residual(32))
        self.head = nn.Linear(32, 16)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1)
        return self.head(x.view(x.size(0), -1))


class MobileNet(nn.Module):
    """Depthwise convolutions, and squeeze-and-excite."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, stride=2)
        self.expand = conv_norm(16, 64, 1)
        self.depthwise = conv_norm(64, 64, 3, groups=64)
        self.squeeze, self.excite = nn.Conv2d(64, 16, 1), nn.Conv2d(16, 64, 1)
        self.project = nn.Conv2d(64, 16, 1)
        self.head = nn.Conv2d(16, 8, 1)

    def forward(self, x):
        x = F.relu6(self.stem(x))
        y = self.depthwise(self.expand(x))
        scale = torch.sigmoid(self.excite(F.silu(self.squeeze(y.mean([2, 3], keepdim=True)))))
        return self.head(x + self.project(y * scale)).amax(dim=(2, 3))


class DenseNet(nn.Module):
    """Every layer reads all that came before it."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.norms = nn.ModuleList(nn.BatchNorm2d(16 * (i + 1)) for i in range(3))
        self.convs = nn.ModuleList(nn.Conv2d(16 * (i + 1), 16, 3, padding=1) for i in range(3))
        self.head = nn.Linear(64, 8)

    def forward(self, x):
        features = [self.stem(x)]
        for norm, conv in zip(self.norms, self.convs):
            joined = torch.cat(features, 1) if isinstance(features[0], torch.Tensor) else None
            features.append(conv(torch.relu(norm(joined))))
        return self.head(torch.cat(features, dim=1).mean((2, 3)))


class ShuffleNet(nn.Module):
    """One half of the channels passes by, then the halves are shuffled."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3)
        self.branches = nn.ModuleList(
            nn.Sequential(conv_norm(32, 32, 1), conv_norm(32, 32, 3, groups=32), conv_norm(32, 32, 1)) for _ in range(2)
        )
        self.head = nn.Conv2d(64, 8, 1)

    def forward(self, x):
        x = self.stem(x)
        for branch in self.branches:
            a, b = x.chunk(2, dim=1)
            x = torch.cat((a, branch(b)), 1)
            n, c, h, w = x.shape
            x = x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)
        return self.head(x)


class GroupedNet(nn.Module):
    """Grouped convolutions, group normalisation, a learned slope for each channel."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 64, 3)
        self.norm = nn.GroupNorm(4, 64)
        self.slope = nn.PReLU(64)
        self.grouped = nn.Conv2d(64, 64, 3, groups=4)
        self.shuffle = nn.ChannelShuffle(4)
        self.last = nn.Conv2d(64, 8, 1)

    def forward(self, x):
        return self.last(self.shuffle(self.grouped(self.slope(self.norm(self.a(x))))))


class UNet(nn.Module):
    """Down by pooling, up by a transposed convolution, and joined."""

    def __init__(self):
        super().__init__()
        self.down = conv_norm(3, 32)
        self.middle = conv_norm(32, 64)
        self.up = nn.ConvTranspose2d(64, 32, 2, stride=2)
        self.smooth = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        self.join = conv_norm(32 + 32 + 64, 32)
        self.last = nn.Conv2d(32, 8, 1)

    def forward(self, x):
        skip = self.down(x)
        y = self.middle(F.max_pool2d(skip, 2))
        joined = torch.cat([skip, self.up(y), self.smooth(y)], dim=1)
        return self.last(self.join(F.pad(joined, (1, 1, 1, 1), mode="reflect")))


class SuperResolution(nn.Module):
    """Channels become pixels, and pixels channels."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, padding=1)
        self.shuffle = nn.PixelShuffle(2)
        self.fine = nn.Conv2d(16, 16, 3, padding=1)
        self.last = nn.Conv2d(64, 8, 1)

    def forward(self, x):
        return self.last(F.pixel_unshuffle(torch.relu(self.fine(self.shuffle(self.stem(x)))), 2))


class FlattenNet(nn.Module):
    """A linear layer whose columns are runs of positions."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.hidden = nn.Linear(16 * 5 * 5, 32)
        self.head = nn.Linear(32, 8)

    def forward(self, x):
        x = F.adaptive_max_pool2d(torch.tanh(self.conv(x)), (5, 5))
        return self.head(F.gelu(self.hidden(torch.flatten(x, 1))))


class SequenceNet(nn.Module):
    """One-dimensional convolutions with gates, a two-way LSTM, a GRU."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 32)
        self.gated = nn.Conv1d(32, 64, 3, padding=1)
        self.mix = nn.Linear(32, 32)
        self.lstm = nn.LSTM(32, 32, num_layers=2, bidirectional=True, batch_first=True)
        self.after = nn.Linear(64, 32)
        self.gru = nn.GRU(32, 32)
        self.head = nn.Linear(32, 8)

    def forward(self, tokens):
        x = self.embed(tokens)
        x = F.glu(self.gated(x.transpose(1, 2)), dim=1).permute(0, 2, 1)
        x, (h, c) = self.lstm(self.mix(x))
        x, last = self.gru(self.after(x).transpose(0, 1))
        return self.head(last.squeeze(0))


class Attention(nn.Module):
    """Attention by hand: heads split by a view, q and k rotated by nothing."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, mask=None):
        B, T, C = x.shape
        q, k, v = self.qkv(x).split(C, dim=2)
        q, k, v = (t.view(B, T, self.heads, C // self.heads).transpose(1, 2) for t in (q, k, v))
        scores = q @ k.transpose(-2, -1) / math.sqrt(k.size(-1))
        if mask is not None:
            scores = scores.masked_fill(mask[:T, :T] == 0, float("-inf"))
        y = F.softmax(scores, dim=-1) @ v
        return self.out(y.transpose(1, 2).contiguous().view(B, T, C))


class Transformer(nn.Module):
    """Positions, a residual stream, tied embedding and head."""

    def __init__(self, width=32, heads=4):
        super().__init__()
        self.embed = nn.Embedding(40, width)
        self.positions = nn.Parameter(torch.zeros(1, 16, width))
        self.blocks = nn.ModuleList(
            nn.ModuleDict(
                {
                    "norm1": nn.LayerNorm(width),
                    "attention": Attention(width, heads),
                    "norm2": nn.LayerNorm(width),
                    "mlp": nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)),
                }
            )
            for _ in range(2)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 40, bias=False)
        self.head.weight = self.embed.weight
        self.register_buffer("mask", torch.tril(torch.ones(16, 16)))

    def forward(self, tokens):
        x = self.embed(tokens) + self.positions[:, : tokens.shape[1]]
        for block in self.blocks:
            x = x + block["attention"](block["norm1"](x), self.mask)
            x = x + block["mlp"](block["norm2"](x))
        return self.head(self.norm(x))


class VisionTransformer(nn.Module):
    """Patches, a class token, PyTorch's own encoder."""

    def __init__(self, width=32):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 4, stride=4)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(width, 4, 64, batch_first=True, activation="gelu"), 2
        )
        self.cross = nn.MultiheadAttention(width, 4)
        self.head = nn.Linear(width, 8)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1)
        x = self.encoder(x).transpose(0, 1)
        y, _ = self.cross(x[:1], x, x)
        return self.head(y[0])


class Between(nn.Module):
    """Two linear layers with something between them."""

    def __init__(self, between, width=32):
        super().__init__()
        self.first, self.between, self.last = nn.Linear(16, width), between, nn.Linear(width, 8)

    def forward(self, x):
        return self.last(self.between(self.first(x)))


class Module(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.scale = nn.Parameter(torch.rand(32))

    def forward(self, x):
        return self.function(self, x)


class DecidesByElements(nn.Module):
    def forward(self, x):
        return torch.relu(x) if float(x.sum()) > 1e9 else torch.sigmoid(x)


IMAGE, TOKENS = "image", "tokens"
MODELS = {
    "ResNet": (ResNet, IMAGE),
    "MobileNet": (MobileNet, IMAGE),
    "DenseNet": (DenseNet, IMAGE),
    "ShuffleNet": (ShuffleNet, IMAGE),
    "GroupedNet": (GroupedNet, IMAGE),
    "UNet": (UNet, IMAGE),
    "SuperResolution": (SuperResolution, IMAGE),
    "FlattenNet": (FlattenNet, IMAGE),
    "SequenceNet": (SequenceNet, TOKENS),
    "Transformer": (Transformer, TOKENS),
    "VisionTransformer": (VisionTransformer, IMAGE),
}


def randomised(model, seed=0):
    """Every parameter and statistic differs from every other: what does not move with its channels shows."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point() or name == "mask":
            continue
        values = torch.rand(tensor.shape, generator=generator)
        fan = max(1, tensor[0].numel()) if tensor.dim() > 1 else 1
        tensor.copy_(values + 0.5 if tensor.dim() < 2 else (values - 0.5) * (6 / math.sqrt(fan)))
    return model


def make(name, seed=0):
    """The model, and an example of its input."""
    model, kind = MODELS[name]
    generator = torch.Generator().manual_seed(seed + 1)
    image = torch.randn(2, 3, 16, 16, generator=generator)
    example = image if kind == IMAGE else torch.randint(0, 20, (2, 9), generator=generator)
    return randomised(model(), seed).eval(), example
