"""Parts of something that are no percentages: `1/3 of position`, `0.5 of equity`."""

from __future__ import annotations

import re

from compiler.expressions.errors import ExpressionError
from compiler.expressions.tokens import Token
from compiler.expressions.unexpected import Mending, Unexpected

_PLAIN = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


def share(found: Unexpected) -> Mending | None:
    """Explain the `of` behind a number or a fraction: a part is written in percent."""
    token, before = found.token, found.before
    if token is None or token.type != "OF" or before is None or before.type != "NUMBER":
        return None
    behind = found.tokens[max(0, found.index - 3) : found.index]
    is_fraction = [one.type for one in behind] == ["NUMBER", "SLASH", "NUMBER"]
    first = behind[0] if is_fraction else before
    if not (_PLAIN.fullmatch(first.value) and _PLAIN.fullmatch(before.value)):
        return None
    if float(before.value) == 0.0:
        return None
    part = float(first.value) / float(before.value) if is_fraction else float(before.value)
    spelt = f"{part * 100:.6g}%" if part <= 1 else f"{part:.6g}%"
    written = found.text[first.start : before.end]
    error = ExpressionError(
        first.start,
        before.end,
        f"a part of something is a percentage, found `{written} of`",
        f"write `{spelt} of`",
        spelt,
    )
    made = Token("PERCENT", spelt, first.start, before.end)
    at = found.tokens.index(first)
    return Mending(error, [*found.tokens[:at], made, *found.tokens[found.index :]])
