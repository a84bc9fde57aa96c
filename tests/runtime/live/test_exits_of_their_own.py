"""Exits that are not an older one asked for again: neither takes the place of the other, whatever became of the older.

The older one is in doubt, or refused and owed, when the later one is asked for.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import D, Live, ended
from tests.runtime.live.test_exits_in_doubt import HELD
from tests.runtime.live.test_late_fills import LAYERS, OUT, entry, lots, raced
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

MINUTE = 60_000
HOW = {
    "lost": {"kind": Fault.DROP_REQUEST},
    "refused": {"kind": Fault.CODE, "value": 110007},
    "late": {"kind": Fault.DELAY_EFFECT, "value": 66_000},
}


def some(base: str = "0.03", **more: object) -> str:
    return emit("exit_long", size=f"{base} base", **more)


OTHERS = {
    "another ref": (some(order_ref="a"), some(order_ref="b")),
    "another action": (some(), some()),
    "no ref": (some(order_ref="a"), some()),
}


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("case", OTHERS)
def test_an_exit_of_another_action_or_ref_leaves_beside_an_older_one(
    tmp_path: Path, case: str, how: str
) -> None:
    """30 of 100 lots at one close and 30 at the next, as a back-test has it: 40 are held."""
    older, later = OTHERS[case]
    card = HELD + at_bar(4, older) + at_bar(5, later)
    fault = Switch(on="order/create", link="*-o2*", **HOW[how])
    live = Live(tmp_path, card, faults=[fault], pace=Pace())
    live.bar(bars=6)
    live.venue.faults.clear()
    live.bar(bars=2)
    assert live.held == live.venue_held == 40
    ended(live)


FILL = "[{ action: exit_long, metadata: { size: fill } }]"


def fills_in_two_bars(live: Live, how: str, *, start: int, waits: int) -> None:
    """Let a second entry fill while the exit of the first one's fill, `o4`, is in doubt; after so many bars and ms."""
    live.bar(bars=start)
    live.trade("49880", 1_000)
    live.venue.trade(D("49950"))
    live.wait(MINUTE - live.venue.now % MINUTE - 1_000)
    live.venue.faults.add(Switch(on="order/create", link="*-o4*", **HOW[how]))
    live.run(waits)
    live.trade("49780", 1_000)
    live.bar("49950")
    live.venue.faults.clear()
    live.bar("49950", 2)


@pytest.mark.parametrize("how", ["lost", "late"])
def test_the_exit_of_another_fill_leaves_beside_an_older_one(tmp_path: Path, how: str) -> None:
    """Two entries of one rule, and of another, fill in two bars: what the first asks for is in doubt at the second."""
    card = at_bar(
        1,
        emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="core"),
        emit("place_limit_long", size="0.05 base", price=49900.0, order_ref="x", on_fill=FILL),
        emit("place_limit_long", size="0.05 base", price=49800.0, order_ref="y", on_fill=FILL),
    )
    live = Live(tmp_path, card, pace=Pace(), more=LAYERS)
    fills_in_two_bars(live, how, start=3, waits=5_000)
    assert live.held == live.venue_held == 100
    ended(live)


LADDER = at_bar(
    1,
    emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="core"),
) + at_bar(
    2,
    emit("place_limit_long", size="0.05 base", price="49900 if bar_index == 2 else 49800", on_fill=FILL),
    last=3,
)  # fmt: skip


@pytest.mark.parametrize("how", HOW)
def test_each_fill_of_one_rule_has_its_own_exit(tmp_path: Path, how: str) -> None:
    """One action places two entries: what follows the second is no repetition of what follows the first."""
    live = Live(tmp_path, LADDER, pace=Pace(), more=LAYERS)
    fills_in_two_bars(live, how, start=4, waits=3_000)
    assert [o.filled for o in live.ledger.orders.values() if o.spec.role.value == "entry"] == [
        100,
        50,
        50,
    ]
    assert live.held == live.venue_held == 100
    ended(live)


def test_late_lots_leave_beside_the_exit_of_the_others_in_doubt(tmp_path: Path) -> None:
    """40 lots are sold by a request that gets lost; 60 fill while the cancel flies, and are sold as well."""
    lost = Switch(on="order/create", link="*-o2", kind=Fault.DROP_REQUEST)
    card = entry("{ action: exit_long, metadata: { size: fill } }", ttl_bars=2)
    live = raced(tmp_path, card, pace=Pace(), faults=[lost])
    live.venue.faults.add(lost)
    live.bar("49950", 1)
    live.venue.faults.clear()
    live.bar("49950", 3)
    assert live.held == live.venue_held == 0
    ended(live)


