"""Times of day, days and weekdays: what they may meet, and what the version of a card makes of them."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.describe import describe
from compiler.pipeline import check

CARD = """\
name: x
{version}symbol: BTCUSDT
tf: {tf}
blocks:
  - id: a
    cases:
      - when: {when}
        emit: [no_action]
"""


def card(when: str, version: str = "3.2", tf: str = "15m") -> Source:
    said = f'version: "{version}"\n' if version else ""
    return Source("x", CARD.format(when=when, version=said, tf=tf))


@pytest.mark.parametrize(
    "when",
    [
        "time_utc >= 08:00 and time_utc < 16:30",
        "time_utc between 13:30 and 20:00",
        "time_utc in 13:30-20:00",
        "time_utc in 22:00-02:00 and weekday_utc in [mon, tue, fri]",
        "date >= 2025-01-01 and date < 2025-07-01",
        "weekday_utc == mon or weekday_utc > thu",
        "day == 1 and month in [1, 4, 7, 10]",
        "now_utc >= 09:00 and now_weekday_utc between tue and thu",
        "date - 2025-01-01 > 30 and date > 2025-01-01 + 7",
        "time_utc - 08:00 > 30 and mod(time_utc, 60) == 0",
        "{lhs: time_utc, op: in, rhs: '13:30-20:00'}",
        "{all: [{lhs: weekday_utc, op: eq, rhs: fri}, {lhs: time_utc, op: gte, rhs: '20:00'}]}",
    ],
)
def test_times_meet_times(when: str) -> None:
    checked = check(card(when))
    assert [d.message for d in checked.diagnostics if d.is_error] == []


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("time_utc > 8", "IC301"),
        ("date >= 2025-1-1", "IC301"),
        ("close > 08:00", "IC301"),
        ("time_utc + 5 > 08:00", "IC301"),
        ("time_utc * 2 > 08:00", "IC301"),
        ("date - time_utc > 5", "IC301"),
        ("close in 13:30-20:00", "IC301"),
        ("weekday_utc == monday", "IC304"),
        ("weekday_utc > someday", "IC304"),
        ("date < 2025-02-30", "IC111"),
    ],
)
def test_a_plain_number_is_no_time(when: str, code: str) -> None:
    errors = [d.code for d in check(card(when), lints=False).diagnostics if d.is_error]
    assert errors == [code]


def described(when: str, version: str) -> str:
    graph = check(card(when, version), lints=False).graph
    assert graph is not None
    return describe(graph, graph.blocks[0].cases[0].when)


def test_a_card_that_says_an_older_version_means_the_close() -> None:
    assert described("hour_utc == 8", "3.2") == "hour_utc == 8"
    assert described("hour_utc == 8", "") == "hour_utc == 8"
    assert described("hour_utc == 8", "3.1") == "now_hour_utc == 8"
    assert described("weekday_utc == 4", "3.1") == "now_weekday_utc == 4"
    assert "IC210" in {d.code for d in check(card("hour_utc == 8", "")).diagnostics}
    assert "IC210" not in {d.code for d in check(card("hour_utc == 8", "3.2")).diagnostics}


@pytest.mark.parametrize(("said", "known_as"), [("", "3.2"), ("3.2", "3.2"), ("3.1", "3.1")])
def test_a_card_without_a_version_is_of_the_newest_and_is_called_so(
    said: str, known_as: str
) -> None:
    graph = check(card("close > open", said), lints=False).graph
    assert graph is not None
    assert graph.card_version == known_as


def test_an_older_meaning_of_the_clock_is_asked_once_and_of_cards_that_may_be_old_alone() -> None:
    def asked(when: str, more: str = "") -> int:
        text = card(when, "").text.replace("blocks:", more + "blocks:", 1)
        return [d.code for d in check(Source("c", text)).diagnostics].count("IC210")

    assert asked("hour_utc == 8") == 1
    assert asked("hour_utc == 8 or hour_utc == 9 and weekday_utc == 3") == 1
    assert asked("hour_utc == 8 and day > 20", "variables: {day: hour_utc + 1}\n") == 1
    # No older version could read these: whoever wrote them never meant the close.
    for newer in ("rsi(14) > 30", "day > 20", "bars_since(close > open) > 3", "time_utc > 08:00",
                  "(1 if close > open else 2) > 1", "close is rising"):  # fmt: skip
        assert asked(f"hour_utc == 8 and {newer}") == 0, newer
    assert asked("hour_utc == 8", "limits: {cooldown_bars: 3}\n") == 0
    assert asked("hour_utc == 8", "sessions: {ny: {hours: 09:30-16:00}}\n") == 0


@pytest.mark.parametrize(
    ("when", "tf"),
    [
        ("time_utc == 13:40", "15m"),
        ("time_utc > 13:30 and time_utc < 13:45", "15m"),
        ("time_utc between 22:00 and 02:00", "15m"),
        ("minute_utc == 10", "15m"),
        ("now_utc == 05:00", "4h"),
    ],
)
def test_a_time_that_no_bar_has_can_never_be(when: str, tf: str) -> None:
    assert "IC401" in {d.code for d in check(card(when, tf=tf)).diagnostics}


def test_a_name_of_the_card_wins_over_a_newer_builtin() -> None:
    text = card("day and close > month").text.replace(
        "blocks:", "variables: { day: close > open, month: high * 0.99 }\nblocks:"
    )
    checked = check(Source("x", text), lints=False)
    assert [(d.code, d.is_error) for d in checked.diagnostics] == [("IC209", False)] * 2
