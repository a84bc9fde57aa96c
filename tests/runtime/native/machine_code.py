"""Every kernel of the catalogue as machine code, in the shape the interpreter's have."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

from compiler.catalog.types import Params
from runtime.kernel import Kernel
from runtime.native import Compiled, compile_kernels, read
from runtime.native.source import ArrayOf, Extent
from tests.runtime.kernels.bench import KERNELS

TYPES = sorted(KERNELS)


@cache
def everything(has_bounds: bool) -> Compiled:
    return compile_kernels(read(*(KERNELS[t].run for t in TYPES)), has_bounds=has_bounds)


def native(type_: str, params: Params, *, has_bounds: bool) -> Kernel:
    """Return the kernel of a type with machine code in the place of its function."""
    kernel, entry, compiled = KERNELS[type_], TYPES.index(type_), everything(has_bounds)
    signature = compiled.signatures[entry].function.params
    block = next(
        (n for n, k in signature if isinstance(k, ArrayOf) and k.extent is Extent.BLOCK), ""
    )

    def run(*arguments: object) -> None:
        lengths = {"state": kernel.state_size(params)}
        if block:
            at = [name for name, _ in signature].index(block)
            lengths[block] = arguments[at].shape[1]  # type: ignore[attr-defined]
        compiled.call(entry, *arguments, lengths=lengths)

    return replace(kernel, run=run)


def plain(column: object) -> list[float]:
    """Return values with one kind of NaN: which NaN an operation gives is the processor's affair."""
    return [math.nan if v != v else v for v in column]  # type: ignore[attr-defined]
