"""The end of the data ends orders and asks for nothing."""

from __future__ import annotations

import pytest

from runtime.orders.events import OrderSubmitted
from runtime.orders.order_spec import Effect, Protect, Role
from tests.runtime.backends.sim.bench import Bench, level


@pytest.mark.parametrize("closes", [False, True], ids=["stays open", "is closed"])
def test_nothing_is_protected_anew_where_the_data_end(closes: bool) -> None:
    """What closes a position at the end is a fill: a stop for what is left of it would be one too many."""
    bench = Bench([(100, 100, 100, 100)] * 3, execution={"close_at_end": closes})
    bench.place("buy", "market", 5, stop_loss=level(90.0), protect=Protect.LAYER)
    bench.place("buy", "market", 3, stop_loss=level(80.0))
    bench.place("sell", "limit", 4, effect=Effect.REDUCE, limit_price=110.0)
    bench.bar(3)
    before = len(bench.events)
    bench.exchange.end_of_data(2)
    made = [e.spec.role for e in bench.events[before:] if isinstance(e, OrderSubmitted)]
    assert made == ([Role.CLOSE_AT_END] if closes else [])
    assert len(bench.ledger.book) == 0
    assert bench.held == (0 if closes else 8)
