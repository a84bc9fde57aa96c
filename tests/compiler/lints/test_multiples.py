"""Multiples of one value: what is above zero is not above 101 % and below 99 % of the same."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

PARTS = """\
features: [{ type: session_open, id: day_open }, { type: macd, id: m }]
structures: { exec: [{ type: swing, key: swing }] }
variables: { prior: 'value_when(hour_utc == 23, close)' }
"""


def overlap(first: str, second: str) -> bool:
    """Return whether lint says that two cases can be true on one bar."""
    text = (
        f"name: x\nsymbol: BTCUSDT\ntf: 1h\nhtf: 1d\n{PARTS}blocks:\n  - id: a\n    cases:\n"
        f"      - when: '{first}'\n"
        "        emit: [{ action: entry_short, metadata: { size: 5% of equity, stop_loss: close + 3% } }]\n"
        f"      - when: '{second}'\n"
        "        emit: [{ action: entry_long, metadata: { size: 5% of equity, stop_loss: close - 3% } }]\n"
    )
    found = check(Source("x", text)).diagnostics
    assert [d.message for d in found if d.is_error and d.code != "IC401"] == []
    return bool({d.code for d in found} & {"IC401", "IC404"})


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("day_open", "prior"),
        ("close", "prior"),
        ("close", "sma(close, 20)"),
        ("close", "close@1d"),
        ("close", "swing.high_level"),
        ("close", "vwap()"),
        ("close", "bbands(20, 2).upper"),
        ("close", "mark_price"),
        ("close", "(open if volume > 1 else low)"),
    ],
)
def test_a_price_is_not_above_and_below_a_level_by_a_percentage(value: str, level: str) -> None:
    assert not overlap(f"{value} >= {level} + 1%", f"{value} <= {level} - 1%")
    assert not overlap(f"{value} <= 0.99 * {level}", f"{value} >= 1.01 * {level}")
    assert not overlap(f"{value} <= 0.99 * {level}", f"{value} >= {level}")
    assert overlap(f"{value} >= {level} - 1%", f"{value} <= {level} + 1%")


@pytest.mark.parametrize("level", ["m.signal", "close - open"])
def test_what_may_be_below_zero_can_be_both(level: str) -> None:
    """Minus a hundred is above minus a hundred and one."""
    assert overlap(f"m.macd >= 1.01 * ({level})", f"m.macd <= 0.99 * ({level})")
