"""Running one catalogue entry over bars, whole or in chunks."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from itertools import pairwise

from hypothesis import strategies as st

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import defaults
from compiler.catalog.types import ParamKind, ParamValue
from runtime.features import FEATURES
from runtime.kernel import Kernel, compute
from runtime.market.frame import Frame
from runtime.structures import STRUCTURES

KERNELS = {k.type: k for k in (*FEATURES, *STRUCTURES)}
Columns = dict[str, array]


def run(
    type_: str, frame: Frame, params: Mapping[str, ParamValue] | None = None,
    depends: Sequence[array] = (), cuts: Sequence[int] = (), stop: int | None = None,
    kernel: Kernel | None = None,
) -> Columns:  # fmt: skip
    """Return the output columns of an entry; `cuts` are the rows at which calls end.

    `kernel` stands in for the catalogue's own.
    """
    entry, kernel = CATALOGUE[type_], kernel or KERNELS[type_]
    full = dict(defaults(entry)) | dict(params or {})
    outputs: Columns = {o.name: array("d") for o in entry.outputs_for(full)}
    state = array("d", bytes(8 * kernel.state_size(full)))
    inputs = [column(frame, entry.default_source if n == "source" else n) for n in entry.inputs]
    arguments = [argument(spec, full[spec.name]) for spec in entry.params]
    end = len(frame) if stop is None else stop
    for start, upto in pairwise([0, *sorted({min(c, end) for c in cuts} - {0, end}), end]):
        for values in outputs.values():
            values.extend([math.nan] * (upto - start))
        before = [*inputs, *depends, *arguments]
        compute(kernel, before, [*outputs.values()], state, start, upto)
    return outputs


def column(frame: Frame, name: str) -> array:
    if name == "ts":
        return frame.ts
    if name == "mark":
        return array("d", [math.nan] * len(frame))
    return frame.column(name)


def argument(spec: object, value: ParamValue) -> object:
    from compiler.catalog.types import ParamSpec

    assert isinstance(spec, ParamSpec)
    if spec.kind is ParamKind.ENUM:
        return spec.choices.index(str(value))
    return array("d", value) if isinstance(value, tuple) else value


def dependencies(type_: str, frame: Frame) -> list[array]:
    """Return the columns a structure reads, from small structures on the same bars."""
    found = []
    for spec in CATALOGUE[type_].depends:
        needed = (spec.types or ("hl2" if spec.is_source else "swing",))[0]
        short = {"left": 2, "right": 2, "atr_length": 3}
        params = {p.name: short[p.name] for p in CATALOGUE[needed].params if p.name in short}
        source = run(needed, frame, params, dependencies(needed, frame))
        found += [source[name] for name in spec.columns]
    return found


def same(one: Sequence[float], two: Sequence[float]) -> bool:
    """Return whether two columns are bit-identical, NaN equal to NaN."""
    return array("d", one).tobytes() == array("d", two).tobytes()


@st.composite
def frames(draw: st.DrawFn, low: int = 1, high: int = 120) -> Frame:
    """Draw bars of a small market: ties, flat bars and jumps are common."""
    count = draw(st.integers(low, high))
    frame = Frame("X", "1m", 60_000)
    close = 100.0
    for index in range(count):
        open_ = close if draw(st.booleans()) else close + draw(st.integers(-3, 3))
        close = max(5.0, open_ + draw(st.integers(-4, 4)))
        open_ = max(5.0, open_)
        top = max(open_, close) + draw(st.integers(0, 3))
        bottom = min(open_, close) - draw(st.integers(0, 3))
        frame.append(index * 60_000, open_, top, bottom, close, float(draw(st.integers(0, 50))))
    return frame
