"""The unmodified pybit against the venue on loopback: requests sorted, streams that cannot die silently."""

from __future__ import annotations

import queue
import socket
import threading
import time
import traceback
from collections.abc import Iterator

import pytest

from runtime.backends.bybit.outcomes import Outcome, Remedy, Request
from runtime.backends.bybit.pybit_http import Keys, Place, PybitTransport
from runtime.backends.bybit.rest import Rest, certain_offset, measured_offset
from runtime.backends.bybit.streams import Line, Link, LinkChanged, StreamMessage, is_alarming
from runtime.errors import NotSent, OutcomeUnknown
from tools.fakebybit.control import perform
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

SECRET = "secret"
KEYS = Keys("key", SECRET)
TOPICS = ("order", "execution", "position", "wallet")
BODY = {
    "category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.01",
    "price": "49900", "positionIdx": 0, "timeInForce": "GTC", "reduceOnly": False,
}  # fmt: skip


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(Venue(Settings(start_ms=1_700_000_040_000))) as running:
        yield running


def rest_of(served: Served, timeout_s: float = 3) -> Rest:
    transport = PybitTransport(KEYS, Place(base=served.http), timeout_s)
    return Rest(transport, transport)


def add(served: Served, **fault: object) -> None:
    served.do(lambda venue: venue.faults.add(Switch(**fault)))  # type: ignore[arg-type]


# ---------------------------------------------------------------- requests


def test_a_placed_order_is_received_and_its_limit_told(served: Served) -> None:
    sent = rest_of(served).post(Request.SUBMIT, "order/create", BODY | {"orderLinkId": "a"}, 0)
    assert sent.verdict.outcome is Outcome.RECEIVED
    assert sent.allowance is not None
    assert (sent.allowance.limit, sent.allowance.left) == (10, 9)
    again = rest_of(served).post(Request.SUBMIT, "order/create", BODY | {"orderLinkId": "a"}, 0)
    assert (again.verdict.outcome, again.verdict.code) == (Outcome.RECEIVED, "exists")


@pytest.mark.parametrize(
    ("kind", "value", "outcome"),
    [(Fault.HTML, 0, Outcome.UNKNOWN), (Fault.HTTP, 502, Outcome.UNKNOWN),
     (Fault.DROP_ANSWER, 0, Outcome.UNKNOWN), (Fault.DROP_REQUEST, 0, Outcome.UNKNOWN),
     (Fault.CUT, 0, Outcome.UNKNOWN), (Fault.JSON_ODD, 0, Outcome.UNKNOWN),
     (Fault.NO_MESSAGE, 0, Outcome.RECEIVED), (Fault.CODE, 10016, Outcome.UNKNOWN),
     (Fault.CODE, 110007, Outcome.REFUSED), (Fault.CODE, 10006, Outcome.NOT_SENT),
     (Fault.CODE, -1, Outcome.NOT_SENT), (Fault.DELAY_ANSWER, 2_000, Outcome.UNKNOWN),
     (Fault.BAN, 60_000, Outcome.NOT_SENT)],
)  # fmt: skip
def test_whatever_pybit_makes_of_an_answer_it_is_sorted(
    served: Served, kind: Fault, value: int, outcome: Outcome
) -> None:
    add(served, kind=kind, on="order/create", value=value, times=1)
    began = time.monotonic()
    sent = rest_of(served, 1).post(Request.SUBMIT, "order/create", BODY | {"orderLinkId": "a"}, 0)
    if kind is Fault.NO_MESSAGE:  # pybit stumbles over it, so it may have left
        assert sent.verdict.outcome in (Outcome.RECEIVED, Outcome.UNKNOWN)
    else:
        assert sent.verdict.outcome is outcome
    assert time.monotonic() - began < 2.5  # nothing sleeps or sends again inside the call


def test_a_past_reset_header_breaks_nothing(served: Served) -> None:
    add(served, kind=Fault.PAST_RESET, on="order/create")
    add(served, kind=Fault.CODE, on="order/create", value=10006)
    sent = rest_of(served).post(Request.SUBMIT, "order/create", BODY | {"orderLinkId": "a"}, 0)
    assert (sent.verdict.outcome, sent.verdict.remedy) == (Outcome.NOT_SENT, Remedy.WAIT)


def test_a_port_where_nobody_listens_took_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    transport = PybitTransport(KEYS, Place(base=f"http://127.0.0.1:{port}"), 1)
    with pytest.raises(NotSent):
        transport.send("POST", "order/create", BODY)


