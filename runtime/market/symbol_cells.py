"""What a column of symbols says of the rows it stands in.

The law: a row without a symbol beside rows that have one is of nobody, and never counts as theirs. A column without
any says nothing. Which columns hold symbols is told here alone, for imports and for files that are run as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.market.whose import is_about, is_called

# Names without case and signs (`instId` is `instid`), the surest first.
SYMBOL_NAMES = (
    "symbol", "ticker", "pair", "instrument", "instrumentname", "instid", "code", "symbolid", "currencypair",
    "tradingpair", "instrumentid",
)  # fmt: skip
# Names whose cells may say the symbol, or in which market or kind of contract it is.
MAYBE_NAMES = (
    "contract",
    "market",
    "product",
    "productid",
    "s",
    "sym",
    "coin",
    "asset",
    "basecurrency",
    "base",
)
_KINDS = frozenset(
    {"CRYPTO", "CRYPTOCURRENCY", "FUTURE", "DERIVATIVE", "DERIVATIVES", "MARGIN", "CFD", "FOREX", "FX", "TRUE", "FALSE",
     "LINEARPERPETUAL", "INVERSEPERPETUAL", "TRADE", "TRADES", "USDT", "USDC", "USD", "LAST", "CONTRACT", "COIN", "STOCK", "STOCKS"}
)  # fmt: skip
# What programs write into a cell that holds nothing.
_BLANKS = ("", "nan", "none", "null", "<na>", "n/a")


@dataclass(frozen=True, slots=True)
class Said:
    """The different words of a column, and its rows without one (from 0), where there are words at all."""

    words: tuple[str, ...]
    blank: int = 0
    first_blank: int | None = None


def symbol_columns(names: Sequence[str]) -> list[str]:
    """Return the columns that hold symbols or may do so, the surest name first."""
    known = (*SYMBOL_NAMES, *MAYBE_NAMES)
    found = [(known.index(key), name) for name in names if (key := plain(name)) in known]
    return [name for _, name in sorted(found, key=lambda one: one[0])]


def speaks(name: str, words: Sequence[str]) -> bool:
    """Return whether the words in a column say a symbol: a column that merely may do so must hold one."""
    if is_sure(name):
        return bool(words)
    return any(_is_instrument(word) for word in words)


def is_sure(name: str) -> bool:
    """Return whether a column holds symbols whatever stands in it."""
    return plain(name) not in MAYBE_NAMES


def which_of_two(said: Mapping[str, str]) -> str | None:
    """Return what is to be asked of columns that name different symbols (by column); None where they agree."""
    for name, word in said.items():
        first, other = next(iter(said.items()))
        if not (is_called(word, other) or is_called(other, word)):
            return f"`{first}` says {other}, `{name}` says {word}: which is it?"
    return None


def plain(name: str) -> str:
    """Return a column name without case, accents, blanks, brackets and separators: `<Open_Time>` → `opentime`."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", name.lower()))


def _is_instrument(cell: str) -> bool:
    parts = [part for part in re.split(r"[^A-Z0-9]+", cell.upper()) if part]
    return any(
        not (part in _KINDS or is_about(part) or re.fullmatch(r"[\d.]+(?:E\d+)?", part))
        for part in parts
    )


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
