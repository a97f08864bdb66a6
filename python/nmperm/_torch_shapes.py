"""PyTorch's functions that give the same elements another shape or order, as operations of ONNX."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from ._torch_graph import OPEN, OPEN_ELEMENT, GraphWriter, NotFollowed, Value, cut
from ._torch_translators import axes_of, numbers_of, translates


@translates("view", "reshape", "flatten", "unflatten", "view_as", "reshape_as", "ravel")
def _reshape(g: GraphWriter, input: Value, *_: Any, **__: Any) -> Value:
    if any(not isinstance(size, (int, tuple, list, Value)) and size is not OPEN for size in _):
        raise NotFollowed("the same bytes as another type")
    return g.reshape(input, g.result.shapes)


@translates("permute")
def _permute(g: GraphWriter, input: Value, *dims: Any) -> Value:
    order = dims[0] if len(dims) == 1 and isinstance(dims[0], (tuple, list)) else dims
    return g.transpose(input, [input.axis(axis) for axis in order])


@translates("transpose", "swapaxes", "swapdims")
def _transpose(g: GraphWriter, input: Value, dim0: int, dim1: int) -> Value:
    order = list(range(input.rank))
    a, b = input.axis(dim0), input.axis(dim1)
    order[a], order[b] = order[b], order[a]
    return g.transpose(input, order)


@translates("t")
def _transpose_matrix(g: GraphWriter, input: Value) -> Value:
    return _transpose(g, input, -2, -1) if input.rank >= 2 else g.op("Identity", input)


@translates("getattr")
def _attribute(g: GraphWriter, input: Value, name: str) -> Value:
    if name == "data":
        return g.op("Identity", input)
    if name in ("T", "mT"):
        return _transpose_matrix(g, input)
    raise NotFollowed(name)


@translates("movedim", "moveaxis")
def _movedim(g: GraphWriter, input: Value, source: Any, destination: Any) -> Value:
    sources, targets = axes_of(input, source), axes_of(input, destination)
    rest = iter(axis for axis in range(input.rank) if axis not in sources)
    placed = dict(zip(targets, sources))
    return g.transpose(input, [placed[axis] if axis in placed else next(rest) for axis in range(input.rank)])


@translates("squeeze")
def _squeeze(g: GraphWriter, input: Value, dim: Any = None) -> Value:
    axes = [axis for axis in axes_of(input, dim) if all(shape[axis] == 1 for shape in input.shapes)]
    if input.rank - len(axes) != g.result.rank:
        raise NotFollowed("an open dimension")
    return g.op("Squeeze", input, axes=axes) if axes else g.op("Identity", input)


@translates("unsqueeze")
def _unsqueeze(g: GraphWriter, input: Value, dim: int) -> Value:
    return g.op("Unsqueeze", input, axes=[dim + input.rank + 1 if dim < 0 else dim])


@translates("expand", "expand_as", "broadcast_to")
def _expand(g: GraphWriter, input: Value, *_: Any, **__: Any) -> Value:
    result, added = g.result, g.result.rank - input.rank
    sizes = []
    for axis in range(result.rank):
        before = [shape[axis - added] if axis >= added else 1 for shape in input.shapes]
        after = [shape[axis] for shape in result.shapes]
        before = before * len(after) if len(before) == 1 else before
        grows = any(a != b for a, b in zip(before, after))
        sizes.append(1 if not grows else after[0] if len(set(after)) == 1 else OPEN_ELEMENT)
    return g.op("Expand", input, g.integers(sizes))


@translates("repeat", "tile")
def _repeat(g: GraphWriter, input: Value, *repeats: Any) -> Value:
    counts = repeats[0] if len(repeats) == 1 and isinstance(repeats[0], (tuple, list)) else repeats
    if any(type(count) is not int for count in counts):
        raise NotFollowed("open numbers")
    added = len(counts) - input.rank
    x = g.op("Unsqueeze", input, axes=list(range(added))) if added > 0 else input
    return g.op("Tile", x, g.integers([1] * -added + list(counts)))


@translates("cat", "concat", "concatenate", "hstack")
def _concat(g: GraphWriter, tensors: Sequence[Value], dim: int = 0, *, axis: Optional[int] = None) -> Value:
    at = tensors[0].axis(dim if axis is None else axis)
    return g.op("Concat", *tensors, axis=at)


@translates("stack")
def _stack(g: GraphWriter, tensors: Sequence[Value], dim: int = 0) -> Value:
    at = dim + tensors[0].rank + 1 if dim < 0 else dim
    return g.op("Concat", *(g.op("Unsqueeze", tensor, axes=[at]) for tensor in tensors), axis=at)


@translates("split", "chunk", "tensor_split", "split_with_sizes")
def _split(g: GraphWriter, input: Value, sizes: Any, dim: int = 0) -> tuple[Value, ...]:
    axis = input.axis(dim)
    return tuple(g.node("Split", [input], len(g.result), axis=axis, split=[part.dim(axis) for part in g.result]))


@translates("unbind")
def _unbind(g: GraphWriter, input: Value, dim: int = 0) -> tuple[Value, ...]:
    axis = input.axis(dim)
    parts = g.node("Split", [input], len(g.result), axis=axis, split=[1] * len(g.result))
    return tuple(g.op("Squeeze", part, axes=[axis]) for part in parts)


@translates("glu")
def _glu(g: GraphWriter, input: Value, dim: int = -1) -> Value:
    axis = input.axis(dim)
    half = input.dim(axis) // 2
    a, b = g.node("Split", [input], 2, axis=axis, split=[half, half])
    return g.op("Mul", a, g.op("Sigmoid", b))


@translates("flip")
def _flip(g: GraphWriter, input: Value, *dims: Any) -> Value:
    axes = axes_of(input, dims[0] if len(dims) == 1 else dims)
    ends = [-(2**31)] * len(axes)
    return g.op("Slice", input, starts=[-1] * len(axes), ends=ends, axes=axes, steps=[-1] * len(axes))


@translates("roll")
def _roll(g: GraphWriter, input: Value, shifts: Any, dims: Any) -> Value:
    axes = axes_of(input, dims)
    x = input
    for shift, axis in zip(numbers_of(shifts, len(axes)), axes):
        size = input.dim(axis)
        if shift % size == 0:
            continue
        at = size - shift % size
        x = g.op("Concat", cut(g, x, axis, at, size), cut(g, x, axis, 0, at), axis=axis)
    return g.op("Identity", x)


@translates("narrow")
def _narrow(g: GraphWriter, input: Value, dim: int, start: int, length: int) -> Value:
    return cut(g, input, input.axis(dim), start, start + length)


@translates("index_select")
def _index_select(g: GraphWriter, input: Value, dim: int, index: Value) -> Value:
    return g.op("Gather", input, index, axis=input.axis(dim))


@translates("select")
def _select(g: GraphWriter, input: Value, dim: int, index: int) -> Value:
    return g.op("Gather", input, g.integer(index), axis=input.axis(dim))


@translates("getitem")
def _getitem(g: GraphWriter, input: Value, index: Any) -> Value:
    items = list(index) if isinstance(index, tuple) else [index]
    used = sum(1 for item in items if item is not None and item is not Ellipsis)
    if Ellipsis in [item for item in items if not isinstance(item, Value)]:
        at = next(i for i, item in enumerate(items) if item is Ellipsis)
        items[at : at + 1] = [slice(None)] * (input.rank - used)
    tensors = [item for item in items if isinstance(item, Value)]
    if tensors and (len(tensors) > 1 or any(type(item) is int for item in items) or "int" not in tensors[0].kind):
        raise NotFollowed("an index of another kind")
    x, axis = input, 0
    for item in items:
        if item is None:
            x = g.op("Unsqueeze", x, axes=[axis])
            axis += 1
        elif isinstance(item, slice):
            x = _sliced(g, x, axis, item)
            axis += 1
        elif isinstance(item, Value):
            x = g.op("Gather", x, item, axis=axis)
            axis += item.rank
        elif type(item) is int:
            x = g.op("Gather", x, g.integer(item), axis=axis)
        else:
            raise NotFollowed("an index of another kind")
    return g.op("Identity", x) if x is input else x


def _sliced(g: GraphWriter, x: Value, axis: int, item: slice) -> Value:
    start, stop, step = item.start, item.stop, item.step
    if start is None and stop is None and step is None:
        return x
    numbers = (0 if start is None else start, 2**31 - 1 if stop is None else stop, 1 if step is None else step)
    if any(type(number) is not int for number in numbers):
        raise NotFollowed("open numbers")
    return cut(g, x, axis, *numbers)


@translates("new_zeros", "new_ones", "new_full", "zeros_like", "ones_like", "full_like")
def _uniform(g: GraphWriter, *_: Any, **__: Any) -> Value:
    return g.uniform(g.result.shapes) if g.may_be_uniform else g.op("torch::tensor_to_write_into")
