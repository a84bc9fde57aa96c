"""What a close decides after an entry at market that waits, and of the other side, leaves when that has ended.

The close counts the older one as filled. Overtaken by the turn it opened what that had just closed, and the position
ended on the other side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import Live, ended
from tests.runtime.live.test_held_entries import back, follows
from tests.runtime.live.test_turned_too_far import CREATE, FLIPS, before, given_back, holds, told
from tests.strategies.runs import Run, at_bar, card_text, emit, flat
from tools.fakebybit.faults import Fault, Switch

LATE = Switch(kind=Fault.DELAY_EFFECT, value=1_500, on=CREATE, times=1)
SIDES = {"short": ("long", -1), "long": ("short", 1)}
sides = pytest.mark.parametrize("side", SIDES)


def turned(side: str, *last: str) -> str:
    """Return a card that holds 50 of a side, leaves it, enters the other with 80 and comes back with 50."""
    other, _ = SIDES[side]
    first = emit(f"entry_{side}", size="0.05 base")
    last = last or (emit(f"entry_{side}", size="0.05 base", order_ref="turn"),)
    way = emit(f"exit_{side}"), emit(f"entry_{other}", size="0.08 base", order_ref="way")
    return at_bar(1, first) + at_bar(3, *way, *last)


def crossing(side: str) -> str:
    """Return the same turn as an order at a price that the market has passed."""
    price = 49900.0 if side == "short" else 50100.0
    return emit(f"place_limit_{side}", price=price, size="0.05 base", order_ref="turn")


def sizes(live: Live) -> list[tuple[str, str]]:
    """Return side and size of the orders that have left, without those of the first close."""
    sent = [body for path, body in live.posted if path == CREATE]
    return [(str(body["side"]), str(body["qty"])) for body in sent[1:]]


def at_the_close(tmp_path: Path, card: str, *faults: Switch, **more: Any) -> Live:
    """Return a session just after the close that decides all of it."""
    live = before(tmp_path, card, **more)
    for fault in faults:
        live.venue.faults.add(fault)
    live.run(700, 100)
    return live


@sides
@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("is_at_market", [True, False])
def test_a_turn_leaves_after_the_entry_that_waits_for_the_exit_of_its_close(
    tmp_path: Path, side: str, *, is_at_market: bool, is_late: bool
) -> None:
    card = turned(side) if is_at_market else turned(side, crossing(side))
    live = at_the_close(tmp_path, card, *[LATE] * is_late)
    live.run(8_000)
    back, there = ("Sell", "Buy") if side == "short" else ("Buy", "Sell")
    assert sizes(live) == [(there, "0.05"), (there, "0.08"), (back, "0.13")]
    holds(live, 50 * SIDES[side][1])


@sides
def test_a_back_test_of_the_same_ends_on_the_same_side(side: str) -> None:
    run = Run(card_text(turned(side), **FLIPS), flat(50000.0, 8)).live()
    assert run.ledger.position.side.sign * run.ledger.position.quantity == 50 * SIDES[side][1]


@sides
def test_each_of_a_chain_of_turns_leaves_after_the_one_before(tmp_path: Path, side: str) -> None:
    other, sign = SIDES[side]
    chain = [emit(f"entry_{one}", size="0.03 base") for one in (side, side, other)]
    live = at_the_close(tmp_path, turned(side, *chain), LATE)
    live.run(10_000)
    assert [size for _, size in sizes(live)] == ["0.05", "0.08", "0.11", "0.03", "0.09"]
    holds(live, -30 * sign)


@sides
def test_a_turn_that_waits_is_taken_up_by_a_restart(tmp_path: Path, side: str) -> None:
    live = at_the_close(tmp_path, turned(side), LATE)
    assert len(sizes(live)) == 1
    live.restart()
    assert len(live.desk.held.waits) == 2
    live.run(10_000)
    assert [size for _, size in sizes(live)][-2:] == ["0.08", "0.13"]
    holds(live, 50 * SIDES[side][1])


@sides
def test_a_turn_opens_its_own_size_where_the_entry_before_it_is_refused(
    tmp_path: Path, side: str
) -> None:
    refused = Switch(kind=Fault.CODE, value=110007, on=CREATE, at=(3,))
    live = Live(tmp_path, turned(side), pace=Pace(), more=FLIPS, faults=[refused])
    live.bar(bars=4)
    assert (live.order("way").state, sizes(live)[-1][1]) == ("rejected", "0.05")
    order = live.order("turn")
    assert (order.opens, order.quantity, order.spec.carries) == (50, 50, 80)
    holds(live, 50 * SIDES[side][1])


@sides
def test_a_turn_that_is_refused_owes_what_the_entry_before_it_has_opened(
    tmp_path: Path, side: str
) -> None:
    refused = Switch(kind=Fault.CODE, value=110007, on=CREATE, at=(4,))
    live = Live(tmp_path, turned(side), pace=Pace(), more=FLIPS, faults=[refused])
    live.bar(bars=5)
    assert (live.order("way").filled, live.order("turn").state) == (80, "rejected")
    assert live.warned("entry_lost")
    holds(live, 0)


@sides
def test_a_turn_above_the_largest_market_order_closes_what_the_entry_before_it_has_opened(
    tmp_path: Path, side: str
) -> None:
    """No exit of its own can leave before that is there: as one order it is refused, and what it was to close is owed."""
    live = before(tmp_path, turned(side), bars=2)
    live.act("facts", max_market_qty="0.1")
    live.backend._facts_at = 0
    live.bar(bars=4)
    assert (live.order("turn").state, live.warned("entry_lost")) == ("rejected", True)
    holds(live, 0)


def test_what_a_turn_closes_of_what_is_held_waits_for_no_entry_while_entries_are_held_back(
    tmp_path: Path,
) -> None:
    """It is the way out of 100 lots; the entry before it waits for ten seconds, and is lost."""
    more = "{ action: entry_long, metadata: { size: 0.01 base, order_ref: way } }"
    turn = "{ action: entry_short, metadata: { size: 0.05 base, order_ref: turn } }"
    live = Live(tmp_path, follows(f"{more}, {turn}"), more=FLIPS)
    live.bar(bars=3)
    live.disconnect()
    live.venue.trade(49890)
    while "way" not in live.ledger.newest_by_ref:
        live.run(500)
    live.run(2_000)
    assert (live.order("way").state, live.order("turn").state) == ("pending", "rejected")
    assert live.venue_held == 0
    back(live)
    live.bar("49890")
    assert given_back(live) == []
    assert told(live) == []
    ended(live)


@sides
def test_a_turn_leaves_after_the_entry_that_waits_for_margin(tmp_path: Path, side: str) -> None:
    """Flat: what rests ties up the margin of the entry that the turn is to close, and goes as that is decided."""
    other, sign = SIDES[side]
    price = 49000.0 if other == "long" else 51000.0
    rests = emit(f"place_limit_{other}", price=price, size="0.15 base", order_ref="rest")
    way = emit(f"entry_{other}", size="0.08 base", order_ref="way")
    turn = emit(f"entry_{side}", size="0.05 base", order_ref="turn")
    card = at_bar(1, rests) + at_bar(3, emit("cancel_order", order_ref="rest"), way, turn)
    slow = Switch(kind=Fault.DELAY_EFFECT, value=1_500, on="order/cancel", times=1)
    live = at_the_close(tmp_path, card, slow)
    live.run(8_000)
    assert [size for _, size in sizes(live)] == ["0.08", "0.13"]
    holds(live, 50 * sign)
