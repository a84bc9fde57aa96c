"""A bar that is passed by leaves what living through it leaves, and most bars of a calm card are passed by."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import market_stage
from runtime.batch import loop
from runtime.batch.account_run import AccountRun, Feed, Kept, Memory, run_account
from runtime.batch.layout import ORDERS
from runtime.batch.lower import lower
from runtime.batch.machine_code import InPython
from runtime.market.data import FundingSeries, MarketData
from runtime.market.instrument_table import instrument_for
from runtime.market.synthetic import SyntheticSpec, synthetic_market

HEAD = """\
name: calm
symbol: BTCUSDT
tf: 15m
account: { starting_equity_usdt: 10000, max_leverage: LEVERAGE }
position_policy: { mode: long_short, max_layers: 3, allow_scale_in: true }
features:
  - { type: sma, id: fast, params: { length: 5 } }
  - { type: sma, id: slow, params: { length: 20 } }
blocks:
"""
PROTECTED = """\
  - id: in
    cases:
      - when: fast crosses above slow and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity, stop_loss_offset_pct: -1, take_profit_offset_pct: 1.5 } }]
  - id: out
    cases:
      - when: position_side == long and fast < slow
        emit: [exit_long]
"""
RESTING = """\
  - id: in
    cases:
      - when: fast crosses below slow
        emit: [{ action: place_limit_long, metadata: { price: close * 0.997, size: 20% of equity, ttl_bars: 6, order_ref: dip } }]
  - id: out
    cases:
      - when: position_layers >= 2
        emit: [exit_all]
"""
BARE = """\
  - id: in
    cases:
      - when: fast crosses above slow and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 900% of equity } }]
"""
TRAILED = PROTECTED.replace("take_profit_offset_pct: 1.5", "trail: { distance: 0.004 * close }")
# Every way in which a condition asks for what a close moves without an event.
HELD = """\
  - id: in
    cases:
      - when: fast crosses above slow and position_side == flat and bars_since_exit > 3
        emit: [{ action: entry_long, metadata: { size: 20% of equity } }]
  - id: more
    cases:
      - when: position_layers < 3 and close < 0.996 * position_avg_entry and fast > slow
        emit: [{ action: entry_long, metadata: { size: 20% of equity } }]
  - id: out
    cases:
      - when: bars_since_entry >= 40
        emit: [exit_long]
      - when: 1.2 <= position_unrealized_pct and position_layers == 1
        emit: [exit_long]
      - when: position_unrealized_pnl < -40
        emit: [exit_long]
      - when: position_avg_entry * 1.02 < close
        emit: [exit_long]
"""
CARDS = {
    "held": (HELD, 1),
    "protected": (PROTECTED, 1),
    "trailed": (TRAILED, 1),
    "resting": (RESTING, 1),
    "liquidated": (BARE, 50),
}


def run_of(
    name: str, funded: bool, kept: Kept = Kept.ALL, memory: Memory | None = None
) -> tuple[AccountRun, MarketData]:
    body, leverage = CARDS[name]
    program = compile_card(Source("card.yaml", HEAD.replace("LEVERAGE", str(leverage)) + body))
    data = replace(synthetic_market(SyntheticSpec(bars=500, seed=4)), funding=None)
    if funded:
        due = data.exec.ts[::32]
        data = replace(data, funding=FundingSeries(due, array("d", [1e-4]) * len(due)))
    feed = Feed.of(program, data, market_stage(program, data))
    card = lower(program, instrument_for("BTCUSDT"))
    return run_account(card, feed, InPython(), kept=kept, memory=memory), data


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("funded", [False, True])
def test_passing_by_leaves_what_living_through_leaves(
    name: str, funded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, passed = loop.pass_by, 0

    def counted(*arguments: object) -> int:
        nonlocal passed
        start = arguments[-2]
        assert isinstance(start, int)
        on = whole(*arguments)  # type: ignore[arg-type]
        passed += on - start
        return on

    monkeypatch.setattr(loop, "pass_by", counted)
    fast, data = run_of(name, funded)
    monkeypatch.setattr(loop, "pass_by", lambda *arguments: arguments[-2])
    slow, _ = run_of(name, funded)
    assert fast.columns == slow.columns
    assert fast.rows_z == slow.rows_z
    assert fast.rows_f.tobytes() == slow.rows_f.tobytes()
    assert fast.z[:ORDERS] == slow.z[:ORDERS]
    assert fast.f[:ORDERS].tobytes() == slow.f[:ORDERS].tobytes()
    assert passed > len(data.exec) / 2
    assert fast.table(0)[2] >= 3


@pytest.mark.parametrize("name", CARDS)
def test_what_a_run_keeps_is_the_beginning_of_all_there_is(name: str) -> None:
    whole, memory = run_of(name, funded=False)[0].columns, Memory()
    assert any(whole[500:1_000])
    for kept in Kept:
        run = run_of(name, funded=False, kept=kept, memory=memory)[0]
        assert run.columns == whole[: 500 * kept]
