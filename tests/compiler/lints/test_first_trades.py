"""An entry that hangs on figures of closed trades, with nothing said of the time before them, is told."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """name: first
symbol: BTCUSDT
tf: 15m
blocks:
  - id: a
    cases:
      - { when: position_side != flat and bars_since_entry > 4, emit: [exit_all] }
      - when: "GUARD and position_side == flat"
        emit: [{ action: entry_long, metadata: { size: "SIZE", stop_loss: close - 2% } }]
"""
OTHER = """  - id: b
    cases:
      - when: close < open and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 1% of equity, stop_loss: close - 2% } }]
"""
KELLY = "max(0, win_rate(9) - (1 - win_rate(9)) * avg_loss(9) / avg_win(9))"


def found(
    guard: str = "close > open", size: str = "1% of equity", more: str = "", side: str = "flat"
) -> list[str]:
    text = CARD.replace("GUARD", guard).replace("SIZE", size).replace("== flat", f"== {side}")
    checked = check(Source("x", text + more))
    assert checked.graph is not None, [d.message for d in checked.diagnostics if d.is_error]
    return [d.message for d in checked.diagnostics if d.code == "IC512"]


@pytest.mark.parametrize(
    ("guard", "size", "figure"),
    [
        ("avg_trade(20) > 0", "1% of equity", "avg_trade(20)"),
        ("win_rate(5) > 40%", "1% of equity", "win_rate(5)"),
        ("last_trade_pnl > 0", "1% of equity", "last_trade_pnl"),
        ("(close > high[1] or close < open) and last_trade_r < 1", "1% of equity", "last_trade_r"),
        ("close > open", f"min(25% of equity, {KELLY} * equity)", "win_rate(9)"),
        ("close > open", f"{KELLY} * risk 50%", "win_rate(9)"),
    ],
)
def test_an_entry_that_needs_a_trade_to_be_the_first_is_told(
    guard: str, size: str, figure: str
) -> None:
    (message,) = found(guard, size)
    assert message == (
        f"no entry of this card can be the first: `{figure}` is unknown until trades were closed"
    )


@pytest.mark.parametrize(
    ("guard", "size"),
    [
        ("(avg_trade(20) is missing or avg_trade(20) > 0)", "1% of equity"),
        ("(avg_trade(20) > 0 or bars_since_exit > 50)", "1% of equity"),
        ("(avg_trade(20) ?? 1 usdt) > 0", "1% of equity"),
        ("loss_streak < 3", "1% of equity"),
        ("close > open", f"({KELLY} ?? 0.1) * equity"),
        ("close > open", f"min(risk 2%, {KELLY} * risk 50%) ?? risk 0.5%"),
        ("close > open", f"risk 0.5% if win_rate(9) is missing else {KELLY} * risk 50%"),
    ],
)
def test_what_is_said_of_the_time_before_trades_is_enough(guard: str, size: str) -> None:
    assert found(guard, size) == []


def test_another_entry_may_make_the_first_trades() -> None:
    assert found("avg_trade(20) > 0", more=OTHER) == []


def test_an_entry_that_needs_a_position_is_told_as_before() -> None:
    (message,) = found("avg_trade(20) > 0", side="long")
    assert message == "no entry of this card can be the first: this one needs a position"
