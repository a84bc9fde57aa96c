"""A name that would need a past of its own, and a clock that is none: what is said to write instead."""

from __future__ import annotations

import re

import pytest

from compiler.catalog.timeframes import TIMEFRAMES
from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """\
name: x
symbol: BTCUSDT
tf: 1h
version: "3.2"
variables: VARIABLES
blocks:
  - id: out
    cases: [{ when: close > open, emit: [exit_all] }]
"""


def card(**variables: str) -> Source:
    lines = "".join(f"\n  {name}: {text}" for name, text in variables.items())
    return Source("x", CARD.replace(" VARIABLES", lines))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "1 if close > high[1] else (-1 if close < low[1] else me[1])",
            "`value_when(close > high[1] or close < low[1], 1 if close > high[1] else -1)`",
        ),
        ("close if close > open else me[1]", "`value_when(close > open, close)`"),
        ("close > open or (me[1] and not close < low[1])", "`bars_since(a) < bars_since(b)`"),
        ("max(me[1], close - 2) if close > me[1] else close - 2", "`supertrend`"),
        # The line of "UT Bot", as everybody writes it.
        (
            "max(me[1], close - atr(10)) if close > me[1] and close[1] > me[1] else (min(me[1], close + atr(10)) "
            "if close < me[1] and close[1] < me[1] else (close - atr(10) if close > me[1] else close + atr(10)))",
            "`atr_trailing_stop`",
        ),
        # The long stop of "Chandelier Exit".
        (
            "max(me[1], highest(high, 22) - 3 * atr(22)) if close[1] > me[1] else highest(high, 22) - 3 * atr(22)",
            "`chandelier(22).long_stop`",
        ),
        (
            "close if close > me[1] else me[1]",
            "`highest_since(position_side != long, close - 2 * atr(14))`",
        ),
        ("me + 1", "cannot read itself"),
    ],
)
def test_a_name_that_reads_itself_is_told_what_has_memory(text: str, said: str) -> None:
    source = card(me=text)
    [found] = [d for d in check(source).diagnostics if d.code == "IC205"]
    assert said in (found.help or "")
    for part in re.findall(
        r"`(value_when\(.*?\)|chandelier\(22\)\.long_stop|highest_since\(.*?\)\))`",
        found.help or "",
    ):
        assert not [d for d in check(card(me=part)).diagnostics if d.is_error]


def test_names_in_a_circle_are_told_which_reads_the_other_no_more() -> None:
    source = card(me="other + 1", other="me - 1")
    [found] = [d for d in check(source).diagnostics if d.code == "IC205"]
    assert (found.help or "").endswith("in `other` write what it needs of `me` in its place")


def test_conditions_in_a_circle_are_told_a_line_to_type() -> None:
    source = card(me="close > open and other", other="volume > 1000 and me")
    [found] = [d for d in check(source).diagnostics if d.code == "IC205"]
    [(name, text)] = re.findall(r"`(\w+): (.*?)`", found.help or "")
    assert (name, text) == ("other", "volume > 1000 and close > open")
    right = card(me="close > open and other", other=text)
    assert not [d for d in check(right).diagnostics if d.is_error]


@pytest.mark.parametrize("written", ["1M", "1mo", "1month", "monthly"])
def test_there_is_no_month_and_never_a_minute_in_its_place(written: str) -> None:
    source = Source("x", card(me="close").text.replace("tf: 1h", f"tf: {written}"))
    [found] = [d for d in check(source).diagnostics if d.code in ("IC110", "IC304")]
    assert "there is no month" in (found.help or "")
    assert found.fix is None


@pytest.mark.parametrize("written", ["5h", "17x"])
def test_what_is_no_timeframe_is_told_all_of_them(written: str) -> None:
    text = card(me="close").text.replace("tf: 1h", f"tf: {written}")
    for source in (Source("x", text), card(me=f"close@{written}")):
        [found] = [d for d in check(source).diagnostics if d.code in ("IC110", "IC304")]
        assert all(f"`{word}`" in (found.help or "") for word in TIMEFRAMES)
