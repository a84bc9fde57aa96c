"""IC708: an exit on a session's last bar alone; who leaves behind that bar too, or opens in it, is told nothing wrong."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """\
name: x
symbol: BTCUSDT
tf: 15m
version: "3.2"
sessions: { ny: { tz: America/New_York, hours: 09:30-16:00 }, asia: { hours: 00:00-08:00 } }
blocks:
  - id: enter
    cases:
      - { when: ny.active and asia.version > 1 and position_side == flat, emit: [{ action: entry_long, metadata: { size: 5% of equity, stop_loss: low } }] }
  - id: leave
    cases:
"""
INSIDE = "ny.active and asia.version > 1"
ENTRY = "{ action: entry_short, metadata: { size: 5% of equity, stop_loss: high } }"


def said(*cases: tuple[str, str], enter: str = INSIDE) -> list[str]:
    lines = "".join(f"      - {{ when: {when}, emit: [{emit}] }}\n" for when, emit in cases)
    found = check(Source("x", CARD.replace(INSIDE, enter) + lines)).diagnostics
    assert not [d for d in found if d.is_error]
    return [f"{d.message.split()[0]} {bool(d.fix)}" for d in found if d.code == "IC708"]


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ([("ny.last_bar and position_side != flat", "exit_all")], ["`ny.last_bar` True"]),
        ([("position_side == long and (close > open and ny.last_bar)", "cancel_all_orders, exit_long")], ["`ny.last_bar` True"]),
        # Another session's end says nothing of this one's.
        (
            [("ny.last_bar and position_side != flat", "exit_all"), ("asia.over and position_side != flat", "exit_all")],
            ["`ny.last_bar` True"],
        ),
        # An entry would be asked for on every bar behind the end.
        ([("ny.last_bar and position_side == long", f"exit_all, {ENTRY}")], ["`ny.last_bar` False"]),
        ([("ny.over and position_side != flat", "exit_all")], []),
        ([("(ny.last_bar or not ny.active) and position_side != flat", "exit_all")], []),
        (
            [("ny.last_bar and position_side != flat", "exit_all"), ("not ny.active and position_side != flat", "exit_all")],
            [],
        ),
        ([("ny.last_bar and position_side == flat", ENTRY)], []),
    ],
)  # fmt: skip
def test_an_exit_that_waits_for_the_last_bar_of_a_session_alone_is_told(
    cases: list[tuple[str, str]], expected: list[str]
) -> None:
    assert said(*cases) == expected


LEAVES = ("ny.last_bar and position_side != flat", "exit_all")


@pytest.mark.parametrize(
    "enter",
    [
        "asia.version > 1",
        "asia.version > 1 and not ny.active",
        "asia.version > 1 and weekday_utc == sun",
    ],
)
def test_what_is_opened_outside_of_a_session_is_not_to_leave_while_it_is_over(enter: str) -> None:
    """`ny.over` would close it at the next close: it is said, and no fix is offered."""
    assert said(LEAVES, enter=enter) == ["`ny.last_bar` False"]


@pytest.mark.parametrize(
    "enter", ["ny.first_bar", "ny.bars == 3", "ny.bars > 1 and not ny.last_bar", "not ny.over"]
)
def test_what_is_opened_in_a_session_may_leave_when_it_is_over(enter: str) -> None:
    assert said(LEAVES, enter=f"asia.version > 1 and {enter}") == ["`ny.last_bar` True"]


def test_what_is_advised_instead_is_a_card_without_the_finding() -> None:
    once = "(ny.last_bar or (ny.over and not ny.over[1])) and position_side != flat"
    assert said((f'"{once}"', "exit_all"), enter="asia.version > 1") == []
