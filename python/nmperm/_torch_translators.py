"""Which of PyTorch's functions are described in the vocabulary of ONNX: the register of translators.

A translator is found by the name of PyTorch's function, method or operator, and is called with a GraphWriter and
PyTorch's arguments. It raises NotFollowed (or a TypeError of its signature) where a use of the function is not
described; the channels are pinned then, which is always safe.
"""

from __future__ import annotations

from typing import Any, Callable, Optional, TypeVar

from torch import fx

from ._torch_graph import NotFollowed, Value

Translator = Callable[..., Any]
SameTranslator = TypeVar("SameTranslator", bound=Translator)
_TRANSLATORS: dict[str, Translator] = {}


def translator_of(node: fx.Node) -> Optional[Translator]:
    if node.op == "call_module":
        return None
    if node.op == "call_method":
        return _TRANSLATORS.get(str(node.target).strip("_"))
    module = str(getattr(node.target, "__module__", None) or "torch").split(".")[0]
    if module not in ("torch", "_operator", "builtins", "torchvision"):
        return None
    return _TRANSLATORS.get(str(getattr(node.target, "__name__", "")).strip("_"))


def translates(*names: str) -> Callable[[SameTranslator], SameTranslator]:
    def register(translator: SameTranslator) -> SameTranslator:
        for name in names:
            _TRANSLATORS[name] = translator
        return translator

    return register


def numbers_of(value: Any, count: int) -> list[int]:
    """A number for each of `count` axes from one for all of them."""
    numbers = list(value) if isinstance(value, (tuple, list)) else [value]
    numbers = numbers * count if len(numbers) == 1 else numbers
    if len(numbers) != count or any(type(number) is not int for number in numbers):
        raise NotFollowed("numbers of another length")
    return numbers


def axes_of(x: Value, dim: Any) -> list[int]:
    if dim is None or dim == ():
        return list(range(x.rank))
    return [x.axis(axis) for axis in (dim if isinstance(dim, (tuple, list)) else (dim,))]
