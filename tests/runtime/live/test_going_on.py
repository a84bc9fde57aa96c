"""What a session outlives: clocks that step, quiet markets, half an outage, months."""

from __future__ import annotations

import ast
import gc
import threading
import time
from decimal import Decimal
from pathlib import Path

from runtime.live.clock import SteadyClock
from tests.runtime.live.bench import MINUTE, SYMBOL, Live
from tests.runtime.live.test_links_and_bars import closes
from tests.runtime.live.test_placing import LIMIT, MARKET, creates, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.acts import drop_stops
from tools.fakebybit.faults import Fault, Switch

ROOT = Path(__file__).resolve().parents[3]


def test_066_a_clock_that_is_off_stops_entries_until_it_is_right(tmp_path: Path) -> None:
    """A stamp too far ahead is refused each time: it is measured, and nothing opens meanwhile."""
    live = started(tmp_path, MARKET)
    live.road.clock = lambda: live.venue.now + 700
    live.backend.clocks._due = 0
    live.run(1_000)
    assert live.warned("clock")
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: clock"
    live.road.clock = lambda: live.venue.now
    live.run(100_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    assert live.held == live.venue_held == 100
    live.laws()


def test_066_a_refused_stamp_costs_one_more_try_under_the_same_name(tmp_path: Path) -> None:
    """10002 was not carried out: the same request once more, never a second order."""
    live = started(
        tmp_path, LIMIT, Switch(kind=Fault.CODE, on="order/create", value=10002, times=1)
    )
    live.run(3_000)
    assert live.order("in").is_accepted
    assert len(creates(live)) == 2
    assert len(set(creates(live))) == 1
    live.laws()


def test_067_a_clock_that_steps_back_is_not_followed() -> None:
    """The wall clock was set back by an hour: timeouts go on as if nothing had happened."""
    wall, steady = [1_700_000_000_000_000_000], [5_000_000_000]
    clock = SteadyClock(lambda: wall[0], lambda: steady[0])
    began = clock()
    steady[0] += 2_000_000_000
    wall[0] -= 3_600_000_000_000
    assert clock() == began + 2_000
    wall[0] += 3_600_000_000_000 + 2_000_000_000
    assert clock() == began + 2_000


def test_062_a_machine_that_slept_knows_how_late_it_is() -> None:
    """After a sleep of the machine the steady time has stood still: the wall is right."""
    wall, steady = [1_700_000_000_000_000_000], [5_000_000_000]
    clock = SteadyClock(lambda: wall[0], lambda: steady[0])
    began = clock()
    wall[0] += 3_600_000_000_000
    assert clock() == began + 3_600_000
    steady[0] += 1_000_000
    assert clock() == began + 3_600_001


def test_083_bars_without_a_trade_close_like_others(tmp_path: Path) -> None:
    """Nobody trades for minutes: bars without volume are bars, and an order's time runs on."""
    card = at_bar(1, emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in",
                          ttl_bars=2))  # fmt: skip
    live = started(tmp_path, card)
    before = len(closes(live))
    live.run(4 * MINUTE + 2_000, 1_000)
    starts = closes(live)
    assert len(starts) == before + 4
    assert starts == list(range(starts[0], starts[-1] + 1, MINUTE))
    assert set(live.desk._data.exec.volume[-3:]) == {0.0}
    assert (live.order("in").state, live.order("in").reason) == ("expired", "ttl")
    live.laws()


def test_084_nothing_is_decided_before_every_feature_is_warm(tmp_path: Path) -> None:
    """Ten bars are there and the card reads twenty: no decision on what is not known yet."""
    always = (
        "- id: b\n  cases:\n    - when: close > 0 and pending_order_count == 0\n      emit:\n        - "
        + emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in") + "\n"
    )  # fmt: skip
    feature = "features:\n  - { type: sma, id: slow, params: { length: 20 } }\n"
    live = Live(tmp_path, always.replace("close > 0", "close > slow - 100"),
                more={"more": feature})  # fmt: skip
    live.bar(bars=19)
    assert not live.desk.is_warm
    assert live.posted == []
    live.bar(bars=2)
    assert live.desk.is_warm
    assert len(creates(live)) == 1
    live.laws()


