"""Four lines to the venue: what protects, what opens, the account's lists and the market's data wait for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.base import Notice
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.worker import Workers
from runtime.errors import OutcomeUnknown
from runtime.live.items import Ordered
from tests.runtime.live.bench import SYMBOL, D, Live, Road, T
from tests.runtime.live.test_placing import LIMIT, MARKET
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

_WAY_MS = 50

SLOW_ENTRIES = at_bar(
    1,
    emit("entry_long", size="0.05 base", stop_loss=49000.0, order_ref="m"),
    *(
        emit("place_limit_long", size="0.01 base", price=49000.0 + n, stop_loss=48000.0, order_ref=f"l{n}")
        for n in range(3)
    ),
)  # fmt: skip


class Thread:
    """A worker in the venue's time: one job after the other; `ms` is what the job at hand takes."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.ms = _WAY_MS
        self._now = now
        self._jobs: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []
        self._done: list[tuple[int, Callable[[], None]]] = []
        self._free_at = 0

    def do(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        self._jobs.append((job, then))

    def due(self) -> list[Callable[[], None]]:
        """Begin what may begin and return what has been done by now."""
        now = self._now()
        while self._jobs and now >= self._free_at:
            job, then = self._jobs.pop(0)
            self.ms = _WAY_MS
            result = job()
            self._free_at = now + self.ms
            self._done.append((self._free_at, lambda then=then, result=result: then(result)))  # type: ignore[misc]
        found = [then for at, then in self._done if at <= now]
        self._done = [(at, then) for at, then in self._done if at > now]
        return found


class Lines(Live):
    """A session whose four workers take their time; `slow` says how long a request takes, by its path and fields."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.slow: Callable[[str, Any], int] = lambda _path, _fields: _WAY_MS
        self.threads: dict[str, Thread] = {}
        super().__init__(*args, **more)

    def workers(self) -> Workers:
        names = ("placing", "protecting", "asking", "market")
        self.threads = {name: Thread(lambda: self.venue.now) for name in names}
        return Workers(**self.threads)

    def pump(self) -> None:
        super().pump()
        for thread in self.threads.values():
            for then in thread.due():
                then()
                self.session.flush()
                super().pump()

    def take_time(self) -> None:
        """From here on requests take their time."""
        carry = self.road.carry

        def slow(method: str, path: str, fields: Any) -> Any:
            mine = self.slow(path, fields)
            for (
                thread
            ) in self.threads.values():  # the one that is at work; the others set theirs anew
                thread.ms = mine
            if mine >= 10_000:
                raise OutcomeUnknown("timeout")
            return carry(method, path, fields)

        self.road.carry = slow


def is_stop(order: Any) -> bool:
    return order.trigger is not None


def naked_ms(live: Live) -> int:
    """Let time pass until the position has its stop; returns how long that took."""
    began = live.venue.now
    while not any(map(is_stop, live.venue.state.open_orders(SYMBOL))):
        assert live.venue.now - began < 60_000, "there is no stop"
        live.run(50, 50)
    return int(live.venue.now - began)


def test_a_stop_does_not_wait_for_the_answer_to_an_entry(tmp_path: Path) -> None:
    """One market entry and three limits, each answered after 2.5 s: the stop is there at once."""
    live = Lines(tmp_path, SLOW_ENTRIES)
    live.slow = lambda path, body: (
        2_500 if path == "order/create" and not body["reduceOnly"] else _WAY_MS
    )
    live.bar()
    live.take_time()
    live.venue.trade(D("50000"))
    while not live.venue_held:
        live.run(50, 50)
    assert naked_ms(live) <= 500
    live.run(40_000)
    assert not live.desk.guard.halted
    assert len(live.at_venue()) == 3 + 1
    live.laws()


def test_no_look_for_fills_waits_for_bars(tmp_path: Path) -> None:
    """Both streams are down and klines time out after 10 s: a fill is seen within two looks all the same."""
    card = at_bar(
        1, emit("place_limit_long", size="0.1 base", price=49900.0, stop_loss=49000.0, order_ref="in")
    )  # fmt: skip
    live = Lines(tmp_path, card)
    live.bar(bars=2)
    live.slow = lambda path, _fields: 10_000 if path == "market/kline" else _WAY_MS
    live.take_time()
    live.disconnect()
    live.run(78_000, 100)
    live.venue.trade(D("49800"))
    assert naked_ms(live) <= 3_000


def test_requests_about_one_order_leave_one_after_the_other(tmp_path: Path) -> None:
    """A cancel that overtook its order would find nothing there, and the order would work on."""
    live = Lines(tmp_path, LIMIT)
    live.bar()
    live.slow = lambda path, _body: 2_000 if path == "order/create" else _WAY_MS
    live.take_time()
    live.bar()
    left: list[tuple[str, bool]] = []
    live.road.before = lambda path, _body: left.append(
        (path, "submit" in live.order("in").in_flight)
    )
    live.session.said("cancel", "test", "")
    assert live.order("in").in_flight
    live.run(10_000, 50)
    assert left == [("order/cancel", False)]
    assert not live.at_venue()
    live.laws()


def test_what_protects_leaves_by_a_connection_of_its_own(tmp_path: Path) -> None:
    live = Live(tmp_path, SLOW_ENTRIES)
    other = Road(live.road.client)
    rest = Rest(live.road, live.road, protecting=other)
    live.backend.router._rest = rest
    live.bar(bars=2)
    live.run(2_000)
    assert {body["reduceOnly"] for path, body in live.posted if path == "order/create"} == {False}
    assert {body["reduceOnly"] for path, body in other.requests if path == "order/create"} == {True}
    live.laws()


@pytest.mark.parametrize("word", ["halt", "stop", "cancel", "pause"])
@pytest.mark.parametrize("card", [MARKET, LIMIT], ids=["market", "limit"])
def test_an_entry_put_back_for_the_clock_does_not_leave_after_a_word_against_it(
    tmp_path: Path, card: str, word: str
) -> None:
    """10002 says that it was not carried out: what is taken back or held meanwhile never leaves."""
    live = Live(
        tmp_path, card, faults=[Switch(kind=Fault.CODE, on="order/create", value=10002, times=1)]
    )
    session, said = live.session, list[str]()

    def hear(notice: Notice, warn: Callable[[Notice], None] = session.warn) -> None:
        warn(notice)
        if notice.kind == "clock" and not said:
            said.append(word)
            session.put(Ordered(word=word, by="ann", ts=live.venue.now))

    live.backend.router._tell = hear
    live.bar(bars=2)
    live.run(5_000)
    assert said == [word]
    assert len([path for path, _ in live.posted if path == "order/create"]) == 1
    assert live.order("in").state == "rejected"
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()
