"""Arguments on their way into machine code, which asks nothing itself: every call is checked here.

An array is checked anew at each call: it may have grown, and then it lies elsewhere. What is
checked: what an array holds, that it reaches to `stop`, that what its owner states of its length
holds, and that what a kernel writes lies in no other array's memory.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from runtime.native.errors import BadArguments, KernelFailed, Site
from runtime.native.source import ArrayOf, Element, Entry, Extent, Scalar, Type, say

_FORMATS = {Element.FLOAT: ("d",), Element.INT: ("q", "l"), Element.BYTE: ("b",)}
_SIZES = {Element.FLOAT: 8, Element.INT: 8, Element.BYTE: 1}
_PYTHON = {Scalar.BOOL: bool, Scalar.INT: int, Scalar.FLOAT: float}
# Row numbers stay exact as floats.
MOST_ROWS = 2**53
_ROWS = ("start", "stop")
# Address, then the lengths.
Span = tuple[int, ...]


class _Buffer(ctypes.Structure):
    """`Py_buffer` of CPython's stable interface."""

    _fields_ = [
        ("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p),
    ]  # fmt: skip


@cache
def _words(count: int) -> type[ctypes.Array[ctypes.c_int64]]:
    # COST: who drops a type of `ctypes` makes it anew at the next call, which takes longer than most calls.
    return ctypes.c_int64 * count


@dataclass(frozen=True, slots=True)
class Signature:
    """What a call is checked against."""

    function: Entry
    writes: frozenset[str]
    sites: tuple[Site, ...]
    has_bounds: bool

    def wrong(self, name: str, why: str) -> BadArguments:
        return BadArguments(f"{self.function.name}: `{name}` {why}")


@dataclass(slots=True)
class Bound:
    """A kernel with its arguments; `lengths` are those the owner of an array states.

    A `Numbers` or `State` must be as long as stated, a `Block` have as many places. An array that
    is written, or whose kernel knows no `stop`, must have its length stated; with bounds checked in
    the code none needs to. Arrays may grow between calls. None stands for an array that a
    specialised kernel does not touch.
    """

    signature: Signature
    run: Callable[[Any], int]
    arguments: Sequence[object]
    lengths: Mapping[str, int]
    code: object  # what must live as long as this
    _words: Any = None
    _at: dict[str, int] = field(default_factory=dict)
    _seen: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        params = self.signature.function.params
        if len(self.arguments) != len(params):
            raise BadArguments(f"{self.signature.function.name} takes {len(params)} arguments")
        at = 0
        for name, kind in params:
            self._at[name] = at
            at += 1 + kind.rank if isinstance(kind, ArrayOf) else 1
        self._words = _words(at + 1)()
        for (name, kind), value in zip(params, self.arguments, strict=True):
            if isinstance(kind, Scalar):
                self._set(name, kind, value)
            elif value is None and name not in self.signature.function.untouched:
                raise self.signature.wrong(name, "is None, an array is due")
            elif (
                value is not None and name not in self.lengths and self._must_be_stated(name, kind)
            ):
                raise self.signature.wrong(name, "has no stated length")

    def _must_be_stated(self, name: str, kind: ArrayOf) -> bool:
        if self.signature.has_bounds:
            return False
        if kind.extent is Extent.BLOCK or not self._is_row("stop"):
            return True
        return kind.extent is Extent.FREE and name in self.signature.writes

    def _is_row(self, name: str) -> bool:
        """Return whether a parameter is a number of a row: a scalar formula may call a price so."""
        return (name, Scalar.INT) in self.signature.function.params

    def __call__(self, start: int, stop: int) -> None:
        """Run rows [start, stop); `BadArguments`, or `KernelFailed` with the line."""
        self._set("start", Scalar.INT, start)
        self._set("stop", Scalar.INT, stop)
        self.execute()

    def execute(self) -> object:
        """Run with the arguments as they are and return the result."""
        start, stop = (int(self._words[self._at[n]]) if self._is_row(n) else 0 for n in _ROWS)
        if not 0 <= start <= stop <= MOST_ROWS:
            raise BadArguments(f"rows [{start}, {stop}) are none")
        self._take_arrays(start, stop)
        number = self.run(self._words)
        if number:
            raise KernelFailed(self.signature.sites[number - 1])
        returns = self.signature.function.returns
        last = self._words[len(self._words) - 1]
        match returns:
            case Scalar.FLOAT:
                return ctypes.c_double.from_buffer_copy(ctypes.c_int64(last)).value
            case Scalar.BOOL:
                return bool(last)
            case Scalar.INT:
                return int(last)
            case Scalar.NONE:
                return None

    def _set(self, name: str, kind: Type, value: object) -> None:
        assert isinstance(kind, Scalar)
        if type(value) is not _PYTHON[kind]:
            raise self.signature.wrong(name, f"is {value!r}, {say(kind)} is due")
        fixed = self.signature.function.fixed
        if name in fixed and repr(fixed[name]) != repr(value):
            raise self.signature.wrong(
                name, f"is {value!r}, the kernel is made for {fixed[name]!r}"
            )
        if isinstance(value, float):
            self._words[self._at[name]] = ctypes.c_int64.from_buffer_copy(
                ctypes.c_double(value)
            ).value
        elif isinstance(value, int) and -(2**63) <= value < 2**63:
            self._words[self._at[name]] = value
        else:
            raise self.signature.wrong(name, f"is {value!r}, which takes more than 64 bits")

    def _take_arrays(self, start: int, stop: int) -> None:
        spans = []
        for (name, kind), value in zip(self.signature.function.params, self.arguments, strict=True):
            if not isinstance(kind, ArrayOf):
                continue
            span = (0,) * (1 + kind.rank) if value is None else self._span(name, kind, value)
            if value is not None:
                self._check_length(name, kind, span, stop, stop - start)
            at = self._at[name]
            self._words[at : at + len(span)] = span
            spans.append(span)
        now = tuple(spans)
        if now != self._seen:
            self._check_apart(now)
            self._seen = now

    def _span(self, name: str, kind: ArrayOf, value: object) -> Span:
        if isinstance(value, array) and value.typecode == kind.element and kind.rank == 1:
            return value.buffer_info()
        view = memoryview(value)  # type: ignore[arg-type]
        if view.format not in _FORMATS[kind.element] or view.itemsize != _SIZES[kind.element]:
            raise self.signature.wrong(name, f"holds `{view.format}`, {say(kind)} is due")
        if view.ndim != kind.rank or not view.c_contiguous:
            raise self.signature.wrong(name, f"is not {say(kind)}, row after row")
        if view.readonly and name in self.signature.writes:
            raise self.signature.wrong(name, "is written, but may only be read")
        shape = view.shape
        assert shape is not None
        return (_address(view), *shape)

    def _check_length(self, name: str, kind: ArrayOf, span: Span, stop: int, rows: int) -> None:
        least = self.lengths.get(name, 0)
        match kind.extent:
            case Extent.ROWS:
                least = max(least, stop)
            case Extent.BLOCK:
                if span[2] != self.lengths.get(name, span[2]):
                    raise self.signature.wrong(name, f"has {span[2]} places, not {least}")
                least = rows
            case Extent.FREE:
                pass
        if span[1] < least:
            raise self.signature.wrong(name, f"has {span[1]} elements, {least} are due")

    def _check_apart(self, spans: tuple[Span, ...]) -> None:
        """Refuse what a kernel writes where another array lies: its code takes them for separate."""
        params = [(n, k) for n, k in self.signature.function.params if isinstance(k, ArrayOf)]
        areas = []
        for (name, kind), span in zip(params, spans, strict=True):
            size = _SIZES[kind.element]
            for length in span[1:]:
                size *= length
            if size:
                areas.append((span[0], span[0] + size, name))
        # In order of address: one begins before an earlier one ends, or they are apart.
        reach, reach_written = 0, 0
        for begin, end, name in sorted(areas):
            is_written = name in self.signature.writes
            if begin < (reach if is_written else reach_written):
                raise self.signature.wrong(
                    name, "shares memory with another array, and one is written"
                )
            reach = max(reach, end)
            reach_written = max(reach_written, end if is_written else 0)


def _address(view: memoryview) -> int:
    buffer = _Buffer()
    get = ctypes.pythonapi.PyObject_GetBuffer
    get.argtypes = (ctypes.py_object, ctypes.POINTER(_Buffer), ctypes.c_int)
    get(view, ctypes.byref(buffer), 0)
    address = int(buffer.buf or 0)
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    return address
