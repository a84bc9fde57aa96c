"""IC406 of a guard: a negation in front of an entry that lets by what is unknown."""

from __future__ import annotations

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.pipeline import check

_HEAD = """\
name: x
symbol: BTCUSDT
tf: 15m
features: [{ type: psar, id: sar }, { type: ema, id: slow, params: { length: 200 } }]
structures: { exec: [{ type: fair_value_gap, key: gap }] }
variables:
  up: close > sar.long
  slowly: close > slow
  free: position_side == flat and pending_order_count == 0 and close > open
blocks:
  - id: entry
    cases:
"""
_ENTRY = "{ action: entry_long, metadata: { size: 5% of equity, stop_loss: close - 2% } }"


def told(*cases: tuple[str, str], otherwise: str = "") -> list[Diagnostic]:
    lines = [f"      - when: {when}\n        emit: [{emit}]\n" for when, emit in cases]
    lines += [f"    else: {{ emit: [{otherwise}] }}\n"] if otherwise else []
    checked = check(Source("x", _HEAD + "".join(lines)))
    assert checked.graph is not None, checked.diagnostics
    return [one for one in checked.diagnostics if one.code == "IC406"]


@pytest.mark.parametrize(
    "guard",
    [
        "not up",
        "not up or minute_utc == 0",
        "not up and position_side == flat",
        "not (up and close > open[3])",
    ],
)
def test_a_negated_guard_whose_value_goes_missing_again_and_again_is_told(guard: str) -> None:
    (found,) = told((guard, "no_action"), ("free", _ENTRY))
    assert "`sar.long` is missing" in found.message


def test_what_it_advises_is_told_no_more() -> None:
    assert told(("sar.long is missing or not up", "no_action"), ("free", _ENTRY)) == []
    assert told(("free and up", _ENTRY)) == []


def test_the_else_behind_a_guard_is_an_entry_too() -> None:
    assert len(told(("not up", "no_action"), otherwise=_ENTRY)) == 1
    assert told(("not up", _ENTRY), otherwise="exit_all") == []


@pytest.mark.parametrize(
    "cases",
    [
        [("not slowly", "no_action"), ("free", _ENTRY)],  # unknown while it warms up alone
        [("up", "no_action"), ("free", _ENTRY)],  # what is missing forbids nothing
        [("sar.long is missing", "no_action"), ("not up", "no_action"), ("free", _ENTRY)],
        [("not up", "no_action"), ("free and sar.long is not missing", _ENTRY)],
        [("not up", "no_action"), ("free and close > sar.long[0] - 1", _ENTRY)],
        [("not up and position_side == long", "exit_long"), ("free", _ENTRY)],
        [("not up", "no_action"), ("position_side == long and close < open", "exit_long")],
        [("not (sar.long is missing)", "no_action"), ("free", _ENTRY)],
        [("not ((close > sar.long) ?? false)", "no_action"), ("free", _ENTRY)],
    ],
)
def test_a_guard_that_says_what_it_means_is_silent(cases: list[tuple[str, str]]) -> None:
    assert told(*cases) == []
