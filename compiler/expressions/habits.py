"""What is written out of the habit of other languages, or half of a construct of this one, and its sentence.

Asked before the general attempts of `repair.py`: each of these texts has one reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from compiler.catalog.timeframes import MINUTE_MS, TIMEFRAMES, UNIT_MS
from compiler.expressions.errors import ExpressionError
from compiler.expressions.expected import VALUE, is_operand_end
from compiler.expressions.grammar import END
from compiler.expressions.shares import share
from compiler.expressions.tokens import Token
from compiler.expressions.unexpected import Mending, Unexpected
from compiler.findings.own_words import REAL_WORDS
from compiler.findings.suggest import closest, distance, misspelt

_SIDES = {"over": "ABOVE", "under": "BELOW"}
_SPELT = ("above", "below")
_MOVES = {
    "increasing": "rising", "growing": "rising", "up": "rising",
    "decreasing": "falling", "dropping": "falling", "down": "falling",
}  # fmt: skip
_MONEY = frozenset(
    (
        "usd",
        "usdc",
        "dollar",
        "dollars",
        "quote",
        "btc",
        "eth",
        "coin",
        "coins",
        "contracts",
        "units",
    )
)
_STATES = ("missing", "rising", "falling", "never")
_SPANS = {word: UNIT_MS[word[0]] // MINUTE_MS for word in ("minute", "hour", "day", "week")}
_USUAL = ("5m", "15m", "1h", "4h", "1d")
_ZONE = re.compile(r"[A-Z][A-Za-z_]*(?:[/ ][A-Z][A-Za-z_]*)*")
_PAIRS = frozenset({"mod", "pow"})
_STATE_ENDS = frozenset({"AND", "OR", "RPAR", "COMMA", "THEN", "ELSE", "FOR", END})


def habit(found: Unexpected) -> Mending | None:
    """Return what is said of a token, None where it is no habit."""
    for attempt in _ATTEMPTS:
        mending = attempt(found)
        if mending is not None:
            return mending
    return None


def _then(found: Unexpected) -> Mending | None:
    """`a and b then c`: nobody can tell what is to come first."""
    token = found.token
    if token is None or token.type != "THEN" or not is_operand_end(found.before):
        return None
    earlier = [one.type for one in found.tokens[: found.index]]
    if "IF" in earlier:
        return Mending(found.error("`then` has no `if`", "write `a if condition else b`"))
    if "THEN" in earlier:
        return None
    message = "`then` stands beside `and`, `or` and `not` only in parentheses"
    next_up = found.tokens[found.index + 1] if found.index + 1 < len(found.tokens) else None
    if next_up is not None and next_up.type == "NOT":
        return Mending(found.error(message, "write `a then (not b) within 5 bars`"))
    return Mending(found.error(message, "write `(a and b) then c within 5 bars`"))


def _within(found: Unexpected) -> Mending | None:
    """`a then b`, `a then b within last 5 bars`"""
    earlier = [one.type for one in found.tokens[: found.index]]
    following = END if found.token is None else found.token.type
    if "WITHIN" not in found.accepted or following not in _STATE_ENDS or "THEN" not in earlier:
        return None
    first = len(earlier) - earlier[::-1].index("THEN")
    behind = earlier[first:]
    if "NEAR" in behind and "WITHIN" not in behind:
        return None
    if "LAST" in behind:
        last = found.tokens[first + behind.index("LAST")]
        message = "a sequence stays within so many bars from its first step; it has no `last`"
        start, end = found.tokens[first + behind.index("LAST") - 1].start, last.end
        return Mending(
            ExpressionError(start, end, message, "did you mean `within`?", "within"),
            [one for one in found.tokens if one is not last],
        )
    helps = "write `a then b within 5 bars`; there is no unbounded sequence"
    return Mending(found.error("say within how many bars", helps))


def _if_first(found: Unexpected) -> Mending | None:
    """`if c then a else b`"""
    token = found.token
    if token is None or token.type != "IF" or VALUE not in found.accepted:
        return None
    message = "a choice begins with the value it gives"
    return Mending(found.error(message, "write `a if condition else b`"))


def _over(found: Unexpected) -> Mending | None:
    """`a crosses over b`: read as a cross of something called `over`."""
    at = found.index - 1
    if at < 1 or found.tokens[at - 1].type != "CROSSES" or found.tokens[at].type != "NAME":
        return None
    name = found.tokens[at]
    near = closest(name.value, _SPELT)
    meant = _SIDES.get(name.value) or (near and near.upper())
    if meant is None or found.token is None or VALUE in found.accepted:
        return None
    spelt = meant.lower()
    error = ExpressionError(
        name.start, name.end, f"a value crosses `above` or `below`, found `{name}`",
        f"did you mean `{spelt}`?", spelt,
        sure=name.value in _SIDES or _is_only_side(name.value, spelt),
    )  # fmt: skip
    return Mending(error, found.replaced(at, at + 1, meant))


def _is_only_side(word: str, side: str) -> bool:
    """Return whether a word is one slip from a side, no word itself and far from the other side."""
    near = [one for one in _SPELT if distance(word, one, 2) <= 2]
    return near == [side] and distance(word, side, 1) == 1 and word not in REAL_WORDS


def _state(word: str) -> str | None:
    """Return the state that a word means or is near to; `missing` is a keyword and mended as one."""
    begun = [state for state in _STATES if state[0] == word[0]]  # `rissing` is rather not `missing`
    near = _MOVES.get(word) or closest(word, begun)
    return None if near == "missing" else near


def _moving(found: Unexpected) -> Mending | None:
    """`x is increasing`, `x is not up`, `x is fallng`"""
    token, index = found.token, found.index
    state = _state(token.value.lower()) if token is not None and token.type == "NAME" else None
    if token is None or state is None or index < 1:
        return None
    first = index - 2 if found.tokens[index - 1].type == "NOT" else index - 1
    if first < 0 or found.tokens[first].type != "IS":
        return None
    negated = "not " if first == index - 2 else ""
    error = replace(
        found.error(f"`is {token}` is not known", f"did you mean `is {state}`?", state),
        sure=misspelt(token.value, _STATES) == state,
    )
    made = Token("IS_STATE", f"is {negated}{state}", found.tokens[first].start, token.end)
    return Mending(error, [*found.tokens[:first], made, *found.tokens[index + 1 :]])


def _moving_alone(found: Unexpected) -> Mending | None:
    """`x rising`, `x not falling`, `x rising 2 bars`: without its `is`."""
    token, index, tokens = found.token, found.index, found.tokens
    if token is None or not is_operand_end(found.before) or "IS" not in found.accepted:
        return None
    is_negated = token.type == "NOT"
    at = index + 1 if is_negated else index
    if at >= len(tokens) or tokens[at].type != "NAME":
        return None
    word = tokens[at].value.lower()
    state = _MOVES.get(word, word)
    if state not in _STATES or word in ("up", "down"):
        return None
    spelt = f"is {'not ' if is_negated else ''}{state}"
    made = [Token("IS_STATE", spelt, token.start, tokens[at].end)]
    end = at + 1
    length = _length(tokens, end)
    if length:
        spelt += f" for {' '.join(one.value for one in length)}"
        made += [Token("FOR", "for", length[0].start, length[0].start), *length]
        end += len(length)
    error = ExpressionError(
        token.start, tokens[end - 1].end, f"expected an operator or the end, found `{token}`",
        f"did you mean `{spelt}`?", spelt,
    )  # fmt: skip
    return Mending(error, [*tokens[:index], *made, *tokens[end:]])


def _length(tokens: list[Token], at: int) -> list[Token]:
    """Return the tokens of a length of time that begins at a token: `2 bars`, `2h`; none where it is none."""
    types = [one.type for one in tokens[at : at + 2]]
    if types[:1] == ["DURATION"]:
        return tokens[at : at + 1]
    is_count = len(types) == 2 and types[0] in ("NUMBER", "PARAM") and types[1] in ("BAR", "BARS")
    return tokens[at : at + 2] if is_count else []


def _trades(found: Unexpected) -> Mending | None:
    """`… of last 20 trades`: windows are of bars, trades have figures of their own."""
    token = found.token
    if token is None or token.value not in ("trade", "trades") or "BARS" not in found.accepted:
        return None
    count = found.tokens[found.index - 1].value
    helps = (
        f"of the last trades there are `win_rate({count})`, `avg_win({count})`, `avg_loss({count})` and `avg_trade({count})`; "
        "`loss_streak` and `win_streak` count those in a row"
    )
    return Mending(found.error(f"a window is of bars, found `{token}`", helps))


def _throughout(found: Unexpected) -> Mending | None:
    """`a > b 3 bars`: for so long, or within?"""
    length = _length(found.tokens, found.index)
    if not length or "FOR" not in found.accepted or "LAST" in found.accepted:
        return None
    spelt = " ".join(one.value for one in length)
    message = f"expected an operator or the end, found `{spelt}`"
    helps = f"write `for {spelt}` (on all of them) or `within last {spelt}` (on any of them)"
    return Mending(
        ExpressionError(length[0].start, length[-1].end, message, helps),
        found.replaced(found.index, found.index, "FOR"),
    )


def _field_of_the_past(found: Unexpected) -> Mending | None:
    """`bb[1].lower`: the bars back come last."""
    token, index, tokens = found.token, found.index, found.tokens
    if token is None or token.type != "SUFFIX" or found.before is None or index < 4:
        return None
    opened = index - 3
    types = [one.type for one in tokens[opened:index]]
    named = tokens[opened - 1]
    if types[0] != "LSQB" or types[2] != "RSQB" or named.type not in ("NAME", "RPAR"):
        return None
    back = found.text[tokens[opened].start : tokens[index - 1].end]
    spelt = f"{token}{back}"
    message = f"`{back}` stands behind the whole name, found `{token}` behind it"
    if named.type == "NAME":
        whole = [Token("NAME", f"{named}{token}", named.start, token.end)]
        helps = f"did you mean `{named}{spelt}`?"
    else:
        whole, helps = [named, token], f"did you mean `…){spelt}`?"
    error = ExpressionError(tokens[opened].start, token.end, message, helps, spelt)
    rest = [*tokens[opened:index], *tokens[index + 1 :]]
    return Mending(error, [*tokens[: opened - 1], *whole, *rest])


def _money(found: Unexpected) -> Mending | None:
    """`1000 usd`"""
    token, before = found.token, found.before
    if token is None or before is None or before.type not in ("NUMBER", "PARAM"):
        return None
    if token.type != "NAME" or token.value.lower() not in _MONEY:
        return None
    message = f"an amount is in `usdt`, `base`, `bars` or `ticks`, found `{token}`"
    return Mending(found.error(message, f"write `{before} usdt`"))


def _rest(found: Unexpected) -> Mending | None:
    """`rest of equity`, `rest position`"""
    before = found.before
    if found.token is None or before is None or before.value != "rest":
        return None
    if found.token.type != "OF" and found.token.value != "position":
        return None
    return Mending(found.error("only a position has a rest", "write `rest of position`"))


def _pair(found: Unexpected) -> Mending | None:
    """`a mod 4`: a function, no sign between two values."""
    token = found.token
    if token is None or token.type != "NAME" or token.value.lower() not in _PAIRS:
        return None
    if not is_operand_end(found.before):
        return None
    word = token.value.lower()
    return Mending(found.error(f"`{word}` is a function", f"write `{word}(a, b)`"))


def _time(found: Unexpected) -> Mending | None:
    """`25:00`, `8:5`"""
    token, before = found.token, found.before
    if token is None or before is None or token.value != ":" or before.type != "NUMBER":
        return None
    if before.end != token.start:
        return None
    return Mending(found.error("a time is `00:00` to `24:00`, with two digits of minutes"))


def _zone(found: Unexpected) -> Mending | None:
    """`time_utc in 09:30-16:00 America/New_York`: hours of a zone of the world are a session."""
    token, before = found.token, found.before
    if token is None or before is None or before.type not in ("CLOCK", "CLOCK_RANGE"):
        return None
    zone = _ZONE.match(found.text, token.start)
    if token.type != "NAME" or zone is None:
        return None
    hours = before.value if before.type == "CLOCK_RANGE" else "09:30-16:00"
    tz = zone[0] if "/" in zone[0] else "America/New_York"
    name = tz.rpartition("/")[2].lower()
    helps = (
        "times here are UTC; hours by the clock of a place, summer time included, are a session: "
        f"`sessions: {{ {name}: {{ tz: {tz}, hours: {hours} }} }}`, asked for as `{name}.active`"
    )
    return Mending(
        ExpressionError(
            token.start, zone.end(), f"expected an operator or the end, found `{zone[0]}`", helps
        )
    )


def _lone_time(found: Unexpected) -> Mending | None:
    """`time_utc in 13:30`: a span has two ends."""
    token, before = found.token, found.before
    if token is None or token.type != "CLOCK" or before is None or before.type != "IN":
        return None
    return Mending(found.error("a span of the day has two ends", "write `13:30-20:00`"))


def _unit_behind(found: Unexpected) -> Mending | None:
    """`(a / b) base`, `a / b base`: what is calculated has its unit."""
    token, before = found.token, found.before
    if token is None or before is None or before.type not in ("RPAR", "NAME"):
        return None
    if token.value.lower() not in ("base", "usdt") or not is_operand_end(before):
        return None
    helps = f"`{token}` stands behind a number; what is calculated has its unit: "
    helps += "usdt divided by a price are base units, as in `1% of equity / atr(14)`"
    return Mending(found.error(f"expected an operator or the end, found `{token}`", helps))


def _span_of_time(found: Unexpected) -> Mending | None:
    """`>= 3 days`, `for 3 days`: a time is written `3d`."""
    token, before = found.token, found.before
    if token is None or before is None or before.type != "NUMBER" or "BARS" not in found.accepted:
        return None
    minutes = _SPANS.get(token.value.lower().removesuffix("s"))
    if minutes is None or not before.value.isdigit():
        return None
    leading = found.tokens[found.index - 2].type if found.index > 1 else ""
    what = "a length" if leading in ("FOR", "LAST", "WITHIN") else "a number of bars"
    helps = f"write `{before}{token.value[0].lower()}`"
    return Mending(found.error(f"expected {what}, found `{before} {token}`", helps))


def _duration(found: Unexpected) -> Mending | None:
    """`close[24h]`: a time stands where a number of bars is compared, or as the length of a window."""
    token = found.token
    if token is None or token.type != "DURATION":
        return None
    digits, unit = token.value[:-1], token.value[-1].lower()
    count = int(digits) if len(digits) < 8 else 0
    minutes = UNIT_MS[unit] // MINUTE_MS
    message = f"`{token}` is a span of time: it cannot stand here"
    helps = (
        f"write `for {token}` or `within last {token}`; {_in_bars(token.value, count * minutes)}"
    )
    return Mending(found.error(message, helps))


def _in_bars(span: str, minutes: int) -> str:
    """Return how many bars of the usual timeframes a span of time is, of those of which it is a whole number."""
    sizes = [(tf, ms // MINUTE_MS) for tf, ms in TIMEFRAMES.items() if tf in _USUAL]
    shown = ", ".join(f"{minutes // size} of {tf}" for tf, size in sizes if minutes % size == 0)
    return f"a count is of bars: {span} = {shown}" if shown and minutes else "a count is of bars"


_ATTEMPTS: tuple[Callable[[Unexpected], Mending | None], ...] = (
    _then,
    _within,
    _if_first,
    _over,
    _moving,
    _moving_alone,
    _trades,
    _throughout,
    _field_of_the_past,
    _money,
    _rest,
    _pair,
    _time,
    _zone,
    _lone_time,
    _duration,
    _span_of_time,
    _unit_behind,
    share,
)
