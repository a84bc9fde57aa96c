"""What a column of symbols says of the rows it stands in.

The law: a row without a symbol beside rows that have one is of nobody, and never counts as theirs. A column without
any says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SYMBOL_NAMES = ("symbol", "ticker", "pair", "instrument")
# What programs write into a cell that holds nothing.
_BLANKS = ("", "nan", "none", "null", "<na>", "n/a")


@dataclass(frozen=True, slots=True)
class Said:
    """The different words of a column, and its rows without one (from 0), where there are words at all."""

    words: tuple[str, ...]
    blank: int = 0
    first_blank: int | None = None


def symbol_columns(names: Sequence[str]) -> list[str]:
    """Return the columns that hold symbols, in their order."""
    return [name for name in names if name.strip().lower() in SYMBOL_NAMES]


def is_blank(cell: object) -> bool:
    """Return whether a cell holds no symbol."""
    return cell is None or str(cell).strip().lower() in _BLANKS


def said_by(column: Any) -> Said:
    """Return what an Arrow column of symbols says."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = pc.cast(column, pa.string())
    found = pc.unique(cells).to_pylist()
    words = tuple(str(cell) for cell in found if not is_blank(cell))
    if not words or len(words) == len(found):
        return Said(words)
    named = pc.is_in(cells, pa.array(words, pa.string()))
    return Said(words, len(cells) - int(pc.sum(named).as_py()), int(pc.index(named, False).as_py()))
