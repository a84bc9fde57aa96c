"""One script of order events, told in two vocabularies, is the same story with the same end.

The simulator's way: events applied as they are. The venue's way: the rows it would have sent, parsed and
translated. Not on the wire, so not compared: where in its bar something happened (`path`), what it cost
against the reference (`slippage`), the price at which a stop was triggered, times, and the words of a fill's
reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.account.ledger import Ledger
from runtime.backends.bybit.messages import parse_execution, parse_order
from runtime.backends.bybit.outcomes import Request, no_answer, of_answer
from runtime.backends.bybit.synchronizer import OrderStateSynchronizer
from runtime.backends.bybit.vocabulary import UnknownWord
from runtime.backends.scripted import ScriptedBackend
from runtime.orders.events import (
    Event,
    FundingPaid,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
    OrderTriggered,
    RequestRefused,
    RequestUncertain,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Side
from runtime.testing.wire import Said, Venue
from tests.properties.test_exchange_laws import play
from tests.runtime.backends.sim.bench import TEST, Bench
from tests.strategies.words import worded

WIRE = (
    OrderAccepted, OrderTriggered, OrderFilled, OrderAmended, OrderCancelled, OrderExpired,
    OrderRejected, RequestRefused, RequestUncertain, FundingPaid,
)  # fmt: skip
Disturb = Callable[[list[Said]], list[Said]]
_UNTOLD = {"ts", "path", "slippage", "exchange_order_id", "text"}
_FUNDING = _UNTOLD | {"execution_id"}


def as_they_are(said: list[Said]) -> list[Said]:
    return said


def told(events: Iterable[Event], settings_: Any) -> tuple[Ledger, list[Event]]:
    """Apply a script as it is."""
    ledger, seen = Ledger(TEST, settings_), []

    def emit(event: Event) -> None:
        seen.append(event)
        ledger.apply(event)

    backend = ScriptedBackend(emit, events)
    assert backend.play() == 0
    return ledger, seen


def wired(
    events: Iterable[Event], settings_: Any, disturb: Disturb = as_they_are
) -> tuple[Ledger, list[Event]]:
    """Send a script over the venue's wire; what is not the venue's to say is applied as it is."""
    ledger, seen = Ledger(TEST, settings_), []

    def emit(event: Event) -> None:
        seen.append(event)
        ledger.apply(event)

    venue, synchronizer = Venue(TEST), OrderStateSynchronizer(ledger, emit)
    for part in stretches(events):
        rows: list[Said] = []
        for event in part:
            if not isinstance(event, WIRE):
                list(venue.rows(event))
                emit(event)
            else:
                rows += venue.rows(event)
        bar = part[-1].bar
        for said in disturb(rows):
            deliver(synchronizer, said, bar)
    return ledger, seen


def stretches(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Split a script where something happens that the venue does not tell, and between bars."""
    part: list[Event] = []
    for event in events:
        if part and (not isinstance(event, WIRE) or event.bar != part[-1].bar):
            yield part
            part = []
        if isinstance(event, WIRE):
            part.append(event)
        else:
            yield [event]
    if part:
        yield part


def deliver(synchronizer: OrderStateSynchronizer, said: Said, bar: int) -> None:
    order = synchronizer.ledger.orders.get(said.order_id)
    if said.asked and order is not None and not order.is_terminal:
        order.leave(said.asked)  # as the request has said that it confirms
    match said.stream:
        case "order":
            synchronizer.order(parse_order(said.row, TEST), bar)
        case "execution":
            synchronizer.execution(parse_execution(said.row, TEST), bar)
        case "answer":
            asked = Request(said.request)
            synchronizer.answer(said.order_id, asked, of_answer(asked, said.row), bar, 0)
        case "timeout":
            asked = Request(said.request)
            synchronizer.answer(said.order_id, asked, no_answer(asked, "timeout"), bar, 0)


