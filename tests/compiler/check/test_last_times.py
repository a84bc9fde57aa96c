"""Numbers of a value over the last times of a condition: what they take, and what is always so of them."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """\
name: times
symbol: BTCUSDT
tf: 1d
params: { n: { default: 4 } }
blocks:
  - id: ask
    cases:
      - when: "WHAT"
        emit: [no_action]
"""


def found(when: str) -> list[str]:
    """Return the findings about a condition: code and message."""
    diagnostics = check(Source("card.yaml", CARD.replace("WHAT", when))).diagnostics
    return [f"{d.code} {d.message}" for d in diagnostics if d.code != "IC208"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("mean_when(month == 1, close)", "IC309 `mean_when` takes 3 arguments, found 2"),
        ("mean_when(close, close, 3)", "IC309 a condition is true or false, this is a price"),
        ("mean_when(month == 1, close > open, 3)", "IC309 expected a number, this is a truth value"),
        ("mean_when(month == 1, close, 0)", "IC310 how many times is a whole constant from 1 to 50"),
        ("lowest_when(month == 1, close, 51)", "IC310 how many times is a whole constant from 1 to 50"),
        ("median_when(month == 1, time_utc, 3)",
         "IC301 `median_when` of times of the day or of days is neither"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_told(value: str, message: str) -> None:
    assert message in found(f"{value} > 1")


@pytest.mark.parametrize(
    "when",
    [
        "close > mean_when(days_left_in_month == 0, close, 10)",
        "close > median_when(days_left_in_month == 0, close, =n)",
        "high - low > highest_when(weekday_utc == mon, high - low, 50)",
        "lowest_when(weekday_utc == mon, time_utc, 2) > 08:00",
        "mean_when(month == 1, high - low, 2) > 0",
    ],
)
def test_what_may_be_so_is_not_spoken_of(when: str) -> None:
    assert found(when) == []


@pytest.mark.parametrize("word", ["mean_when", "median_when", "highest_when", "lowest_when"])
def test_it_lies_where_its_values_lie(word: str) -> None:
    for claim in ("rsi(14), 3) > 100.5", "sma(14), 3) < 0", "close, 3) <= 0"):
        said = found(f"{word}(month == 1, {claim}")
        assert any("can never be true" in one for one in said), claim


def test_a_mean_of_whole_numbers_is_not_whole() -> None:
    """2 < x < 3 has no whole number between."""
    assert (
        found("mean_when(month == 1, bar_index, 2) > 2 and mean_when(month == 1, bar_index, 2) < 3")
        == []
    )
