"""Mistakes in expressions: the place, what was found, what could stand there, what was meant."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from compiler.catalog.builtins import OF_LAST_TRADES
from compiler.expressions.errors import ExpressionError
from compiler.expressions.read import parse_expression
from compiler.syntax.printer import print_expression
from tests.strategies.expressions import texts


def errors(text: str) -> tuple[ExpressionError, ...]:
    found = parse_expression(text).errors
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a = b", "a == b"),
        ("a =b", "a == b"),
        ("a=1", "a == 1"),
        ("a = = b", "a == b"),
        ("a > = b", "a >= b"),
        ("a <\n= b", "a <= b"),
        ("a ! = b", "a != b"),
        ("a = > b", "a >= b"),
        ("a && b", "a and b"),
        ("a&&b", "a and b"),
        ("a || b", "a or b"),
        ("!a", "not a"),
        ("a and !(b > 1)", "a and not b > 1"),
        ("a <> b", "a != b"),
        ("a => b", "a >= b"),
        ("a ≥ b", "a >= b"),
        ("a AND b", "a and b"),
        ("NOT a", "not a"),
        ("a adn b", "a and b"),
        ("a adn (b > 1)", "a and b > 1"),
        ("a corsses above b", "a crosses above b"),
        ("a cross above b", "a crosses above b"),
        ("a crosses over b", "a crosses above b"),
        ("a for 3bars", "a for 3 bars"),
        ("a for 3 candles", "a for 3 bars"),
        ("a for 3", "a for 3 bars"),
        ("a within 5 bars", "a within last 5 bars"),
        ("a at least 2 last 5 bars", "a at least 2 of last 5 bars"),
        ("a >> b", "a > b"),
        ("1.5 x a > b", "1.5 * a > b"),
        ("a is above b", "a > b"),
        ("a is increasing", "a is rising"),
        ("a is not up", "a is not rising"),
        ("a then b within last 5 bars", "a then b within 5 bars"),
        ("RSI(14) > 30", "rsi(14) > 30"),
        ("10% equity > 5", "10% of equity > 5"),
        ("crossover(a, b) and c", "a crosses above b and c"),
        ("not ta.crossunder(min(a, b), c * 2)", "not min(a, b) crosses below c * 2"),
        ("a is flat", "a == flat"),
        ("a is not flat", "a != flat"),
        ("a is null", "a is missing"),
        ("mni(a, b)", "min(a, b)"),
        ("a < b < c", "a < b and b < c"),
        ("a > b > c > d > e", "a > b and b > c and c > d and d > e"),
        (
            "x and a < b[1] + 1 <= max(c, (2)) or y",
            "x and a < b[1] + 1 and b[1] + 1 <= max(c, (2)) or y",
        ),
        ("ema(3) > ema(5) > ema(8)", "ema(3) > ema(5) and ema(5) > ema(8)"),
        ("not (a > b > c)", "not (a > b and b > c)"),
        ("a rising", "a is rising"),
        ("a and b not falling", "a and b is not falling"),
        ("a rising 2 bars and b", "a is rising for 2 bars and b"),
        ("ema(3) increasing 2h", "ema(3) is rising for 2h"),
        ("bb[1].lower > c", "bb.lower[1] > c"),
        ("c < bbands(20)[2].lower", "c < bbands(20).lower[2]"),
    ],
)
def test_what_was_meant_is_offered_and_read_on(text: str, meant: str) -> None:
    parsed = parse_expression(text)
    assert parsed.expr == parse_expression(meant).expr
    fixed = text
    for error in sorted(parsed.errors, key=lambda x: -x.start):
        assert error.fix_text is not None
        fixed = fixed[: error.start] + error.fix_text + fixed[error.end :]
    again = parse_expression(fixed)
    assert again.errors == ()
    assert again.expr == parsed.expr


def test_several_mistakes_are_told_at_once() -> None:
    found = errors("a = b && !c || d <> 5")
    assert [x.fix_text for x in found] == ["==", "and", "not ", "or", "!="]


def test_an_open_parenthesis_is_shown_where_it_stands() -> None:
    (error,) = errors("a and (b or c")
    assert (error.start, error.end) == (6, 7)
    assert error.message == "`(` is never closed"
    assert parse_expression("a and (b or c").expr == parse_expression("a and (b or c)").expr


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a >", "", "expected a value, found the end of the expression"),
        ("a > > b", ">", "expected a value, found `>`"),
        ("a b", "b", "expected an operator or the end, found `b`"),
        ("a and and b", "and", "expected a value, found `and`"),
        ("a above b", "above", "`above` stands behind `crosses`"),
        ("a near b", "", "expected `within`, found the end of the expression"),
        ("a between 3 or 4", "or", "expected `and`, found `or`"),
        ("a in []", "]", "expected a value, found `]`"),
        ("a == not b", "not", "`not` needs parentheses here"),
        ("a[2h] > 1", "2h", "`2h` is a span of time: it cannot stand here"),
        ("a > 010", "010", "`010` is neither a number nor a name"),
        ("30x > 1", "30x", "`30x` is neither a number nor a name"),
        ("a > 1e999", "1e999", "a number too large to compute with"),
        ("a[-1]", "-", "`[n]` looks n bars back; nothing looks ahead"),
        ("a[1.5]", "1.5", "`[n]` looks back a whole number of bars, found `1.5`"),
        ("last > 3", "last", "expected a value, found the reserved word `last`"),
        ("all", "all", "`all` belongs to the structured form"),
        ("a > # b", "#", "`#` cannot stand in an expression"),
        ("a == 'flat", "'", "`'` cannot stand in an expression"),
        ("swing(2)", "swing", "no function is called `swing`"),
        (
            "a and b then c within 5 bars",
            "then",
            "`then` stands beside `and`, `or` and `not` only in parentheses",
        ),
        (
            "not a then b within 5 bars",
            "then",
            "`then` stands beside `and`, `or` and `not` only in parentheses",
        ),
        ("a then b", "", "say within how many bars"),
        ("a then b for 3 bars", "", "say within how many bars"),
        ("a then b within 5 bars then c", "", "say within how many bars"),
        ("if c then a else b", "if", "a choice begins with the value it gives"),
        ("1000 usd", "usd", "an amount is in `usdt`, `base`, `bars` or `ticks`, found `usd`"),
        ("rest of equity", "of", "only a position has a rest"),
        ("rest position", "position", "only a position has a rest"),
        ("a mod 4 == 0", "mod", "`mod` is a function"),
        ("time_utc > 24:30", "24:30", "a time is `00:00` to `24:00`"),
        ("time_utc > 8:5", ":", "a time is `00:00` to `24:00`, with two digits of minutes"),
        ("time_utc in 13:30", "13:30", "a span of the day has two ends"),
        ("date >= 2025-02-30", "2025-02-30", "there is no day `2025-02-30`"),
        ("count(a) > 1", "count", "no function is called `count`"),
        ("a + b < c < d", "<", "comparisons cannot be chained"),
        ("a between b and c > d", ">", "comparisons cannot be chained"),
        ("a > b 3 bars", "3 bars", "expected an operator or the end, found `3 bars`"),
        ("a up", "up", "expected an operator or the end, found `up`"),
        ("   ", "   ", "expected an expression, found nothing"),
    ],
)
def test_errors_are_narrow_and_name_what_was_found(text: str, place: str, message: str) -> None:
    last = errors(text)[-1]
    assert (text[last.start : last.end], last.message) == (place, message)


def test_a_chain_that_cannot_be_read_gives_no_tree() -> None:
    parsed = parse_expression("a between b and c > d")
    assert parsed.expr is None
    assert parsed.errors[0].help == "compare twice and join the two with `and`"


def test_structures_are_not_functions_and_the_error_says_where_they_go() -> None:
    (error,) = errors("zone(close, 20) > 1")
    assert error.help is not None
    assert "declared under `structures: exec`" in error.help
    (error,) = errors("cross(a, b)")
    assert error.help == "write `a crosses above b` or `a crosses below b`"


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("a = b", True),
        ("a && b", True),
        ("a AND b", True),
        ("a corsses above b", True),
        ("a adn b", True),
        ("a for 3bars", True),
        ("a is flat", True),
        ("a is true", True),
        ("a is not 'long'", True),
        ("a is risen", False),
        ("a is knwon", False),
        ("a is slow", False),
        ("a is 'overbought'", False),
        ("a crosses abve b", True),
        ("a crosses bove b", True),
        ("a for 3", False),
        ("a within 5 bars", False),
        ("a >> b", False),
        ("a < b < c", False),
        ("a is increasing", False),
        ("a is above b", False),
        ("1.5 x a > b", False),
        ("crossover(a, b)", False),
    ],
)
def test_only_a_slip_or_another_name_is_sure(text: str, sure: bool) -> None:
    (error,) = errors(text)
    assert error.fix_text is not None
    assert error.sure is sure


def test_a_span_of_time_in_place_of_a_count_is_told_in_bars() -> None:
    (error,) = errors("close[24h] > open")
    assert error.help is not None
    assert "write `for 24h` or `within last 24h`" in error.help
    assert "24h = 288 of 5m, 96 of 15m, 24 of 1h, 6 of 4h, 1 of 1d" in error.help
    (error,) = errors(f"close[{'9' * 5000}h] > open")
    assert error.help is not None
    assert error.help.endswith("a count is of bars")


def test_a_power_is_no_product() -> None:
    (error,) = errors("a ** 2 > 1")
    assert (error.fix_text, error.help) == (None, "write `pow(x, 2)`")


@given(texts)
@example("(" * 30_000)
@example("not " * 4_000)
@example("9" * 5_000)
@example("x[" + "9" * 4_999 + "]")
@example("\x00\ud800")
def test_any_text_gives_a_tree_or_errors_in_bounds(text: str) -> None:
    parsed = parse_expression(text)
    assert parsed.expr is not None or parsed.errors
    for error in parsed.errors:
        assert 0 <= error.start <= error.end <= len(text)
    if parsed.expr is not None and not parsed.errors:
        printed = print_expression(parsed.expr)
        assert parse_expression(printed).expr == parsed.expr


def test_a_window_of_trades_leads_to_the_figures_of_the_last_ones() -> None:
    (error,) = errors("last_trade_pnl > 0 at least 3 of last 20 trades")
    assert error.message == "a window is of bars, found `trades`"
    assert error.help is not None
    for name in OF_LAST_TRADES:
        assert f"`{name}(20)`" in error.help
        assert not parse_expression(f"{name}(20) > 0").errors


@pytest.mark.parametrize(
    ("text", "helps"),
    [
        ("bars_since_entry >= 3 days", "write `3d`"),
        ("bars_since_entry > 1 hour", "write `1h`"),
        ("close > open for 3 days", "write `3d`"),
        ("close > open within last 2 hours", "write `2h`"),
        ("(1% of equity / n) base", "usdt divided by a price are base units"),
        ("1% of equity / n base", "usdt divided by a price are base units"),
        ("1% of equity / atr(14) usdt", "what is calculated has its unit"),
    ],
)  # fmt: skip
def test_a_span_of_time_and_a_unit_behind_a_calculation_are_told_how_to_be_said(
    text: str, helps: str
) -> None:
    [error] = parse_expression(text).errors
    assert helps in (error.help or "")


@pytest.mark.parametrize(
    ("text", "session"),
    [
        (
            "time_utc in 14:30-21:00 America/New_York",
            "new_york: { tz: America/New_York, hours: 14:30-21:00 }",
        ),
        (
            "time_utc in 08:00-16:30 Europe/London and a",
            "london: { tz: Europe/London, hours: 08:00-16:30 }",
        ),
        ("time_utc > 09:30 New York", "new_york: { tz: America/New_York"),
    ],
)
def test_a_time_with_a_zone_is_told_of_sessions(text: str, session: str) -> None:
    (error,) = errors(text)
    assert f"`sessions: {{ {session}" in str(error.help)
