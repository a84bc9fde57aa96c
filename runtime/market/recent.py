"""A column that lets go of its oldest rows; those that stay keep their numbers.

The law: whoever reads rows that are held cannot tell it from an array that holds all; a row that is gone is an
error, never another row.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

Make: TypeAlias = "Callable[[str], Any]"  # makes an empty column of a type code of `array`


class Recent:
    """An `array` without its rows below `first`. Its length and its row numbers count those that are gone, too.

    Iteration gives the rows held. Not for machine code, which wants the memory of an array.
    """

    __slots__ = ("_rows", "append", "extend", "first", "typecode")

    def __init__(self, typecode: str, values: Iterable[float] = ()) -> None:
        """Hold `values` from row 0 on."""
        self._rows: array[Any] = array(typecode, values)
        self.typecode = typecode
        self.first = 0
        self.append = self._rows.append  # COST: a call less for every row of every column
        self.extend = self._rows.extend

    @property
    def held(self) -> int:
        """Return how many rows are held."""
        return len(self._rows)

    def let_go(self, before: int) -> None:
        """Let go of the rows below a number that is not beyond the end."""
        gone = before - self.first
        if gone > 0:
            assert gone <= len(self._rows), "rows that are not there yet cannot go"
            del self._rows[:gone]
            self.first = before

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def __len__(self) -> int:
        return self.first + len(self._rows)

    def __getitem__(self, at: Any) -> Any:
        first = self.first
        if at.__class__ is slice:
            start, stop = at.start, at.stop
            # COST: a rule column asks for [row:row + 1] of every argument at every close.
            if start.__class__ is int and stop.__class__ is int and first <= start and stop >= 0:
                return self._rows[start - first : max(stop - first, 0) : at.step]
            return self._rows[self._places(at)]
        place = at - first
        if place >= 0:
            return self._rows[place]
        if -len(self._rows) <= at < 0:
            return self._rows[at]
        raise IndexError(f"row {at} is not held: the oldest is {self.first}")

    def __setitem__(self, at: Any, value: Any) -> None:
        if at.__class__ is slice:
            self._rows[self._places(at)] = value
            return
        place = at - self.first
        if place < 0:
            raise IndexError(f"row {at} is not held: the oldest is {self.first}")
        self._rows[place] = value

    def _places(self, rows: slice) -> slice:
        start, stop, step = rows.indices(len(self))
        if start < min(self.first, stop):
            raise IndexError(f"row {start} is not held: the oldest is {self.first}")
        return slice(max(0, start - self.first), max(0, stop - self.first), step)


def rows_of(column: Any) -> Any:
    """Return the array of the rows that a column holds, from row `first_of` on; it is the same one for ever.

    COST: whoever reads many columns at once moves the numbers of the rows, not each column its own.
    """
    return column._rows if isinstance(column, Recent) else column


def first_of(column: Any) -> int:
    """Return the number of the oldest row that a column holds."""
    return column.first if isinstance(column, Recent) else 0


def let_go(columns: Iterable[Any], before: int) -> None:
    """Let those columns that can let go of the rows below a number; the others keep what they were given."""
    for column in columns:
        if isinstance(column, Recent):
            column.let_go(min(before, len(column)))