def test_late_lots_leave_under_the_ref_of_a_limit_that_is_owed_and_it_does_after_them(
    tmp_path: Path,
) -> None:
    """The exit of 40 lots at a limit was refused; that of 60 rests under its ref, and has filled when it is asked again."""
    refused = Switch(on="order/create", link="*-o2*", kind=Fault.CODE, value=110007)
    live = raced(tmp_path, entry(OUT, ttl_bars=2), pace=Pace(), faults=[refused])
    live.venue.faults.add(refused)
    live.bar("49950", 1)
    live.venue.faults.clear()
    live.bar("49950", 1)
    assert lots(live, "out") == [(60, 0)]
    live.trade("50250", 45_000)
    live.trade("50260", 5_000)
    assert live.held == live.venue_held == 0
    ended(live)


ALL, HALF = emit("exit_long"), emit("exit_long", size="50% of position")
REFUSED_TARGETS = {
    "all, then a target of the other side": (ALL, {"side": "short", "size": "0.05 base"}, 0),
    "half, then a target of the other side": (HALF, {"side": "short", "size": "0.05 base"}, 50),
    "half, then a target above what may be held": (HALF, {"size": "0.15 base"}, 50),
}


@pytest.mark.parametrize("case", REFUSED_TARGETS)
def test_a_target_size_that_is_refused_ends_no_exit(tmp_path: Path, case: str) -> None:
    """It commands nothing: what is owed goes on until it is done."""
    older, target, left = REFUSED_TARGETS[case]
    refused = Switch(on="order/create", kind=Fault.CODE, link="*-o2*", value=110007)
    policy = {"more": "position_policy: { mode: long_short, max_layers: 1 }"}
    card = HELD + at_bar(4, older) + at_bar(5, emit("adjust_size", **target))
    live = Live(tmp_path, card, faults=[refused], pace=Pace(), more=policy)
    live.bar(bars=6)
    assert len(live.desk.engine.refusals) == 1
    live.venue.faults.clear()
    live.bar()
    assert live.held == live.venue_held == left
    ended(live)


def test_a_target_size_of_the_other_side_ends_no_exit_where_it_does_not_turn_the_position(
    tmp_path: Path,
) -> None:
    """It is refused beside the exit, which goes on; what else it was to close is owed, and the entry is lost."""
    refused = Switch(on="order/create", kind=Fault.CODE, link="*-o2*", value=110007)
    policy = {"more": "position_policy: { mode: long_short, allow_flip: true }"}
    turn = emit("adjust_size", side="short", size="0.05 base", stop_loss=55000.0)
    card = HELD + at_bar(4, HALF) + at_bar(5, turn)
    live = Live(tmp_path, card, faults=[refused], pace=Pace(), more=policy)
    live.bar(bars=6)
    live.venue.faults.clear()
    live.bar()
    assert live.held == live.venue_held == 0
    done = [(o.spec.reason, o.filled) for o in live.ledger.orders.values() if o.filled]
    assert done[1:] == [("exit_long", 50), ("adjust_size", 50)]
    ended(live)


@pytest.mark.parametrize("how", ["late", "lost"])
def test_a_target_size_that_waits_for_a_turn_of_its_side_ends_no_exit(
    tmp_path: Path, how: str
) -> None:
    """Half is refused as the target is decided, which a turn on its way is to bring about: half leaves, then the turn."""
    faults = (
        Switch(on="order/create", kind=Fault.DELAY_EFFECT, link="*-o2*", value=59_300, times=1),
        Switch(on="order/create", kind=Fault.REJECT, link="*-o2*", text="EC_Others", times=1),
        Switch(on="order/create", link="*-o3*", **HOW[how]),
    )
    policy = {"more": "position_policy: { mode: long_short, allow_flip: true }"}
    wanted = {"side": "short", "size": "0.05 base", "stop_loss": 55000.0}
    turn = emit("entry_short", size="0.05 base", stop_loss=55000.0)
    card = HELD + at_bar(4, HALF, turn) + at_bar(5, emit("adjust_size", **wanted))
    live = Live(tmp_path, card, faults=faults, pace=Pace(), more=policy)
    live.bar(bars=6)
    assert not live.desk.engine.refusals, "the target commands nothing and is not refused"
    live.run(2_000)
    assert live.ledger.orders["o2r1"].filled == 50
    live.venue.faults.clear()
    live.bar(bars=2)
    assert live.held == live.venue_held == -50
    ended(live)
