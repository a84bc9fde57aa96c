"""Comparisons in a chain, `a < b < c`: the whole of it written as the pairs it stands for."""

from __future__ import annotations

from itertools import pairwise

from compiler.expressions.errors import ExpressionError
from compiler.expressions.expected import COMPARATORS, is_operand_end
from compiler.expressions.grammar import END
from compiler.expressions.tokens import Token
from compiler.expressions.unexpected import Mending, Unexpected


def chained(found: Unexpected) -> Mending | None:
    """`a < b < c` has no reading but the one of mathematics: each two that stand beside each other."""
    token, index = found.token, found.index
    if token is None or token.type not in COMPARATORS or not is_operand_end(found.before):
        return None
    signs = _signs_of_chain(found)
    if len(signs) < 2 or signs[1] != index:
        helps = "compare twice and join the two with `and`"
        return Mending(found.error("comparisons cannot be chained", helps))
    tokens, text = found.tokens, found.text
    mended, written = tokens[:index], ""
    for before, sign in pairwise(signs):
        middle = tokens[before + 1 : sign]
        joint = Token("AND", "and", tokens[sign].start, tokens[sign].start)
        mended += [joint, *middle, tokens[sign]]
        spelt = text[middle[0].start : middle[-1].end]
        written += f"{f' {spelt} ' if written else ''}and {spelt} {tokens[sign]}"
        following = sign + 1
        mended += tokens[following : _operand_end(tokens, following)]
    first, last = _operand_start(tokens, signs[0]), _operand_end(tokens, signs[-1] + 1)
    mended += tokens[last:]
    end = tokens[last - 1].end if last > signs[-1] + 1 else tokens[signs[-1]].end
    head = text[tokens[first].start : found.start].rstrip()
    tail = text[tokens[signs[-1]].end : end].strip()
    error = ExpressionError(
        found.start, tokens[signs[-1]].end, "comparisons cannot be chained",
        f"write `{head} {written} {tail}`", written,
    )  # fmt: skip
    return Mending(error, mended)


def _signs_of_chain(found: Unexpected) -> list[int]:
    """Return where the comparisons of a chain stand whose second one is met: operands alone between them."""
    tokens = found.tokens
    first = _operand_start(tokens, found.index) - 1
    if first < 1 or tokens[first].type not in COMPARATORS:
        return []
    signs = [first]
    while True:
        at = _operand_end(tokens, signs[-1] + 1)
        if at == signs[-1] + 1 or at >= len(tokens) or tokens[at].type not in COMPARATORS:
            return signs
        signs.append(at)


def _operand_start(tokens: list[Token], end: int) -> int:
    """Return the first token of the operand that ends before a token."""
    depth, at = 0, end
    while at and (depth or tokens[at - 1].type not in _AROUND_OPERANDS | {"LPAR", "LSQB"}):
        at -= 1
        depth += (tokens[at].type in ("RPAR", "RSQB")) - (tokens[at].type in ("LPAR", "LSQB"))
    return at


def _operand_end(tokens: list[Token], start: int) -> int:
    """Return the token behind the operand that begins at a token."""
    depth, at = 0, start
    while at < len(tokens) and (
        depth or tokens[at].type not in _AROUND_OPERANDS | {"RPAR", "RSQB"}
    ):
        depth += (tokens[at].type in ("LPAR", "LSQB")) - (tokens[at].type in ("RPAR", "RSQB"))
        at += 1
    return at


# What stands beside an operand of a comparison, never in it.
_AROUND_OPERANDS = COMPARATORS | frozenset(
    ("AND", "OR", "NOT", "IF", "ELSE", "THEN", "COMMA", "IN", "NEAR", "BETWEEN", "WITHIN", "CROSSES", "ABOVE",
     "BELOW", "IS", "IS_STATE", "MISSING", "FOR", "AT", "LAST", END)
)  # fmt: skip
