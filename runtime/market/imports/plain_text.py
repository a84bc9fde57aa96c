"""A large text of plain numbers by machine code, on every processor: a third of what Arrow's reader takes.

The law: the columns are those that Arrow reads, bit for bit, or there are none and Arrow is asked. Who has no compiler,
or a text with one cell that is no plain number, misses only the speed.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Callable, Sequence
from typing import Any, Final

from runtime.market.imports import plain_rows

# COST: below it loading machine code takes longer than Arrow's reader.
WORTH_BYTES: Final = 1 << 25
_PART_BYTES: Final = 1 << 24
PIECE_ROWS: Final = 1 << 16

_Entry = Callable[..., object]


def read_plain(
    text: bytes | mmap.mmap, first: int, separator: str, wanted: Sequence[int], parts: int = 0
) -> Any:
    """Return an Arrow table of the columns that `wanted` asks for, in their order; None where Arrow has to.

    `first` is where the first row of data begins. `wanted` says of each column of the text what `plain_rows.read_rows`
    is told: -1, -2, … whole numbers, 1, 2, … doubles. The text is read in so many parts at once (0: one a processor).
    """
    from runtime.native import KernelFailed, NativeMissing, compile_kernels, read
    from runtime.native.cache import folder

    try:
        code = compile_kernels(read(plain_rows.read_rows), where=folder())
        return read_by(code.call, text, first, separator, wanted, parts)
    except (NativeMissing, KernelFailed):
        return None


def read_by(
    call: Callable[..., object],
    text: bytes | mmap.mmap,
    first: int,
    separator: str,
    wanted: Sequence[int],
    parts: int = 0,
) -> Any:
    """Return the same by `call(entry, *arguments, lengths=…)`, the first entry being `plain_rows.read_rows`."""
    # COST: only a large text needs threads of its own; what they are made of takes a while to load.
    from concurrent.futures import ThreadPoolExecutor

    import pyarrow as pa

    count = parts or max(1, min(pa.cpu_count(), (len(text) - first) // _PART_BYTES))
    cuts = _cuts(text, first, count)
    with memoryview(text) as raw, raw.cast("b") as view, ThreadPoolExecutor(count) as threads:
        reader = _Reader(call, view, ord(separator), array("q", wanted))
        found = list(threads.map(reader.between, cuts[:-1], cuts[1:]))
    if any(pieces is None for pieces in found):
        return None
    batches = [piece for pieces in found if pieces is not None for piece in pieces]
    return pa.Table.from_batches(batches) if batches else None


def _cuts(text: bytes | mmap.mmap, first: int, count: int) -> list[int]:
    """Return where `count` parts of a text begin, each at the beginning of a line, and where the last one ends."""
    end = len(text)
    begins = (first + (end - first) * part // count for part in range(1, count))
    lines = (text.find(b"\n", begin) + 1 or end for begin in begins)
    return [first, *lines, end]


class _Reader:
    """Reads parts of one text; each part has its own memory, so that they may be read at once."""

    def __init__(self, call: _Entry, text: memoryview, separator: int, wanted: array[int]) -> None:
        self._call = call
        self._text = text
        self._separator = separator
        self._wanted = wanted
        self._powers = array("d", [float(10**digits) for digits in range(19)])

    def between(self, first: int, end: int) -> list[Any] | None:
        """Return the rows in [first, end) as Arrow's batches, None where a cell is no plain number."""
        at = array("q", [first, *[0] * (plain_rows.AT_SIZE - 1)])
        pieces = []
        while at[plain_rows.POSITION] < end:
            piece = self._piece(at, end)
            if piece is None:
                return None
            pieces.append(piece)
        return pieces

    def _piece(self, at: array[int], end: int) -> Any:
        import pyarrow as pa

        # A cell has at least one sign and one behind it, save the last one of the text.
        left = end - at[plain_rows.POSITION]
        size = min(PIECE_ROWS, left // (2 * len(self._wanted)) + 1)
        counts = (
            sum(1 for goal in self._wanted if goal < 0),
            sum(1 for goal in self._wanted if goal > 0),
        )
        # COST: Arrow's own memory, which nobody has to clear and which is Arrow's when the columns are.
        wholes, doubles = (pa.allocate_buffer(8 * size * count) for count in counts)
        views: list[memoryview[int] | memoryview[float]] = [
            memoryview(wholes).cast("B").cast("q"),
            memoryview(doubles).cast("B").cast("d"),
        ]
        lengths = {
            "text": len(self._text), "wanted": len(self._wanted), "powers": len(self._powers),
            "wholes": len(views[0]), "doubles": len(views[1]), "at": len(at),
        }  # fmt: skip
        rows = self._call(
            0, self._text, end, self._separator, self._wanted, self._powers, size, *views, at, 0, size, lengths=lengths
        )  # fmt: skip
        if not isinstance(rows, int) or rows == plain_rows.ODD:
            return None
        return self._batch(wholes, doubles, size, rows)

    def _batch(self, wholes: Any, doubles: Any, size: int, rows: int) -> Any:
        """Return the columns in the order of the text, named by their places."""
        import pyarrow as pa

        arrays, names = [], []
        for place, goal in enumerate(self._wanted):
            if goal == plain_rows.LEFT_OUT:
                continue
            buffer, kind = (doubles, pa.float64()) if goal > 0 else (wholes, pa.int64())
            column = buffer.slice((abs(goal) - 1) * size * 8, rows * 8)
            arrays.append(pa.Array.from_buffers(kind, rows, [None, column]))
            names.append(str(place))
        return pa.RecordBatch.from_arrays(arrays, names=names)
