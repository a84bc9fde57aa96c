"""Sessions on bars of a timeframe: prices of one that holds no whole bar are told, what it holds is left alone."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """\
name: x
symbol: AAAUSDT
tf: {tf}
version: "3.2"
sessions: {{ asia: {{ tz: {tz}, hours: {hours} }} }}
variables: {{ asked: "{asked}" }}
blocks:
  - id: a
    cases:
      - when: asked > 0
        emit: [no_action]
"""


def told(asked: str, tf: str = "15m", hours: str = "00:00-07:00", tz: str = "UTC") -> list[str]:
    source = Source("x", CARD.format(tf=tf, tz=tz, hours=hours, asked=asked))
    checked = check(source, lints=False).diagnostics
    return [f"{d.code} {source.slice(d.span)}" for d in checked if d.code in ("IC401", "IC707")]


@pytest.mark.parametrize(
    ("asked", "tf", "place"),
    [
        ("median(asia.high - asia.low, 20)@1d", "15m", "asia.high - asia.low"),
        ("asia.high@12h", "15m", "asia.high@12h"),
        ("asia.close", "1d", "asia.close"),
        ("asia.open@1w", "1d", "asia.open@1w"),
        ("vwap(asia)@8h", "1h", "vwap(asia)@8h"),
    ],
)
def test_prices_of_a_session_on_bars_longer_than_it_are_told(
    asked: str, tf: str, place: str
) -> None:
    assert f"IC707 {place}" in told(asked, tf)


@pytest.mark.parametrize(
    ("asked", "tf", "hours", "tz"),
    [
        ("median(asia.high - asia.low, 20)@1h", "15m", "00:00-07:00", "UTC"),
        ("asia.high@6h", "15m", "00:00-07:00", "UTC"),
        ("asia.high@4h", "15m", "09:30-16:00", "America/New_York"),  # whole ones in summer
        ("1 if asia.active@1d else 0", "15m", "00:00-07:00", "UTC"),  # a mark in time, no price
        ("asia.version@1d", "15m", "00:00-07:00", "UTC"),
        ("asia.high@1d", "15m", "00:00-24:00", "UTC"),
        ("asia.high", "15m", "00:00-07:00", "UTC"),
    ],
)
def test_a_session_that_holds_a_whole_bar_and_marks_in_time_are_left_alone(
    asked: str, tf: str, hours: str, tz: str
) -> None:
    assert told(asked, tf, hours, tz) == []


def test_a_session_without_bars_is_told_once() -> None:
    assert [line[:5] for line in told("asia.high@4h", hours="01:00-03:00")] == ["IC401"]
