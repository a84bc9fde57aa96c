"""What a reader writes of habit, and what is said of it: times for bars, parts of a fill, `then not`."""

from __future__ import annotations

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """\
name: x
symbol: SOLUSDT
tf: {tf}
{limits}blocks:
  - id: a
    cases:
      - when: {when}
        emit:
          - action: place_limit_long
            metadata:
              price: close * 0.99
              size: 100 usdt
              ttl_bars: {ttl}
              on_fill: [{{ action: place_limit_exit_long, metadata: {{ price: close * 1.1, size: {size} }} }}]
"""


def error_of(
    *,
    tf: str = "1h",
    limits: str = "",
    when: str = "close > open",
    ttl: str = "5",
    size: str = "fill",
) -> Diagnostic:
    text = CARD.format(tf=tf, limits=limits, when=when, ttl=ttl, size=size)
    (error,) = [d for d in check(Source("x", text)).diagnostics if d.is_error]
    return error


@pytest.mark.parametrize(
    ("tf", "ttl", "bars"),
    [("1h", "2h", 2), ("15m", "2h", 8), ("4h", "1d", 6), ("15m", "1W", 672)],
)
def test_a_time_is_so_many_bars_of_the_card(tf: str, ttl: str, bars: int) -> None:
    def meant(**words: str) -> list[object]:
        text = CARD.format(
            **{"tf": tf, "limits": "", "when": "close > open", "size": "fill", "ttl": "5", **words}
        )
        graph = check(Source("x", text)).graph
        assert graph is not None
        return [(node.op, node.args, node.attr) for node in graph.nodes]

    assert meant(ttl=ttl) == meant(ttl=str(bars))
    compared = meant(when=f"bars_since_exit > {ttl}")
    assert compared == meant(when=f"bars_since_exit > {bars} bars")
    assert compared == meant(when=f"{{ lhs: bars_since_exit, op: gt, rhs: {ttl} }}")


@pytest.mark.parametrize(
    ("tf", "ttl", "near"),
    [("1h", "90m", "write `1 bar` or `2 bars`"), ("4h", "30m", "write `1 bar`")],
)
def test_a_time_that_is_no_whole_number_of_bars_says_the_nearest(
    tf: str, ttl: str, near: str
) -> None:
    for error in (error_of(tf=tf, ttl=ttl), error_of(tf=tf, when=f"bars_since_exit > {ttl}")):
        assert error.code == "IC310"
        assert error.message == f"`{ttl}` is not a whole number of {tf} bars"
        assert error.help == near


def test_a_time_is_no_price_and_no_look_back() -> None:
    assert "a number of bars cannot be compared" in error_of(when="close > 2h").message
    assert "it cannot stand here" in error_of(when="'close[2h] > open'").message


def test_a_limit_in_bars_says_how_many_a_time_is() -> None:
    error = error_of(limits="limits: { cooldown_bars: 4h }\n")
    assert "`cooldown_bars` is a number of bars: 4h is `4` of 1h" in (error.help or "")


def test_only_timeframes_of_which_a_time_is_a_whole_number_are_named() -> None:
    said = error_of(when="'close[90m] > open'").help or ""
    assert said.endswith("90m = 18 of 5m, 6 of 15m")


@pytest.mark.parametrize("size", ["fill / 3", "0.5 * fill", "33% of fill"])
def test_a_part_of_a_fill_says_how_a_part_is_written(size: str) -> None:
    error = error_of(size=size)
    assert "nothing is calculated with it" in error.message
    assert "`33% of position`" in (error.help or "")


@pytest.mark.parametrize(
    "when",
    [
        "close > open then not close > 5",
        "(close > open then not close > 5 within 3 bars)",
        "close > open then not close > 5 within 3 bars",
    ],
)
def test_a_denial_behind_then_says_how_it_is_written(when: str) -> None:
    assert error_of(when=when).help == "write `a then (not b) within 5 bars`"


def test_what_is_advised_for_a_denial_behind_then_compiles() -> None:
    text = CARD.format(
        tf="1h", limits="", ttl="5", size="fill", when="close > open then (not close > 5) within 3 bars"
    )  # fmt: skip
    assert [d for d in check(Source("x", text)).diagnostics if d.is_error] == []
