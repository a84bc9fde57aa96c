"""Names in front of `(` that are no functions: misspelt ones, and crosses written as calls."""

from __future__ import annotations

from itertools import pairwise

from compiler.catalog.builtins import OF_LAST_TRADES
from compiler.catalog.calls import CALLABLE, INDICATORS, MEMORY_FUNCTIONS, ORDER_BUILTINS
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.operations import FUNCTIONS, RESERVED_FUNCTIONS
from compiler.expressions.errors import ExpressionError
from compiler.expressions.tokens import Token
from compiler.findings.suggest import closest, misspelt
from compiler.findings.words import Meant, Place, meant
from compiler.syntax.reserved import RESERVED_WORDS

_OFFERED = (*FUNCTIONS, *MEMORY_FUNCTIONS)
_ASKED = (*ORDER_BUILTINS, *OF_LAST_TRADES)
_KNOWN = frozenset(CALLABLE)
_LIBRARIES = ("ta.", "math.", "talib.")
_CROSSES = {
    "crossover": "above", "cross_over": "above", "crossabove": "above", "cross_above": "above",
    "crosses_above": "above", "crossed_above": "above", "crossup": "above", "cross_up": "above",
    "crossunder": "below", "cross_under": "below", "crossbelow": "below", "cross_below": "below",
    "crosses_below": "below", "crossed_below": "below", "crossdown": "below", "cross_down": "below",
}  # fmt: skip
Calls = tuple[list[Token] | None, list[ExpressionError]]


def mended_calls(text: str, tokens: list[Token]) -> Calls:
    """Return the tokens with what was called made right, and what was wrong with it.

    None instead of the tokens where a name is nothing like a function.
    """
    tokens, errors = _crosses(text, tokens)
    mended: list[Token] | None = list(tokens)
    for i, (token, following) in enumerate(pairwise(tokens)):
        if token.type != "NAME" or following.type != "LPAR" or token.value in _KNOWN:
            continue
        glued = token.end == following.start
        if not glued and closest(token.value, RESERVED_WORDS):
            continue  # `adn (…)`: a word, mended where the grammar meets it
        if token.value == "since" and any(error.message.endswith("`count`") for error in errors):
            continue  # said of the count it belongs to
        near = _nearest(token.value)
        errors.append(_unknown(token, near))
        if near is None:
            mended = None
        elif mended is not None:
            type_ = near.upper() if near in RESERVED_FUNCTIONS else "NAME"
            mended[i] = Token(type_, near, token.start, token.end)
    return mended, errors


def _unknown(token: Token, near: str | None) -> ExpressionError:
    helps = f"known: {', '.join(_OFFERED)}, and the indicators of the catalogue"
    theirs = meant(Place.TYPE, token.value)
    if near is not None:
        helps = f"did you mean `{near}`?"
    elif token.value.startswith("cross"):
        helps = "write `a crosses above b` or `a crosses below b`"
    elif theirs is not None:
        helps = _indicator_help(theirs)
    elif token.value == "count":
        helps = "write `count_since(begin, condition)`"
    elif token.value.lower() in CATALOGUE:
        snippet = " ".join(CATALOGUE[token.value.lower()].snippet.split())
        helps = f"it is declared under `structures: exec`, like `{snippet}`; write its id"
    return ExpressionError(
        token.start,
        token.end,
        f"no function is called `{token}`",
        helps,
        near or (theirs.word if theirs is not None and theirs.word in INDICATORS else None),
        sure=near is not None
        and (
            (theirs is not None and theirs.is_alias)
            or near in (token.value.lower(), misspelt(token.value, (*_OFFERED, *_ASKED)))
        ),
    )


def _indicator_help(theirs: Meant) -> str:
    """Return how what people call an indicator is written here: a call, a declaration, or a formula."""
    if not theirs.word:
        return theirs.note
    if theirs.word in INDICATORS:
        return f"did you mean `{theirs.word}(…)`? {theirs.note}".strip()
    return f"did you mean `{theirs.word}`? It is declared under `structures`, and read by its id"


def _nearest(name: str) -> str | None:
    """Return the callable that a name probably means; a structure cannot be called."""
    if name.lower() in _KNOWN:
        return name.lower()
    of_a_library = name.lower().rpartition(".")[2]
    if name.lower().startswith(_LIBRARIES) and of_a_library in _KNOWN:
        return of_a_library
    if name in ("count", "since") or name.lower() in CATALOGUE:
        return None
    if (theirs := meant(Place.TYPE, name)) is not None:
        return theirs.word if theirs.is_alias else None
    return closest(name, (*_OFFERED, *_ASKED)) or closest(name, INDICATORS)


def _crosses(text: str, tokens: list[Token]) -> tuple[list[Token], list[ExpressionError]]:
    """Read `crossover(a, b)` as `a crosses above b`."""
    errors: list[ExpressionError] = []
    found: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        way = _CROSSES.get(token.value.rpartition(".")[2].lower())
        call = _two_arguments(tokens, i) if way and token.type == "NAME" else None
        if way is None or call is None:
            found.append(token)
            i += 1
            continue
        comma, last = call
        one = text[tokens[i + 2].start : tokens[comma - 1].end]
        two = text[tokens[comma + 1].start : tokens[last - 1].end]
        written = f"{one} crosses {way} {two}"
        message = f"no function is called `{token}`"
        end = tokens[last].end
        errors.append(ExpressionError(token.start, end, message, f"write `{written}`", written))
        at = tokens[comma]
        found += tokens[i + 2 : comma]
        found += [Token("CROSSES", "crosses", at.start, at.end)]
        found += [Token(way.upper(), way, at.start, at.end)]
        found += tokens[comma + 1 : last]
        i = last + 1
    return found, errors


def _two_arguments(tokens: list[Token], at: int) -> tuple[int, int] | None:
    """Return where the comma and the closing parenthesis of a call with two arguments stand."""
    if at + 1 >= len(tokens) or tokens[at + 1].type != "LPAR":
        return None
    depth, commas = 0, []
    for index in range(at + 1, len(tokens)):
        kind = tokens[index].type
        depth += (kind in ("LPAR", "LSQB")) - (kind in ("RPAR", "RSQB"))
        if kind == "COMMA" and depth == 1:
            commas.append(index)
        if depth == 0:
            whole = len(commas) == 1 and at + 2 < commas[0] < index - 1
            return (commas[0], index) if whole else None
    return None
