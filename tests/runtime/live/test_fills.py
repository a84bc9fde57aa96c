"""Fills and executions: each once, none lost, whatever the streams do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime.live.guard import SessionLimits
from runtime.live.states import halt_of
from tests.runtime.live.bench import Live
from tests.runtime.live.looped import Looped
from tests.runtime.live.test_placing import LIMIT, MARKET, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

CANCELLED = LIMIT + at_bar(2, emit("cancel_order", order_ref="in"))
AMENDED = LIMIT + at_bar(2, emit("amend_order", order_ref="in", price=49950.0))


def stream(kind: Fault, topic: str, **more: Any) -> Switch:
    return Switch(kind=kind, on=topic, **more)


def test_021_a_lost_execution_is_asked_for(tmp_path: Path) -> None:
    """The execution was lost although the order's row counts it: asked for until even."""
    live = started(tmp_path, MARKET, stream(Fault.DROP, "execution"))
    live.run(5_000)
    assert live.held == live.venue_held == 100
    live.laws()


def test_022_an_execution_told_twice_counts_once(tmp_path: Path) -> None:
    """One execution is told twice, and again after a restart."""
    live = started(tmp_path, MARKET, stream(Fault.DUPLICATE, "execution"))
    live.run(3_000)
    assert live.held == live.venue_held == 100
    live.restart()
    live.laws()
    assert live.held == 100


def test_023_an_execution_after_the_end_is_booked(tmp_path: Path) -> None:
    """An execution arrives after the order has ended."""
    live = started(tmp_path, MARKET, stream(Fault.LATE, "execution", value=3_000))
    live.run(8_000)
    assert live.held == live.venue_held == 100
    live.laws()


def test_024_what_was_filled_of_a_cancelled_order_is_held(tmp_path: Path) -> None:
    """An order is filled in part and then cancelled: what it filled is held, no more."""
    live = Live(tmp_path, CANCELLED)
    live.bar(bars=2)
    live.act("thin_book", amount="0.04")
    live.bar(bars=1)
    live.run(3_000)
    assert live.order("in").is_terminal
    assert live.held == live.venue_held
    live.laws()


@pytest.mark.parametrize("seed", range(4))
def test_025_a_fill_that_beats_the_cancel_counts(tmp_path: Path, seed: int) -> None:
    """The cancel loses to the fill and is answered by *does not exist*: that proves neither."""
    live = Live(tmp_path, CANCELLED, faults=[Switch(kind=Fault.FILL_ON_CANCEL)], seed=seed)
    live.bar(bars=3)
    live.run(3_000)
    assert live.order("in").state == "filled"
    assert live.held == live.venue_held == 100
    live.laws()


def test_026_a_cancellation_nobody_told_of_is_noticed(tmp_path: Path) -> None:
    """Nobody told of a cancellation: the order is asked for by its name."""
    live = Live(tmp_path, CANCELLED)
    live.bar(bars=2)
    live.venue.faults.add(stream(Fault.DROP, "order"))
    live.bar(bars=1)
    live.run(15_000)
    assert live.order("in").state == "cancelled"
    live.laws()


@pytest.mark.parametrize("seed", range(4))
def test_027_a_fill_that_beats_the_amendment_counts(tmp_path: Path, seed: int) -> None:
    """The amendment loses to the fill."""
    live = Live(tmp_path, AMENDED, faults=[Switch(kind=Fault.FILL_ON_AMEND)], seed=seed)
    live.bar(bars=3)
    live.run(3_000)
    assert live.order("in").state == "filled"
    assert live.held == live.venue_held == 100
    live.laws()


def test_028_an_amendment_without_an_answer_is_judged_by_the_row(tmp_path: Path) -> None:
    """The answer to an amendment was lost: the row with its prices decides."""
    lost = Switch(kind=Fault.DROP_ANSWER, on="order/amend", times=1)
    live = Live(tmp_path, AMENDED, faults=[lost])
    live.bar(bars=3)
    live.run(5_000)
    assert live.order("in").limit_price == 49950.0
    assert live.order("in").request == "none"
    live.laws()


def test_028_an_amendment_that_never_arrived_ends_as_not_sent_and_leaves_again(
    tmp_path: Path,
) -> None:
    lost = Switch(kind=Fault.DROP_REQUEST, on="order/amend", times=1)
    live = Live(tmp_path, AMENDED, faults=[lost])
    live.bar(bars=3)
    live.run(15_000)
    assert [path for path, _ in live.posted].count("order/amend") == 2
    assert live.order("in").limit_price == 49950.0
    assert live.order("in").request == "none"
    live.laws()


