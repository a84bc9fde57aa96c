"""What an exit owes: to which position, beside its siblings, after a newer one, and in pieces before a turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runtime.live.bench import D, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in"))
HALF = emit("exit_long", size="50% of position")
REST = emit("exit_long", size="rest of position")


def refused(link: str, **more: int) -> Switch:
    return Switch(on="order/create", link=link, kind=Fault.CODE, value=110007, **more)


@pytest.mark.parametrize("link", ["*-o2", "*-o3"])
def test_an_exit_that_fails_beside_another_of_its_close_is_asked_again(
    tmp_path: Path, link: str
) -> None:
    live = Live(tmp_path, HELD + at_bar(4, HALF, REST), faults=[refused(link)])
    live.bar(bars=5)
    live.run(10_000)
    assert live.warned("exit_lost")
    assert live.held == live.venue_held == 0
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()


def test_an_exit_that_a_later_close_asks_for_takes_the_place_of_what_is_owed(
    tmp_path: Path,
) -> None:
    """Half of 100 lots is refused again and again; the next close asks for it anew, and has it."""
    live = Live(tmp_path, HELD + at_bar(4, HALF, last=5), faults=[refused("*-o2*")])
    live.bar(bars=6)
    assert live.held == live.venue_held == 50
    live.venue.faults.clear()
    live.run(45_000)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


OTHERS = {
    "a smaller one is another": ("0.05 base if bar_index == 4 else 0.03 base", 5, 20),
    "one takes the place of one": (
        "0.03 base if bar_index == 4 else 0.02 base if bar_index == 5 else 0.04 base", 6, 40
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHERS)
def test_an_exit_of_a_later_close_takes_the_place_of_no_more_than_it_is_large(
    tmp_path: Path, case: str
) -> None:
    size, last, left = OTHERS[case]
    faults = [refused(f"*-o{2 + n}*") for n in range(last - 4)]
    card = HELD + at_bar(4, emit("exit_long", size=size), last=last)
    live = Live(tmp_path, card, faults=faults)
    live.bar(bars=last + 1)
    live.venue.faults.clear()
    live.run(45_000)
    assert live.held == live.venue_held == left
    live.laws()
    live.replayed()


@pytest.mark.parametrize(("base", "left"), [("0.08", 80), ("0.1", 100), ("0.02", 20)])
@pytest.mark.parametrize("older", ["adjust_size", "exit_long"])
def test_a_target_size_ends_what_an_older_close_owes(
    tmp_path: Path, older: str, base: str, left: int
) -> None:
    """What is owed is no order that works: the target counts all of what is held, and is what will be."""
    first, newest = emit(older, size="0.05 base"), emit("adjust_size", size=f"{base} base")
    live = Live(tmp_path, HELD + at_bar(4, first) + at_bar(5, newest), faults=[refused("*-o2*")])
    live.bar(bars=6)
    live.venue.faults.clear()
    live.run(45_000)
    assert live.held == live.venue_held == left
    live.laws()
    live.replayed()


def test_a_target_size_of_a_close_leaves_the_exit_beside_it(tmp_path: Path) -> None:
    """Half is refused, and the target of the same close, which counted it, has nothing to ask for."""
    both = at_bar(4, emit("exit_long", size="0.05 base"), emit("adjust_size", size="0.05 base"))
    live = Live(tmp_path, HELD + both, faults=[refused("*-o2", times=1)])
    live.bar(bars=5)
    live.run(10_000)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


@pytest.mark.parametrize("ms", [0, 250, 750])
def test_an_exit_is_owed_to_its_own_position_and_to_no_other_of_its_side(
    tmp_path: Path, ms: int
) -> None:
    """It fails, the stop fills, a resting entry of the same side fills: all before the timer asks again."""
    next_ = {"price": 49_800.0, "stop_loss": 45000.0, "protect": "layer", "order_ref": "next"}
    card = HELD.replace("45000.0", "49900.0")
    card += at_bar(2, emit("place_limit_long", size="0.08 base", **next_))
    card += at_bar(4, emit("exit_long"))
    many = {"more": "position_policy: { max_layers: 4 }"}
    live = Live(tmp_path, card, faults=[refused("*-o3")], more=many)
    live.bar(bars=4)
    live.venue.trade(D(50_000))
    live.wait(60_000 - live.venue.now % 60_000)
    live.run(ms)
    for price in ("49890", "49700"):
        live.venue.trade(D(price))
        live.venue.advance(live.venue.now + 50)
        live.pump()
    live.run(5_000)
    assert live.order("next").filled == 80
    assert live.held == live.venue_held == 80
    live.laws()
    live.replayed()


TURN = HELD + at_bar(
    5, emit("exit_long"), emit("entry_short", size="0.05 base", stop_loss=51000.0, order_ref="turn")
)


def turning_in_pieces(tmp_path: Path, *faults: Switch) -> Live:
    live = Live(tmp_path, TURN, faults=faults)
    live.bar(bars=4)
    live.act("facts", max_market_qty="0.08")
    live.backend._facts_at = 0
    live.run(2_000)
    live.bar(bars=2)
    return live


def test_a_position_that_closes_in_pieces_turns(tmp_path: Path) -> None:
    live = turning_in_pieces(tmp_path)
    live.run(5_000)
    exits = [o for o in live.ledger.orders.values() if o.spec.role.value == "exit" and o.filled]
    assert [order.filled for order in exits] == [80, 20]
    assert live.order("turn").filled == 50
    assert live.held == live.venue_held == -50
    live.laws()
    live.replayed()


def test_an_entry_waits_for_every_piece_and_does_not_leave_where_one_fails(tmp_path: Path) -> None:
    live = turning_in_pieces(tmp_path, refused("*-o2p1*", times=1))
    live.run(10_000)
    assert (live.order("turn").state, live.order("turn").reason) == ("rejected", "would_flip")
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_a_target_size_counts_the_reduction_that_is_on_its_way(tmp_path: Path) -> None:
    """Each close asks for 50 lots of 100; the first reduction waits through a ban of some closes."""
    card = HELD + "".join(at_bar(bar, emit("adjust_size", size="0.05 base")) for bar in range(3, 9))
    ban = Switch(kind=Fault.BAN, on="order/create", at=(3,), value=20_000)
    live = Live(tmp_path, card, faults=[ban])
    live.bar(bars=20)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


@pytest.mark.parametrize(
    "fault",
    [{"kind": Fault.CODE, "value": 110007}, {"kind": Fault.REJECT, "text": "EC_NoImmediateQtyToFill"},
     ],
    ids=["refused", "rejected"],
)  # fmt: skip
def test_a_reduce_that_came_to_nothing_is_told_and_asked_again(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    live = Live(tmp_path, HELD)
    live.bar(bars=3)
    live.venue.faults.add(Switch(on="order/create", times=1, **fault))
    live.session.said("reduce", "ann", value=50.0)
    live.run(20_000)
    assert live.held == live.venue_held == 50
    assert live.warned("exit_lost")
    assert live.desk.guard.halted == ""
    live.restart()
    live.run(20_000)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


@pytest.mark.parametrize("late_ms", [6_000, 15_000, 40_000])
@pytest.mark.parametrize("who", ["card", "person"])
def test_an_exit_whose_effect_is_late_closes_its_part_once(
    tmp_path: Path, who: str, late_ms: int
) -> None:
    """It is sent again under its own name, which the venue has taken: nothing leaves in its place."""
    live = Live(tmp_path, HELD + (at_bar(4, HALF) if who == "card" else ""))
    live.bar(bars=4)
    late = Switch(on="order/create", kind=Fault.DELAY_EFFECT, value=late_ms, times=1)
    live.venue.faults.add(late)
    if who == "person":
        live.session.said("reduce", "ann", value=50.0)
    live.bar(bars=3)
    assert live.held == live.venue_held == 50
    assert not live.warned("came_back")
    assert not live.warned("exit_lost")
    live.laws()
    live.replayed()


@pytest.mark.parametrize(
    ("kind", "value"), [(Fault.CODE, 110007), (Fault.CODE, 110017), (Fault.BAN, 20_000)]
)
@pytest.mark.parametrize("who", ["card", "person"])
def test_a_refused_repetition_proves_nothing_of_the_request_before_it(
    tmp_path: Path, who: str, kind: Fault, value: int
) -> None:
    """The first is late and does its part; nothing leaves under another name in its place."""
    live = Live(tmp_path, HELD + (at_bar(4, HALF) if who == "card" else ""))
    live.bar(bars=4)
    for late in (
        Switch(on="order/create", kind=Fault.DELAY_EFFECT, value=14_000, times=1),
        Switch(on="order/create", kind=kind, value=value, at=(2,)),
    ):
        live.venue.faults.add(late)
    if who == "person":
        live.session.said("reduce", "ann", value=50.0)
    live.bar(bars=3)
    live.run(620_000, 5_000)
    assert live.held == live.venue_held == 50
    assert not live.warned("came_back")
    live.laws()
    live.replayed()


def test_a_reduce_in_doubt_holds_back_no_close_of_everything(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD)
    live.bar(bars=3)
    live.venue.faults.add(Switch(on="order/create", kind=Fault.DELAY_EFFECT, value=80_000, times=1))
    live.session.said("reduce", "ann", value=50.0)
    live.run(2_000)
    live.session.said("flatten", "ann")
    live.run(6_000)
    assert live.held == live.venue_held == 0
    live.run(90_000)
    live.laws()
    live.replayed()


def test_a_reduce_whose_request_was_lost_is_sent_again_under_its_own_name(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD)
    live.bar(bars=3)
    live.venue.faults.add(Switch(on="order/create", times=1, kind=Fault.DROP_REQUEST))
    live.session.said("reduce", "ann", value=50.0)
    live.run(20_000)
    assert live.held == live.venue_held == 50
    sent = [str(body["orderLinkId"]) for path, body in live.posted if path == "order/create"]
    assert sent[-1] == sent[-2]
    live.restart()
    live.run(20_000)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


def test_a_reduce_that_fails_three_times_halts_and_goes_on(tmp_path: Path) -> None:
    live = Live(tmp_path, HELD)
    live.bar(bars=3)
    live.venue.faults.add(refused("*-v2*"))
    live.session.said("reduce", "ann", value=50.0)
    live.run(10_000)
    assert live.desk.guard.halted == "an exit could not be carried out"
    assert live.held == live.venue_held == 100
    live.venue.faults.clear()
    live.run(31_000)
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


def test_what_a_person_reduces_by_and_what_the_card_exits_are_owed_side_by_side(
    tmp_path: Path,
) -> None:
    """The card's exit of 30 lots is no answer to a person's word, nor the other way round."""
    some = at_bar(4, emit("exit_long", size="0.03 base"))
    live = Live(tmp_path, HELD + some)
    live.bar(bars=4)
    live.venue.faults.add(refused("*-v2*"))
    live.session.said("reduce", "ann", value=30.0)
    live.bar()
    live.venue.faults.clear()
    live.run(45_000)
    assert live.held == live.venue_held == 40
    live.laws()
    live.replayed()


@pytest.mark.parametrize("sizes", [("0.08", "0.01"), ("0.06", "0.015"), ("0.05", "0.02")])
def test_pieces_that_the_venue_has_lowered_again_are_cut_again_under_names_of_their_own(
    tmp_path: Path, sizes: tuple[str, str]
) -> None:
    """It lowers its largest market order below the pieces at hand right before they leave: both are refused."""
    live = Live(tmp_path, HELD + at_bar(5, emit("exit_long")))
    live.bar(bars=3)
    live.act("facts", max_market_qty=sizes[0])
    live.backend._facts_at = 0
    live.run(3_000)
    live.bar(bars=2)
    live.wait(59_000 - live.venue.now % 60_000)
    live.act_on_venue("facts", max_market_qty=sizes[1])
    live.run(40_000, 500)
    assert live.held == live.venue_held == 0
    names = [str(body["orderLinkId"]) for path, body in live.posted if path == "order/create"]
    assert len(names) == len(set(names))
    live.laws()
    live.replayed()


@pytest.mark.parametrize("wait", [1_000, 1_500, 2_500, 4_000])
def test_pieces_that_are_lowered_at_every_attempt_keep_their_names_over_a_restart(
    tmp_path: Path, wait: int
) -> None:
    """0.08, then 0.03 as the first pieces leave, then 0.01 as those leave: the process is killed in between.

    A piece whose fate the kill took away is sought under its own name, for a minute and a half at most.
    """
    live = Live(tmp_path, HELD + at_bar(5, emit("exit_long")))
    live.bar(bars=3)
    live.act("facts", max_market_qty="0.08")
    live.backend._facts_at = 0
    live.run(3_000)
    live.bar(bars=2)
    lowered = ["0.03", "0.01"]

    def lower(path: str, body: Any) -> None:
        if path == "order/create" and "-o2r" in body["orderLinkId"] and lowered:
            live.act_on_venue("facts", max_market_qty=lowered.pop(0))

    live.road.before = lower
    live.wait(59_000 - live.venue.now % 60_000)
    live.run(1_000 + wait)
    live.restart()
    live.run(120_000, 500)
    assert not lowered
    assert live.held == live.venue_held == 0
    sent = {(str(b["orderLinkId"]), b["qty"]) for path, b in live.posted if path == "order/create"}
    assert len(sent) == len({name for name, _ in sent})
    live.laws()
    live.replayed()
