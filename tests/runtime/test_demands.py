"""What is demanded over a wire, where answers are late, lost, refused or never asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runtime.account.absence import Scope
from runtime.consequences import upkeep
from runtime.orders.commands import AmendOrder, Command
from runtime.orders.events import PASSED, OrderSubmitted
from runtime.orders.order_spec import (
    OrderType,
    Protect,
    Role,
    Side,
    TakeProfitType,
)
from runtime.orders.patience import ATTEMPTS, wait_ms
from tests.runtime.wire import Wire, cancels, level, market_exit, specs

STOP, TARGET = Role.STOP_LOSS, Role.TAKE_PROFIT


def something_happens(wire: Wire) -> list[Command]:
    """Tell an event that has nothing to do with anything and looks at everything."""
    return wire.refused("in", "amend")


def timer_at(wire: Wire, ts: int) -> list[Command]:
    """Let the timer ask at a time, ms UTC."""
    return wire.engine.give(
        list(upkeep(wire.ledger, wire.ledger.bar + 1, ts, again=True)), wire.ledger.bar + 1, ts
    )


# ---------------------------------------------------------------- asked once


def test_what_was_refused_as_asked_is_asked_again_by_a_timer_alone() -> None:
    wire = Wire()
    wire.hold(10)
    wire.exit("out", 10)
    market_exit(wire, "cut", 4)
    assert wire.fill("cut", 4) == [AmendOrder(order_id="out", quantity=6)]
    assert wire.refused("out", "amend") == []
    assert something_happens(wire) == []
    assert wire.start() == []
    assert wire.timer() == [AmendOrder(order_id="out", quantity=6)]
    assert wire.refused("out", "amend") == []
    wire.fill("out", 1)  # it is another order: 10 with 1 filled, and 5 are held
    assert wire.asked[-1] == AmendOrder(order_id="out", quantity=6)


def test_a_cancel_that_came_before_its_order_is_asked_again_when_that_has_arrived() -> None:
    wire = Wire()
    a = wire.place("a", "buy", 5, order_group="g", oco=True)
    spec = replace(a.spec, order_id="b")
    wire.engine.apply(OrderSubmitted(spec=spec, **wire.now))  # on its way
    assert cancels(wire.fill("a", 1)) == [("b", "oco")]
    assert wire.refused("b", "cancel", "unknown_order") == []
    assert wire.fill("a", 1) == []  # nothing about it has changed
    assert cancels(wire.accept("b")) == [("b", "oco")]


def test_an_amend_is_over_only_when_the_order_is_as_asked() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    market_exit(wire, "cut", 4)
    assert wire.fill("cut", 4) == [AmendOrder(order_id="v1", quantity=6)]
    (stop,) = wire.working(STOP)
    # Another amendment overtakes it: it is still on its way, nothing may be asked besides.
    assert wire.amended("v1", quantity=9) == []
    assert stop.amending == AmendOrder(order_id="v1", quantity=6)
    assert something_happens(wire) == []
    assert wire.amended("v1", quantity=6) == []
    assert stop.amending is None


def test_what_happens_while_an_amend_flies_is_asked_in_one_amend_when_it_is_over() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    for name in ("a", "b", "c"):
        market_exit(wire, name, 2)
    assert wire.fill("a", 2) == [AmendOrder(order_id="v1", quantity=8)]
    assert wire.fill("b", 2) == wire.fill("c", 2) == []
    assert wire.amended("v1", quantity=8) == [AmendOrder(order_id="v1", quantity=4)]


def test_a_cancel_overtakes_an_amend_and_no_amend_follows_it() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    market_exit(wire, "cut", 4)
    market_exit(wire, "all", 6)
    wire.fill("cut", 4)
    assert cancels(wire.fill("all", 6)) == [("v1", "position_closed")]
    assert wire.amended("v1", quantity=6) == []
    assert wire.ended("v1", "position_closed") == []


# ---------------------------------------------------------------- what never left


@pytest.mark.parametrize("request_", ["amend", "cancel"])
def test_what_never_left_is_for_a_timer_to_ask_again_not_for_an_event(request_: str) -> None:
    """An event that asked would spin on a dead link: its answer is an event, too."""
    wire = Wire()
    wire.hold(10)
    wire.exit("out", 10)
    market_exit(wire, "cut", 4 if request_ == "amend" else 10)
    (asked,) = wire.fill("cut", 4 if request_ == "amend" else 10)
    assert wire.unsent("out", request_) == []
    assert something_happens(wire) == wire.start() == []
    assert wire.timer() == [asked]
    assert something_happens(wire) == wire.timer() == []  # it is on its way again
    assert wire.replayed().state() == wire.ledger.state()


def test_a_cancel_that_was_refused_is_for_a_timer_to_ask_again_ever_less_often() -> None:
    """What was decided stays decided: a stop whose position is gone would close the next one."""
    wire = Wire()
    wire.hold(10, stop=90.0)
    market_exit(wire, "all", 10)
    assert cancels(wire.fill("all", 10)) == [("v1", "position_closed")]
    for _ in range(7):
        assert wire.refused("v1", "cancel", "10001") == something_happens(wire) == []
        (stop,) = wire.working(STOP)
        wait = wait_ms(stop.refusals)
        assert timer_at(wire, stop.refused_at + wait - 1) == []
        assert cancels(timer_at(wire, stop.refused_at + wait)) == [("v1", "position_closed")]
    assert stop.refusals == 7
    assert wait == 30_000
    assert wire.replayed().state() == wire.ledger.state()


# ---------------------------------------------------------------- refused and lost protection


def test_a_refused_stop_is_for_a_timer_to_ask_again_and_not_without_limit() -> None:
    wire = Wire()
    wire.hold(10)
    wire.place("add", "buy", 2, stop_loss=level(90.0))
    (spec,) = specs(wire.fill("add", 2))
    for attempt in range(1, ATTEMPTS + 1):
        assert wire.rejected(spec.order_id) == []
        assert something_happens(wire) == wire.start() == []
        assert wire.ledger.absences[STOP, None].refusals == attempt
        asked = specs(wire.timer())
        assert len(asked) == (attempt < ATTEMPTS)
        spec = asked[0] if asked else spec
    assert wire.timer() == []
    assert wire.replayed().absences == wire.ledger.absences


def test_refusals_of_a_stop_count_in_a_row_only() -> None:
    wire = Wire()
    wire.place("in", "buy", 10, stop_loss=level(90.0))
    wire.fill("in", 10)
    wire.rejected("v1")
    (spec,) = specs(wire.timer())
    wire.accept(spec.order_id)
    assert wire.ledger.absences == {}
    wire.ended(spec.order_id)
    assert wire.ledger.absences[STOP, None].refusals == 0


def test_a_stop_that_the_market_has_passed_closes_what_it_covers_at_once() -> None:
    wire = Wire()
    wire.place("own", "buy", 4, stop_loss=level(95.0), protect=Protect.LAYER)
    wire.place("in", "buy", 10, stop_loss=level(90.0))
    wire.accept(specs(wire.fill("in", 10))[0].order_id)
    (stop,) = specs(wire.fill("own", 4))
    (close,) = specs(wire.rejected(stop.order_id, PASSED))
    assert (close.order_type, close.quantity, close.side) == (OrderType.MARKET, 4, Side.SELL)
    assert (close.role, close.reason, close.reduce_only) == (STOP, "sl_on_entry", True)
    assert something_happens(wire) == wire.timer() == []
    wire.accept(close.order_id)
    assert wire.fill(close.order_id, 4, 94.0) == []
    assert wire.ledger.position is not None
    assert [x.order_id for x in wire.ledger.position.layers] == ["in"]
    assert wire.replayed().state() == wire.ledger.state()


def test_lots_that_come_after_a_passed_stop_was_executed_get_a_stop_again() -> None:
    wire = Wire()
    wire.place("in", "buy", 10, stop_loss=level(90.0))
    wire.fill("in", 4)
    (close,) = specs(wire.rejected("v1", PASSED))
    wire.accept(close.order_id)
    assert wire.fill("in", 6) == []  # the market order is the stop until it is done
    (again,) = specs(wire.fill(close.order_id, 4))
    assert (again.order_type, again.quantity) == (OrderType.STOP_MARKET, 6)


def test_a_stop_that_cannot_move_because_the_market_has_passed_the_level_closes() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    assert wire.moved(99.0) == [AmendOrder(order_id="v1", trigger_price=99.0)]
    asked = wire.refused("v1", "amend", PASSED)
    assert cancels(asked) == [("v1", "replaced")]
    (close,) = specs(asked)
    assert (close.order_type, close.quantity, close.reason) == (
        OrderType.MARKET, 10, "sl_on_entry",
    )  # fmt: skip


def test_a_refused_change_of_a_stop_is_counted_and_asked_again_by_a_timer_too() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    wire.place("add", "buy", 2)
    (amend,) = wire.fill("add", 2)
    for attempt in range(1, ATTEMPTS + 1):
        assert wire.refused("v1", "amend") == something_happens(wire) == []
        assert wire.ledger.absences[STOP, None].refusals == attempt
        assert wire.timer() == ([amend] if attempt < ATTEMPTS else [])


def test_a_refused_target_is_asked_for_ever_less_often_and_is_never_given_up() -> None:
    wire = Wire()
    wire.place("in", "buy", 10, stop_loss=level(90.0), take_profit=level(110.0))
    _, target = specs(wire.fill("in", 10))
    waits = []
    for _ in range(7):
        assert wire.rejected(target.order_id) == something_happens(wire) == []
        absence = wire.ledger.absences[TARGET, None]
        waits.append(wait_ms(absence.refusals))
        assert timer_at(wire, absence.counted_at + waits[-1] - 1) == []
        (target,) = specs(timer_at(wire, absence.counted_at + waits[-1]))
        assert (target.role, target.trigger_price, target.quantity) == (TARGET, 110.0, 10)
    assert waits == [1_000, 2_000, 5_000, 10_000, 30_000, 30_000, 30_000]
    assert wire.replayed().absences == wire.ledger.absences


def test_a_refused_change_of_a_target_is_asked_for_again_as_long_as_it_is_short() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0, take_profit=level(110.0))
    (target,) = wire.working(TARGET)
    wire.place("add", "buy", 2)
    wire.fill("add", 2)
    for _ in range(5):
        assert wire.refused(target.order_id, "amend") == something_happens(wire) == []
        absence = wire.ledger.absences[TARGET, None]
        due = absence.counted_at + wait_ms(absence.refusals)
        assert timer_at(wire, due - 1) == []
        assert timer_at(wire, due) == [AmendOrder(order_id=target.order_id, quantity=12)]


def test_a_target_reached_while_it_was_short_closes_what_it_lacks_and_no_lot_twice() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0, take_profit=level(110.0))
    (target,) = wire.working(TARGET)
    wire.moved(90.0, 105.0)
    wire.refused(target.order_id, "amend")
    due = wire.ledger.absences[TARGET, None].counted_at + 1
    reached: dict[Scope, tuple[int, int]] = {(TARGET, None): (due, 10)}

    def asked() -> list[Command]:
        commands = list(upkeep(wire.ledger, wire.ledger.bar + 1, due, again=True, reached=reached))
        return wire.engine.give(commands, wire.ledger.bar + 1, due)

    assert cancels(asked()) == [(target.order_id, "replaced")]  # the old one may still fill
    assert asked() == []
    assert wire.ended(target.order_id, "replaced") == something_happens(wire) == []
    (close,) = specs(asked())
    assert (close.order_type, close.quantity, close.role) == (OrderType.MARKET, 10, TARGET)
    assert asked() == []


def test_a_stop_that_ended_unasked_is_renewed_by_a_timer_not_by_the_next_event() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    assert wire.ended("v1") == []
    assert something_happens(wire) == wire.start() == []
    (spec,) = specs(wire.timer())
    assert (spec.order_id, spec.quantity, spec.trigger_price) == ("v2", 10, 90.0)


def test_the_end_of_a_stop_that_overtakes_the_executions_of_an_exit_makes_no_new_stop() -> None:
    """The venue ends a reduce-only order with the position; the word of it may be the first of all."""
    wire = Wire()
    wire.hold(10, stop=90.0)
    market_exit(wire, "out", 10)
    wire.ended("v1", "reduce_only")
    assert wire.fill("out", 6) == wire.fill("out", 4) == []
    assert wire.ledger.absences == {}
    assert wire.timer() == []


def test_a_target_that_ended_unasked_is_renewed_and_does_not_touch_the_stop() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0, take_profit=level(110.0), take_profit_type=TakeProfitType.LIMIT)
    (target,) = wire.working(TARGET)
    wire.ended(target.order_id)
    (spec,) = specs(wire.timer())
    assert (spec.role, spec.limit_price) == (TARGET, 110.0)
    assert len(wire.working(STOP)) == 1


def test_a_stop_whose_cancel_was_asked_for_is_not_missed() -> None:
    wire = Wire()
    wire.hold(10, stop=90.0)
    market_exit(wire, "out", 10)
    wire.fill("out", 10)
    wire.place("next", "buy", 3)
    wire.fill("next", 3)
    wire.ended("v1", "position_closed")
    assert wire.ledger.absences == {}


def test_a_target_that_the_card_moves_is_asked_for_at_once_a_refused_stop_keeps_its_count() -> None:
    """A card that moves its stop at every close must not keep a position bare for ever."""
    wire = Wire()
    wire.place("in", "buy", 10, stop_loss=level(90.0), take_profit=level(110.0))
    stop, target = specs(wire.fill("in", 10))
    wire.rejected(stop.order_id)
    for attempt in range(ATTEMPTS):
        wire.rejected(target.order_id)
        (asked,) = specs(wire.moved(90.0, 111.0 + attempt))
        assert asked.trigger_price == 111.0 + attempt
        target = asked
    assert wire.moved(91.0, 113.0) == []
    assert wire.ledger.absences[STOP, None].refusals == 1