def test_a_server_that_hangs_up_may_have_taken_it() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def hang_up() -> None:
            peer, _ = server.accept()
            peer.recv(65_536)
            peer.close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(OutcomeUnknown):
            PybitTransport(KEYS, Place(base=base), 1).send("POST", "order/create", BODY)
        thread.join(timeout=2)


def test_a_question_without_an_answer_is_not_an_empty_list(served: Served) -> None:
    rest = rest_of(served)
    assert rest.open_orders("BTCUSDT") == []
    for kind in (Fault.HTML, Fault.HALF, Fault.JSON_ODD, Fault.DROP_ANSWER):
        add(served, kind=kind, on="order/realtime", times=1)
        assert rest.open_orders("BTCUSDT") is None


def test_lists_of_many_pages_come_whole(served: Served) -> None:
    rest = rest_of(served)

    def place(venue: Venue) -> None:
        for number in range(120):
            perform(venue, "foreign_order", {"amount": "0.001", "price": f"{45000 + number}"})

    served.do(place)
    rows = rest.open_orders("BTCUSDT")
    assert rows is not None
    assert len({row["orderId"] for row in rows}) == 120


def test_066_the_clock_is_measured(served: Served) -> None:
    """Our clock is ahead: how far is the median of three looks at the venue's."""

    def ours() -> Iterator[int]:
        while True:
            yield time.time_ns() // 1_000_000 + 700

    offset = measured_offset(rest_of(served), ours())
    surely = certain_offset(rest_of(served), ours())
    assert offset is not None
    assert surely is not None
    assert 600 < offset < 800
    assert 500 < surely < offset + 50


