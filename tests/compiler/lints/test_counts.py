"""IC411: counts that begin anew where they are asked for, and counts that take the bar before the entry along."""

from __future__ import annotations

import pytest

from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.findings.source import Source
from compiler.pipeline import check

ENTRY = "{ action: entry_long, metadata: { size: risk 1%, stop_loss: close - 2% } }"


def told(when: str, emit: str = "exit_long", more: str = "") -> list[Diagnostic]:
    text = f"name: x\nsymbol: BTCUSDT\ntf: 15m\n{more}blocks:\n  - id: a\n    cases:\n      - when: {when}\n        emit: [{emit}]\n"
    found = check(Source("x", text)).diagnostics
    assert not [d for d in found if d.is_error], found
    return [d for d in found if d.code == "IC411"]


@pytest.mark.parametrize(
    "when",
    [
        "position_side == flat and count_since(position_side == flat, close < open) >= 3",
        "not (position_side != flat) and count_since(position_side == flat, close < open) > 1",
        "close > open and close > high[1] and bars_since(close > open) < 4",
    ],
)
def test_a_count_since_what_is_so_on_the_bar_of_asking_begins_anew(when: str) -> None:
    (one,) = told(when, ENTRY)
    assert one.severity is Severity.WARNING
    assert "begins anew on that bar" in one.message


def test_a_count_since_flat_takes_the_bar_of_the_decision_along() -> None:
    (one,) = told("position_side == long and count_since(position_side == flat, close < open) >= 3")
    assert one.severity is Severity.INFO
    assert "position_side != flat and close < open" in str(one.help)
    (one,) = told(
        "position_side == long and count_since(position_side == flat, close < open or close < low[1]) >= 3"
    )
    assert "position_side != flat and (close < open or " in str(one.help)


@pytest.mark.parametrize(
    "when",
    [
        "position_side == long and count_since(position_side == flat, position_side != flat and close < open) >= 3",
        "position_side == flat and count_since(position_side == flat, close < open)[1] >= 1",
        "position_side == flat and count_since(date != date[1], close < open) >= 3",
        "position_side == long and count_since(close > high[1], close < open) >= 3",
        "position_side == long and bars_since(close > open) > 4",
        "close > open and (bars_since(close > open)[1] > 4)",
    ],
)
def test_a_count_since_what_lies_further_back_is_told_nothing(when: str) -> None:
    assert told(when) == []


def test_a_count_in_a_variable_is_told_where_it_is_written() -> None:
    more = "variables:\n  red: count_since(position_side == flat, close < open)\n"
    (one,) = told("position_side == long and red >= 3", more=more)
    text = f"name: x\nsymbol: BTCUSDT\ntf: 15m\n{more}"
    assert one.span.end <= len(text)
