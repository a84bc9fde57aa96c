"""Clocks that are off: what is signed, which bars decide, and how a session finds back to the venue's time."""

from __future__ import annotations

from pathlib import Path

from runtime.backends.bybit.outcomes import Outcome, Request
from runtime.backends.bybit.pybit_http import Keys, Place, PybitTransport
from runtime.backends.bybit.rest import Rest
from runtime.live.clock import SteadyClock
from tests.runtime.live.bench import MINUTE, START, D, Live
from tests.runtime.live.test_paper import Paper
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.control import perform
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.server import serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

RESTING = at_bar(
    1, emit("place_limit_long", size="0.1 base", price=49900.0, stop_loss=49000.0, order_ref="in")
)
BODY = {
    "category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.1",
    "price": "49000", "timeInForce": "GTC", "positionIdx": 0, "reduceOnly": False,
}  # fmt: skip


def test_a_stop_leaves_although_the_clock_of_this_machine_is_off(tmp_path: Path) -> None:
    """Three seconds ahead, every stamp is refused: the offset is measured, and signed with."""
    live = Live(tmp_path, RESTING)
    live.bar(bars=2)
    live.act("skew", value=-3_000)
    live.trade("49800", 2_000)
    assert live.at_venue() == ["v1"]
    assert live.held == live.venue_held == 100
    assert not live.desk.guard.halted
    assert live.warned("clock")
    live.act("skew", value=0)
    live.laws()


def test_a_clock_that_is_behind_is_signed_right_too(tmp_path: Path) -> None:
    live = Live(tmp_path, RESTING)
    live.bar(bars=2)
    live.act("skew", value=9_000)
    live.trade("49800", 2_000)
    assert live.at_venue() == ["v1"]
    live.act("skew", value=0)
    live.laws()


def test_an_unmodified_pybit_signs_by_the_venues_clock() -> None:
    """Once it was refused, the same request is taken; its way is the real one, over a socket."""
    venue = Venue(Settings(start_ms=START))
    with serving(venue) as served:
        served.do(lambda one: perform(one, "skew", {"value": -3_000}))
        roads = [PybitTransport(Keys("key", "secret"), Place(base=served.http), 2) for _ in "pa"]
        rest = Rest(roads[0], roads[1])
        first = rest.post(Request.SUBMIT, "order/create", BODY | {"orderLinkId": "a"}, 0)
        assert first.verdict.outcome is Outcome.NOT_SENT
        second = rest.post(Request.SUBMIT, "order/create", BODY | {"orderLinkId": "a"}, 0)
        assert second.verdict.outcome is Outcome.RECEIVED
        assert rest.position("BTCUSDT") is not None  # what asks is signed so as well


def ahead(live: Live) -> tuple[SteadyClock, list[int]]:
    """Give a session a clock of its own; what is in the list is added to the wall."""
    off = [0]
    clock = SteadyClock(
        lambda: (live.venue.now + off[0]) * 1_000_000, lambda: live.venue.now * 1_000_000
    )

    def measured(found: int) -> None:
        live.session.measured(found)
        clock.correct(found)

    live.session._now = live.backend._now = live.backend.clocks._now = clock
    live.backend.clocks._correct = measured
    live.road.clock = lambda: live.venue.now + off[0]
    return clock, off


def test_an_open_bar_never_decides_whatever_our_clock_says(tmp_path: Path) -> None:
    """The wall jumps seven seconds ahead and back; bars are closed by the venue's time, and heard in time."""
    live = Live(tmp_path, at_bar(50, emit("exit_long")))
    clock, off = ahead(live)
    live.bar(bars=2)
    off[0] = 7_000
    clock()
    off[0] = 0
    assert clock() - live.venue.now == 7_000
    for _ in range(2):
        live.venue.trade(D("50000"))
        live.run(MINUTE - live.venue.now % MINUTE - 1_000)
        live.venue.trade(D("52000"))
        live.run(MINUTE - live.venue.now % MINUTE + 500)
        assert live.desk.bars.close[-1] == 52_000.0
    assert live.warned("clock")
    assert not live.warned("no_bars")
    live.run(MINUTE)
    assert clock() == live.venue.now  # it has gone slower until it was right
    live.run(MINUTE)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""


def test_an_open_bar_is_not_among_those_that_are_fetched_late_by_a_clock_that_is_ahead(
    tmp_path: Path,
) -> None:
    """A bar that could not be had for most of a minute is asked for as the next is about to close."""
    live = Live(tmp_path, at_bar(50, emit("exit_long")))
    clock, off = ahead(live)
    live.bar(bars=2)
    live.venue.faults.add(Switch(kind=Fault.DROP, on="kline*"))
    live.venue.faults.add(Switch(kind=Fault.HTTP, on="market/kline", value=502))
    live.run(MINUTE - live.venue.now % MINUTE + 54_000)
    bars = len(live.desk.bars)
    live.venue.faults.clear()
    off[0] = 7_000
    clock()
    off[0] = 0
    live.venue.trade(D("52000"))
    live.run(MINUTE - live.venue.now % MINUTE - 100)
    assert len(live.desk.bars) <= bars + 1
    assert live.desk.bars.close[-1] != 52_000.0
    live.run(15_000)
    assert live.desk.bars.close[-1] == 52_000.0


def test_a_paper_session_hears_of_its_clock_by_its_bars(tmp_path: Path) -> None:
    """It signs nothing and asks for no time: what the answers say is enough."""
    paper = Paper(tmp_path)
    paper.run(2 * MINUTE)
    paper.session._now = lambda: paper.venue.now + 7_000
    for _ in range(2):
        paper.run(MINUTE - paper.venue.now % MINUTE - 1_500)
        began = paper.venue.now // MINUTE * MINUTE
        assert paper.desk.bars.ts[-1] < began + MINUTE
    assert paper.session._venue_time() == paper.venue.now
    assert not any(notice.kind == "no_bars" for notice in paper.session.notices)


def test_a_clock_that_was_wrong_goes_slower_and_never_back() -> None:
    """Ahead it gives back a quarter of the time; behind it steps on; a wall that is wrong stays without a say."""
    wall, steady = [1_700_000_000_000_000_000], [5_000_000_000]
    clock = SteadyClock(lambda: wall[0], lambda: steady[0])
    began = clock()

    def go(ms: int) -> int:
        wall[0] += ms * 1_000_000
        steady[0] += ms * 1_000_000
        return clock() - began

    clock.correct(7_000)
    assert go(0) == 0
    assert go(4_000) == 3_000
    assert go(40_000) == 37_000
    assert go(1_000) == 38_000
    clock.correct(-2_000)
    assert go(1_000) == 41_000
