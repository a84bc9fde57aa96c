"""What waits for the wire waits by the wall's clock, and what is held beside each other is of one moment."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace, waited
from runtime.live.bars import BarGate
from runtime.live.coverage import PROTECT_MS
from tests.runtime.live.bench import MINUTE, Live
from tests.runtime.live.test_placing import MARKET, on_create, started
from tests.strategies.runs import at_bar, emit
from tests.tools.live.made import LADDER, plan_of
from tools.fakebybit.faults import Fault, Switch
from tools.live.reading import ReadJournal, live_again
from tools.live.start import on_loopback

FAST = 40.0
TWO = at_bar(
    1,
    emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="a"),
    emit("place_limit_long", size="0.05 base", price=49800.0, order_ref="b"),
)


def held_by_others(live: Live, amount: str) -> None:
    """Have the venue hold more, by an execution that it tells nobody."""
    hush = Switch(kind=Fault.DROP, on="*")
    live.venue.faults.add(hush)
    live.act_on_venue("manual", amount=amount)
    live.venue.state.executions.pop()
    live.pump()
    live.venue.faults.clear()


def fills_while_a_look_is_out(live: Live, price: str) -> None:
    """Let the venue answer a look, then an order fill, and only then the answer arrive."""
    live.run(3_000)
    assert not live.worker.waiting
    live.backend.look()
    answer = live.worker.waiting.pop()
    live.trade(price)
    answer()
    live.session.flush()


def test_a_fill_while_a_look_is_out_is_no_difference(tmp_path: Path) -> None:
    """The look says what was held before the fill, the ledger what is held after it: nothing differs."""
    live = started(tmp_path, TWO)
    fills_while_a_look_is_out(live, "49890")
    assert live.held == live.venue_held == 100
    fills_while_a_look_is_out(live, "49790")
    assert live.held == live.venue_held == 150
    live.run(5_000)
    assert not live.warned("position_differs")
    assert not live.desk.guard.halted
    live.laws()
    live.replayed()


def test_a_difference_that_stays_while_orders_fill_is_seen_all_the_same(tmp_path: Path) -> None:
    live = started(tmp_path, TWO)
    held_by_others(live, "0.02")
    fills_while_a_look_is_out(live, "49890")
    live.run(5_000)
    assert "position_differs" in live.desk.guard.halted
    assert live.venue_held - live.held == 20


def test_another_difference_is_not_the_same_one_seen_twice(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    live.run(12_000)
    held_by_others(live, "0.02")
    live.backend.look()
    live.run(1_500)
    assert live.warned("position_differs")
    held_by_others(live, "0.01")
    live.run(1_500)
    assert not live.desk.guard.halted
    live.run(3_000)
    assert "+30 lots" in live.desk.guard.halted


@pytest.mark.parametrize("speed", [1.0, FAST])
def test_a_difference_stays_two_seconds_of_the_wall_before_it_halts(
    tmp_path: Path, speed: float
) -> None:
    """Two seconds of a fast session are a moment on the wall: a slow machine takes longer to tell a fill."""
    live = Live(tmp_path, MARKET, pace=Pace(reconcile_ms=10_000).at(speed))
    live.run(12_000)
    held_by_others(live, "0.02")
    live.backend.look()
    live.run(round(1_900 * speed), step=250)
    assert live.warned("position_differs")
    assert not live.desk.guard.halted
    live.run(round(1_200 * speed), step=250)
    assert "position_differs" in live.desk.guard.halted


def test_an_order_of_a_fast_session_is_not_given_up_for_a_moment_of_the_wall(
    tmp_path: Path,
) -> None:
    live = started(tmp_path, TWO, on_create(Fault.DROP_REQUEST), pace=Pace().at(FAST))
    live.run(60_000)  # a second and a half of the wall
    assert sum(order.uncertain for order in live.ledger.orders.values()) == 1
    live.run(60_000)
    assert {order.state for order in live.ledger.orders.values()} == {"pending", "rejected"}


def test_at_the_speed_of_the_wall_nothing_is_waited_for_longer() -> None:
    own = Pace(reconcile_ms=10_000)
    for speed in (0.1, 1.0):  # a slow session has time to spare
        same = own.at(speed)
        assert asdict(same) == asdict(own) | {"borne_ms": own.unheard_ms}
        assert same.unheard_ms == own.unheard_ms == 30_000
    assert own.at(FAST).unheard_ms == 1_200_000
    assert own.at(FAST).reconcile_ms == 10_000  # how often is asked is the session's own matter
    assert waited(PROTECT_MS, 1.0) == PROTECT_MS


def test_a_bar_of_a_fast_session_is_late_by_the_wall() -> None:
    slow, fast = BarGate(MINUTE, 0), BarGate(MINUTE, 0, Pace().at(FAST))
    due = 2 * MINUTE  # when the bar after the newest is closed
    assert slow.missing(due + 5_000) == fast.missing(due + 200_000) == MINUTE
    assert slow.missing(due + 4_999) is None
    assert fast.missing(due + 199_999) is None


def test_a_session_over_sockets_waits_as_long_as_its_time_is_fast(tmp_path: Path) -> None:
    with on_loopback(plan_of(LADDER, tmp_path, bars=8, speed=FAST)) as (run, folder, _):
        settle_ms = Pace().at(FAST).settle_ms
        assert run.session.backend.pace.settle_ms == run.session.gate.pace.settle_ms == settle_ms
        assert run.session.desk.coverage.timeout_ms == 5_000 * FAST
        run.close()
    journal = ReadJournal(folder / "session.journal")
    assert live_again(journal).desk.coverage.timeout_ms == 5_000 * FAST
    journal.close()
