"""Tokens that fit nowhere, or not here, and the one sentence each deserves.

Nothing here is mended: where one of these stands, nobody can tell what was meant.
"""

from __future__ import annotations

from compiler.expressions.errors import ExpressionError
from compiler.expressions.expected import COMPARATORS, OPERATORS, VALUE, described
from compiler.expressions.tokens import Token
from compiler.expressions.unexpected import Unexpected


def sentence_about(found: Unexpected) -> ExpressionError | None:
    """Return what to say about a token, None where there is nothing particular to say."""
    token = found.token
    if token is None:
        return None
    if token.type == "GLUED":
        helps = (
            "numbers have no leading zero"
            if token.value[:1] == "0" and token.value.isdigit()
            else None
        )
        return found.error(f"`{token}` is neither a number nor a name", helps)
    known = _SENTENCES.get(token.type)
    if known is not None:
        return found.error(known[0].format(token), known[1])
    if token.type == "UNKNOWN":
        return _unknown_character(found, token)
    if token.type == "MINUS" and found.accepted == {"NUMBER"}:
        message = "`[n]` looks n bars back; nothing looks ahead"
        return found.error(message, "write the number without a sign")
    if token.type == "NOT" and VALUE in found.accepted:
        behind = found.before is not None and found.before.type == "THEN"
        helps = "write `a then (not b) within 5 bars`" if behind else "write `(not …)`"
        return found.error("`not` needs parentheses here", helps)
    if token.type in ("ABOVE", "BELOW") and found.accepted & COMPARATORS:
        sign = ">" if token.type == "ABOVE" else "<"
        message = f"`{token}` stands behind `crosses`"
        helps = f"write `{sign}` to compare, `crosses {token}` for the bar on which it crosses"
        return found.error(message, helps)
    if token.value in _LIKELY_NAMES and VALUE in found.accepted:
        message = f"expected a value, found the reserved word `{token}`"
        return found.error(message, f'quote it if it is a value: `"{token}"`')
    if token.type in ("NAME", "NUMBER") and found.accepted & OPERATORS:
        return found.error(f"expected an operator or the end, found {described(token)}")
    return None


# Reserved words that someone may take for a name of his own.
_LIKELY_NAMES = frozenset({"last", "above", "below", "near", "missing", "bar", "bars", "of", "at"})
_SENTENCES: dict[str, tuple[str, str | None]] = {
    "ALL": ("`all` belongs to the structured form", "join conditions with `and`"),
    "ANY": ("`any` belongs to the structured form", "join conditions with `or`"),
    "CLOCK_RANGE": ("`{}` is a span of the day", "write `time_utc in 13:30-20:00`"),
}
_CHARACTERS = {
    "#": "an expression has no comments",
    "{": "`{…}` belongs to the structured form; it is not quoted",
    "'": "the quote is never closed",
    '"': "the quote is never closed",
    "$": "a tunable is written `=name`",
    "^": "write `pow(x, 2)`",
    "?": "write `a ?? b` for `b` where `a` is missing",
    "%": "a percentage is a number, like `0.5%`",
    "[": "write `[n]` directly behind a value",
}


def _unknown_character(found: Unexpected, token: Token) -> ExpressionError:
    helps = _CHARACTERS.get(token.value)
    return found.error(f"`{token}` cannot stand in an expression", helps)
