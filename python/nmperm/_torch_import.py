"""From the runs of a PyTorch model to the network that the compiled part couples, permutes and proves."""

from __future__ import annotations

import operator
from typing import Any, Iterator, Mapping, Sequence

import torch
from torch import fx, nn

from . import _nmperm
from . import _torch_attention, _torch_elementwise, _torch_layers, _torch_shapes  # noqa: F401  (they register)
from ._torch_graph import OPEN, TYPES, GraphWriter, NotFollowed, Shape, Value, elements_of
from ._torch_trace import Run, tensors_in, tensors_of
from ._torch_translators import translator_of


class StoredTensors:
    """The tensors of the model that the network uses. Those that share memory in another way than being equal, and
    those made in forward(), keep their order."""

    def __init__(self, model: nn.Module, writer: GraphWriter) -> None:
        self.by_name: dict[str, torch.Tensor] = {}  # those in the network
        self._writer = writer
        self._values: dict[Any, Value] = {}
        self._tensors = {name: tensor for name, tensor in reversed(list(tensors_of(model)))}
        self._memory: dict[int, set[Any]] = {}
        for tensor in self._tensors.values():
            self._memory.setdefault(_storage_of(tensor), set()).add(_memory_of(tensor))

    def value(self, name: str, tensors: Sequence[torch.Tensor]) -> Value:
        """The tensor of this name; one for each run where forward() made them."""
        if name not in self._tensors:
            return self._made(name, tensors)
        return self.held(self._tensors[name], name)

    def held(self, tensor: torch.Tensor, name: str) -> Value:
        key = _memory_of(tensor)
        if key in self._values:
            return self._values[key]
        shapes = (tuple(tensor.shape),)
        kind = TYPES.get(tensor.dtype)
        value = self._values[key] = Value(name, shapes, kind or "other")
        if kind is None or tensor.layout != torch.strided:
            self._writer.network.add_input(name, "other", list(tensor.shape))
            return value
        self._writer.network.add_constant(name, kind, list(tensor.shape), elements_of(tensor))
        if tensor.is_floating_point():
            self.by_name[name] = tensor
            if len(self._memory[_storage_of(tensor)]) > 1:
                self._writer.name = name
                self._writer.node("torch::memory_shared_with_another_tensor", [value], 0)
        return value

    def _made(self, name: str, tensors: Sequence[torch.Tensor]) -> Value:
        if name in self._values:
            return self._values[name]
        shapes = tuple(tuple(tensor.shape) for tensor in tensors)
        kind = TYPES.get(tensors[0].dtype, "other")
        equal = all(tensor.numel() > 0 and bool((tensor == tensor.reshape(-1)[0]).all()) for tensor in tensors)
        if equal and tensors[0].is_floating_point() and self._writer.may_be_uniform:
            value = self._writer.uniform(shapes)
        elif kind in ("int32", "int64") and all(torch.equal(tensor, tensors[0]) for tensor in tensors):
            value = Value(name, shapes, kind)
            self._writer.network.add_constant(name, kind, list(shapes[0]), elements_of(tensors[0]))
        else:
            value = Value(name, shapes, kind)
            self._writer.network.add_input(name, kind, value.open_shape())
        self._values[name] = value
        return value


def _storage_of(tensor: torch.Tensor) -> int:
    if tensor.layout != torch.strided:
        return id(tensor)
    holder: Any = tensor  # before PyTorch 2.0 there is only storage(), which has no types
    storage = holder.untyped_storage() if hasattr(holder, "untyped_storage") else holder.storage()
    return int(storage.data_ptr())


def _memory_of(tensor: torch.Tensor) -> Any:
    if tensor.layout != torch.strided or tensor.numel() == 0:
        return id(tensor)
    return tensor.data_ptr(), tuple(tensor.shape), tensor.stride(), tensor.dtype


