"""What people close beside a target that the market has reached in vain: each lot once, and none of another layer in its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from runtime.live.by_hand import attributed
from runtime.orders.events import OrderFilled, OrderSubmitted
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side
from tests.runtime.live.bench import BTC, MINUTE, Live, ended
from tests.runtime.live.test_targets_owed import SHARED, targets
from tests.runtime.live.test_targets_reached import grown
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

REFUSED = Switch(kind=Fault.CODE, on="order/create", value=110003)
LOST = Switch(kind=Fault.DROP_REQUEST, on="order/create")
SIDES = [1, -1]


def layers(sign: int, *more: str) -> str:
    """Return a card of two layers of 50; the second has a target 300 away."""
    entry, size = "entry_long" if sign > 0 else "entry_short", "0.05 base"
    stops = [50_000.0 - sign * away for away in (1_500, 2_000)]
    first = emit(entry, size=size, protect="layer", stop_loss=stops[0])
    levels = {"stop_loss": stops[1], "take_profit": 50_000.0 + sign * 300}
    second = emit(entry, size=size, protect="layer", **levels)
    return at_bar(1, first) + at_bar(2, second) + "".join(more)


def reached(folder: Path, sign: int, fault: Switch = REFUSED, *more: str) -> Live:
    """Return a session of which the second layer's target was refused, and reached; its close comes to nothing, too."""
    live = Live(folder, layers(sign, *more), pace=Pace(), **SHARED)
    live.bar(bars=2)
    for link in ("*v[3-9]*", "*v[12][0-9]*"):
        live.venue.faults.add(replace(REFUSED, link=link))
    live.bar(bars=1)
    if more:
        live.venue.faults.add(REFUSED)
        live.bar(bars=1)
    live.wait(5_000)
    live.venue.faults.clear()
    live.venue.faults.add(fault)
    live.trade(str(50_000 + sign * 350), 3_000)
    live.wait(20_000)
    live.trade(str(50_000 + sign * 100), 1_000)  # the market turns: it is owed all the same
    assert live.held == sign * 100
    return live


def held_by_layer(live: Live) -> list[tuple[str, int]]:
    position = live.ledger.position
    return [] if position is None else [(one.layer_id, one.quantity) for one in position.layers]


def taken_again(live: Live) -> None:
    """Let the venue take everything again, for longer than a lost order is sought."""
    live.venue.faults.clear()
    live.wait(150_000)
    assert not live.desk.coverage.targets.met
    assert live.held == live.venue_held


@pytest.mark.parametrize("sign", SIDES)
@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("fault", [REFUSED, LOST], ids=["refused", "lost"])
def test_a_reached_target_that_a_person_has_closed_by_hand_is_not_closed_again(
    tmp_path: Path, sign: int, fault: Switch, *, restarts: bool
) -> None:
    live = reached(tmp_path, sign, fault)
    live.act("manual", amount=str(-sign * 0.05))
    live.wait(3_000)
    if restarts:
        live.restart()
        live.wait(3_000)
    taken_again(live)
    assert (live.held, held_by_layer(live)) == (sign * 50, [("o1", 50)])
    assert live.desk.coverage.open_lots(live.ledger) == 0
    ended(live)


@pytest.mark.parametrize("sign", SIDES)
@pytest.mark.parametrize("fault", [REFUSED, LOST], ids=["refused", "lost"])
def test_of_a_reached_target_that_a_person_has_closed_in_part_the_rest_is_closed(
    tmp_path: Path, sign: int, fault: Switch
) -> None:
    live = reached(tmp_path, sign, fault)
    live.act("manual", amount=str(-sign * 0.03))
    taken_again(live)
    assert (live.held, held_by_layer(live)) == (sign * 50, [("o1", 50)])
    ended(live)


@pytest.mark.parametrize("sign", SIDES)
@pytest.mark.parametrize("restarts", [False, True])
def test_what_a_person_reduces_beside_a_reached_target_is_a_share_of_what_that_leaves(
    tmp_path: Path, sign: int, *, restarts: bool
) -> None:
    """As beside an exit that is owed, and none of its lots: half of the other layer."""
    live = reached(tmp_path, sign)
    live.venue.faults.clear()
    live.session.said("reduce", "ann", value=50.0)
    live.run(500)
    live.venue.faults.add(REFUSED)
    assert held_by_layer(live) == [("o1", 25), ("o2", 50)]
    if restarts:
        live.restart()
        live.wait(3_000)
    taken_again(live)
    assert (live.held, held_by_layer(live)) == (sign * 25, [("o1", 25)])
    ended(live)


