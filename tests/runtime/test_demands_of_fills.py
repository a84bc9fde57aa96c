"""What a fill demands over a wire: protection in step, groups, entries that turn, times that are up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from runtime.consequences import upkeep
from runtime.orders.commands import AmendOrder, Command
from runtime.orders.events import BarClosed, OrderFilled, OrderSubmitted
from runtime.orders.order_spec import Effect, OnFlat, OrderType, Protect, Side, TakeProfitType
from tests.runtime.wire import Wire, amends, cancels, level, market_exit, specs

GROUP: dict[str, Any] = {"order_group": "g", "oco": True}


# ---------------------------------------------------------------- protection follows what is held


def test_stop_and_limit_target_follow_every_fill_and_every_exit() -> None:
    wire = Wire()
    wire.place(
        "in", "buy", 10, stop_loss=level(90.0), take_profit=level(110.0),
        take_profit_type=TakeProfitType.LIMIT,
    )  # fmt: skip
    stop, target = specs(wire.fill("in", 3))
    assert (stop.quantity, target.quantity) == (3, 3)  # from the first lot on
    assert (stop.order_type, target.order_type) == (OrderType.STOP_MARKET, OrderType.LIMIT)
    assert all(spec.reduce_only for spec in (stop, target))
    for spec in (stop, target):
        wire.accept(spec.order_id)

    def told(asked: list[Command]) -> list[int | None]:
        for command in amends(asked):
            wire.amended(command.order_id, quantity=command.quantity)
        return [command.quantity for command in amends(asked)]

    assert told(wire.fill("in", 4)) == [7, 7]
    wire.ended("in")  # what is left of the parent ends: its protection stays
    assert told(wire.asked[-1:]) == [7]
    market_exit(wire, "cut", 2)
    assert told(wire.fill("cut", 2)) == [5, 5]
    assert told(wire.fill(target.order_id, 1, 110.0)) == [4]  # the stop, by what the target took


def test_a_journal_that_ends_with_the_fill_itself_asks_for_the_stop_it_brought() -> None:
    """The power goes after the execution was written down, and before what it brought was."""
    wire = Wire()
    wire.place("in", "buy", 10, stop_loss=level(90.0))
    asked = wire.fill("in", 10)
    (at,) = [i for i, event in enumerate(wire.told) if isinstance(event, OrderFilled)]
    assert list(upkeep(wire.replayed(at + 1), **wire.now)) == asked
    assert [spec.trigger_price for spec in specs(asked)] == [90.0]


def test_stops_and_targets_share_with_no_exit() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    wire.exit("out", 10)
    assert [order.remaining for order in wire.ledger.book] == [10, 10]
    assert wire.start() == []


def test_orders_of_scopes_are_made_in_the_order_of_their_numbers_not_of_their_text() -> None:
    wire = Wire()
    names = [f"o{number}" for number in range(1, 13)]
    for name in names:
        wire.place(name, "buy", 1, stop_loss=level(90.0), protect=Protect.LAYER)
    for name in reversed(names):
        wire.engine.apply(wire.executed(name, 1))
    made = specs(list(upkeep(wire.ledger, **wire.now)))
    assert [(spec.order_id, spec.layer) for spec in made] == [
        (f"v{number}", name) for number, name in enumerate(names, 1)
    ]


def test_when_a_position_turns_the_new_stop_is_asked_for_with_the_cancel_of_the_old() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    wire.place("turn", "sell", 15, limit_price=105.0, stop_loss=level(110.0))
    asked = wire.fill("turn", 15, 105.0)
    assert cancels(asked) == [("v1", "position_closed")]
    (stop,) = specs(asked)
    assert (stop.side, stop.quantity, stop.trigger_price) == (Side.BUY, 5, 110.0)


# ---------------------------------------------------------------- entries that turn the position


FLIPS = {"more": "position_policy: { allow_flip: true }"}


def test_at_most_one_resting_order_carries_what_is_held() -> None:
    wire = Wire(**FLIPS)
    wire.place("a", "sell", 5, limit_price=105.0)
    wire.place("b", "sell", 5, limit_price=106.0)
    wire.hold(10)
    assert wire.asked == [AmendOrder(order_id="a", quantity=15, opens=5)]
    assert wire.start() == []
    wire.amended("a", quantity=15, opens=5)
    wire.ended("a")
    wire.fill("b", 1, 106.0)  # it is the oldest then
    assert wire.asked[-1] == AmendOrder(order_id="b", quantity=15, opens=5)


def test_an_amend_of_a_turning_entry_that_loses_the_race_to_its_fill_is_netted_and_said() -> None:
    """It was to carry 10, the venue fills the 5 it knows: they net, and the rows of fills say so."""
    wire = Wire(**FLIPS)
    turn = wire.place("turn", "sell", 5, limit_price=105.0)
    wire.hold(10)
    assert turn.amending == AmendOrder(order_id="turn", quantity=15, opens=5)
    wire.fill("turn", 5, 105.0)
    assert wire.ledger.position is not None
    assert (wire.ledger.position.side, wire.ledger.position.quantity) == (Side.BUY, 5)
    assert wire.ledger.booking is not None
    assert (wire.ledger.booking.closed_lots, wire.ledger.booking.opened_lots) == (5, 0)
    assert wire.refused("turn", "amend", "order_is_over") == []


# ---------------------------------------------------------------- one cancels the other


def test_the_first_lot_of_an_entry_cancels_the_other_members_of_its_group() -> None:
    wire = Wire()
    for name in ("a", "b"):
        wire.place(name, "buy", 5, order_group="g", oco=True)
    wire.hold(10)
    wire.exit("out", 10, order_group="g", oco=True)
    assert cancels(wire.fill("a", 1)) == [("b", "oco"), ("out", "oco")]
    assert wire.fill("a", 4) == []  # the one that filled works on


def test_exits_of_a_group_shrink_by_what_one_of_them_fills() -> None:
    """10 at 105 and a stop-limit at 95: 3 fill at 105, and the other keeps 7; none is left bare."""
    wire = Wire()
    wire.hold(10)
    wire.exit("high", 10, **GROUP)
    wire.exit("low", 10, 94.0, order_type=OrderType.STOP_LIMIT, trigger_price=95.0, **GROUP)
    assert wire.fill("high", 3, 105.0) == [AmendOrder(order_id="low", quantity=7)]
    assert wire.fill("high", 2, 105.0) == []  # worked out anew when the first is over
    assert wire.amended("low", quantity=7) == [AmendOrder(order_id="low", quantity=5)]
    wire.amended("low", quantity=5)
    asked = wire.fill("high", 5, 105.0)
    assert cancels(asked) == [("low", "oco")]


def test_exits_of_a_group_end_when_a_sibling_is_complete() -> None:
    wire = Wire()
    wire.hold(20)
    wire.exit("high", 5, **GROUP)
    wire.exit("low", 10, 103.0, **GROUP)
    wire.fill("high", 2, 105.0)
    wire.amended("low", quantity=8)
    assert cancels(wire.fill("high", 3, 105.0)) == [("low", "oco")]


def test_an_exit_that_a_sibling_has_used_up_goes() -> None:
    wire = Wire()
    wire.hold(20)
    wire.exit("high", 10, **GROUP)
    wire.exit("low", 3, 103.0, **GROUP)
    assert cancels(wire.fill("high", 4, 105.0)) == [("low", "oco")]


def test_what_a_sibling_has_filled_is_not_lost_with_a_request_that_never_left() -> None:
    wire = Wire()
    wire.hold(20)
    wire.exit("high", 10, **GROUP)
    wire.exit("low", 10, 103.0, **GROUP)
    (asked,) = wire.fill("high", 4, 105.0)
    assert asked == AmendOrder(order_id="low", quantity=6)
    wire.unsent("low", "amend")
    assert wire.timer() == [asked]


def test_a_total_that_the_card_names_for_an_exit_of_a_group_is_its_total() -> None:
    wire = Wire()
    wire.hold(20)
    wire.exit("high", 10, **GROUP)
    low = wire.exit("low", 10, 103.0, **GROUP)
    wire.fill("high", 4, 105.0)
    wire.amended("low", quantity=6)
    wire.engine.give([AmendOrder(order_id="low", quantity=9)], **wire.now)
    assert wire.amended("low", quantity=9) == []
    assert low.remaining == 9


# ---------------------------------------------------------------- when the position is closed


def test_on_flat_reaches_an_entry_that_nobody_has_confirmed_if_an_older_close_placed_it() -> None:
    wire = Wire()
    wire.hold(10)
    wire.close()
    for name, bar in (("old", -1), ("new", 0)):
        spec = replace(
            wire.ledger.orders["in"].spec, order_id=name, on_flat=OnFlat.CANCEL, created_bar=bar
        )
        wire.engine.apply(OrderSubmitted(spec=spec, **wire.now))
    wire.place("stop", "sell", 10, effect=Effect.REDUCE, created_bar=-1)
    assert cancels(wire.fill("stop", 10)) == [("old", "on_flat")]


# ---------------------------------------------------------------- times that are up


def test_a_time_to_live_that_ended_at_a_close_is_asked_for_after_a_start_too() -> None:
    wire = Wire()
    wire.place("a", "buy", 5, ttl_bars=2)
    wire.place("b", "buy", 5, on_partial="cancel")
    assert wire.close() == wire.start() == []
    wire.fill("b", 2)
    assert wire.start() == []  # the bar of its fill has not closed
    wire.close()
    assert cancels(wire.asked) == [("a", "ttl"), ("b", "on_partial")]
    assert wire.start() == []  # they are on their way
    unsent = wire.replayed(len(wire.told) - 2)  # a crash before a request was written down
    assert list(upkeep(unsent, **wire.now)) == wire.asked


def test_an_order_that_is_to_go_for_two_reasons_is_asked_to_go_once() -> None:
    wire = Wire()
    wire.place("a", "buy", 5, order_group="g", oco=True)
    wire.place("b", "buy", 5, order_group="g", oco=True, ttl_bars=1)
    wire.fill("a", 1)
    wire.unsent("b", "cancel")
    wire.engine.apply(BarClosed(bar=0, ts=60_000, close=100.0, mark=100.0))
    assert cancels(wire.timer()) == [("b", "oco")]
