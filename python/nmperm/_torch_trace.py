"""Follows a PyTorch model on an example: torch.fx nodes together with the values that they have there.

Symbolic tracing alone knows no shapes, and stops at code that asks for them. Here every operation is also carried out
on the example as it is recorded, so that sizes are plain numbers and only what the model computes from the elements of
tensors is out of reach: a module that decides by them becomes one operation that nobody looks into.
"""

from __future__ import annotations

import operator
from types import FunctionType
from typing import Any, Callable, Iterable, Iterator

import torch
from torch import fx, nn

# What a tensor says of itself without its elements.
_ABOUT_SHAPES = frozenset(
    "size dim ndimension numel nelement stride storage_offset element_size is_contiguous is_floating_point is_complex "
    "is_signed get_device type".split()
)


class Untraceable(Exception):
    """The code of a module cannot be followed; `path` is its name in the model, "" for the model itself."""

    def __init__(self, path: str, reason: BaseException) -> None:
        super().__init__(f"{type(reason).__name__}: {reason}".split("\n")[0])
        self.path = path


class ValueProxy(fx.Proxy):
    """Stands for a tensor while a model runs: records what is done with it, and answers for the example's shape."""

    tracer: ValueTracer

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        asked_for: type = torch.Tensor  # by models, as isinstance(x, Tensor)
        return asked_for

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.tracer.values[self.node], name)
        if isinstance(attribute, torch.Tensor):
            return self.tracer.create_proxy("call_function", getattr, (self, name), {})
        return fx.proxy.Attribute(self, name) if callable(attribute) else attribute

    def __len__(self) -> int:
        return len(self.tracer.values[self.node])

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    def __getitem__(self, key: Any) -> Any:
        return self.tracer.create_proxy("call_function", operator.getitem, (self, key), {})

    def __setitem__(self, key: Any, value: Any) -> None:
        self.tracer.create_proxy("call_function", operator.setitem, (self, key, value), {})


class ValueTracer(fx.Tracer):
    """One run of a model. Afterwards `graph` has its nodes, `values` theirs, and `scopes` the module each lies in."""

    def __init__(self, model: nn.Module, opaque: set[str]) -> None:
        super().__init__()
        self.values: dict[fx.Node, Any] = {}
        self.scopes: dict[fx.Node, str] = {}
        self._opaque = opaque
        self._running = False
        self._path = [""]
        self._nodes_of_tensors: dict[int, fx.Node] = {}
        self._made: list[torch.Tensor] = []  # keeps them alive: they are known by their id
        self._names = {id(tensor): name for name, tensor in reversed(list(tensors_of(model)))}
        self._inputs: list[torch.Tensor] = []
        self._rebuild: Callable[[Iterator[Any]], tuple[tuple[Any, ...], dict[str, Any]]]

    def follow(self, model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> fx.Graph:
        # Copies, because operations in place are carried out.
        self._inputs = [tensor.clone() for tensor in tensors_in((args, kwargs))]
        self._rebuild = lambda tensors: (replace_tensors(args, tensors), replace_tensors(kwargs, tensors))
        try:
            graph: fx.Graph = self.trace(model)
            return graph
        except Untraceable:
            raise
        except Exception as error:
            raise Untraceable("", error) from error

    def create_args_for_root(self, root_fn: Any, is_module: bool, concrete_args: Any = None) -> tuple[Any, list[Any]]:
        proxies = []
        for number, value in enumerate(self._inputs):
            node = self.create_node("placeholder", f"input_{number}", (), {})
            proxies.append(self._wrap(node, value))
        args, kwargs = self._rebuild(iter(proxies))

        def run(root: nn.Module) -> Any:
            return root.forward(*args, **kwargs)

        return run, [self.root]

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if self._running:
            return forward(*args, **kwargs)
        path = self.path_of_module(m)
        if path in self._opaque or _is_hooked(m):
            return self.create_proxy("call_module", path, args, kwargs)
        self._path.append(path)
        try:
            return forward(*args, **kwargs)
        except Untraceable:
            raise
        except Exception as error:
            raise Untraceable(path, error) from error
        finally:
            self._path.pop()

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: Any) -> Any:
        if self._running or not isinstance(attr_val, torch.Tensor):
            return attr_val
        return self.proxy(self._node_of(attr_val))

    def proxy(self, node: fx.Node) -> ValueProxy:
        proxy: ValueProxy = ValueProxy(node, self)
        return proxy

    def create_arg(self, a: Any) -> Any:
        if type(a) is ValueProxy:
            return a.node
        if isinstance(a, torch.Tensor):
            return self._node_of(a)
        return super().create_arg(a)

    def create_node(self, *args: Any, **kwargs: Any) -> fx.Node:
        node: fx.Node = super().create_node(*args, **kwargs)
        self.scopes[node] = self._path[-1]
        return node

    def create_proxy(
        self, kind: str, target: Any, args: Any, kwargs: Any, name: Any = None, type_expr: Any = None, **_: Any
    ) -> Any:
        if kind == "call_function" and _is_wrapped(target):
            try:
                return target(*args, **kwargs)
            except Exception:  # noqa: BLE001  (whatever its code does: then it is one operation)
                pass
        node = self.create_node(kind, target, self.create_arg(args), self.create_arg(kwargs), name, type_expr)
        value = self._run(node)
        if value is None:  # what happened, happened to the arguments: the node stays
            self.values[node] = None
            return None
        if any(True for _ in tensors_in(value)):
            return self._wrap(node, value)
        called = target if isinstance(target, str) else getattr(target, "__name__", str(target))
        if kind == "call_module" or called not in _ABOUT_SHAPES:
            raise TypeError(f"'{called}' makes numbers of the elements of a tensor")
        self.graph.erase_node(node)
        return value

    def _node_of(self, tensor: torch.Tensor) -> fx.Node:
        """The node of a tensor that is no result of a followed operation: one of the model, or made in forward()."""
        node = self._nodes_of_tensors.get(id(tensor))
        if node is None:
            name = self._names.get(id(tensor))
            if name is None:
                name = f"tensor made in forward() #{len(self._made)}"
                self._made.append(tensor)
            node = self.create_node("get_attr", name, (), {})
            self._nodes_of_tensors[id(tensor)] = node
            self.values[node] = tensor
        return node

    def _run(self, node: fx.Node) -> Any:
        args = fx.node.map_arg(node.args, self.values.__getitem__)
        kwargs = fx.node.map_arg(node.kwargs, self.values.__getitem__)
        self._running = True
        try:
            target: Any = node.target  # what is called, or its name
            if node.op == "call_method":
                return getattr(args[0], target)(*args[1:], **kwargs)
            return (self.root.get_submodule(target) if node.op == "call_module" else target)(*args, **kwargs)
        finally:
            self._running = False

    def _wrap(self, node: fx.Node, value: Any) -> Any:
        """Proxies in the place of a value's tensors."""
        if isinstance(value, torch.Tensor):
            self.values[node] = value
            return self.proxy(node)
        if isinstance(value, (tuple, list)):
            self.values[node] = value
            parts = [self._part(node, index, part) for index, part in enumerate(value)]
            return tuple(parts) if type(value) is tuple else type(value)(parts)
        if type(value) is dict:
            self.values[node] = value
            return {key: self._part(node, key, part) for key, part in value.items()}
        if any(True for _ in tensors_in(value)):
            raise TypeError(f"a result of type {type(value).__name__}")
        return value

    def _part(self, node: fx.Node, key: Any, part: Any) -> Any:
        if not any(True for _ in tensors_in(part)):
            return part
        return self._wrap(self.create_node("call_function", operator.getitem, (node, key), {}), part)

    _module_getattr = getattr  # its name before PyTorch 1.13