def test_026_a_cancel_that_never_arrived_is_asked_again(tmp_path: Path) -> None:
    lost = Switch(kind=Fault.DROP_REQUEST, on="order/cancel", times=1)
    live = Live(tmp_path, CANCELLED, faults=[lost])
    live.bar(bars=3)
    live.run(20_000)
    assert live.order("in").state == "cancelled"
    live.laws()


def test_029_two_filled_rows_are_one_end(tmp_path: Path) -> None:
    """Two Filled rows for one order, the second after a cancel that raced: one end."""
    live = started(tmp_path, MARKET, Switch(kind=Fault.FILLED_TWICE))
    live.run(3_000)
    assert live.held == 100
    live.laws()


def test_032_funding_is_paid_once_and_is_no_fill(tmp_path: Path) -> None:
    """Funding comes as an execution, by stream and by query: booked once and no fill."""
    live = started(tmp_path, MARKET, stream(Fault.DUPLICATE, "execution"))
    live.run(2_000)
    live.act("funding")
    live.run(15_000)
    paid = [e for e in live.venue.state.executions if e.exec_type == "Funding"]
    assert len(paid) == 1
    assert live.ledger.account.funding == pytest.approx(float(paid[0].fee))
    assert live.held == 100
    live.laws()


@pytest.mark.parametrize("door", [Live, Looped])
def test_033_a_fee_in_another_coin_is_no_usdt_and_halts_once(
    tmp_path: Path, door: type[Live]
) -> None:
    """A fee was paid in another coin: not booked as USDT, told, halted; who resumes bears it."""
    card = MARKET + at_bar(4, emit("exit_long"))
    live = door(tmp_path, card, limits=SessionLimits(max_notional_usdt=1e6))
    live.act("fee_coin", text="MNT")
    live.bar(bars=2)
    guard = live.desk.guard
    assert guard.halted.startswith("fee_in_coin: ")
    assert halt_of(guard.halted) is not None
    assert live.ledger.account.fees == 0.0
    paid = float(live.venue.state.executions[0].fee)
    assert guard.coin_fees == {"MNT": pytest.approx(paid)}
    assert live.at_venue() == ["v1"], "what protects stands"
    live.session.said("resume", "test")
    live.bar(bars=4)
    assert live.held == 0
    assert not guard.halted
    assert guard.coin_fees["MNT"] == pytest.approx(2 * paid, rel=0.01)
    live.restart()
    assert not live.desk.guard.halted
    assert live.desk.guard.coin_fees == guard.coin_fees
    live.laws()
    live.replayed()
    live.end()


def test_033_a_limit_on_costs_that_nobody_can_judge_halts_whatever_a_person_bears(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, MARKET, limits=SessionLimits(max_cost_per_day_usdt=1_000))
    live.act("fee_coin", text="MNT")
    live.bar(bars=2)
    live.session.said("resume", "test")
    live.bar()
    assert live.desk.guard.halted.startswith("max_cost_per_day_usdt: ")
    assert live.at_venue() == ["v1"]


def test_034_a_kind_of_execution_nobody_knows_is_put_aside_and_its_order_says_what_filled(
    tmp_path: Path,
) -> None:
    """A kind of execution that nobody documents: put aside, the fill booked by the order's row, the loop lives."""
    live = Live(tmp_path, MARKET)
    live.act("exec_type", text="Foo")
    live.bar(bars=2)
    live.run(40_000)
    assert live.warned("quarantine")
    assert live.warned("executions_missing")
    assert live.held == live.venue_held == 100
    assert live.at_venue() == ["v1"]
    assert not live.desk.guard.halted
    live.bar()


@pytest.mark.parametrize("seed", range(6))
def test_037_rows_out_of_order_roll_nothing_back(tmp_path: Path, seed: int) -> None:
    """Rows arrive out of order and twice: an older one undoes nothing."""
    faults = [stream(Fault.REORDER, "*", p=0.5), stream(Fault.DUPLICATE, "*", p=0.3)]
    live = Live(tmp_path, MARKET + AMENDED.replace('"in"', '"b"').replace("b1", "c1"),
                faults=faults, seed=seed)  # fmt: skip
    live.bar(bars=4)
    live.laws()
    live.replayed()


def test_030_many_executions_in_one_moment_all_count(tmp_path: Path) -> None:
    """Many executions in one moment, more than a page of a list holds."""
    big = at_bar(1, emit("entry_long", size="0.8 base", stop_loss=49000.0, order_ref="in"))
    rich = {"account": "starting_equity_usdt: 100000"}
    live = Live(tmp_path, big, faults=[stream(Fault.DROP, "execution")], more=rich)
    live.act("thin_book", amount="0.02")
    live.bar(bars=2)
    live.run(5_000)
    assert live.held == live.venue_held
    assert len(live.order("in").executions) == 40
    live.laws()
