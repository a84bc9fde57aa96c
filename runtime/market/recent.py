"""A column that lets go of its oldest rows; those that stay keep their numbers.

The law: whoever reads rows that are held cannot tell it from an array that holds all; a row that is gone is an
error, never another row.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

Make: TypeAlias = "Callable[[str], Any]"  # makes an empty column of a type code of `array`

_get, _set, _drop, _held = array.__getitem__, array.__setitem__, array.__delitem__, array.__len__


class Recent(array):  # type: ignore[type-arg]  # arrays cannot be subscripted at run time before 3.12
    """An array without its rows below `first`. Its length and its row numbers count those that are gone, too.

    Iteration gives the rows held. Not for machine code, which sees the memory and not the numbers.
    """

    __slots__ = ("first",)

    def __init__(self, typecode: str, values: Iterable[float] = ()) -> None:
        """Hold `values` from row 0 on (`array` has taken them in already)."""
        self.first = 0

    @property
    def held(self) -> int:
        """Return how many rows are held."""
        return _held(self)

    def let_go(self, before: int) -> None:
        """Let go of the rows below a number that is not beyond the end."""
        gone = before - self.first
        if gone > 0:
            assert gone <= _held(self), "rows that are not there yet cannot go"
            _drop(self, slice(0, gone))
            self.first = before

    def __len__(self) -> int:
        return self.first + _held(self)

    def __getitem__(self, at: Any) -> Any:
        if at.__class__ is slice:
            return _get(self, self._places(at))
        place = at - self.first
        if place >= 0:
            return _get(self, place)
        if -_held(self) <= at < 0:
            return _get(self, at)
        raise IndexError(f"row {at} is not held: the oldest is {self.first}")

    def __setitem__(self, at: Any, value: Any) -> None:
        if at.__class__ is slice:
            _set(self, self._places(at), value)
            return
        place = at - self.first
        if place < 0:
            raise IndexError(f"row {at} is not held: the oldest is {self.first}")
        _set(self, place, value)

    def _places(self, rows: slice) -> slice:
        start, stop, step = rows.indices(len(self))
        if start < min(self.first, stop):
            raise IndexError(f"row {start} is not held: the oldest is {self.first}")
        return slice(max(0, start - self.first), max(0, stop - self.first), step)


def first_of(column: Any) -> int:
    """Return the number of the oldest row that a column holds."""
    return column.first if isinstance(column, Recent) else 0


def let_go(columns: Iterable[Any], before: int) -> None:
    """Let those columns that can let go of the rows below a number; the others keep what they were given."""
    for column in columns:
        if isinstance(column, Recent):
            column.let_go(min(before, len(column)))
