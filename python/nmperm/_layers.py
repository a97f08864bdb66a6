"""Many layers, several at a time."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Iterable, Iterator, Mapping, Union

from . import _arguments as arguments
from . import _nmperm
from ._solution import Interrupted, Solution
from ._solve import solve_with


def solve_layers(
    layers: Union[Mapping[str, Any], Iterable[Any]], *, threads: int = 0, **parameters: Any
) -> Iterator[tuple[Any, Solution]]:
    """Searches for the permutations of many layers, `threads` of them at once, each with one thread.

    layers: a mapping from names to scores, or an iterable of (name, scores) pairs, or of scores alone, which are
        then named 0, 1, 2, ... Taken as needed: a generator that loads one layer after the other never has more than
        2 * threads of them in memory.
    threads: 0 stands for all processors.
    parameters: those of ``solve()``, for each layer (a time limit is that of one layer); not ``threads``, ``start``,
        ``segments`` and ``on_incumbent``.

    Yields (name, solution) in the order of `layers`. Ctrl-C raises ``Interrupted``; so does leaving the loop end all
    searches that still run. An error names the layer.
    """
    unknown = {"start", "segments", "on_incumbent"} & parameters.keys()
    if unknown:
        raise TypeError(f"{sorted(unknown)[0]}: not an argument of solve_layers() (use solve() for each layer)")
    workers = arguments.whole_number(threads, "threads", 0, 4096) or os.cpu_count() or 1
    return _solutions(_pairs(layers), workers, parameters)


def _pairs(layers: Union[Mapping[str, Any], Iterable[Any]]) -> Iterator[tuple[Any, Any]]:
    if isinstance(layers, Mapping):
        yield from layers.items()
        return
    for number, layer in enumerate(layers):
        if isinstance(layer, tuple) and len(layer) == 2:
            yield layer[0], layer[1]
        else:
            yield number, layer


def _solutions(
    pairs: Iterator[tuple[Any, Any]], workers: int, parameters: Mapping[str, Any]
) -> Iterator[tuple[Any, Solution]]:
    cancel = _nmperm.CancelToken()
    pending: deque[tuple[Any, Future[Solution]]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="nmperm")
    try:
        for name, scores in pairs:
            pending.append((name, pool.submit(solve_with, cancel, scores, threads=1, **parameters)))
            del scores
            if len(pending) >= 2 * workers:
                yield _outcome(*pending.popleft())
        while pending:
            yield _outcome(*pending.popleft())
    except KeyboardInterrupt:
        raise Interrupted() from None
    finally:
        cancel.cancel()
        pool.shutdown(wait=True, cancel_futures=True)


def _outcome(name: Any, future: Future[Solution]) -> tuple[Any, Solution]:
    try:
        return name, future.result()
    except (ValueError, TypeError) as error:
        raise type(error)(f"layer {name!r}: {error}") from error
