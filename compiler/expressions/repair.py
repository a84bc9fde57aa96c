"""What an unexpected token most probably means: a sentence, and tokens to go on with.

INVARIANT: a replacement is only offered where the grammar accepts it at that very place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from compiler.catalog.bar_clock import WEEKDAYS
from compiler.catalog.builtins import EXIT_REASONS, SIDES
from compiler.expressions.chains import chained
from compiler.expressions.errors import ExpressionError
from compiler.expressions.expected import COMPARATORS, described, expected
from compiler.expressions.grammar import END, accepted_after, spellings
from compiler.expressions.habits import habit
from compiler.expressions.sentences import sentence_about
from compiler.expressions.split_signs import rejoined
from compiler.expressions.tokens import Token
from compiler.expressions.unexpected import Mending, Unexpected
from compiler.findings.own_words import REAL_WORDS
from compiler.findings.suggest import OF_THEIR_OWN, closest, distance
from compiler.syntax.reserved import RESERVED_WORDS

# Spellings of other languages and the terminals they stand for.
OTHER_SPELLINGS = {
    "&&": "AND",
    "&": "AND",
    "||": "OR",
    "|": "OR",
    "!": "NOT",
    "<>": "NE",
    "≠": "NE",
    "=": "EQ",
    "=>": "GTE",
    "≥": "GTE",
    "=<": "LTE",
    "≤": "LTE",
    "×": "STAR",
    "÷": "SLASH",
    "−": "MINUS",
    "–": "MINUS",
    "cross": "CROSSES",
    "crossed": "CROSSES",
    "candles": "BARS",
    "candle": "BAR",
    "periods": "BARS",
    "null": "MISSING",
    "none": "MISSING",
    "nan": "MISSING",
    "na": "MISSING",
    "unknown": "MISSING",
    "equals": "EQ",
    "during": "FOR",
}
# What may be meant otherwise: nothing there, or a flat position; within or throughout. In languages that
# have `&` and `|` they bind tighter than comparisons, so the condition may have been grouped otherwise.
_GUESSED = frozenset({"none", "null", "during", "&", "|"})
# Values that a name can have: `x is flat` is `x == flat`. `is known`, `is risen`, `is ema` ask for something else.
_VALUES = frozenset((*SIDES, *EXIT_REASONS, *WEEKDAYS, "true", "false")) - {"none"}
_INSERTABLE = ("LAST", "OF", "BARS", "RPAR", "RSQB")
_COUNTED_BARS = re.compile(r"([1-9][0-9]*)(bars?|candles?)\Z")


def mend(text: str, tokens: list[Token], index: int, accepted: frozenset[str]) -> Mending:
    """Explain the token at `index`, behind which only `accepted` could stand."""
    found = Unexpected(text, tokens, index, accepted)
    if (known := habit(found)) is not None:
        return known
    for attempt in _ATTEMPTS:
        mending = attempt(found)
        if mending is not None:
            return mending
    plain = f"expected {expected(accepted)}, found {described(found.token)}"
    return Mending(sentence_about(found) or found.error(plain))


# ---------------------------------------------------------------- attempts, the surest first


def _other_spelling(found: Unexpected) -> Mending | None:
    """`&&`, `=`, `<>`, `over`, and keywords in capitals."""
    token = found.token
    if token is None:
        return None
    word = token.value.lower()
    meant = OTHER_SPELLINGS.get(word)
    if meant is None and token.type == "NAME" and word != token.value and word in RESERVED_WORDS:
        meant = word.upper()
    if meant not in found.accepted:
        return None
    return _replace_one(found, meant, sure=word not in _GUESSED)


def _split_sign(found: Unexpected) -> Mending | None:
    """`a = = b`"""
    whole = rejoined(found, OTHER_SPELLINGS)
    return None if whole is None else Mending(*whole)


def _replace_one(found: Unexpected, meant: str, *, sure: bool) -> Mending:
    token, index = found.token, found.index
    spelt = spellings()[meant]
    fix_text = spelt
    if meant == "NOT":
        fix_text += " "  # `!x`
    error = ExpressionError(
        found.start,
        found.end,
        f"expected {expected(found.accepted)}, found `{token}`",
        f"did you mean `{spelt}`?",
        _spaced(found, fix_text),
        sure,
    )
    return Mending(error, found.replaced(index, index + 1, meant))


def _spaced(found: Unexpected, spelt: str) -> str:
    """Words need white space around them where the sign they replace needed none (`a&&b`)."""
    if not spelt[0].isalpha():
        return spelt
    before = found.text[: found.start][-1:]
    after = found.text[found.end :][:1]
    head = " " if before and not before.isspace() and before != "(" else ""
    tail = " " if after and not after.isspace() and not spelt.endswith(" ") else ""
    return head + spelt + tail


def _loud_not(found: Unexpected) -> Mending | None:
    """`NOT a`: read as two names."""
    before, index = found.before, found.index
    if found.token is None or before is None or before.type != "NAME":
        return None
    if before.value.lower() != "not":
        return None
    error = ExpressionError(
        before.start,
        before.end,
        f"nothing is called `{before}`",
        "did you mean `not`?",
        "not",
        sure=True,
    )
    return Mending(error, found.replaced(index - 1, index, "NOT"))


def _assigned_name(found: Unexpected) -> Mending | None:
    """`a =b`: read as a tunable, meant as a comparison."""
    token, index = found.token, found.index
    if token is None or token.type != "PARAM" or "EQ" not in found.accepted:
        return None
    start, end = found.start, found.end
    error = ExpressionError(
        start,
        start + 1,
        f"expected {expected(found.accepted)}, found `=`",
        "did you mean `==`?",
        "==",
        sure=True,
    )
    name = Token("NAME", token.value[1:], start + 1, end)
    mended = found.replaced(index, index + 1, "EQ")
    return Mending(error, [*mended[: index + 1], name, *mended[index + 1 :]])


def _doubled(found: Unexpected) -> Mending | None:
    """`a >> b`: no such operator; nor is `a ** 2`, and a power is no product."""
    token, before, index = found.token, found.before, found.index
    if token is None or before is None or token.type not in COMPARATORS | {"STAR", "SLASH"}:
        return None
    if before.value != token.value or before.end != token.start:
        return None
    if token.type == "STAR":
        message = "there is no operator `**`"
        return Mending(ExpressionError(before.start, found.end, message, "write `pow(x, 2)`"))
    error = ExpressionError(
        before.start,
        found.end,
        f"there is no operator `{token}{token}`",
        f"did you mean `{token}`?",
        token.value,
    )
    return Mending(error, found.replaced(index, index + 1))


def _misspelt_word(found: Unexpected) -> Mending | None:
    """A word one or two letters away from a keyword that can stand here."""
    token = found.token
    if token is None or not token.value.isalpha():
        return None
    words = {spellings()[t]: t for t in sorted(found.accepted) if t in spellings()}
    known = [word for word in words if word.isalpha()]
    begun = [word for word in known if len(token.value) >= 4 and word.startswith(token.value)]
    near = begun[0] if begun else closest(token.value, known)
    if near is None:
        return None
    return _replace_one(found, words[near], sure=_only_slip(token.value) == near)


def _only_slip(word: str) -> str | None:
    """Return the only reserved word that is one slip of a finger away."""
    near = [known for known in sorted(RESERVED_WORDS) if distance(word, known, 1) <= 1]
    sure = len(near) == 1 and len(word) > 2 and word.lower() not in OF_THEIR_OWN
    is_word = word.lower() in REAL_WORDS and (not near or word.lower() != near[0])
    return near[0] if sure and not is_word else None


def _times(found: Unexpected) -> Mending | None:
    """`1.5 x atr`, `2 times atr`"""
    token = found.token
    if token is None or token.value.lower() not in ("x", "times") or "STAR" not in found.accepted:
        return None
    if found.before is None or found.before.type not in ("NUMBER", "PARAM", "RPAR"):
        return None
    return _replace_one(found, "STAR", sure=False)


def _is_above(found: Unexpected) -> Mending | None:
    """`close is above ema`: a comparison, not a cross."""
    token, index = found.token, found.index
    sign = _SIDES.get(token.value.lower()) if token is not None else None
    if sign is None or not index or found.tokens[index - 1].type != "IS":
        return None
    spelt, start = spellings()[sign], found.tokens[index - 1].start
    message = f"`is {token}` is not known"
    error = ExpressionError(start, found.end, message, f"did you mean `{spelt}`?", spelt)
    return Mending(error, found.replaced(index - 1, index + 1, sign))


_SIDES = {"above": "GT", "over": "GT", "below": "LT", "under": "LT"}


def _is_value(found: Unexpected) -> Mending | None:
    """`x is flat`, `x is not flat`: only a few words can be."""
    tokens, index = found.tokens, found.index
    if "MISSING" not in found.accepted or found.token is None:
        return None
    first = index - 1 if tokens[index - 1].type == "IS" else index - 2
    meant = "EQ" if first == index - 1 else "NE"
    start, end = tokens[first].start, tokens[index - 1].end
    spelt = spellings()[meant]
    error = ExpressionError(
        start,
        end,
        f"`{found.text[start:end]}` is followed by `missing`, `rising`, `falling` or `never`, "
        f"found {described(found.token)}",
        f"did you mean `{spelt}`?",
        spelt,
        sure=found.token.value.strip("'\"") in _VALUES,
    )
    return Mending(error, found.replaced(first, index, meant))


def _counted_bars(found: Unexpected) -> Mending | None:
    """`for 3bars`"""
    token, index = found.token, found.index
    if token is None or token.type != "GLUED" or "NUMBER" not in found.accepted:
        return None
    counted = _COUNTED_BARS.match(token.value)
    if counted is None or found.before is None or found.before.type not in ("FOR", "LAST"):
        return None
    fix_text = f"{counted[1]} bars"
    error = ExpressionError(
        found.start,
        found.end,
        f"`{token}` is one word",
        f"did you mean `{fix_text}`?",
        fix_text,
        sure=counted[2] == "bars",
    )
    middle = found.start + len(counted[1])
    made = [
        Token("NUMBER", counted[1], found.start, middle),
        Token("BARS", "bars", middle, found.end),
    ]
    return Mending(error, [*found.tokens[:index], *made, *found.tokens[index + 1 :]])


def _left_out(found: Unexpected) -> Mending | None:
    """`within 5 bars`, `for 3`, a parenthesis that is never closed."""
    index = found.index
    following = END if found.token is None else found.token.type
    for type_ in _INSERTABLE:
        if type_ not in found.accepted:
            continue
        if type_ in ("RPAR", "RSQB") and found.token is not None:
            continue
        mended = found.replaced(index, index, type_)
        if following not in accepted_after(mended[: index + 1]):
            continue
        return Mending(_left_out_error(found, type_), mended)
    return None


def _left_out_error(found: Unexpected, type_: str) -> ExpressionError:
    spelt = spellings()[type_]
    if type_ in ("RPAR", "RSQB"):
        opened = _open_bracket(found.tokens, type_)
        start, end = opened.start, opened.end
        return ExpressionError(
            start, end, f"`{opened}` is never closed", f"add `{spelt}`", fix_text=None
        )
    before = found.before
    at = before.end if before is not None else found.start
    message = f"expected `{spelt}`, found {described(found.token)}"
    if found.token is None:
        return ExpressionError(at, at, message, f"add `{spelt}`", f" {spelt}")
    fix_text = f"{spelt} {found.token}"
    return found.error(message, f"did you mean `{fix_text}`?", fix_text)


def _open_bracket(tokens: Iterable[Token], closing: str) -> Token:
    opening = "LPAR" if closing == "RPAR" else "LSQB"
    still_open: list[Token] = []
    for token in tokens:
        if token.type == opening:
            still_open.append(token)
        elif token.type == closing and still_open:
            still_open.pop()
    return still_open[-1]


def _unfinished(found: Unexpected) -> Mending | None:
    """`near` without `within`, `between` without `and`."""
    if END in found.accepted or found.accepted & (COMPARATORS | {"RPAR", "COMMA", "OR"}):
        return None
    for type_, example in (("WITHIN", "near x within 0.5%"), ("AND", "between low and high")):
        if type_ in found.accepted:
            message = f"expected `{spellings()[type_]}`, found {described(found.token)}"
            return Mending(found.error(message, f"write `{example}`"))
    return None


_ATTEMPTS: tuple[Callable[[Unexpected], Mending | None], ...] = (
    _is_above,
    _split_sign,
    _other_spelling,
    _loud_not,
    _assigned_name,
    _doubled,
    chained,
    _times,
    _misspelt_word,
    _counted_bars,
    _is_value,
    _left_out,
    _unfinished,
)
