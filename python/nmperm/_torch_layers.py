"""PyTorch's layers as operations of ONNX: products, normalisation, and what changes the sizes of positions."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from ._torch_graph import GraphWriter, NotFollowed, Value
from ._torch_translators import Translator, numbers_of, translates

# ---- products --------------------------------------------------------------------------------------------------------

@translates("linear")
def _linear(g: GraphWriter, input: Value, weight: Value, bias: Optional[Value] = None) -> Value:
    if input.rank == 2 and weight.rank == 2:
        return g.op("Gemm", input, weight, bias, transB=1)
    product = g.op("MatMul", input, g.op("Transpose", weight, perm=list(reversed(range(weight.rank)))))
    return product if bias is None else g.op("Add", product, bias)


@translates("matmul", "mm", "bmm", "mv", "dot", "imatmul")
def _matmul(g: GraphWriter, input: Value, other: Value) -> Value:
    return g.op("MatMul", input, other)


@translates("addmm", "addmv", "baddbmm")
def _addmm(g: GraphWriter, input: Value, a: Value, b: Value, *, beta: float = 1, alpha: float = 1) -> Value:
    return g.op("Add", g.op("MatMul", a, b), input)


@translates("conv1d", "conv2d", "conv3d")
def _convolution(
    g: GraphWriter,
    input: Value,
    weight: Value,
    bias: Optional[Value] = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Value:
    axes = weight.rank - 2
    if input.rank != weight.rank:
        raise NotFollowed("an input without a batch")
    kernel = [weight.dim(axis + 2) for axis in range(axes)]
    options: dict[str, Any] = {"auto_pad": "SAME_UPPER"} if padding == "same" else {}
    if not options:
        options["pads"] = [0] * (2 * axes) if padding == "valid" else numbers_of(padding, axes) * 2
    return g.op(
        "Conv",
        input,
        weight,
        bias,
        kernel_shape=kernel,
        strides=numbers_of(stride, axes),
        dilations=numbers_of(dilation, axes),
        group=groups,
        **options,
    )


@translates("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _transposed_convolution(
    g: GraphWriter,
    input: Value,
    weight: Value,
    bias: Optional[Value] = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Value:
    axes = weight.rank - 2
    if input.rank != weight.rank:
        raise NotFollowed("an input without a batch")
    return g.op(
        "ConvTranspose",
        input,
        weight,
        bias,
        kernel_shape=[weight.dim(axis + 2) for axis in range(axes)],
        strides=numbers_of(stride, axes),
        pads=numbers_of(padding, axes) * 2,
        output_padding=numbers_of(output_padding, axes),
        dilations=numbers_of(dilation, axes),
        group=groups,
    )


@translates("embedding")
def _embedding(
    g: GraphWriter, input: Value, weight: Value, padding_idx: Any = None, max_norm: Any = None, *_: Any, **__: Any
) -> Value:
    if max_norm is not None:
        raise NotFollowed("rows that are scaled while they are looked up")
    return g.op("Gather", weight, input, axis=0)


# ---- normalisation ---------------------------------------------------------------------------------------------------

@translates("batch_norm")
def _batch_norm(
    g: GraphWriter,
    input: Value,
    running_mean: Optional[Value],
    running_var: Optional[Value],
    weight: Optional[Value] = None,
    bias: Optional[Value] = None,
    *_: Any,
    **__: Any,
) -> Value:
    return g.op("BatchNormalization", input, weight, bias, running_mean, running_var)


@translates("instance_norm")
def _instance_norm(
    g: GraphWriter,
    input: Value,
    running_mean: Optional[Value] = None,
    running_var: Optional[Value] = None,
    weight: Optional[Value] = None,
    bias: Optional[Value] = None,
    *_: Any,
    **__: Any,
) -> Value:
    return g.op("InstanceNormalization", input, weight, bias, running_mean, running_var)


@translates("group_norm")
def _group_norm(
    g: GraphWriter, input: Value, num_groups: int, weight: Any = None, bias: Any = None, *_: Any, **__: Any
) -> Value:
    return g.op("GroupNormalization", input, weight, bias, num_groups=num_groups)


def _normalised(g: GraphWriter, operation: str, input: Value, shape: Any, weight: Any, bias: Any) -> Value:
    axes = len(shape) if isinstance(shape, tuple) else 1
    if weight is not None:
        return g.op(operation, input, weight, bias, axis=-axes)
    return g.op("MeanVarianceNormalization", input, axes=[axis - axes for axis in range(axes)])


@translates("layer_norm")
def _layer_norm(
    g: GraphWriter, input: Value, normalized_shape: Any, weight: Any = None, bias: Any = None, *_: Any, **__: Any
) -> Value:
    return _normalised(g, "LayerNormalization", input, normalized_shape, weight, bias)


@translates("rms_norm")
def _rms_norm(g: GraphWriter, input: Value, normalized_shape: Any, weight: Any = None, *_: Any, **__: Any) -> Value:
    return _normalised(g, "RMSNormalization", input, normalized_shape, weight, None)


@translates("normalize")
def _normalize(g: GraphWriter, input: Value, p: float = 2.0, dim: int = 1, *_: Any, **__: Any) -> Value:
    return g.op("LpNormalization", input, axis=input.axis(dim))


@translates("local_response_norm")
def _local_response_norm(g: GraphWriter, input: Value, size: int, *_: Any, **__: Any) -> Value:
    return g.op("LRN", input, size=size)


@translates("softmax", "log_softmax", "softmin")
def _softmax(g: GraphWriter, input: Value, dim: Any = None, *_: Any, **__: Any) -> Value:
    if type(dim) is not int:
        raise NotFollowed("an axis that depends on the rank")
    return g.op("Softmax", input, axis=input.axis(dim))


# ---- sizes of positions ----------------------------------------------------------------------------------------------

def _per_channel(axes: Optional[int]) -> Translator:
    def translate(g: GraphWriter, input: Value, *_: Any, **__: Any) -> Value:
        if isinstance(g.result, tuple):
            raise NotFollowed("several results")
        if input.rank != (axes or input.rank - 2) + 2 or input.rank < 3:
            raise NotFollowed("an input without a batch")
        return g.op("torch::per_channel", input)

    return translate


for _axes_count in (1, 2, 3):
    for _name in ("max_pool", "avg_pool", "lp_pool", "adaptive_max_pool", "adaptive_avg_pool", "fractional_max_pool"):
        translates(f"{_name}{_axes_count}d")(_per_channel(_axes_count))
translates("interpolate", "upsample", "upsample_nearest", "upsample_bilinear")(_per_channel(None))


@translates("pixel_shuffle")
def _pixel_shuffle(g: GraphWriter, input: Value, upscale_factor: int) -> Value:
    return g.op("DepthToSpace", input, blocksize=upscale_factor, mode="CRD")


@translates("pixel_unshuffle")
def _pixel_unshuffle(g: GraphWriter, input: Value, downscale_factor: int) -> Value:
    r = downscale_factor
    if input.rank != 4:
        raise NotFollowed("an input without a batch")
    x = g.reshape_by(input, lambda s: (s[0], s[1], s[2] // r, r, s[3] // r, r))
    return g.reshape(g.transpose(x, (0, 1, 3, 5, 2, 4)), g.result.shapes)


@translates("channel_shuffle", "native_channel_shuffle")
def _channel_shuffle(g: GraphWriter, input: Value, groups: int) -> Value:
    x = g.reshape_by(input, lambda s: (s[0], groups, s[1] // groups, *s[2:]))
    return g.reshape(g.transpose(x, (0, 2, 1, *range(3, x.rank))), g.result.shapes)


@translates("pad", "constant_pad_nd")
def _pad(g: GraphWriter, input: Value, pad: Sequence[int], mode: str = "constant", value: Any = None) -> Value:
    if isinstance(mode, (int, float)):
        mode = "constant"  # constant_pad_nd has the value here
    widths = numbers_of(pad, len(pad))
    before, after = [0] * input.rank, [0] * input.rank
    for number in range(len(widths) // 2):
        axis = input.rank - 1 - number
        before[axis], after[axis] = widths[2 * number], widths[2 * number + 1]
    names = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    return g.op("Pad", input, pads=before + after, mode=names[mode])