@pytest.mark.parametrize("sign", SIDES)
def test_what_a_person_reduces_is_of_the_newer_layer_where_the_older_ones_target_was_reached(
    tmp_path: Path, sign: int
) -> None:
    """Out of the older one, as its method says, it would have closed what the target was to close."""
    entry, stop = "entry_long" if sign > 0 else "entry_short", 50_000.0 - sign * 1_500
    both = {"size": "0.05 base", "protect": "layer", "stop_loss": stop}
    first = at_bar(1, emit(entry, **both, take_profit=50_000.0 + sign * 300))
    live = Live(tmp_path, first + at_bar(2, emit(entry, **both)), pace=Pace(), **SHARED)
    live.bar(bars=1)
    live.venue.faults.add(replace(REFUSED, link="*v[2-9]*"))
    live.bar(bars=1)
    live.wait(MINUTE - live.venue.now % MINUTE - 2_000)
    live.venue.faults.clear()  # the second layer has its stop
    live.wait(3_500)
    live.venue.faults.add(REFUSED)
    live.trade(str(50_000 + sign * 350), 3_000)
    assert held_by_layer(live) == [("o1", 50), ("o2", 50)]
    live.venue.faults.clear()
    live.session.said("reduce", "ann", value=50.0)
    live.run(500)
    assert held_by_layer(live)[-1] == ("o2", 25)
    taken_again(live)
    assert (live.held, held_by_layer(live)) == (sign * 25, [("o2", 25)])
    ended(live)


def test_a_share_beside_a_reached_target_and_an_exit_of_the_same_lots_counts_these_once(
    tmp_path: Path,
) -> None:
    newest = at_bar(3, emit("exit_long", size="0.05 base", method="lifo"))
    live = reached(tmp_path, 1, REFUSED, newest)
    assert live.desk.exits.of_card(live.ledger) == 50
    live.venue.faults.clear()
    live.session.said("reduce", "ann", value=50.0)
    live.run(500)
    taken_again(live)
    assert held_by_layer(live) == [("o1", 25)]


def test_what_a_person_closes_is_an_exits_first_and_a_reached_targets_then(tmp_path: Path) -> None:
    oldest = at_bar(3, emit("exit_long", size="0.04 base", method="fifo"))
    live = reached(tmp_path, 1, REFUSED, oldest)
    live.act("manual", amount="-0.06")
    live.wait(1_000)
    assert held_by_layer(live) == [("o1", 10), ("o2", 30)]
    taken_again(live)
    assert held_by_layer(live) == [("o1", 10)]


def test_what_a_person_closes_of_a_target_of_all_that_is_held_comes_off_what_is_owed(
    tmp_path: Path,
) -> None:
    """50 are owed, 50 came after the market had turned: these are for the target."""
    live = grown(tmp_path, 50_600.0)
    live.act("manual", amount="-0.05")
    live.wait(3_000)
    live.restart()
    taken_again(live)
    assert (live.held, targets(live)) == (50, [(50, 50_600.0)])
    ended(live)


def test_what_a_person_closes_before_the_market_reaches_a_target_comes_off_nothing(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, layers(1), pace=Pace(), **SHARED)
    live.bar(bars=3)
    live.act("manual", amount="-0.05")
    live.wait(3_000)
    assert held_by_layer(live) == [("o2", 50)]
    assert [o.remaining for o in live.ledger.book if o.spec.role is Role.TAKE_PROFIT] == [50]
    ended(live)


def test_a_stop_of_others_closes_a_layer_without_a_stop_before_what_a_reached_target_owes(
    tmp_path: Path,
) -> None:
    """It is for that layer; what it closes beyond is what the target was to close."""
    entry = {"size": "0.05 base", "protect": "layer"}
    bare = at_bar(1, emit("entry_long", **entry))
    levels = {"stop_loss": 48_000.0, "take_profit": 50_300.0}
    card = bare + at_bar(2, emit("entry_long", **entry, **levels))
    live = Live(tmp_path, card, pace=Pace(), **SHARED)
    live.bar(bars=2)
    live.venue.faults.add(replace(REFUSED, link="*v[2-9]*"))
    live.bar(bars=1)
    live.venue.faults.add(REFUSED)
    live.trade("50350", 3_000)
    desk, now = live.desk, live.venue.now
    spec = OrderSpec(
        order_id="theirs", symbol=BTC.symbol, side=Side.SELL, effect=Effect.REDUCE,
        order_type=OrderType.STOP_MARKET, quantity=100, role=Role.OUTSIDE, trigger_price=50_200.0,
    )  # fmt: skip
    desk.ledger.apply(OrderSubmitted(spec=spec, bar=4, ts=now))
    for lots, gives in ((50, ()), (80, (("o2", 30), ("o1", 50)))):
        event = OrderFilled(
            order_id="theirs", execution_id="x", quantity=lots, price=50_200.0, fee=0.0, is_maker=False, bar=4, ts=now,
        )  # fmt: skip
        told = attributed(event, desk.exits, desk.coverage.targets, desk.ledger, now)
        assert isinstance(told, OrderFilled)
        assert told.gives == gives
    assert list(desk.coverage.targets.owed(desk.ledger, now).values()) == [20]
