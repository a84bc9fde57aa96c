"""Signs of two characters with white space in between: `= =`, `> =`, `! =`.

The law: what is surely one sign is one without a single blank; anything further from it is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping

from compiler.expressions.errors import ExpressionError
from compiler.expressions.expected import COMPARATORS
from compiler.expressions.grammar import accepted_after, spellings
from compiler.expressions.tokens import Token
from compiler.expressions.unexpected import Unexpected


def rejoined(
    found: Unexpected, other_spellings: Mapping[str, str]
) -> tuple[ExpressionError, list[Token]] | None:
    """Return the error about two pieces of a comparison, the unexpected token one of them, and the mended tokens."""
    for first in (found.index, found.index - 1):
        if first < 0 or first + 1 >= len(found.tokens):
            continue
        left, right = found.tokens[first : first + 2]
        gap = found.text[left.end : right.start]
        written = left.value + right.value
        ours = {spelt: sign for sign, spelt in spellings().items() if sign in COMPARATORS}
        sign = ours.get(written) or other_spellings.get(written)
        if not gap.isspace() or sign not in COMPARATORS & accepted_after(found.tokens[:first]):
            continue
        spelt = spellings()[sign]
        error = ExpressionError(
            left.start,
            right.end,
            f"`{left}{gap}{right}` is not one sign",
            f"did you mean `{spelt}`?",
            spelt,
            sure=written == spelt and len(gap) == 1,
        )
        return error, found.replaced(first, first + 2, sign)
    return None