def test_066_a_slow_way_there_and_back_is_no_offset(served: Served) -> None:
    """An answer takes two seconds: what is certain of the clock is nothing."""
    add(served, kind=Fault.DELAY_ANSWER, on="market/time", value=300)
    right = iter(lambda: time.time_ns() // 1_000_000, None)
    assert certain_offset(rest_of(served), right) == 0


def test_the_secret_is_in_no_repr_and_no_traceback(served: Served) -> None:
    transport = PybitTransport(KEYS, Place(base=served.http), 1)
    link = Link(Line(name="p", topics=TOPICS, base=served.streams), KEYS, lambda _: None)
    shown = [repr(one) for one in (KEYS, transport, transport._session, link, rest_of(served))]
    add(served, kind=Fault.CODE, on="order/create", value=10016)
    try:
        transport._session._submit_request("POST", f"{served.http}/v5/order/create", BODY, True)
    except Exception as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown += list(told.format())
    assert len(shown) > 5
    assert not any("'secret'" in text or "secret," in text for text in shown)


# ---------------------------------------------------------------- streams


class Ears:
    """Hears one link."""

    def __init__(self, served: Served, **more: object) -> None:
        self.said: queue.Queue[StreamMessage | LinkChanged] = queue.Queue()
        given: dict[str, object] = {"name": "private", "topics": TOPICS, "base": served.streams}
        line = Line(**(given | more))  # type: ignore[arg-type]
        self.link = Link(line, KEYS if line.channel == "private" else None, self.said.put)
        self.link.start()

    def change(self, *, is_up: bool, seconds: float = 12) -> LinkChanged:
        until = time.monotonic() + seconds
        while True:
            one = self.said.get(timeout=max(0.01, until - time.monotonic()))
            if isinstance(one, LinkChanged) and one.is_up is is_up:
                return one

    def frame(self, topic: str) -> StreamMessage:
        while True:
            one = self.said.get(timeout=5)
            if isinstance(one, StreamMessage) and one.message["topic"] == topic:
                return one


@pytest.fixture
def ears(served: Served) -> Iterator[Ears]:
    heard = Ears(served, stale_s=2.0, ping_s=1)
    yield heard
    heard.link.stop()


def test_061_a_link_is_up_after_login_and_every_acknowledgement(served: Served, ears: Ears) -> None:
    """A subscription or a request before the login is done: *up* waits for both acknowledgements."""
    assert ears.change(is_up=True).epoch == 1
    assert served.do(lambda v: sum(len(c.topics) for c in v.hub.connections)) == 4
    served.do(lambda v: perform(v, "manual", {"amount": "0.01"}))
    assert ears.frame("execution").epoch == 1


def test_058_a_closed_link_comes_back_with_another_epoch(served: Served, ears: Ears) -> None:
    """The socket was closed: a fresh one, subscribed and acknowledged, tells its own epoch."""
    ears.change(is_up=True)
    for epoch in (2, 3, 4):
        served.do(lambda v: perform(v, "close", {}))
        ears.change(is_up=False)
        assert ears.change(is_up=True).epoch >= epoch
    served.do(lambda v: perform(v, "manual", {"amount": "0.01"}))
    assert ears.frame("order").epoch >= 4


def test_059_an_open_link_that_says_nothing_is_dead(served: Served, ears: Ears) -> None:
    """A socket that is open and silent, pongs missing too, is dropped and replaced."""
    ears.change(is_up=True)
    served.do(lambda v: perform(v, "freeze", {}))
    assert ears.change(is_up=False).why in ("silence", "closed", "WebSocketTimeoutException")
    ears.change(is_up=True)


def test_pongs_alone_keep_a_quiet_link(ears: Ears) -> None:
    ears.change(is_up=True)
    with pytest.raises(queue.Empty):
        ears.change(is_up=False, seconds=4)


def test_060_an_outage_of_seconds_is_outlived_and_alarms(served: Served, ears: Ears) -> None:
    """Connections are refused for longer than pybit's own second: tried again without an end."""
    ears.change(is_up=True)
    served.do(lambda v: setattr(v.hub, "refused_until", v.now + 10))
    served.do(lambda v: perform(v, "close", {}))
    seen = [ears.change(is_up=False) for _ in range(4)]
    assert any(is_alarming(one) for one in seen)
    served.do(lambda v: setattr(v.hub, "refused_until", 0))
    ears.change(is_up=True)


@pytest.mark.parametrize("kind", [Fault.REFUSE_AUTH, Fault.REFUSE_TOPIC])
def test_062_063_a_refused_login_or_topic_is_a_failure_not_a_silence(
    served: Served, kind: Fault
) -> None:
    """A stale login after a sleep, or one topic of several: each attempt has a new stamp, all must be taken."""
    on = "execution" if kind is Fault.REFUSE_TOPIC else "*"
    add(served, kind=kind, on=on, times=1)
    heard = Ears(served)
    assert heard.change(is_up=False).why.startswith(("login", "subscription"))
    heard.change(is_up=True)
    heard.link.stop()


def test_acknowledgements_without_delay_kill_no_socket(served: Served) -> None:
    add(served, kind=Fault.ZERO_LATENCY, on="*")
    for _ in range(15):
        heard = Ears(served)
        assert heard.change(is_up=True).epoch == 1
        heard.link.stop()


def test_a_rotated_link_is_never_down_and_leaves_no_threads(served: Served) -> None:
    before = threading.active_count()
    heard = Ears(served, rotate_s=0.3, ping_s=2)
    epochs = [heard.change(is_up=True).epoch for _ in range(7)]
    assert epochs == list(range(1, 8))
    heard.link.stop()
    until = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_061_a_login_that_is_answered_late_is_waited_for() -> None:
    """The venue takes its time with the login: nothing is subscribed before it has said yes."""
    with serving(Venue(Settings(start_ms=1_700_000_040_000)), speed=1.0) as served:
        add(served, kind=Fault.SLOW_AUTH, on="*", value=700, times=1)
        heard = Ears(served)
        assert heard.change(is_up=True).epoch == 1
        heard.link.stop()


def test_064_a_listener_that_raises_costs_one_connection_not_the_stream(served: Served) -> None:
    """What takes the frames is broken once: the link is replaced, and the next frames arrive."""
    said: queue.Queue[StreamMessage | LinkChanged] = queue.Queue()
    broken = [True]

    def put(one: StreamMessage | LinkChanged) -> None:
        if isinstance(one, StreamMessage) and broken:
            broken.pop()
            raise RuntimeError("a bug of ours")
        said.put(one)

    link = Link(Line(name="private", topics=TOPICS, base=served.streams), KEYS, put)
    link.start()

    def until(wanted: type) -> StreamMessage | LinkChanged:
        while True:
            one = said.get(timeout=10)
            if isinstance(one, wanted) and (isinstance(one, StreamMessage) or one.is_up):
                return one

    until(LinkChanged)
    served.do(lambda v: perform(v, "manual", {"amount": "0.01"}))
    until(LinkChanged)
    served.do(lambda v: perform(v, "manual", {"amount": "0.01"}))
    until(StreamMessage)
    link.stop()
