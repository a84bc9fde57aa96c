"""Panic: flat without orders, whatever else lives, hangs or does not answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from runtime.backends.bybit.panic import Clock, Panic
from runtime.backends.bybit.rest import Rest
from runtime.live.lock import PanicMark
from tests.runtime.live.bench import SYMBOL, Live, Road
from tests.runtime.live.kills import fresh, kill_left
from tests.runtime.live.process import Given
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.control import perform
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.inprocess import Client
from tools.fakebybit.server import serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

_SPEED = 10.0
CARD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=49000.0, order_ref="m")) + at_bar(
    2,
    emit("place_limit_long", size="0.05 base", price=48500.0, order_ref="b"),
    emit("place_stop_long", size="0.05 base", trigger=51000.0, order_ref="c"),
)


def panic(venue: Venue) -> tuple[Panic, list[str]]:
    """Return a panic on connections of its own that sleeps in the venue's time."""
    road, said = Road(Client(venue)), list[str]()
    clock = Clock(lambda: venue.now, lambda s: venue.advance(venue.now + int(s * 1_000)))
    return Panic(Rest(road, road), SYMBOL, clock, said.append), said


def held(tmp_path: Path, **more: object) -> Live:
    """Return a session with a position, its stop, a limit and a stop that would open more."""
    live = Live(tmp_path, CARD, **more)  # type: ignore[arg-type]
    live.bar(bars=3)
    assert live.venue_held == 100
    assert len(live.venue.state.open_orders(SYMBOL)) == 3
    return live


def is_clear(venue: Venue) -> bool:
    return not venue.state.positions[SYMBOL].size and not venue.state.open_orders(SYMBOL)


def test_091_panic_closes_and_cancels_while_the_session_hangs(tmp_path: Path) -> None:
    """The session hangs: panic is a process of its own that closes, cancels and verifies."""
    live = held(tmp_path)
    act, said = panic(live.venue)  # from here on nothing lets the session do anything
    assert act.run()
    assert is_clear(live.venue)
    assert said[-1].startswith("flat")


@pytest.mark.parametrize(
    "fault",
    [
        Switch(kind=Fault.DROP_ANSWER, on="order/create", times=3),
        Switch(kind=Fault.DROP_REQUEST, on="order/create", times=3),
        Switch(kind=Fault.CODE, on="order/cancel", value=10006, times=3),
        Switch(kind=Fault.CODE, on="position/list", value=10016, times=4),
        Switch(kind=Fault.CODE, on="order/realtime", value=10016, times=4),
        Switch(kind=Fault.HTTP, on="*", value=502, p=0.5, times=20),
        Switch(kind=Fault.DELAY_EFFECT, on="order/create", value=3_000, times=2),
    ],
    ids=lambda one: f"{one.kind.value} {one.on}",
)
def test_panic_goes_on_until_the_venue_says_flat_twice(tmp_path: Path, fault: Switch) -> None:
    live = held(tmp_path)
    live.venue.faults.add(fault)
    act, _ = panic(live.venue)
    assert act.run()
    live.venue.faults.clear()
    live.venue.advance(live.venue.now + 10_000)
    assert is_clear(live.venue)


def test_panic_meets_what_the_hung_session_had_on_its_way(tmp_path: Path) -> None:
    live = Live(tmp_path, CARD)
    venue, road, looks = live.venue, Road(Client(live.venue)), 0

    def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 1:  # the first look has found nothing
            perform(venue, "foreign_order", {"amount": "0.01", "price": "45000"})
        venue.advance(venue.now + int(seconds * 1_000))

    act = Panic(Rest(road, road), SYMBOL, Clock(lambda: venue.now, sleep), lambda _text: None)
    assert act.run()
    assert looks > 1
    assert is_clear(venue)


def test_panic_keeps_the_stop_until_the_position_is_closed(tmp_path: Path) -> None:
    live = held(tmp_path)
    seen: list[tuple[bool, int]] = []
    ask = live.venue.request

    def asked(request):  # type: ignore[no-untyped-def]
        state = live.venue.state
        stops = [o for o in state.open_orders(SYMBOL) if o.reduce_only]
        seen.append((bool(state.positions[SYMBOL].size), len(stops)))
        return ask(request)

    live.venue.request = asked  # type: ignore[method-assign]
    assert panic(live.venue)[0].run()
    assert (True, 1) in seen
    assert (True, 0) not in seen


def test_panic_closes_in_pieces_what_a_thin_book_holds_and_never_turns_it(tmp_path: Path) -> None:
    live = held(tmp_path)
    live.act("thin_book", amount="0.03")
    assert panic(live.venue)[0].run()
    assert is_clear(live.venue)
    sells = [e for e in live.venue.state.executions if e.side.value == "Sell"]
    assert sum(e.qty for e in sells) == Decimal("0.1")


def test_panic_stays_within_its_own_budget(tmp_path: Path) -> None:
    live = held(tmp_path)
    for _ in range(12):
        live.act("foreign_order", amount="0.01", price="45000")
    at: list[int] = []
    ask = live.venue.request

    def asked(request):  # type: ignore[no-untyped-def]
        if request.method == "POST":
            at.append(live.venue.now)
        return ask(request)

    live.venue.request = asked  # type: ignore[method-assign]
    assert panic(live.venue)[0].run()
    assert max(sum(one <= other < one + 1_000 for other in at) for one in at) <= 4


def test_panic_says_what_it_could_not_do(tmp_path: Path) -> None:
    live = held(tmp_path)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=110007))
    act, said = panic(live.venue)
    assert not act.run(patience_s=5)
    assert "NOT done" in said[-1]
    assert any("refused" in line or "unknown" in line for line in said)


def test_the_command_works_beside_a_stopped_session_with_its_journal_locked(
    tmp_path: Path,
) -> None:
    """A real process beside a real one that hangs: SIGSTOP, its journal held, its links open."""
    venue = Venue(Settings(start_ms=1_700_000_040_000, seed=1, rate_limits=False))
    with serving(venue, speed=_SPEED) as served:
        child = fresh(
            Given(folder=str(tmp_path), http=served.http, streams=served.streams, speed=_SPEED)
        )
        try:
            until = time.monotonic() + 30
            while not served.do(lambda v: v.state.positions[SYMBOL].size and len(
                v.state.open_orders(SYMBOL)
            )):  # fmt: skip
                assert time.monotonic() < until
                served.do(lambda v: v.trade(Decimal(50_000)))
                time.sleep(0.1)
            os.kill(child.pid, signal.SIGSTOP)
            environment = {
                **os.environ, "BYBIT_API_KEY": "key", "BYBIT_API_SECRET": "secret",
                "XDG_STATE_HOME": str(tmp_path), "no_proxy": "127.0.0.1",
            }  # fmt: skip
            told = subprocess.run(
                [sys.executable, "ideacard.py", "panic", SYMBOL, "--venue", "testnet",
                 "--url", served.http],
                capture_output=True, text=True, env=environment, timeout=60,
                cwd=Path(__file__).parents[4],
            )  # fmt: skip
            assert told.returncode == 0, told.stdout + told.stderr
            assert "flat, no open orders" in told.stdout
            assert served.do(is_clear)
        finally:
            kill_left(child)
    assert PanicMark("testnet", "key", SYMBOL, tmp_path / "ideacard").is_set
