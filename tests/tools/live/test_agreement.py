"""The same bars, the same orders, the same fills: a back-test and a session on a venue that does as it is told."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.backtest import market_stage
from runtime.market.data import MarketData
from tests.runtime.live.scenarios import fast
from tests.tools.live.agreement import Lives, local, parted, simulated
from tests.tools.live.made import GALLERY

CARDS = sorted(GALLERY.glob("*.yaml"))


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder that costs no disk: what is under test is what was traded, not that it was written."""
    with tempfile.TemporaryDirectory(dir=fast()) as folder:
        yield Path(folder)


@pytest.mark.parametrize("card", CARDS, ids=lambda path: path.stem)
def test_a_local_session_trades_what_a_back_test_trades(card: Path, memory: Path) -> None:
    # The market of a grid is a quiet one: the first comes later here.
    told, run = local(card, memory, 300 if card.stem == "grid" else 160, 11)
    other = simulated(run)
    assert other.lives
    assert parted(told.lives, other.lives) == []
    ours, theirs = told.ledger.account, other.ledger.account
    assert ours.realized == pytest.approx(theirs.realized, abs=0.01)
    assert ours.fees == pytest.approx(theirs.fees, abs=0.01)
    assert ours.funding == pytest.approx(theirs.funding, abs=0.01)


def test_lives_part_by_money_that_differs_and_not_by_the_last_digit_of_a_float() -> None:
    """0.01 BTC at 61,825 for 0.02%: 0.12365 in decimals, a hair more in binary, half way between two roundings."""
    decimal, binary = 0.12365, 618.25 * 0.0002
    assert decimal != binary
    assert round(decimal, 4) != round(binary, 4)

    def life(fee: float) -> Lives:
        return {"o6": [("asked", "grid_1", 10), ("filled", 10, 61_825.0, True, fee)]}

    assert parted(life(decimal), life(binary)) == []
    assert len(parted(life(decimal), life(0.123651))) == 1
    assert len(parted(life(decimal), {})) == 1
    assert len(parted(life(decimal), {"o6": life(decimal)["o6"][:1]})) == 1


_WHOLE = """
name: whole_account
symbol: BTCUSDT
tf: 15m
features:
  - { type: ema, id: fast, params: { length: 3 } }
  - { type: ema, id: slow, params: { length: 8 } }
account: { max_leverage: 3, max_position_usdt: 1000000 }
position_policy: { mode: long_short, allow_flip: true }
blocks:
"""
_AT_MARKET = """
  - id: turn
    cases:
      - when: fast > slow and fast[1] <= slow[1]
        emit: [ { action: entry_long, metadata: { size: 200% of equity } } ]
      - when: fast < slow and fast[1] >= slow[1]
        emit: [ { action: entry_short, metadata: { size: 200% of equity } } ]
"""
_AT_REST = """
  - id: rest
    cases:
      - when: close < fast and close[1] >= fast[1]
        emit:
          - action: place_limit_long
            metadata: { size: 200% of equity, price: close * 0.998, order_ref: b, ttl_bars: 3 }
      - when: close > fast and close[1] <= fast[1]
        emit:
          - action: place_limit_short
            metadata: { size: 200% of equity, price: close * 1.002, order_ref: s, ttl_bars: 3 }
"""


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("blocks", [_AT_MARKET, _AT_REST], ids=["at market", "at rest"])
def test_both_take_an_account_that_is_used_to_the_last_coin(
    blocks: str, seed: int, memory: Path
) -> None:
    """Entries of all that is free turn a position, rest on both sides, and take the place of others."""
    card = memory / "whole.card.yaml"
    card.write_text(_WHOLE + blocks, encoding="utf-8")
    told, run = local(card, memory, 200, seed)
    other = simulated(run)
    assert len(other.lives) > 15
    assert parted(told.lives, other.lives) == []
    assert all(o.reason != "no_margin" for o in told.ledger.orders.values())


def test_081_higher_timeframes_are_made_of_the_bars_that_came_so_none_comes_later(
    memory: Path,
) -> None:
    """Two timeframes close at one moment and one is told later: here there is one stream of bars."""
    (card,) = [path for path in CARDS if path.stem == "multi_timeframe"]
    _told, run = local(card, memory, 40, 3)
    market = run.desk.market
    assert {runner.clock.is_exec for runner in market.runners} == {True, False}
    program = run.desk.engine.program
    whole = market_stage(program, MarketData(exec=run.feed.frame))
    for mine, theirs in zip(market.runners, whole.runners, strict=True):
        for name, column in mine.outputs.items():
            assert list(map(repr, column))[-40:] == list(map(repr, theirs.outputs[name]))[-40:]
