"""What other contracts of the account earn and cost moves the wallet: it is explained, and no money of this session."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from runtime.backends.bybit.transfers import _lines
from tests.runtime.live.bench import START, SYMBOL, Live
from tests.runtime.live.test_placing import MARKET
from tools.fakebybit import acts
from tools.fakebybit.instrument import BTCUSDT
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

OTHER = "ETHUSDT"


def beside(folder: Path) -> Live:
    """Return a session that holds, on an account on which another contract is traded, too."""
    other = replace(BTCUSDT, symbol=OTHER, base="ETH")
    venue = Venue(Settings(start_ms=START), instruments=[other, BTCUSDT])
    venue.trade(Decimal(50_000), symbol=SYMBOL)
    venue.trade(Decimal(2_000), symbol=OTHER)
    live = Live(folder, MARKET, venue=venue)
    live.bar(bars=3)
    live.run(15_000)
    assert live.held == 100
    return live


def other_trades(live: Live, gain: int = 20) -> None:
    """Buy one of the other contract and sell it dearer."""
    state = live.venue.state
    acts.manual(state, OTHER, Decimal(1))
    live.run(2_000)
    live.venue.trade(state.markets[OTHER].last + gain, symbol=OTHER)
    acts.manual(state, OTHER, Decimal(-1))
    live.run(1_000)


def test_trades_of_another_contract_are_no_money_that_nobody_explains(tmp_path: Path) -> None:
    """Two sessions share an account: each trade of the other was an alarm here, its fee and its profit."""
    live = beside(tmp_path)
    before = live.ledger.equity
    for _ in range(3):
        other_trades(live)
        live.run(60_000)
    assert float(live.venue.state.wallet.balance) > 10_040
    assert not live.warned("money_differs")
    assert live.ledger.account.adjusted == 0.0
    assert live.ledger.equity == pytest.approx(before)
    live.restart()
    live.run(30_000)
    other_trades(live)
    live.run(60_000)
    assert not live.warned("money_differs")
    live.laws()
    live.replayed()


def test_funding_of_another_contract_is_explained_too(tmp_path: Path) -> None:
    live = beside(tmp_path)
    acts.manual(live.venue.state, OTHER, Decimal(3))
    live.run(40_000)
    for symbol in (OTHER, SYMBOL):
        live.act("funding", symbol=symbol)
    live.run(60_000)
    paid = [e for e in live.venue.state.executions if e.exec_type == "Funding"]
    assert {e.symbol for e in paid} == {OTHER, SYMBOL}
    assert not live.warned("money_differs")
    (mine,) = [float(e.fee) for e in paid if e.symbol == SYMBOL]
    assert live.ledger.account.funding == pytest.approx(mine)


def test_money_that_nothing_explains_is_told_while_another_contract_trades(tmp_path: Path) -> None:
    """Three looks that miss the same are enough, whatever the others earn between them."""
    live = beside(tmp_path)
    live.venue.state.wallet.balance -= Decimal(3)
    for _ in range(4):
        other_trades(live)
        live.run(12_000)
    (said,) = [n.text for n in live.session.notices if n.kind == "money_differs"]
    assert "-3.00 USDT" in said


def test_the_coin_itself_is_another_contract_than_the_one_of_its_name() -> None:
    """A symbol of spot is spelt as its perpetual: bought with cash, it explains the wallet."""
    row = {"type": "TRADE", "id": "1", "symbol": SYMBOL, "change": "-50", "transactionTime": "7"}
    mine, coin = row | {"category": "linear"}, row | {"category": "spot"}
    assert [line.amount for line in _lines([mine, row, coin], SYMBOL)] == [-50.0]
    assert list(_lines([row | {"symbol": ""}], SYMBOL)) == []
