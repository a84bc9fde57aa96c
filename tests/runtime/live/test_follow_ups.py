"""What an order asks for when it has filled, where the bars since then come late."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, D, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

OUT = "[{ action: place_limit_exit_long, metadata: { price: 50400, size: fill, order_ref: out } }]"
MARKET = at_bar(
    1, emit("entry_long", size="0.1 base", order_ref="in", stop_loss=45000.0, on_fill=OUT)
)
LIMIT = at_bar(
    1, emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in", stop_loss=45000.0, on_fill=OUT)
)  # fmt: skip


def asked_once(live: Live) -> None:
    live.run(10_000)
    live.bar("50010", 3)
    out = [o for o in live.ledger.orders.values() if o.spec.order_ref == "out"]
    assert [(order.remaining, order.is_accepted) for order in out] == [(100, True)]
    live.laws()
    live.replayed()


@pytest.mark.parametrize("away", [1, 2, 5])
def test_an_on_fill_heard_before_the_process_was_away_is_decided_at_the_newest_close(
    tmp_path: Path, away: int
) -> None:
    live = Live(tmp_path, MARKET)
    live.bar(bars=2)
    live.run(5_000)
    assert live.held == 100
    live.kill()
    live.venue.trade(D("50010"))
    live.venue.advance(live.venue.now + MINUTE * away + 3_000)
    live._boot()
    asked_once(live)


@pytest.mark.parametrize("after", [1, 3])
def test_an_on_fill_heard_while_bars_were_missing_is_decided_at_the_newest_close(
    tmp_path: Path, after: int
) -> None:
    """The private stream tells the fill; bars come minutes later."""
    live = Live(tmp_path, LIMIT)
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.DROP, on="kline*"))
    live.venue.faults.add(Switch(kind=Fault.HTTP, on="market/kline", value=502))
    for price in ("49890", *["49950"] * after):
        live.venue.trade(D(price))
        live.run(MINUTE, 1_000)
    assert live.held == 100
    live.venue.faults.clear()
    asked_once(live)