class NetworkImporter:
    """Writes what the runs did, node by node."""

    def __init__(self, model: nn.Module, runs: Sequence[Run], network: _nmperm.Network) -> None:
        self._model = model
        self._runs = runs
        self._writer = GraphWriter(network)
        self._writer.may_be_uniform = not any(_writes(node) for node in runs[0].nodes)
        self._stored = StoredTensors(model, self._writer)
        self._values: dict[fx.Node, Any] = {}  # by the first run's nodes
        self._declared_names: set[str] = set()

    def write(self) -> dict[str, torch.Tensor]:
        """Returns the model's tensors that are in the network, by their names there."""
        for nodes in zip(*(run.nodes for run in self._runs)):
            self._writer.name = self._name_of(nodes[0])
            if nodes[0].op == "placeholder":
                self._add_input(nodes)
            elif nodes[0].op == "output":
                self._add_outputs(_values_in(self._arguments([node.args for node in nodes])))
            elif nodes[0].op != "get_attr":  # stored tensors are written where they are used
                self._add_operation(nodes)
        return self._stored.by_name

    def _add_outputs(self, values: Iterator[Value]) -> None:
        for number, value in enumerate(values):
            name = f"output_{number}"
            self._writer.network.add_node("Identity", name, [value.name], [name], {})
            self._writer.network.add_output(name)

    def _name_of(self, node: fx.Node) -> str:
        scope = self._runs[0].scopes[node]
        return str(node.target) if node.op == "call_module" else scope or node.name

    def _add_input(self, nodes: Sequence[fx.Node]) -> None:
        kind = TYPES.get(self._runs[0].values[nodes[0]].dtype, "other")
        value = Value(str(nodes[0].target), tuple(self._shapes(nodes)), kind)
        self._writer.network.add_input(value.name, kind, value.open_shape())
        self._values[nodes[0]] = value

    def _shapes(self, nodes: Sequence[fx.Node]) -> Iterator[Shape]:
        for run, node in zip(self._runs, nodes):
            yield tuple(run.values[node].shape)

    def _add_operation(self, nodes: Sequence[fx.Node]) -> None:
        node, writer = nodes[0], self._writer
        if node.target is operator.getitem:
            whole: Any = node.args[0]
            if not _is_tensor(self._runs[0], whole):  # a part of a tuple
                self._values[node] = self._values[whole][node.args[1]]
                return
        args, kwargs = self._arguments([n.args for n in nodes]), self._arguments([n.kwargs for n in nodes])
        writer.result = self._result(nodes)
        writer.used_parts = [u.args[1] for u in node.users if u.target is operator.getitem and u.users]
        translate = translator_of(node)
        value = None
        if translate is not None:
            try:
                value = translate(writer, *args, **kwargs)
            except (NotFollowed, TypeError, AttributeError, IndexError, KeyError, ValueError):
                value = None  # an argument that the translator does not know
        if value is None or not _fits(value, writer.result):
            value = self._unknown(node, (args, kwargs))
        self._values[node] = self._declared(value, writer.result, nodes)

    def _unknown(self, node: fx.Node, arguments: Any) -> Any:
        """An operation that nobody knows: all that goes into it, the module's own tensors too, keeps its order."""
        inputs = list(_values_in(arguments))
        name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
        if node.op == "call_module":
            module = self._model.get_submodule(str(node.target))
            name = type(module).__name__
            for inner, tensor in tensors_of(module):
                inputs.append(self._stored.held(tensor, f"{node.target}.{inner}"))
        results = list(_values_in(self._writer.result))
        outputs = iter(self._writer.node(f"torch::{name}", inputs, len(results)))
        return _replaced(self._writer.result, outputs)

    def _declared(self, value: Any, result: Any, nodes: Sequence[fx.Node]) -> Any:
        """The value with the shapes that the runs saw."""
        types = iter([tensor.dtype for tensor in tensors_in(self._runs[0].values[nodes[0]])])
        declared = []
        for found, seen in zip(_values_in(value), _values_in(result)):
            kind = TYPES.get(next(types), "other")
            if found.name.startswith("%") and found.name not in self._declared_names:
                self._declared_names.add(found.name)
                self._writer.network.declare(found.name, kind, seen.open_shape())
            declared.append(Value(found.name, seen.shapes, kind))
        return _replaced(result, iter(declared))

    def _result(self, nodes: Sequence[fx.Node]) -> Any:
        """The shapes of the result: tensors as Values without a name."""
        values = [run.values[node] for run, node in zip(self._runs, nodes)]
        shapes = zip(*([tuple(tensor.shape) for tensor in tensors_in(value)] for value in values))
        return _replaced_tensors(values[0], iter([Value("", tuple(shape)) for shape in shapes]))

    def _arguments(self, found: Sequence[Any]) -> Any:
        """The arguments of all runs as one: numbers that differ are open."""
        first = found[0]
        if isinstance(first, fx.Node):
            return self._value_of(found)
        if isinstance(first, (tuple, list)):
            if len({len(other) for other in found}) > 1:
                return OPEN
            return tuple(self._arguments(parts) for parts in zip(*found))
        if isinstance(first, dict):
            return {key: self._arguments([other[key] for other in found]) for key in first}
        if isinstance(first, slice):
            return slice(*(self._arguments([getattr(s, end) for s in found]) for end in ("start", "stop", "step")))
        return first if all(other == first for other in found) else OPEN

    def _value_of(self, nodes: Sequence[fx.Node]) -> Any:
        if nodes[0] not in self._values and nodes[0].op == "get_attr":
            tensors = [run.values[node] for run, node in zip(self._runs, nodes)]
            name = self._writer.name
            self._values[nodes[0]] = self._stored.value(str(nodes[0].target), tensors)
            self._writer.name = name
        return self._values[nodes[0]]


def _is_tensor(run: Run, node: Any) -> bool:
    return isinstance(node, fx.Node) and isinstance(run.values[node], torch.Tensor)


def _writes(node: fx.Node) -> bool:
    """Whether the operation may write into a tensor that is used again under its old name."""
    if node.op == "call_method":
        name = str(node.target)
        return name.endswith("_") and not name.endswith("__")
    return node.op == "call_module" or getattr(node.target, "__name__", "") == "setitem"


def _values_in(value: Any) -> Iterator[Value]:
    if isinstance(value, Value):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _values_in(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _values_in(part)
    elif isinstance(value, slice):
        yield from _values_in((value.start, value.stop, value.step))


def _replaced_tensors(value: Any, values: Iterator[Value]) -> Any:
    """Tensors in nested tuples and dictionaries replaced, in the order of tensors_in()."""
    if isinstance(value, torch.Tensor):
        return next(values)
    if isinstance(value, (tuple, list)):
        return tuple(_replaced_tensors(part, values) for part in value)
    if isinstance(value, dict):
        return {key: _replaced_tensors(part, values) for key, part in value.items()}
    return value


def _replaced(value: Any, values: Iterator[Value]) -> Any:
    """The same for Values."""
    if isinstance(value, Value):
        return next(values)
    if isinstance(value, tuple):
        return tuple(_replaced(part, values) for part in value)
    if isinstance(value, dict):
        return {key: _replaced(part, values) for key, part in value.items()}
    return value


def _fits(value: Any, result: Any) -> bool:
    return len(list(_values_in(value))) == len(list(_values_in(result)))
