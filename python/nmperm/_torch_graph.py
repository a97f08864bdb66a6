"""Tensors and operations of a network that is written from a PyTorch model.

Operations are described in the vocabulary of ONNX; what each does to channels is known there once, for both importers.
Dimensions that differ between the runs (the batch) are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt
import torch

from . import _nmperm

Attribute = Union[int, float, str, Sequence[int]]
Shape = tuple[int, ...]

OPEN_DIMENSION = -1
# In integer tensors that operations read shapes from, this stands for a number that is not known.
OPEN_ELEMENT = -(2**63)

TYPES = {
    torch.float16: "float16",
    torch.bfloat16: "bfloat16",
    torch.float32: "float32",
    torch.float64: "float64",
    torch.int32: "int32",
    torch.int64: "int64",
}


class NotFollowed(Exception):
    """This use of an operation is not translated: everything that it touches keeps its order."""


class OpenNumber:
    """A number that depends on the batch."""

    def __repr__(self) -> str:
        return "a number that depends on the batch"


OPEN = OpenNumber()


@dataclass(frozen=True)
class Value:
    """A tensor: its name in the network, and its shape in each run and element type (empty where only the network
    infers them)."""

    name: str
    shapes: tuple[Shape, ...] = ()
    kind: str = ""

    @property
    def rank(self) -> int:
        if not self.shapes:
            raise NotFollowed("a tensor of unknown rank")
        return len(self.shapes[0])

    def dim(self, axis: int) -> int:
        """The size of an axis; NotFollowed where it is open."""
        sizes = {shape[axis] for shape in self.shapes}
        if len(sizes) != 1:
            raise NotFollowed("an open dimension")
        return sizes.pop()

    def axis(self, axis: int) -> int:
        """A position from the front."""
        return axis + self.rank if axis < 0 else axis

    def open_shape(self) -> list[int]:
        sizes = zip(*self.shapes)
        return [size[0] if len(set(size)) == 1 else OPEN_DIMENSION for size in sizes]


class GraphWriter:
    """Writes operations into a network; what translators are given."""

    def __init__(self, network: _nmperm.Network) -> None:
        self.network = network
        self.name = ""  # of the operation that is translated
        self.result: Any = None  # its value: tensors as Values, in whatever holds them
        self.used_parts: list[Any] = []  # of a result of several parts, those that are read
        self.may_be_uniform = True
        self._count = 0

    def fresh(self) -> str:
        self._count += 1
        return f"%{self._count}"

    def node(
        self,
        operation: str,
        inputs: Sequence[Optional[Value]],
        outputs: int = 1,
        **attributes: Attribute,
    ) -> list[Value]:
        names = [self.fresh() for _ in range(outputs)]
        given = ["" if value is None else value.name for value in inputs]
        while given and not given[-1]:
            given.pop()
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in attributes.items()}
        self.network.add_node(operation, self.name, given, names, plain)
        return [Value(name) for name in names]

    def op(
        self, operation: str, *inputs: Optional[Value], shapes: tuple[Shape, ...] = (), **attributes: Attribute
    ) -> Value:
        return Value(self.node(operation, inputs, 1, **attributes)[0].name, shapes)

    def integers(self, values: Sequence[int]) -> Value:
        name = self.fresh()
        self.network.add_constant(name, "int64", [len(values)], np.array(values, np.int64))
        return Value(name, ((len(values),),))

    def integer(self, value: int) -> Value:
        name = self.fresh()
        self.network.add_constant(name, "int64", [], np.array(value, np.int64))
        return Value(name, ((),))

    def operand(self, value: Any) -> Value:
        """A tensor, or a number as one."""
        if isinstance(value, Value):
            return value
        if isinstance(value, (bool, int, float)) or value is OPEN:
            name = self.fresh()
            number = 1.0 if value is OPEN else float(value)
            self.network.add_constant(name, "float32", [], np.array(number, np.float32))
            return Value(name, ((),))
        raise NotFollowed(f"an operand of type {type(value).__name__}")

    def reshape(self, x: Value, shapes: tuple[Shape, ...]) -> Value:
        """Sizes that differ between the runs are taken over, or the one that is left over."""
        wanted = []
        for axis in range(len(shapes[0])):
            sizes = [shape[axis] for shape in shapes]
            if len(set(sizes)) == 1 and sizes[0] > 0:
                wanted.append(sizes[0])
            elif axis < x.rank and all(size == before[axis] for size, before in zip(sizes, x.shapes)):
                wanted.append(0)
            else:
                wanted.append(-1)
        if wanted.count(-1) > 1:
            raise NotFollowed("several open dimensions")
        return self.op("Reshape", x, shapes=shapes, shape=wanted)

    def reshape_by(self, x: Value, change: Any) -> Value:
        """change(shape) is the new shape in each run."""
        return self.reshape(x, tuple(tuple(change(shape)) for shape in x.shapes))

    def transpose(self, x: Value, order: Sequence[int]) -> Value:
        shapes = tuple(tuple(shape[axis] for axis in order) for shape in x.shapes)
        return self.op("Transpose", x, shapes=shapes, perm=list(order))

    def uniform(self, shapes: tuple[Shape, ...]) -> Value:
        """A tensor whose elements are all equal."""
        if not self.may_be_uniform:
            raise NotFollowed("the model writes into tensors")
        sizes = zip(*shapes)
        dims = [size[0] if len(set(size)) == 1 else OPEN_ELEMENT for size in sizes]
        return self.op("ConstantOfShape", self.integers(dims), shapes=shapes)


def cut(g: GraphWriter, x: Value, axis: int, start: int, end: int, step: int = 1) -> Value:
    """Elements start .. end of an axis."""
    return g.op("Slice", x, starts=[start], ends=[end], axes=[axis], steps=[step])


def elements_of(tensor: torch.Tensor) -> npt.NDArray[np.uint8]:
    """The bytes of the elements in C order; a view where they lie so."""
    elements: npt.NDArray[np.uint8] = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
    return elements
