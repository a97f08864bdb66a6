"""PyTorch's elementwise functions and reductions as operations of ONNX."""

from __future__ import annotations

from typing import Any

from ._torch_graph import GraphWriter, NotFollowed, Value
from ._torch_translators import Translator, axes_of, translates

# ---- every element by itself -----------------------------------------------------------------------------------------

_UNARY = {
    "Relu": "relu",
    "Clip": "relu6 hardtanh",
    "Gelu": "gelu",
    "Swish": "silu",
    "Sigmoid": "sigmoid expit",
    "Tanh": "tanh tanhshrink",
    "HardSwish": "hardswish",
    "HardSigmoid": "hardsigmoid",
    "Elu": "elu",
    "Selu": "selu",
    "Celu": "celu",
    "LeakyRelu": "leaky_relu",
    "Softplus": "softplus logsigmoid",
    "Softsign": "softsign",
    "Mish": "mish",
    "Shrink": "softshrink hardshrink",
    "ThresholdedRelu": "threshold",
    "Abs": "abs absolute",
    "Neg": "neg",
    "Exp": "exp expm1 exp2",
    "Log": "log log2 log10 log1p",
    "Sqrt": "sqrt rsqrt square",
    "Erf": "erf",
    "Sin": "sin",
    "Cos": "cos",
    "Sign": "sign",
    "Floor": "floor",
    "Ceil": "ceil",
    "Round": "round",
    "Reciprocal": "reciprocal",
    "IsNaN": "isnan",
    "IsInf": "isinf isfinite",
    "Not": "logical_not",
}


def _unary(operation: str) -> Translator:
    def translate(g: GraphWriter, input: Value, *numbers: Any, **options: Any) -> Value:
        if any(isinstance(value, Value) for value in (*numbers, *options.values())):
            raise NotFollowed("a tensor where a number is usual")
        return g.op(operation, input)

    return translate


for _operation, _names in _UNARY.items():
    translates(*_names.split())(_unary(_operation))


@translates("clamp", "clip", "clamp_min", "clamp_max")
def _clamp(g: GraphWriter, input: Value, min: Any = None, max: Any = None) -> Value:
    if isinstance(min, Value) or isinstance(max, Value):
        raise NotFollowed("limits that are tensors")
    return g.op("Clip", input)


@translates("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout")
@translates("feature_alpha_dropout")
def _dropout(g: GraphWriter, input: Value, p: float = 0.5, training: bool = True, inplace: bool = False) -> Value:
    if training and p != 0:
        raise NotFollowed("dropout while evaluating")
    return g.op("Identity", input)


@translates("stochastic_depth")
def _stochastic_depth(g: GraphWriter, input: Value, p: float, mode: str, training: bool = True) -> Value:
    return _dropout(g, input, p, training)


@translates("contiguous", "clone", "detach", "alias", "data", "positive")
def _same(g: GraphWriter, input: Value, **layout: Any) -> Value:
    return g.op("Identity", input)


@translates("to", "type", "type_as", "float", "half", "double", "bfloat16", "cuda", "cpu")
def _cast(g: GraphWriter, input: Value, *what: Any, **options: Any) -> Value:
    return g.op("Cast", input)


@translates("prelu")
def _prelu(g: GraphWriter, input: Value, weight: Value) -> Value:
    if weight.dim(0) > 1 and input.rank > 2:
        weight = g.op("Unsqueeze", weight, axes=list(range(1, input.rank - 1)))
    return g.op("PRelu", input, weight)


# ---- element by element ----------------------------------------------------------------------------------------------

_BINARY = {
    "Add": "add iadd radd",
    "Sub": "sub isub rsub subtract",
    "Mul": "mul imul rmul multiply",
    "Div": "truediv itruediv div divide floordiv floor_divide",
    "Pow": "pow ipow float_power",
    "Mod": "mod fmod remainder",
    "Max": "maximum",
    "Min": "minimum",
    "Equal": "eq ne",
    "Less": "lt le",
    "Greater": "gt ge",
    "And": "logical_and and",
    "Or": "logical_or or",
    "Xor": "logical_xor xor",
}


def _binary(operation: str) -> Translator:
    def translate(g: GraphWriter, input: Any, other: Any, *, alpha: Any = 1, rounding_mode: Any = None) -> Value:
        if isinstance(alpha, Value):
            raise NotFollowed("a factor that is a tensor")
        return g.op(operation, g.operand(input), g.operand(other))

    return translate


for _operation, _names in _BINARY.items():
    translates(*_names.split())(_binary(_operation))


@translates("where")
def _where(g: GraphWriter, condition: Value, input: Any, other: Any) -> Value:
    return g.op("Where", condition, g.operand(input), g.operand(other))


@translates("masked_fill")
def _masked_fill(g: GraphWriter, input: Value, mask: Value, value: Any) -> Value:
    return g.op("Where", mask, g.operand(value), input)


# ---- reductions ------------------------------------------------------------------------------------------------------

_REDUCTIONS = {
    "ReduceMean": "mean",
    "ReduceSum": "sum",
    "ReduceProd": "prod",
    "ReduceMax": "amax",
    "ReduceMin": "amin",
    "ReduceL2": "std var",
    "ReduceLogSumExp": "logsumexp",
}


def _reduction(operation: str) -> Translator:
    def translate(g: GraphWriter, input: Value, dim: Any = None, keepdim: bool = False, **options: Any) -> Value:
        if isinstance(dim, bool) or any(isinstance(value, Value) for value in options.values()):
            raise NotFollowed("arguments in another order")
        return g.op(operation, input, axes=axes_of(input, dim), keepdims=int(keepdim))

    return translate


for _operation, _names in _REDUCTIONS.items():
    translates(*_names.split())(_reduction(_operation))


@translates("norm", "vector_norm")
def _norm(g: GraphWriter, input: Value, p: Any = 2, dim: Any = None, keepdim: bool = False, **_: Any) -> Value:
    if isinstance(p, (tuple, list, Value)):
        raise NotFollowed("a norm of matrices")
    return g.op("ReduceL2", input, axes=axes_of(input, dim), keepdims=int(keepdim))


def _extreme(operation: str, which: str, pairwise: str) -> Translator:
    def translate(g: GraphWriter, input: Value, dim: Any = None, keepdim: bool = False) -> Any:
        if isinstance(dim, Value):
            return g.op(pairwise, input, dim)
        values = g.op(operation, input, axes=axes_of(input, dim), keepdims=int(keepdim))
        if dim is None:
            return values
        if 1 not in g.used_parts:  # the places tell the order of the channels
            return values, g.op("torch::places_that_nobody_reads")
        return values, g.op(which, input, axis=input.axis(dim), keepdims=int(keepdim))

    return translate


translates("max")(_extreme("ReduceMax", "ArgMax", "Max"))
translates("min")(_extreme("ReduceMin", "ArgMin", "Min"))


@translates("argmax", "argmin")
def _argmax(g: GraphWriter, input: Value, dim: int, keepdim: bool = False) -> Value:
    return g.op("ArgMax", input, axis=input.axis(dim), keepdims=int(keepdim))


@translates("cumsum", "cumprod")
def _cumsum(g: GraphWriter, input: Value, dim: int, **_: Any) -> Value:
    return g.op("CumSum", input)
