"""In which order requests leave."""

from __future__ import annotations

from collections.abc import Callable

from runtime.backends.bybit.names import names_of
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.router import LiveOrderRouter
from runtime.orders.commands import AmendOrder, CancelOrder, SubmitOrder
from runtime.orders.order_spec import Protect, Role
from tests.runtime.live.bench import START, Road
from tests.runtime.wire import Wire, level, specs
from tools.fakebybit.inprocess import Client
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue


def test_what_protects_is_made_and_grown_before_anything_shrinks_or_goes() -> None:
    """The venue never has a moment in which lots stand without their stop."""
    wire = Wire()
    for name in ("one", "two", "three"):
        wire.place(name, "buy", 4, stop_loss=level(95.0), protect=Protect.LAYER)
        for spec in specs(wire.fill(name, 2)):
            wire.accept(spec.order_id)
    wire.place("four", "buy", 4, stop_loss=level(95.0), protect=Protect.LAYER)
    (made,) = specs(wire.fill("four", 2))
    road = Road(Client(Venue(Settings(start_ms=START))))
    names = names_of("1", "abcdef")
    router = LiveOrderRouter(
        wire.ledger, Rest(road, road), names, lambda job, then: then(job()), lambda *_: None
    )
    router.take(
        [
            CancelOrder(order_id="v1", reason="replaced"),
            AmendOrder(order_id="v2", quantity=1),
            AmendOrder(order_id="v3", quantity=3),
            SubmitOrder(spec=made),
        ],
        START,
    )
    assert made.role is Role.STOP_LOSS
    left = [(path, names.order_id(str(body["orderLinkId"]))) for path, body in road.requests]
    assert left == [
        ("order/amend", "v3"),
        ("order/create", "v4"),
        ("order/amend", "v2"),
        ("order/cancel", "v1"),
    ]


def test_what_is_urgent_waits_for_requests_about_the_same_order_alone() -> None:
    """A change of an entry is out: its cancel waits for the answer, a stop does not."""
    wire = Wire()
    wire.place("one", "buy", 4, stop_loss=level(95.0))
    wire.accept("one")
    (stop,) = specs(wire.fill("one", 2))
    road = Road(Client(Venue(Settings(start_ms=START))))
    names = names_of("1", "abcdef")
    answers: list[Callable[[], None]] = []
    router = LiveOrderRouter(
        wire.ledger, Rest(road, road), names,
        lambda job, then: answers.append(lambda: then(job())),
        lambda *_: None,
        protect=lambda job, then: then(job()),
    )  # fmt: skip

    def left() -> list[tuple[str, str | None]]:
        return [(path, names.order_id(str(body["orderLinkId"]))) for path, body in road.requests]

    router.take([AmendOrder(order_id="one", quantity=6)], START)
    router.take(
        [CancelOrder(order_id="one", reason="test"), SubmitOrder(spec=stop)],
        START,
    )
    assert left() == [("order/create", stop.order_id)]
    assert router.waiting() == {"one"}
    answers.pop()()
    router.release(START)
    assert left()[1:] == [("order/amend", "one"), ("order/cancel", "one")]
