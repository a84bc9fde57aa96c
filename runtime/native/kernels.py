"""Catalogue kernels with machine code in the place of their functions.

The law: whoever computes with one gets the columns of the other. Where machine code stops, the rows of
that call are computed anew as Python: what raises there raises, what is beyond 64 bits is exact.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import nan
from pathlib import Path

from runtime.kernel import Kernel
from runtime.native import at_hand
from runtime.native.compile import Compiled, checks_bounds
from runtime.native.errors import KernelFailed
from runtime.native.source import ArrayOf, Extent


def native_kernels(kernels: Iterable[Kernel], where: Path | None = None) -> dict[str, Kernel]:
    """Return kernels by type, compiled together; `where` is the folder of the cache.

    `NativeMissing` where no code can be made for this machine.
    """
    known = {kernel.type: kernel for kernel in kernels}
    compiled = _compiled(tuple(kernel.run for kernel in known.values()), where, checks_bounds())
    return {
        name: replace(kernel, run=_Run(kernel, compiled, entry))
        for entry, (name, kernel) in enumerate(known.items())
    }


@lru_cache(maxsize=64)
def _compiled(
    runs: tuple[Callable[..., None], ...], where: Path | None, has_bounds: bool
) -> Compiled:
    """Return functions compiled together. COST: reading and loading them takes longer than a short history."""
    return at_hand.compiled(runs, where=where, has_bounds=has_bounds)


@dataclass(frozen=True, slots=True)
class _Run:
    """One kernel's machine code, called as its function is: `start` and `stop` come last."""

    kernel: Kernel
    compiled: Compiled
    entry: int

    def __call__(self, *arguments: object) -> None:
        signature = self.compiled.signatures[self.entry]
        given = list(zip(signature.function.params, arguments, strict=True))
        lengths: dict[str, int] = {}
        memories: list[tuple[array[float], array[float]]] = []
        for (name, kind), value in given:
            if isinstance(value, memoryview) and value.shape is not None:
                lengths[name] = value.shape[1]
            elif isinstance(value, array) and isinstance(kind, ArrayOf):
                if kind.extent is Extent.FREE:
                    lengths[name] = len(value)
                    if name in signature.writes:
                        memories.append((value, value[:]))
        try:
            self.compiled.call(self.entry, *arguments, lengths=lengths)
        except KernelFailed:
            for memory, before in memories:
                memory[:] = before
            start, stop = arguments[-2:]
            assert isinstance(start, int)
            assert isinstance(stop, int)
            for (name, kind), value in given:
                if name in signature.writes and isinstance(kind, ArrayOf):
                    _make_unknown(value, kind.extent, start, stop)
            self.kernel.run(*arguments)


def _make_unknown(rows: object, extent: Extent, start: int, stop: int) -> None:
    """Make the rows [start, stop) of an output unknown again: some of them are written."""
    if isinstance(rows, memoryview):
        flat = rows.cast("B").cast("d")
        flat[:] = array("d", [nan]) * len(flat)
    elif isinstance(rows, array) and extent is Extent.ROWS:
        rows[start:stop] = array("d", [nan]) * (stop - start)