def _is_wrapped(target: Any) -> bool:
    """Whether this is a function of a library that asked torch.fx not to look into it."""
    return isinstance(target, FunctionType) and target.__module__.split(".")[0] != "torch"


def _is_hooked(module: nn.Module) -> bool:
    """Whether more than its forward() happens when the module is called, or its parameters are made from others."""
    hooks = (module._forward_hooks, module._forward_pre_hooks)
    return any(hooks) or hasattr(module, "parametrizations") or isinstance(module, torch.jit.ScriptModule)


def tensors_of(model: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor that the model holds, by each of its names: parameters, buffers and plain attributes."""
    for path, module in model.named_modules(remove_duplicate=False):
        prefix = path + "." if path else ""
        for held in (module._parameters, module._buffers, module.__dict__):
            for name, value in held.items():
                if isinstance(value, torch.Tensor):
                    yield prefix + name, value


def tensors_in(value: Any) -> Iterator[Any]:
    """The tensors in nested tuples, lists and dictionaries, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from tensors_in(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from tensors_in(part)
    elif hasattr(value, "__dataclass_fields__"):
        yield from tensors_in(list(vars(value).values()))


def replace_tensors(value: Any, tensors: Iterator[Any]) -> Any:
    """`value` with other tensors, in the order of tensors_in()."""
    if isinstance(value, torch.Tensor):
        return next(tensors)
    if isinstance(value, (tuple, list)):
        parts = [replace_tensors(part, tensors) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(value, dict):
        return {key: replace_tensors(part, tensors) for key, part in value.items()}
    return value


class Run:
    """The nodes of a model on one example, and their values."""

    def __init__(self, tracer: ValueTracer, graph: fx.Graph) -> None:
        self.nodes = list(graph.nodes)
        self.values = tracer.values
        self.scopes = tracer.scopes


def run_model(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], opaque: set[str]) -> Run:
    """Follows the model; modules whose code cannot be followed join `opaque`. Raises Untraceable for the model
    itself."""
    while True:
        tracer = ValueTracer(model, opaque)
        try:
            return Run(tracer, tracer.follow(model, args, kwargs))
        except Untraceable as error:
            if not error.path or error.path in opaque:
                raise
            opaque.add(error.path)


def with_larger_batch(value: Any) -> Any:
    """The example with one more element along axis 0 of every tensor that is as long there as the first."""
    first = next(tensors_in(value))
    size = first.shape[0] if first.dim() > 0 else 0
    grown: Iterable[torch.Tensor] = (
        torch.cat([tensor, tensor[:1]]) if size > 0 and tensor.dim() > 0 and tensor.shape[0] == size else tensor
        for tensor in tensors_in(value)
    )
    return replace_tensors(value, iter(list(grown)))


def same_operations(a: Run, b: Run) -> bool:
    """Whether two runs did the same, but for numbers."""
    return [(n.op, str(n.target)) for n in a.nodes] == [(n.op, str(n.target)) for n in b.nodes]
