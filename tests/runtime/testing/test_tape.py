"""The tape notices what it is there for: one forged execution per law."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.orders.events import OrderFilled
from runtime.testing.tape import LAWS
from tests.runtime.backends.sim.bench import FINE, Bench, Row

BARS: list[Row] = [(100, 101, 99, 100, 1000), (98, 99, 97, 98.5, 1000), (98.5, 99, 97, 98, 1000)]


def forged(order: dict[str, Any], *fills: dict[str, Any]) -> list[str]:
    """Return the laws that executions break which are told of an order on bar 1."""
    bench = Bench(BARS, instrument=FINE, execution={"fill_model": "volume_weighted"})
    bench.bar()
    order_id = bench.place(order.pop("side", "buy"), order.pop("kind"), 5_000, **order)
    bench.exchange.submit([])
    for number, fill in enumerate(fills):
        told: dict[str, Any] = {
            "quantity": 10, "fee": 0.0, "is_maker": True, "bar": 1, "ts": 0, "path": 1.0,
        } | fill  # fmt: skip
        bench.emit(OrderFilled(order_id=order_id, execution_id=f"f{number}", **told))
    return [law for law, _ in bench.tape.broken()]


FORGED: list[tuple[str | None, dict[str, Any], list[dict[str, Any]]]] = [
    # On the path prices went from 97 to 99; the jump came from 100.
    ("fills_where_price_was", {"kind": "market"}, [{"price": 99.5, "is_maker": False}]),
    (None, {"kind": "limit", "limit_price": 99.5}, [{"price": 99.5, "path": 0.0}]),
    ("fills_where_price_was", {"kind": "market"}, [{"price": 100.1, "path": 0.0}]),
    (None, {"kind": "market"}, [{"price": 99.1, "slippage": 0.1, "is_maker": False}]),
    # The bid at 99 was not marketable at 100: only the jump made it so.
    ("no_gifts", {"kind": "limit", "limit_price": 99.0}, [{"price": 98.0, "path": 0.0}]),
    (
        "no_gifts", {"kind": "limit", "limit_price": 99.0},
        [{"price": 98.0, "path": 0.0, "is_maker": False}],
    ),
    (
        None, {"kind": "limit", "limit_price": 101.0},
        [{"price": 98.0, "path": 0.0, "is_maker": False}],
    ),
    ("no_gifts", {"kind": "limit", "limit_price": 98.0}, [{"price": 98.5}]),
    # A tenth of 1,000 is 100 base units: 1,000 lots.
    (
        "one_volume_budget", {"kind": "limit", "limit_price": 98.0},
        [{"price": 98.0, "quantity": 700}, {"price": 98.0, "quantity": 301}],
    ),
    (
        None, {"kind": "limit", "limit_price": 98.0},
        [{"price": 98.0, "quantity": 700}, {"price": 98.0, "quantity": 300}],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("law", "order", "fills"), FORGED)
def test_a_forged_execution_breaks_the_law_it_offends(
    law: str | None, order: dict[str, Any], fills: list[dict[str, Any]]
) -> None:
    assert forged(dict(order), *fills) == ([] if law is None else [law])


def test_every_law_of_the_tape_has_a_forgery_here() -> None:
    assert {law for law, _, _ in FORGED} - {None} == set(LAWS)
