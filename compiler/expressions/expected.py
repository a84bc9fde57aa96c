"""What could stand at a place of an expression, in words."""

from __future__ import annotations

from compiler.expressions.grammar import END, spellings
from compiler.expressions.tokens import Token

VALUE = "NAME"  # accepted wherever a value may stand
COMPARATORS = frozenset({"GT", "GTE", "LT", "LTE", "EQ", "NE"})
OPERATORS = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "DEFAULT", "AND", "OR", END})
_OPERAND_ENDS = frozenset(
    (
        *("NAME", "NUMBER", "PARAM", "STRING", "TRUE", "FALSE", "RPAR", "RSQB", "SUFFIX", "SYMBOL"),
        *("PERCENT", "AMOUNT", "PARAM_AMOUNT", "REST", "CLOCK", "DATE", "MISSING", "IS_STATE"),
        *("BARS", "BAR", "DURATION", "CLOCK_RANGE"),
    )
)
# (terminals, what they are called together), in the order of the sentence
_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (COMPARATORS, "a comparison"),
    (frozenset({"PLUS", "MINUS", "STAR", "SLASH"}), "an operator"),
    (frozenset({"AND"}), "`and`"),
    (frozenset({"OR"}), "`or`"),
    (frozenset({"RPAR"}), "`)`"),
    (frozenset({"RSQB"}), "`]`"),
    (frozenset({"COMMA"}), "`,`"),
    (frozenset({END}), "the end"),
)
_NAMED = {
    "NUMBER": "a number",
    "DURATION": "a duration like `2h`",
    "PARAM": "a tunable like `=name`",
    "PERCENT": "a percentage",
    "STRING": "a quoted word",
    "CLOCK_RANGE": "a span of the day like `09:30-16:00`",
    "CLOCK": "a time like `08:00`",
    "DATE": "a date like `2025-01-01`",
    "AMOUNT": "an amount like `200 usdt`",
    "PARAM_AMOUNT": "an amount like `=x usdt`",
    "RISK": "`risk`",
    "REST": "`rest of position`",
    "SYMBOL": "a symbol like `1000PEPEUSDT.close`",
    "SUFFIX": "a field",
    "IS_STATE": "`is rising`",
}


def expected(accepted: frozenset[str]) -> str:
    """Return the names of accepted terminals, grouped: `a value`, `an operator or the end`, …"""
    if VALUE in accepted:
        return "a value"
    words = [word for terminals, word in _GROUPS if terminals <= accepted]
    if not accepted & OPERATORS - {END}:
        words = [_word(t) for t in sorted(accepted) if t not in (END, "COMMA")] + (
            ["the end"] if END in accepted else []
        )
    if len(words) <= 1:
        return words[0] if words else "nothing"
    return ", ".join(words[:-1]) + " or " + words[-1]


def _word(terminal: str) -> str:
    return _NAMED.get(terminal) or f"`{spellings()[terminal]}`"


def described(token: Token | None) -> str:
    """Return what was found, as the reader wrote it."""
    return "the end of the expression" if token is None else f"`{token}`"


def is_operand_end(token: Token | None) -> bool:
    """Return whether a value may end with this token."""
    return token is not None and token.type in _OPERAND_ENDS
