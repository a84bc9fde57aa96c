"""A copy of the ledger costs what still works, never what has ended."""

from __future__ import annotations

import gc

import pytest

from runtime.account.ledger import Ledger
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect
from runtime.orders.table import OrderTable
from tests.runtime.backends.sim.bench import Bench


def _traded(trips: int) -> Ledger:
    bench = Bench([(100, 101, 99, 100)] * (2 * trips + 2))
    for _ in range(trips):
        bench.place("buy", "market", 5)
        bench.bar()
        bench.place("sell", "market", 5, effect=Effect.REDUCE)
        bench.bar()
    assert bench.ledger.position is None
    return bench.ledger


def _made_by_a_copy(ledger: Ledger) -> int:
    """Return how many entries of containers a copy makes."""
    gc.collect()
    twin = ledger.clone()
    table = twin.orders
    return len(table._own) + len(twin.book.orders) + len(twin.newest_by_ref)


def test_a_copy_does_not_grow_with_history() -> None:
    few, many = _traded(2), _traded(60)
    assert len(many.orders) == 120
    assert _made_by_a_copy(few) == _made_by_a_copy(many)


def test_a_copy_sees_history_and_keeps_its_own_orders_to_itself() -> None:
    ledger = _traded(3)
    ids = list(ledger.orders)
    twin = ledger.clone()
    assert list(twin.orders) == ids
    assert twin.orders[ids[0]] is ledger.orders[ids[0]]
    fresh = Order(ledger.orders[ids[0]].spec, 99)
    twin.orders["new"] = fresh
    twin.orders[ids[1]] = fresh
    assert len(twin.orders) == len(ids) + 1
    assert list(twin.orders) == [*ids, "new"]
    assert "new" not in ledger.orders
    assert ledger.orders[ids[1]] is not fresh
    assert twin.clone().orders["new"] is fresh


def test_an_order_is_never_taken_out() -> None:
    table = OrderTable()
    with pytest.raises(TypeError, match="has been asked for"):
        del table["x"]
