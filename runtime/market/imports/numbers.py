"""Numbers as people write them: decimal comma, thousands, `58K`, `0.1%`, blanks for nothing.

The law: a comma is a decimal sign or a separator of thousands, never guessed: where every number of
a file can be read both ways the caller must say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from runtime.errors import DataError

EMPTY = ("", "nan", "null", "none", "n/a", "na", "-")
_SCALE = {"K": 1e3, "M": 1e6, "B": 1e9}
_DECIMAL_COMMA = re.compile(r"[-+]?\d{1,3}(\.\d{3})*,\d+|[-+]?\d+,\d+")
_THOUSANDS_COMMA = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of a file's numbers."""

    decimal: str = "."
    thousands: str = ""


def signs_of(name: str, cells: Sequence[str], decimal: str | None = None) -> Signs:
    """Return the signs that the cells use; DataError where they can be read in two ways."""
    with_comma = [re.sub(r"^[$€£]|\s*[KMBkmb%]$", "", cell) for cell in cells if "," in cell]
    if not with_comma:
        if any("'" in cell for cell in cells):
            return Signs(thousands="'")
        return Signs()
    as_decimal = all(_DECIMAL_COMMA.fullmatch(cell) for cell in with_comma)
    as_thousands = all(_THOUSANDS_COMMA.fullmatch(cell) for cell in with_comma)
    if decimal is None and as_decimal and as_thousands:
        raise DataError(
            f"{name}: `{with_comma[0]}` can be {with_comma[0].replace(',', '.')} or "
            f"{with_comma[0].replace(',', '')}: give --decimal comma or --decimal point"
        )
    if decimal == "," or (decimal is None and as_decimal):
        return Signs(",", "." if any("." in cell for cell in with_comma) else "")
    return Signs(".", ",")


def parse_numbers(column: Any, signs: Signs) -> Any:
    """Return an Arrow column of text as doubles: null where nothing stands, NaN where no number does.

    `58.3K` is 58,300; `0.5%` stays 0.5, its sign is the reader's business.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    text = pc.replace_substring_regex(text, "[\u00a0\u202f ]", "")
    text = pc.replace_substring_regex(text, "^[$€£]", "")
    if signs.thousands:
        text = pc.replace_substring(text, signs.thousands, "")
    if signs.decimal != ".":
        text = pc.replace_substring(text, signs.decimal, ".")
    text = pc.replace_substring_regex(text, "%$", "")
    lower = pc.utf8_lower(text)
    text = pc.if_else(pc.is_in(lower, pa.array(EMPTY)), pa.scalar(None, pa.string()), text)
    upper = pc.utf8_upper(text)
    scale = pa.scalar(1.0)
    for sign, factor in _SCALE.items():
        scale = pc.if_else(pc.fill_null(pc.ends_with(upper, sign), False), factor, scale)
    text = pc.replace_substring_regex(text, "[KMBkmb]$", "")
    shape = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"
    is_number = pc.match_substring_regex(text, shape)
    # Text that is no number becomes NaN: the sieve over the rows names it with its line.
    safe = pc.if_else(pc.fill_null(is_number, True), text, "nan")
    return pc.multiply(pc.cast(pc.replace_substring_regex(safe, r"^\+", ""), pa.float64()), scale)
