"""A back-test passes quiet bars by; a limit that is reached on one of them acts all the same."""

from __future__ import annotations

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.data import MarketData
from tests.strategies.runs import SMALL, at_bar, card_text, emit, flat, frame


def test_a_limit_is_reached_on_bars_that_nothing_fills() -> None:
    blocks = at_bar(0, emit("entry_long", size="10 base", order_ref="in"))
    text = card_text(blocks, more="limits: { max_daily_loss_pct: 3, on_breach: flatten }")
    rows = [*flat(100.0, 20), (100.0, 100.0, 60.0, 60.0), *flat(60.0, 40)]
    record = run_backtest(compile_card(Source("t", text)), MarketData(exec=frame(rows)), SMALL)
    assert [(t.exit_bar, t.exit_price) for t in record.trades] == [(21, 60.0)]
