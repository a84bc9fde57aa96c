"""Stop and target of a resting entry change in a session as in a back-test: they are no venue's until it fills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit.pace import Pace
from runtime.orders.order import Order
from tests.runtime.live.bench import Live, ended
from tests.runtime.live.test_fills_nobody_tells import deaf_to_executions
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

FOLLOWS = emit(
    "place_limit_long", size="0.05 base", price="close - 50", stop_loss="close - 250",
    take_profit="close + 300", order_ref="a", on_live_ref="replace",
)  # fmt: skip
RESTS = emit(
    "place_limit_long", size="0.05 base", price=49800.0, stop_loss=49000.0, take_profit=50500.0,
    order_ref="a",
)  # fmt: skip


def levels(order: Order) -> tuple[float, float]:
    assert order.stop_loss is not None
    assert order.take_profit is not None
    return order.stop_loss.value, order.take_profit.value


def protection(live: Live) -> list[tuple[str, float | None]]:
    """Return what protects what is held, by role."""
    return sorted((o.spec.role.value, o.trigger_price or o.limit_price) for o in live.ledger.book)


def test_an_entry_that_follows_the_market_takes_its_stop_and_target_with_it(tmp_path: Path) -> None:
    live = Live(tmp_path, at_bar(1, FOLLOWS, last=4), pace=Pace())
    for price in ("50000", "50100", "50200", "50300"):
        live.bar(price)
    live.wait(5_000)
    order = live.order("a")
    assert (order.limit_price, *levels(order)) == (50250.0, 50050.0, 50600.0)
    live.trade("50240", 10_000)
    assert live.held == 50
    assert protection(live) == [("stop_loss", 50050.0), ("take_profit", 50600.0)]
    assert not live.session.notices
    ended(live)


@pytest.mark.parametrize(
    ("what", "becomes", "asked"),
    [
        ({"stop_loss": 48900.0}, (50, 49800.0, 48900.0, 50500.0), 0),
        ({"take_profit": 50600.0}, (50, 49800.0, 49000.0, 50600.0), 0),
        ({"stop_loss": 48900.0, "size": "0.04 base"}, (40, 49800.0, 48900.0, 50500.0), 1),
        ({"stop_loss": 48900.0, "price": 49700.0}, (50, 49700.0, 48900.0, 50500.0), 1),
    ],
)
def test_a_change_of_stop_or_target_is_done_with_what_of_it_the_venue_has(
    tmp_path: Path, what: dict[str, Any], becomes: tuple[float, ...], asked: int
) -> None:
    """A change of both alone is no request at all."""
    card = at_bar(1, RESTS) + at_bar(3, emit("amend_order", order_ref="a", **what))
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=5)
    live.wait(5_000)
    order = live.order("a")
    assert (order.quantity, order.limit_price, *levels(order)) == becomes
    assert len([path for path, _ in live.posted if path == "order/amend"]) == asked
    assert not live.session.notices
    live.trade("49690", 10_000)
    assert protection(live) == [("stop_loss", becomes[2]), ("take_profit", becomes[3])]
    ended(live)


def test_a_change_that_is_lost_is_done_in_one_piece_when_it_leaves_again(tmp_path: Path) -> None:
    change = emit("amend_order", order_ref="a", price=49700.0, stop_loss=48900.0)
    live = Live(tmp_path, at_bar(1, RESTS) + at_bar(3, change), pace=Pace())
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/amend", times=1))
    live.bar()
    order = live.order("a")
    assert (order.limit_price, levels(order)[0]) == (49800.0, 49000.0)
    live.wait(60_000)
    assert (order.limit_price, levels(order)[0]) == (49700.0, 48900.0)
    ended(live)


def test_stop_and_target_of_a_refused_change_stay_as_they_were(tmp_path: Path) -> None:
    change = emit("amend_order", order_ref="a", price=49700.0, stop_loss=48900.0)
    live = Live(tmp_path, at_bar(1, RESTS) + at_bar(3, change), pace=Pace())
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/amend", value=110003, times=1))
    live.bar()
    live.wait(5_000)
    order = live.order("a")
    assert (order.limit_price, levels(order)[0]) == (49800.0, 49000.0)
    ended(live)


def test_an_execution_that_proves_a_larger_size_proves_its_stop(tmp_path: Path) -> None:
    """Its row of the order comes after it: the position is protected by the newer stop at once."""
    change = emit("amend_order", order_ref="a", size="0.08 base", stop_loss=48900.0)
    live = Live(tmp_path, at_bar(1, RESTS) + at_bar(3, change), pace=Pace())
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.DROP, on="order*"))
    live.bar()
    live.trade("49790", 10_000)
    assert live.held == 80
    assert ("stop_loss", 48900.0) in protection(live)


def test_what_a_wish_of_an_entry_became_stands_beside_it_in_the_journal(tmp_path: Path) -> None:
    change = emit("amend_order", order_ref="a", stop_loss=48900.0)
    live = Live(tmp_path, at_bar(1, RESTS) + at_bar(3, change), pace=Pace())
    live.bar(bars=4)
    live.restart()
    assert levels(live.order("a")) == (48900.0, 50500.0)
    ended(live)


AT_ONCE = {"stop_loss": 49500.0, "take_profit": 50600.0, "price": 50100.0}


@pytest.mark.parametrize("lots", [50, 30, 80])
@pytest.mark.parametrize(
    "fault",
    [
        None,
        Switch(kind=Fault.DROP, on="order*"),
        Switch(kind=Fault.LATE, on="execution*", value=3_000),
        Switch(kind=Fault.DROP_ANSWER, on="order/amend"),
        Switch(kind=Fault.DELAY_EFFECT, on="order/amend", value=3_000),
    ],
)
def test_an_entry_moved_to_where_it_trades_at_once_brings_the_newer_levels(
    tmp_path: Path, lots: int, fault: Switch | None
) -> None:
    """Its executions come before any row that shows the change: they say themselves where their order stood."""
    size = {} if lots == 50 else {"size": f"{lots / 1000} base"}
    card = at_bar(1, RESTS) + at_bar(3, emit("amend_order", order_ref="a", **AT_ONCE, **size))
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=3)
    if fault is not None:
        live.venue.faults.add(fault)
    live.bar()
    live.wait(5_000)
    assert live.held == lots
    assert protection(live) == [("stop_loss", 49500.0), ("take_profit", 50600.0)]
    assert not live.session.notices
    live.venue.faults.clear()
    live.restart()
    live.wait(5_000)
    assert protection(live) == [("stop_loss", 49500.0), ("take_profit", 50600.0)]
    ended(live)


def test_a_fill_that_only_the_orders_row_tells_brings_the_levels_of_what_the_row_shows(
    tmp_path: Path,
) -> None:
    card = at_bar(1, RESTS) + at_bar(3, emit("amend_order", order_ref="a", **AT_ONCE))
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=3)
    live.wait(50_000)
    deaf_to_executions(live)
    live.bar()
    live.wait(20_000)
    assert live.held == 50
    assert protection(live) == [("stop_loss", 49500.0), ("take_profit", 50600.0)]
    ended(live)


def test_a_fill_that_came_before_the_change_keeps_the_levels_it_came_with(tmp_path: Path) -> None:
    """The change finds an order that is over: it was filled as it stood."""
    card = at_bar(1, RESTS) + at_bar(3, emit("amend_order", order_ref="a", **AT_ONCE))
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.DELAY_EFFECT, on="order/amend", value=3_000))
    live.bar()
    live.trade("49790", 10_000)
    live.wait(10_000)
    assert live.held == 50
    assert protection(live) == [("stop_loss", 49000.0), ("take_profit", 50500.0)]
    ended(live)
