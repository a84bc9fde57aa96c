"""Whole columns at once: is every value like this, how many rows are missing, the same times later.

The law: a question gets yes or no; which row it is that is not like the others is asked elsewhere, row by row.
COST: a million rows take milliseconds; most data are as they should be.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, Final

PIECE_ROWS: Final = 1 << 16


def times_are_even(ts: array[int], interval: int) -> bool:
    """Return whether times (ms) rise, on one grid of an interval (0: on any)."""
    import pyarrow.compute as pc

    earlier, later = _neighbours(ts)
    if not _is_true(pc.greater(later, earlier)):
        return False
    steps = pc.subtract(later, earlier)
    whole = pc.multiply(pc.divide(steps, interval), interval) if interval else steps
    return _is_true(pc.equal(whole, steps))


def longest_step(ts: array[int]) -> int:
    """Return the longest time (ms) between two rows, 0 for fewer."""
    import pyarrow.compute as pc

    earlier, later = _neighbours(ts)
    return int(pc.max(pc.subtract(later, earlier)).as_py() or 0)


def missing_rows(ts: array[int], interval: int) -> int:
    """Return how many rows of an interval (ms) lie between two that are there, over all of them."""
    import pyarrow.compute as pc

    earlier, later = _neighbours(ts)
    steps = pc.divide(pc.subtract(later, earlier), interval)
    return int(pc.sum(steps).as_py() or 0) - len(steps)


def bars_are_possible(columns: Sequence[array[float]]) -> bool:
    """Return whether open, high, low, close, volume are finite, in order, and nothing is negative."""
    import pyarrow.compute as pc

    open_, high, low, close, volume = columns_ = [arrow_of(column) for column in columns]
    if not len(open_):
        return True
    if not all(_is_true(pc.is_finite(column)) for column in columns_):
        return False
    if pc.min(low).as_py() <= 0.0 or pc.min(volume).as_py() < 0.0:
        return False
    pairs = ((low, high), (open_, high), (close, high), (low, open_), (low, close))
    return all(_is_true(pc.less_equal(less, more)) for less, more in pairs)


def pieces(rows: Any) -> Iterator[Any]:
    """Yield an Arrow table or column in pieces, each of which begins with the last row of the one before.

    COST: what is made of a piece stays in the processor's cache; columns of ten million rows leave it at each step.
    """
    for start in range(0, len(rows), PIECE_ROWS):
        yield rows.slice(start, PIECE_ROWS + 1)


def column_rises(column: Any) -> bool:
    """Return whether each value of an Arrow column is above the one before it."""
    import pyarrow.compute as pc

    return all(_is_true(pc.greater(piece[1:], piece[:-1])) for piece in pieces(column))


def has_longer_step(column: Any, interval: int) -> bool:
    """Return whether a value of an Arrow column of times is more than an interval after the one before it."""
    import pyarrow.compute as pc

    steps = (pc.max(pc.subtract(piece[1:], piece[:-1])).as_py() for piece in pieces(column))
    return any(step is not None and step > interval for step in steps)


def are_multiples(column: array[float], step: float, slack: float, noise: float) -> bool:
    """Return whether finite values are multiples of a step, within `slack` or `noise` of their number."""
    import pyarrow.compute as pc

    steps = pc.divide(arrow_of(column), step)
    off = pc.abs(pc.subtract(steps, pc.round(steps)))
    allowed = pc.max_element_wise(slack, pc.multiply(pc.abs(steps), noise))
    return _is_true(pc.less_equal(off, allowed))


def later(ts: array[int], by: int) -> array[int]:
    """Return times (ms) so much later."""
    import pyarrow.compute as pc

    return array_of("q", pc.add(arrow_of(ts), by))


def counts(column: array[float]) -> array[int]:
    """Return whole numbers that a column holds as doubles."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return array_of("q", pc.cast(arrow_of(column), pa.int64()))


def array_of(code: str, column: Any) -> array[Any]:
    """Return the values of an Arrow array, or of a column in pieces, of times or numbers, none of them missing.

    COST: buffers as they are; ten million rows would take seconds through Python numbers.
    """
    assert column.null_count == 0, "what is missing has no value"
    values: array[Any] = array(code)
    for chunk in getattr(column, "chunks", (column,)):
        if len(chunk):
            start = chunk.offset * 8
            values.frombytes(memoryview(chunk.buffers()[1])[start : start + len(chunk) * 8])
    return values


def arrow_of(column: array[Any]) -> Any:
    """Return a column of times or numbers as an Arrow array over the same memory."""
    import pyarrow as pa

    kind = pa.int64() if column.typecode == "q" else pa.float64()
    return pa.Array.from_buffers(kind, len(column), [None, pa.py_buffer(column)])


def _neighbours(ts: array[int]) -> tuple[Any, Any]:
    times = arrow_of(ts)
    return times.slice(0, max(0, len(times) - 1)), times.slice(1)


def _is_true(truths: Any) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(truths).as_py())