def story(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Return what was told of each order, without what no wire carries."""
    orders: dict[str, list[Event]] = {}
    for event in events:
        if isinstance(event, WIRE):
            blank: dict[str, Any] = {
                name: type(getattr(event, name))()
                for name in (_FUNDING if isinstance(event, FundingPaid) else _UNTOLD)
                if hasattr(event, name)
            }
            if isinstance(event, OrderTriggered):
                blank["price"] = 0.0
            if isinstance(event, OrderFilled):
                blank["reason"] = ""
            name = event.symbol if isinstance(event, FundingPaid) else event.order_id
            orders.setdefault(name, []).append(replace(event, **blank))
    return orders


def words(events: Iterable[Event]) -> dict[str, list[str]]:
    """Return the same without the order in which streams overtook each other; fills keep theirs."""
    told_ = story(events)
    fills = {
        f"{n} fills": [repr(e) for e in x if isinstance(e, OrderFilled)] for n, x in told_.items()
    }
    return {name: sorted(map(repr, x)) for name, x in told_.items()} | fills


def end(ledger: Ledger) -> dict[str, Any]:
    """Return the final state, without times and words of fills."""
    position = ledger.position
    return {
        "orders": {order_id: of_order(order) for order_id, order in ledger.orders.items()},
        "working": [order.order_id for order in ledger.book],
        "layers": None if position is None else [
            (position.side, x.layer_id, x.quantity, x.entry_price) for x in position.layers
        ],
        "money": (ledger.account.realized, ledger.account.fees, ledger.account.funding),
        "protection": ledger.protection,
    }  # fmt: skip


def of_order(order: Order) -> tuple[Any, ...]:
    reason = "" if order.state == "filled" else order.reason
    return (
        order.state, order.filled, order.fill_value, order.quantity, order.limit_price,
        order.trigger_price, order.is_armed_stop, sorted(order.executions), order.request,
        order.uncertain, order.is_overfilled, reason,
    )  # fmt: skip


def disturbance(seed: int) -> Disturb:
    """Repeat rows, and let order rows come late; executions keep their order, so do an order's rows.

    Word of an amendment does not come after an execution that follows it: what an order that is filled
    would have cost is nobody's business any more, and not told again.
    """
    rng = Random(seed)

    def disturb(said: list[Said]) -> list[Said]:
        places = [float(i) for i in range(len(said))]
        amended = {one.order_id for one in said if one.amends}
        for i, one in enumerate(said):
            if one.stream == "order" and one.order_id not in amended and rng.random() < 0.4:
                later = places[i] + rng.randrange(1, 6)
                for j in range(i, len(said)):  # what follows of the same order waits, too
                    if said[j].stream == "order" and said[j].order_id == one.order_id:
                        places[j] = max(places[j], later + (j - i) * 1e-3)
        order = sorted(range(len(said)), key=lambda i: places[i])
        made: list[Said] = []
        for i in order:
            made.append(said[i])
            streamed = [one for one in made if one.stream in ("order", "execution")]
            if streamed and rng.random() < 0.3:
                made.append(rng.choice(streamed))  # a request has one answer, a stream may repeat
        return made

    return disturb


# ---------------------------------------------------------------- scripts written by hand


def spec(kind: str = "limit", quantity: int = 10, **more: Any) -> OrderSpec:
    given_: dict[str, Any] = {
        "order_id": "o1", "symbol": "TEST", "side": Side.BUY, "effect": Effect.OPEN,
        "order_type": OrderType(kind), "quantity": quantity,
    }  # fmt: skip
    if kind in ("limit", "stop_limit"):
        given_["limit_price"] = 100.0
    if kind.startswith("stop"):
        given_["trigger_price"] = 101.0
    return OrderSpec(**worded(given_ | more))


def fill(name: str, lots: int, price: float = 100.0, *, maker: bool = True) -> OrderFilled:
    return OrderFilled(
        order_id="o1", execution_id=name, quantity=lots, price=price, fee=0.25, is_maker=maker,
        bar=1, ts=70,
    )  # fmt: skip


ACCEPT = OrderAccepted(order_id="o1", exchange_order_id="venue-o1", bar=1, ts=60)
TRIGGER = OrderTriggered(order_id="o1", price=101.0, bar=1, ts=65)
CANCEL = OrderCancelled(order_id="o1", reason="exit_signal", bar=1, ts=80)
TOLD: dict[str, tuple[OrderSpec, list[Event], str, int]] = {
    "rests": (spec(), [ACCEPT], "pending", 0),
    "filled_in_parts": (spec(), [ACCEPT, fill("x1", 3), fill("x2", 7)], "filled", 10),
    "cancelled_on_request": (spec(), [ACCEPT, fill("x1", 3), CANCEL], "cancelled", 3),
    "expired_by_us": (
        spec(ttl_bars=1),
        [ACCEPT, OrderExpired(order_id="o1", reason="ttl", bar=1, ts=80)], "expired", 0,
    ),
    "ioc_remainder": (
        spec(),
        [ACCEPT, fill("x1", 4), OrderExpired(order_id="o1", reason="ioc_remainder", bar=1, ts=80)],
        "expired", 4,
    ),
    "fok": (
        spec(), [ACCEPT, OrderExpired(order_id="o1", reason="fok_unfillable", bar=1, ts=80)],
        "expired", 0,
    ),
    "post_only": (
        spec(post_only=True),
        [ACCEPT, OrderCancelled(order_id="o1", reason="post_only_would_cross", bar=1, ts=80)],
        "cancelled", 0,
    ),
    "by_the_venue": (
        spec(), [ACCEPT, OrderCancelled(order_id="o1", reason="position_closed", bar=1, ts=80)],
        "cancelled", 0,
    ),
    "rejected": (
        spec(), [OrderRejected(order_id="o1", code="EC_Others", text="EC_Others", bar=1, ts=60)],
        "rejected", 0,
    ),
    "refused_request": (
        spec(),
        [ACCEPT, RequestRefused(order_id="o1", request="cancel", code="unknown_ref", bar=1, ts=0)],
        "pending", 0,
    ),
    "refused_at_once": (
        spec(), [OrderRejected(order_id="o1", code="no_margin", text="ab", bar=1, ts=60)],
        "rejected", 0,
    ),
    "refused_with_a_number_we_have_no_word_for": (
        spec(), [ACCEPT, RequestRefused(order_id="o1", request="amend", code="110555", bar=1, ts=0)],
        "pending", 0,
    ),
    "timeout": (
        spec(), [RequestUncertain(order_id="o1", request="submit", bar=1, ts=0), ACCEPT],
        "pending", 0,
    ),
    "amended": (
        spec(),
        [ACCEPT, OrderAmended(order_id="o1", bar=1, ts=61, quantity=6, limit_price=99.0),
         fill("x1", 6, 99.0)],
        "filled", 6,
    ),
    "stop_market": (spec("stop_market"), [ACCEPT, TRIGGER, fill("x1", 10, 102.0, maker=False)],
                    "filled", 10),
    "stop_limit": (spec("stop_limit"), [ACCEPT, TRIGGER, fill("x1", 10)], "filled", 10),
    "stop_waits": (spec("stop_limit"), [ACCEPT], "pending", 0),
    "market": (spec("market"), [ACCEPT, fill("x1", 10, maker=False)], "filled", 10),
}  # fmt: skip
SETTINGS = Bench([(100, 100, 100, 100)]).ledger.settings


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("seed", [None, 1, 2, 3, 4, 5])
def test_a_script_ends_alike_in_both_vocabularies(name: str, seed: int | None) -> None:
    placed, events, state, filled = TOLD[name]
    script: list[Event] = [OrderSubmitted(spec=placed, bar=0, ts=50), *events]
    ours, ours_seen = told(script, SETTINGS)
    disturb = as_they_are if seed is None else disturbance(seed)
    theirs, theirs_seen = wired(script, SETTINGS, disturb)
    assert (ours.orders["o1"].state, ours.orders["o1"].filled) == (state, filled)
    assert words(theirs_seen) == words(ours_seen)
    if seed is None:
        assert story(theirs_seen) == story(ours_seen)
    assert end(theirs) == end(ours)


def test_a_cancellation_waits_for_the_executions_it_counts() -> None:
    script: list[Event] = [OrderSubmitted(spec=spec(), bar=0, ts=50), ACCEPT, fill("x1", 3), CANCEL]

    def cancel_first(said: list[Said]) -> list[Said]:
        return sorted(said, key=lambda one: one.stream == "execution")

    ours, ours_seen = told(script, SETTINGS)
    theirs, theirs_seen = wired(script, SETTINGS, cancel_first)
    assert story(theirs_seen) == story(ours_seen)
    assert end(theirs) == end(ours)


def test_an_execution_that_comes_after_the_end_is_booked_once_in_both() -> None:
    late: list[Event] = [CANCEL, fill("x9", 2), fill("x9", 2)]
    script: list[Event] = [OrderSubmitted(spec=spec(), bar=0, ts=50), ACCEPT, *late]
    ours, _ = told(script, SETTINGS)
    theirs, _ = wired(script, SETTINGS)
    assert end(theirs)["orders"] == end(ours)["orders"]
    assert theirs.orders["o1"].filled == 2
    assert theirs.account.fees == 0.25


def test_a_rejection_after_an_execution_is_a_cancellation() -> None:
    ledger, seen = Ledger(TEST, SETTINGS), []

    def emit(event: Event) -> None:
        seen.append(event)
        ledger.apply(event)

    venue, synchronizer = Venue(TEST), OrderStateSynchronizer(ledger, emit)
    emit(OrderSubmitted(spec=spec(), bar=0, ts=50))
    list(venue.rows(OrderSubmitted(spec=spec(), bar=0, ts=50)))
    reject = OrderRejected(order_id="o1", code="EC_Others", text="", bar=1, ts=90)
    for event in (ACCEPT, fill("x1", 3), reject):
        for said in venue.rows(event):
            deliver(synchronizer, said, 1)
    assert ledger.orders["o1"].state == "cancelled"
    assert ledger.orders["o1"].reason == "EC_Others"
    assert ledger.orders["o1"].filled == 3


def test_a_stale_row_changes_nothing_and_an_unknown_status_is_loud() -> None:
    ledger, seen = Ledger(TEST, SETTINGS), []

    def emit(event: Event) -> None:
        seen.append(event)
        ledger.apply(event)

    venue, synchronizer = Venue(TEST), OrderStateSynchronizer(ledger, emit)
    emit(OrderSubmitted(spec=spec(), bar=0, ts=50))
    list(venue.rows(OrderSubmitted(spec=spec(), bar=0, ts=50)))
    amended = OrderAmended(order_id="o1", bar=1, ts=61, quantity=6)
    (first,), (second,) = venue.rows(ACCEPT), venue.rows(amended)
    deliver(synchronizer, first, 1)
    deliver(synchronizer, second, 1)
    count = len(seen)
    deliver(synchronizer, first, 1)  # says 10 lots again
    assert len(seen) == count
    assert ledger.orders["o1"].quantity == 6
    strange = replace(first, row=first.row | {"orderStatus": "Dreaming"})
    with pytest.raises(UnknownWord, match="orderStatus: `Dreaming`"):
        deliver(synchronizer, strange, 1)


# ---------------------------------------------------------------- scripts the simulator wrote


@settings(max_examples=100)
@given(st.data(), st.integers(0, 10**6))
def test_a_simulated_run_told_over_the_wire_is_the_same_run(data: st.DataObject, seed: int) -> None:
    bench = play(data)
    ours, ours_seen = told(bench.events, bench.ledger.settings)
    assert ours.state() == bench.ledger.state()
    theirs, theirs_seen = wired(bench.events, bench.ledger.settings)
    assert story(theirs_seen) == story(ours_seen)
    assert end(theirs) == end(ours)
    theirs, theirs_seen = wired(bench.events, bench.ledger.settings, disturbance(seed))
    assert words(theirs_seen) == words(ours_seen)
    assert end(theirs) == end(ours)
