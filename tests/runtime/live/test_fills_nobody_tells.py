"""What an order has filled and no execution tells: it is protected, it is a position, and it counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.reconcile import OnMismatch
from runtime.backends.bybit.stand_ins import PREFIX
from runtime.live.guard import SessionLimits
from tests.runtime.live.bench import MINUTE, Live
from tests.runtime.live.test_placing import MARKET, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

WHEN_FLAT = """
- id: b
  cases:
    - when: bar_index >= 1 and position_side == flat
      emit:
        - { action: entry_long, metadata: { size: 0.08 base, stop_loss: 49000.0 } }
"""


def deaf_to_executions(live: Live) -> None:
    live.venue.faults.add(Switch(kind=Fault.DROP, on="execution"))
    live.venue.faults.add(Switch(kind=Fault.CODE, on="execution/list", value=10016))


@pytest.mark.parametrize("on_mismatch", OnMismatch)
def test_a_fill_whose_executions_never_come_has_its_stop_within_seconds(
    tmp_path: Path, on_mismatch: OnMismatch
) -> None:
    live = Live(tmp_path, MARKET, on_mismatch=on_mismatch)
    live.bar()
    live.wait(50_000)  # what is not compared for long holds entries
    deaf_to_executions(live)
    live.bar()
    live.run(5_000)
    assert live.held == live.venue_held == 100
    assert live.at_venue() == ["v1"]
    assert not live.desk.guard.halted
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: executions_missing"
    live.restart()
    live.run(5_000)
    assert live.held == live.venue_held == 100
    live.laws()
    live.replayed()


def test_a_fill_nobody_tells_is_a_position_for_the_card(tmp_path: Path) -> None:
    live = Live(tmp_path, WHEN_FLAT)
    live.bar()
    live.wait(50_000)
    deaf_to_executions(live)
    live.bar(bars=4)
    assert live.held == live.venue_held == 80
    assert not live.desk.engine.refusals
    live.laws()


def test_an_exit_and_a_stop_whose_executions_never_come_have_closed(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    live.run(3_000)
    deaf_to_executions(live)
    live.trade("48900", 5_000)
    assert live.venue_held == live.held == 0
    assert not live.desk.guard.halted
    live.laws()


def test_executions_that_come_after_all_count_once(tmp_path: Path) -> None:
    card = at_bar(
        1,
        emit("place_limit_long", size="0.1 base", price=49900.0, stop_loss=48000.0, order_ref="in"),
    )
    live = started(tmp_path, card, fill="queue")
    deaf_to_executions(live)
    live.act("print", amount="49900", qty="0.04")
    live.run(5_000)
    assert live.held == live.venue_held == 40
    live.venue.faults.clear()
    live.act("print", amount="49900", qty="0.01")
    live.act("print", amount="49900", qty="0.05")
    live.run(5_000)
    assert live.held == live.venue_held == 100
    assert any(name.startswith(PREFIX) for name in live.order("in").executions)
    live.restart()
    live.run(5_000)
    live.laws()
    live.replayed()
    paid = float(sum(x.fee for x in live.venue.state.executions))
    assert sum(fill.fee for fill in live.order("in").fills) == pytest.approx(paid)


def test_executions_with_a_word_nobody_knows_leave_nothing_naked(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    live.act("exec_type", text="Foo")
    live.bar(bars=2)
    live.run(5_000)
    assert live.at_venue() == ["v1"]
    live.session.said("flatten", "ann")
    live.run(10_000)
    assert live.held == live.venue_held == 0


def test_flatten_closes_what_the_venue_holds_and_the_ledger_does_not(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    live.run(12_000)
    live.venue.faults.add(Switch(kind=Fault.DROP, on="*"))
    live.act("manual", amount="0.02")
    live.venue.state.executions.pop()
    live.venue.faults.clear()
    live.run(30_000)
    assert "position_differs" in live.desk.guard.halted
    assert (live.held, live.venue_held) == (0, 20)
    live.session.said("flatten", "ann")
    live.run(10_000)
    assert live.held == live.venue_held == 0
    live.replayed()


def test_an_entry_that_was_given_up_and_fills_is_told_and_held_to_the_limit(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, WHEN_FLAT, limits=SessionLimits(max_notional_usdt=5_000))
    live.bar()
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/create", value=MINUTE + 10_000, times=1)
    live.venue.faults.add(late)
    live.venue.faults.add(Switch(kind=Fault.DROP_ANSWER, on="order/create", times=1))
    live.bar(bars=2)
    live.run(20_000)
    assert live.venue_held == live.held == 160
    assert live.warned("came_back")
    assert live.desk.guard.halted.startswith("max_notional_usdt")
    live.laws()


@pytest.mark.parametrize("query", ["position/list", "order/realtime", "execution/list"])
def test_entries_wait_while_ledger_and_venue_cannot_be_compared(tmp_path: Path, query: str) -> None:
    card = at_bar(
        4, emit("entry_long", size="0.1 base", stop_loss=49000.0, order_ref="in")
    ) + at_bar(6, emit("entry_long", size="0.05 base", stop_loss=49000.0, order_ref="later"))
    live = started(tmp_path, card)
    live.venue.faults.add(Switch(kind=Fault.CODE, on=query, value=10016))
    live.bar(bars=3)
    live.run(3_000)
    assert live.held == live.venue_held == 0
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: not_compared"
    live.venue.faults.clear()
    live.run(12_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.bar(bars=2)
    live.run(3_000)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()
