"""Margin where it is needed, liquidation at a gap, flips, and what protection survives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.market.frame import Frame
from runtime.orders.commands import AmendOrder, SetProtection
from runtime.orders.events import (
    OrderAccepted,
    OrderAmended,
    OrderFilled,
    ProtectionChanged,
    RequestRefused,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side
from tests.properties.test_exchange_laws import accounts, bars, orders, settings_
from tests.runtime.backends.sim.bench import MINUTE, Bench, level

QUIET = (100.0, 101.0, 99.0, 100.0)
SMALL: dict[str, Any] = {"starting_equity_usdt": 1_000.0}


def test_an_amendment_that_needs_more_margin_than_is_free_is_refused() -> None:
    bench = Bench([QUIET, QUIET, QUIET], account=SMALL)
    order = bench.place("buy", "limit", 5, limit_price=90.0)
    bench.bar()
    bench.send(AmendOrder(order_id=order, quantity=12))  # 1,080 of 1,000 USDT
    bench.bar()
    refused = [e for e in bench.events if isinstance(e, RequestRefused)]
    assert [(e.request, e.code) for e in refused] == [("amend", "no_margin")]
    assert bench.ledger.orders[order].quantity == 5
    bench.send(AmendOrder(order_id=order, quantity=11))
    bench.bar()
    assert bench.ledger.orders[order].quantity == 11


def test_a_stop_takes_margin_when_it_triggers_and_is_cancelled_when_it_is_short() -> None:
    bench = Bench([QUIET, (100, 104, 100, 104), (104, 106, 104, 106)], account=SMALL)
    first = bench.place("buy", "stop_market", 6, trigger_price=103.0)
    second = bench.place("buy", "stop_market", 3, trigger_price=105.0)
    bench.bar(2)
    bench.ledger.orders[second].quantity = 6  # grown behind the account's back
    bench.bar()
    assert bench.status(first)[0] == "filled"
    assert bench.status(second) == ("cancelled", "no_margin")


def test_an_entry_that_nets_a_position_needs_margin_for_the_rest_only() -> None:
    bench = Bench([QUIET, QUIET, (100, 106, 99, 100), QUIET], account=SMALL)
    bench.place("buy", "market", 9)
    bench.bar()
    turn = bench.place("sell", "limit", 9, limit_price=105.0)
    bench.bar(2)
    assert bench.status(turn)[0] == "filled"
    assert bench.ledger.position is None
    more = bench.place("sell", "limit", 11, limit_price=105.0)  # now all of it needs margin
    bench.bar()
    assert bench.status(more) == ("rejected", "no_margin")


def test_a_gap_beyond_liquidation_takes_the_position_before_an_order_can_close_it() -> None:
    bench = Bench([QUIET, (85, 86, 84, 85)], account={"max_leverage": 10.0})
    bench.place("buy", "market", 10)
    bench.bar()
    exit_ = bench.place("sell", "market", 10, effect=Effect.REDUCE)
    bench.bar()
    assert bench.status(exit_)[0] != "filled"
    takeover = bench.ledger.orders[bench.fills[-1][0]]
    assert takeover.spec.role is Role.LIQUIDATION
    assert bench.fills[-1][2] == 90.0  # at the bankruptcy price, not at the better open
    assert bench.ledger.position is None


def fine(rows: list[tuple[float, float, float, float]], skip: int = -1) -> Frame:
    made = Frame("TEST", "1m", MINUTE // 2)
    for index, row in enumerate(rows):
        if index != skip:
            made.append(index * MINUTE // 2, *row, 500.0)
    return made


@pytest.mark.parametrize(("skip", "fallback"), [(-1, 0), (3, 1)])
def test_magnify_takes_the_coarse_bar_where_finer_bars_have_a_hole(
    skip: int, fallback: int
) -> None:
    rows = [QUIET, QUIET, (100.0, 104.0, 100.0, 103.0), (103.0, 103.0, 97.0, 98.0)]
    coarse = [QUIET, (100, 104, 97, 98)]
    bench = Bench(coarse, execution={"intrabar": "magnify"}, fine=fine(rows, skip))  # type: ignore[arg-type]
    order = bench.place("buy", "limit", 5, limit_price=98.0)
    bench.bar(2)
    assert bench.exchange.parts.fallbacks == fallback
    # In the hole price fell to 97: the coarse bar knows, the finer ones would not.
    assert bench.status(order)[0] == "filled"


def test_protection_for_the_next_bar_waits_for_the_next_bar_of_the_card() -> None:
    rows = [QUIET, QUIET, (100.0, 100.0, 98.0, 99.0), (99.0, 99.0, 90.0, 91.0), QUIET, QUIET]
    coarse = [QUIET, (100, 100, 90, 91), QUIET]
    bench = Bench(
        coarse, execution={"intrabar": "magnify", "attached": "next_bar"}, fine=fine(rows)
    )  # type: ignore[arg-type]
    bench.place("buy", "limit", 5, limit_price=98.0, stop_loss=level(95.0))
    bench.bar(2)
    assert bench.ledger.position is not None  # 90 was reached later in the same bar of the card
    bench.bar()
    assert bench.ledger.position is not None  # opens at 100, above the stop


def test_what_a_fill_adds_waits_for_the_next_bar_while_what_stood_there_acts() -> None:
    """The stop at 90 stands for 5; 5 more are bought in the bar that falls to it: they are kept."""
    bench = Bench(
        [QUIET, (100, 101, 99, 100), (100, 100, 90, 91), (91, 92, 89, 90)],
        execution={"attached": "next_bar"},
    )
    bench.place("buy", "market", 5, stop_loss=level(90.0))
    bench.bar(2)
    bench.place("buy", "limit", 5, limit_price=95.0)
    bench.bar()
    assert [f[1:] for f in bench.fills] == [(5, 100.0, 0), (5, 95.0, 2), (5, 90.0, 2)]
    assert [(o.trigger_price, o.remaining) for o in bench.ledger.book] == [(90.0, 5)]
    bench.bar()
    assert bench.fills[-1][1:] == (5, 90.0, 3)


def test_an_order_brings_its_stop_once() -> None:
    """Later fills of an order must not undo where its stop was moved to since."""
    bench = Bench(
        [QUIET, (100, 100, 97, 98, 900), (98, 99, 97, 98, 900), (98, 99, 97, 98, 900)],
        execution={"fill_model": "volume_weighted"},
    )
    order = bench.place("buy", "limit", 900, limit_price=98.0, stop_loss=level(90.0))
    bench.bar(2)
    filled = bench.ledger.orders[order].filled
    assert 0 < filled < 900
    bench.send(SetProtection(stop_loss=level(94.0)))
    bench.bar(2)
    assert bench.ledger.orders[order].filled > filled
    assert bench.ledger.stop_price() == 94.0


def test_an_order_that_brings_only_a_stop_leaves_the_kind_of_target_alone() -> None:
    bench = Bench([QUIET, QUIET, QUIET])
    bench.place("buy", "market", 5, take_profit=level(110.0), take_profit_type="limit")
    bench.bar()
    bench.place("buy", "market", 5, stop_loss=level(90.0))
    bench.bar()
    held = bench.ledger.protection[None]
    assert (held.take_profit_type, held.stop_loss, held.take_profit) == (
        "limit", level(90.0), level(110.0),
    )  # fmt: skip
    target = bench.ledger.protective(Role.TAKE_PROFIT)
    assert target is not None
    assert target.spec.order_type is OrderType.LIMIT


def test_when_a_position_turns_the_orders_of_the_old_side_go_and_the_new_side_is_protected() -> (
    None
):
    bench = Bench([QUIET] * 4)
    bench.place("buy", "market", 5, stop_loss=level(90.0), take_profit=level(110.0))
    bench.bar()
    old_exit = bench.place("sell", "limit", 5, limit_price=108.0, effect=Effect.REDUCE)
    flat_only = bench.place("buy", "limit", 5, limit_price=95.0, on_flat="cancel")
    kept = bench.place("buy", "limit", 5, limit_price=94.0)
    bench.bar()
    turn = bench.place("sell", "market", 8, stop_loss=level(112.0))
    bench.bar()
    position = bench.ledger.position
    assert position is not None
    assert (position.side, position.quantity) == (Side.SELL, 3)
    assert bench.status(turn)[0] == "filled"
    assert bench.status(old_exit) == ("cancelled", "position_closed")
    assert bench.status(flat_only) == ("cancelled", "on_flat")
    assert bench.status(kept)[0] == "pending"
    guards = [(o.side, o.trigger_price, o.remaining) for o in bench.ledger.book if not o.is_own]
    assert guards == [(Side.BUY, 112.0, 3)]


def test_a_layer_knows_its_own_stop_and_target() -> None:
    bench = Bench([QUIET, QUIET])
    bench.place(
        "buy", "market", 5, stop_loss=level(90.0), take_profit=level(110.0), protect="layer"
    )
    bench.bar()
    assert bench.ledger.position is not None
    (layer,) = bench.ledger.position.layers
    assert (layer.layer_stop, layer.layer_target) == (level(90.0), level(110.0))


def test_a_cut_of_the_total_that_raced_the_last_execution_leaves_a_filled_order() -> None:
    order = Order(
        OrderSpec(
            order_id="o", symbol="X", side=Side.BUY, effect=Effect.OPEN,
            order_type=OrderType.LIMIT, quantity=10, limit_price=100.0,
        )
    )  # fmt: skip
    order.apply(OrderAccepted(order_id="o", exchange_order_id="e", bar=0, ts=0))
    for name in ("x1", "x1"):
        order.apply(
            OrderFilled(
                order_id="o", execution_id=name, quantity=6, price=100.0, fee=0.0, is_maker=True,
                bar=1, ts=1,
            )
        )  # fmt: skip
    order.apply(OrderAmended(order_id="o", bar=1, ts=2, quantity=5))
    assert (order.state, order.filled, order.quantity) == ("filled", 6, 6)


def test_two_fills_that_any_path_brings_are_not_ambiguous() -> None:
    bench = Bench([QUIET, (100, 101, 95, 100)])
    bench.place("buy", "limit", 1, limit_price=98.0)
    bench.place("buy", "limit", 1, limit_price=97.0)
    bench.bar(2)
    assert len(bench.fills) == 2
    assert bench.exchange.tally.ambiguous_bars == []
    doubtful = Bench([QUIET, (100, 103, 96, 101)])
    doubtful.place("buy", "market", 1, stop_loss=level(97.0), take_profit=level(102.0))
    doubtful.bar(2)
    assert doubtful.exchange.tally.ambiguous_bars == [1]


@given(st.data())
def test_bars_that_are_skipped_reach_no_order_and_no_liquidation(data: st.DataObject) -> None:
    """The quick look at a bar against walking every bar."""
    rows, execution, account = data.draw(bars()), data.draw(settings_()), data.draw(accounts())
    account = account | {"max_leverage": data.draw(st.sampled_from([1.0, 5.0, 20.0]))}
    quick, slow = (Bench(rows, execution=execution, account=account) for _ in "ab")  # type: ignore[arg-type]
    slow.exchange._could_matter = lambda *_: True  # type: ignore[method-assign]
    for _ in rows:
        for side, kind, lots, more in data.draw(st.lists(orders(), max_size=2)):
            quick.place(side, kind, lots, **dict(more))
            slow.place(side, kind, lots, **dict(more))
        quick.bar()
        slow.bar()
    assert quick.events == slow.events
    assert any(not isinstance(e, ProtectionChanged) for e in quick.events)