def test_099_without_the_private_stream_protection_goes_on_by_asking(tmp_path: Path) -> None:
    """Requests work, the private stream does not: nothing opens, and a lost stop is seen within seconds."""
    late = at_bar(3, emit("place_limit_long", size="0.05 base", price=48500.0, order_ref="b"))
    live = Live(tmp_path, MARKET + late)
    live.bar(bars=3)
    live.refused.add("private")
    live.disconnect()
    live.connect()
    live.run(3_000)
    drop_stops(live.venue.state, SYMBOL)
    live.run(8_000)
    assert [order.stop_type for order in live.venue.state.open_orders(SYMBOL)] == ["Stop"]
    assert live.desk.coverage.open_lots(live.ledger) == 0
    live.bar(bars=2)
    assert live.order("b").reason == "held_back"
    live.refused.clear()
    live.connect()
    live.run(3_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()


def test_089_a_session_speaks_to_nobody_but_the_venue_and_its_journal() -> None:
    """A notification service that is down could stop trading: what tells people is another process.

    No module of the loop imports anything that reaches a network, but for the venue's own.
    """
    reaching = {"requests", "socket", "http", "urllib", "smtplib", "aiohttp", "websocket", "ssl"}
    found: dict[str, set[str]] = {}
    for room in ("runtime/live", "runtime/backends/bybit"):
        for path in sorted((ROOT / room).glob("*.py")):
            names = set()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.partition(".")[0])
            if names & reaching:
                found[path.name] = names & reaching
    assert set(found) <= {"pybit_http.py", "streams.py"}


def test_090_a_long_journal_is_taken_up_with_protection_first(tmp_path: Path) -> None:
    """Replaying took minutes elsewhere, unprotected: here a lost stop is the first thing that is sent."""
    live = started(tmp_path, MARKET)
    for _ in range(3_000):
        live.session.said("limit", "test", name="max_notional_usdt", value=1e9)
    live.kill()
    drop_stops(live.venue.state, SYMBOL)
    live.venue.advance(live.venue.now + 1_000)
    sent = len(live.posted)
    began = time.monotonic()
    live._boot()
    assert time.monotonic() - began < 5
    live.run(6_000)
    assert [body["reduceOnly"] for _, body in live.posted[sent:]] == [True]
    assert live.desk.coverage.open_lots(live.ledger) == 0
    live.laws()


def test_097_memory_and_threads_do_not_grow(tmp_path: Path) -> None:
    """Months of trading: orders that ended leave memory, their executions are still known."""
    block = "- id: {ref}\n  cases:\n    - when: {when}\n      emit:\n        - {what}\n"
    card = block.format(
        ref="in", when="position_side == flat",
        what=emit("entry_long", size="0.01 base", stop_loss=40000.0),
    ) + block.format(ref="out", when="position_side == long", what="exit_long")  # fmt: skip
    live = Live(tmp_path, card, keep_ms=5 * MINUTE)
    before = threading.active_count()
    sizes = []
    for number in range(160):
        live.venue.trade(Decimal(50_000))
        live.run(MINUTE, 5_000)
        if number % 20 == 19:
            gc.collect()
            sync = live.backend.sync
            sizes.append((
                len(live.ledger.orders), len(sync._by_exchange_id), len(sync._newest),
                len(sync._fills), len(live.backend.questions._open),
            ))  # fmt: skip
    assert threading.active_count() <= before  # one of another test may have ended meanwhile
    assert len(live.venue.state.executions) > 120
    assert max(map(max, sizes)) < len(live.venue.state.executions)
    assert max(map(max, sizes[3:])) <= max(map(max, sizes[:3])) + 5
    assert all(live.backend.sync.has_booked(e.id) for e in live.venue.state.executions)
    live.restart()
    live.run(20_000)
    assert live.held == live.venue_held
    assert not live.warned("lost_order")
    live.replayed()
