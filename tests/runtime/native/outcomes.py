"""What a call comes to, in either tier: a result and what was written, or where it stopped and why."""

from __future__ import annotations

import struct
import traceback
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from runtime.native import Compiled, KernelFailed

# Where CPython's whole numbers go on and those of the machine do not.
BEYOND = ("an int beyond 64 bits", "an int beyond 2**53 meets a float")
_WHOLE = "of what is no whole number of 64 bits"


class Strict(array):  # type: ignore[type-arg]
    """An array that does not count from the end: the language has no negative index."""

    def __getitem__(self, index: int) -> float:  # type: ignore[override]
        if index < 0:
            raise IndexError
        return super().__getitem__(index)  # type: ignore[no-any-return]

    def __setitem__(self, index: int, value: float) -> None:  # type: ignore[override]
        if index < 0:
            raise IndexError
        super().__setitem__(index, value)


@dataclass(frozen=True, slots=True)
class Outcome:
    result: bytes | None
    written: tuple[bytes, ...]
    stopped_at: int  # a line, 0: not at all
    why: str = ""


def bits(value: object) -> bytes:
    """Return a scalar's type and bits, one kind of NaN."""
    if isinstance(value, float):
        return b"f" + struct.pack("<d", float("nan") if value != value else value)
    return repr(value).encode()


def memory(arguments: Sequence[object]) -> tuple[bytes, ...]:
    return tuple(
        b"".join(bits(v) for v in a.tolist()) for a in arguments if isinstance(a, array)
    )  # fmt: skip


def copies(arguments: Sequence[object]) -> list[object]:
    return [Strict(a.typecode, a) if isinstance(a, array) else a for a in arguments]


def interpreted(run: Callable[..., object], arguments: Sequence[object]) -> Outcome:
    own = copies(arguments)
    try:
        result = run(*own)
    except (ArithmeticError, ValueError, IndexError) as error:
        frame = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno or 0 for f in frame if f.filename == run.__code__.co_filename]
        return Outcome(None, memory(own), lines[-1], type(error).__name__)
    return Outcome(bits(result), memory(own), 0)


def compiled(
    code: Compiled, entry: int, arguments: Sequence[object],
    lengths: Mapping[str, int] | None = None,
) -> Outcome:  # fmt: skip
    own = [array(a.typecode, a) if isinstance(a, array) else a for a in arguments]
    try:
        result = code.call(entry, *own, lengths=lengths)
    except KernelFailed as error:
        return Outcome(None, memory(own), error.site.line, error.site.reason)
    return Outcome(bits(result), memory(own), 0)


def agree(one: Outcome, two: Outcome) -> bool:
    """Return whether machine code (`two`) did what the interpreter did, or may not be as exact."""
    if two.why in BEYOND or _WHOLE in two.why:
        return True
    return (one.result, one.written, one.stopped_at) == (two.result, two.written, two.stopped_at)
