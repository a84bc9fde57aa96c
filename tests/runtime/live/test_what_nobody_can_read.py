"""What cannot be read or heard is not nothing: positions, prices between closes, a lot that became another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit.reconcile import OnMismatch
from runtime.backends.bybit.rest import Answered
from runtime.live.guard import SessionLimits
from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import MARKET, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch


def spoilt(live: Live, how: str) -> None:
    """Have every answer about the position say nothing: a word of a type nobody knows, or no row at all."""
    send = live.road.carry

    def carry(method: str, path: str, fields: Any) -> Answered:
        got: Answered = send(method, path, fields)
        if path != "position/list" or not got.answer.get("result", {}).get("list"):
            return got
        answer = json.loads(json.dumps(got.answer))
        if how == "unreadable":
            answer["result"]["list"][0]["isReduceOnly"] = "false"
        else:
            answer["result"]["list"] = []
        return Answered(answer, got.headers)

    live.road.carry = carry


@pytest.mark.parametrize("how", ["unreadable", "empty"])
@pytest.mark.parametrize("on_mismatch", OnMismatch)
def test_a_position_nobody_can_read_is_not_flat(
    tmp_path: Path, how: str, on_mismatch: OnMismatch
) -> None:
    live = started(tmp_path, MARKET, on_mismatch=on_mismatch)
    live.run(3_000)
    send = live.road.carry
    spoilt(live, how)
    live.run(25_000)
    assert live.at_venue() == ["v1"]
    assert live.held == live.venue_held == 100
    assert not live.desk.guard.halted
    assert live.desk.guard.why_no_entries(live.venue.now) == "warned: position_unread"
    live.road.carry = send
    live.run(70_000)
    assert live.desk.guard.why_no_entries(live.venue.now) == ""
    live.laws()


def test_a_loss_limit_is_held_between_closes_and_without_bars(tmp_path: Path) -> None:
    rungs = [
        emit("place_limit_long", size="0.06 base", price=49900.0 - 500 * n, stop_loss=45000.0)
        for n in range(3)
    ]
    limits = SessionLimits(max_daily_loss_usdt=50)
    live = Live(tmp_path, at_bar(1, *rungs), limits=limits)
    live.bar(bars=2)
    live.run(2_000)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="market/kline", value=10016))
    live.venue.hub.close(live.streams.pop("public"))
    live.session.link("public", is_up=False, why="cut")
    for price in ("49800", "49300", "49000", "48800"):
        live.trade(price, 31_000)
    assert "max_daily_loss_usdt" in live.desk.guard.halted
    assert live.at_venue() == ["v1"]
    live.replayed()


def test_flatten_closes_what_is_no_multiple_of_the_new_lot(tmp_path: Path) -> None:
    card = at_bar(1, emit("entry_long", size="0.013 base", stop_loss=49000.0, order_ref="in"))
    live = started(tmp_path, card)
    live.run(3_000)
    live.act("facts", step_text="0.01")
    live.backend._facts_at = 0
    live.run(3_000)
    assert live.desk.guard.halted.startswith("the grid of")
    live.session.said("flatten", "ann")
    live.run(5_000)
    assert live.held == live.venue_held == 0
    live.replayed()


def test_refused_exits_do_not_suspend_the_next_one(tmp_path: Path) -> None:
    card = (
        at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in"))
        + at_bar(
            2,
            *[
                emit("place_limit_exit_long", size="0.03 base", price=50500.0 + n * 100)
                for n in range(3)
            ],
        )
        + at_bar(3, "exit_long")
    )
    live = started(tmp_path, card)
    live.run(2_000)
    live.venue.faults.add(Switch(kind=Fault.CODE, on="order/create", value=110003, times=3))
    live.bar()
    live.run(2_000)
    live.venue.faults.clear()
    live.bar("49500")
    live.run(2_000)
    assert live.held == live.venue_held == 0
    live.laws()


def test_an_entry_that_waited_long_for_its_exit_does_not_leave(tmp_path: Path) -> None:
    card = at_bar(
        1, emit("entry_long", size="0.05 base", stop_loss=45000.0, order_ref="in")
    ) + at_bar(
        3,
        "exit_long",
        emit("entry_short", size="0.05 base", stop_loss=56000.0, order_ref="sh"),
    )
    live = Live(tmp_path, card)
    live.bar(bars=3)
    live.run(2_000)
    for topic in ("order", "execution"):
        live.venue.faults.add(Switch(kind=Fault.DROP, on=topic))
    for query in ("order/realtime", "order/history", "execution/list"):
        live.venue.faults.add(Switch(kind=Fault.CODE, on=query, value=10016))
    live.bar()
    live.run(3_000)
    assert not live.order("sh").is_terminal
    live.bar("49500", bars=2)
    live.venue.faults.clear()
    live.run(20_000)
    assert (live.order("sh").state, live.order("sh").reason) == ("rejected", "too_old")
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()
