"""What a rule asked for and a session did not do, and its rule does not ask again: that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.base import Loudness
from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, SYMBOL, Live
from tests.runtime.live.test_asked_later import BOTH, ONCE, before_close
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch


def block(when: str, *actions: str) -> str:
    rows = "".join(f"\n        - {one}" for one in actions)
    return f"- id: b\n  cases:\n    - when: {when}\n      emit:{rows}\n"


BRACKET = block(
    "position_side == flat and pending_order_count == 0",
    emit("place_stop_long", trigger=50100.0, size="0.05 base", stop_loss=49900.0, order_ref="up", order_group="br", oco=True),
    emit("place_stop_short", trigger=49900.0, size="0.05 base", stop_loss=50100.0, order_ref="dn", order_group="br", oco=True),
)  # fmt: skip
AGAIN = block(
    "position_side == flat and pending_order_count == 0",
    emit("place_limit_long", price=49900.0, size="0.05 base", order_ref="up"),
)
CROSS = at_bar(2, emit("entry_long", size="0.05 base", stop_loss=48000.0, order_ref="up"))


def told(live: Live) -> list[tuple[str, Loudness]]:
    return [
        (n.kind, n.loudness)
        for n in live.session.notices
        if n.kind in ("entry_lost", "exit_lost", "change_lost")
    ]


def begun(tmp_path: Path, card: str, switch: Switch | None = None) -> Live:
    live = Live(tmp_path, card, pace=Pace(), more=BOTH, snapshot_every=3)
    before_close(live, 1_000)
    if switch is not None:
        live.venue.faults.add(switch)
    return live


@pytest.mark.parametrize("how", ONCE)
@pytest.mark.parametrize("is_killed", [False, True])
def test_half_of_a_bracket_that_is_lost_is_told(tmp_path: Path, how: str, is_killed: bool) -> None:
    """The other half stands, so the rule does not ask again: nothing was bought at the break, and nobody knew."""
    live = begun(tmp_path, BRACKET, ONCE[how])
    live.run(50_000)
    assert live.order("up").reason == "not_received"
    assert not told(live), "its rule may ask again"
    if is_killed:
        live.restart()
    live.bar()
    assert told(live) == [("entry_lost", Loudness.NOTE)]
    live.bar(bars=2)
    assert len(told(live)) == 1
    assert not live.desk.guard.why_no_entries(live.venue.now)
    live.laws()
    live.replayed()


def test_an_entry_that_its_rule_asks_for_again_is_not_told(tmp_path: Path) -> None:
    live = begun(tmp_path, AGAIN, ONCE["502"])
    live.bar(bars=3)
    assert live.order("up").is_accepted
    assert not told(live)
    live.laws()


@pytest.mark.parametrize(("how", "is_told"), [("cut", True), ("pause", False)])
def test_an_entry_held_back_by_what_passes_is_told_and_one_that_a_person_holds_is_not(
    tmp_path: Path, how: str, is_told: bool
) -> None:
    live = Live(tmp_path, CROSS, pace=Pace(), more=BOTH)
    live.bar(bars=2)
    before_close(live, 2_000)
    if how == "pause":
        live.session.said("pause", "ann")
    else:
        live.venue.hub.close(live.streams.pop("private"))
        live.session.link("private", is_up=False, why="cut")
    live.run(5_000)
    assert live.order("up").reason == "held_back"
    if how == "cut":
        live.disconnect()
        live.connect()
    live.bar(bars=2)
    assert told(live) == [("entry_lost", Loudness.NOTE)] * is_told
    live.laws()
    live.replayed()


def test_an_entry_that_a_close_refused_for_want_of_an_answer_is_told(tmp_path: Path) -> None:
    first = at_bar(1, emit("place_limit_long", price=49000.0, size="0.05 base", order_ref="low"))
    live = Live(tmp_path, first + CROSS.replace("id: b", "id: c"), pace=Pace(), more=BOTH)
    live.bar()
    before_close(live, 1_000)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="*"))
    live.run(MINUTE + 2_000)
    live.venue.faults.clear()
    live.bar(bars=2)
    said = [n.text.split("; ") for n in live.session.notices if n.kind == "entry_lost"]
    assert [text[-1] for text in said] == ["its rule does not ask again"] * 2
    assert {text[0].split(", ")[0] for text in said} == {
        "`low` (place_limit_long): not_received",
        "`up`: venue_uncertain",
    }
    assert live.held == 0
    live.laws()


@pytest.mark.parametrize("code", [110007, 110020, 110094])
def test_what_the_venue_refuses_and_the_decision_did_not_is_told(tmp_path: Path, code: int) -> None:
    """Another bot ties up the margin: the words are those of a back-test, which refused nothing here."""
    live = begun(tmp_path, CROSS, Switch(kind=Fault.CODE, value=code, on="order/create"))
    live.bar(bars=4)
    assert live.order("up").filled == 0
    assert told(live) == [("entry_lost", Loudness.NOTE)]
    live.laws()
    live.replayed()


def test_what_a_decision_refuses_as_in_a_back_test_is_not_told(tmp_path: Path) -> None:
    live = begun(tmp_path, CROSS.replace("0.05 base", "5000 base"))
    live.bar(bars=4)
    assert [one.code for one in live.desk.engine.refusals] == ["over_risk_tier"]
    assert not told(live)
    live.laws()


def test_the_other_side_that_finds_no_room_is_told(tmp_path: Path) -> None:
    """A limit fills while the exit is on its way: the entry of that close would net what is left, and is over."""
    rests = {"price": 49900.0, "order_ref": "low"}
    card = (
        at_bar(1, emit("entry_long", size="0.05 base", stop_loss=49000.0))
        + at_bar(1, emit("place_limit_long", size="0.04 base", stop_loss=49000.0, on_flat="cancel", **rests), block="s")
        + at_bar(3, emit("exit_long"), emit("entry_short", size="0.05 base", stop_loss=51000.0, order_ref="dn"))
    )  # fmt: skip
    live = Live(tmp_path, card, pace=Pace(), more=BOTH)
    live.bar(bars=3)
    before_close(live, 500)
    live.venue.faults.add(Switch(kind=Fault.DELAY_EFFECT, value=600, on="order/create", times=1))
    live.run(700, 100)
    live.trade("49890", 5_000)
    live.venue.faults.clear()
    live.bar("49890", 2)
    assert (live.held, live.order("dn").reason) == (40, "would_flip")
    assert told(live) == [("entry_lost", Loudness.NOTE)]
    live.laws()
    live.replayed()


BREAK = at_bar(
    1, emit("place_stop_long", trigger=50100.0, size="0.05 base", stop_loss=49000.0, order_ref="up")
)
TAKES = at_bar(
    2,
    emit("place_limit_long", price=50100.0, size="0.05 base", order_ref="up", ttl_type="ioc"),
)
THIN = {"levels": 20}  # of a lot each, where the book is thin


def short_of_the_book(tmp_path: Path, card: str, depth: str | None) -> Live:
    """Return a session whose entry has met an empty book, or one of 20 lots, before the close that follows."""
    live = Live(tmp_path, card, pace=Pace(), more=BOTH, snapshot_every=3, **THIN)
    live.bar(bars=2)
    before_close(live, 10_000 if card is BREAK else 500)
    if depth is None:
        live.act_on_venue("empty_book", on=True)
    else:
        live.act_on_venue("thin_book", amount=depth)
    if card is BREAK:
        live.trade("50110", 1_000)
    live.run(3_000)
    live.act_on_venue("empty_book", on=False)
    live.act_on_venue("thin_book", amount="1000")
    return live


@pytest.mark.parametrize("card", [CROSS, BREAK])
@pytest.mark.parametrize(("depth", "filled"), [(None, 0), ("0.001", 20)])
@pytest.mark.parametrize("is_killed", [False, True])
def test_an_entry_that_finds_too_little_in_the_book_is_told(
    tmp_path: Path, card: str, depth: str | None, filled: int, is_killed: bool
) -> None:
    """A back-test has filled it whole: what the cross, or the break, was to open is over and not all held."""
    live = short_of_the_book(tmp_path, card, depth)
    assert (live.order("up").reason, live.held) == ("ioc_remainder", filled)
    if is_killed:
        live.restart()
    live.bar("50110", 2)
    assert told(live) == [("entry_lost", Loudness.NOTE)]
    said = [n.text for n in live.session.notices if n.kind == "entry_lost"]
    assert f"{50 - filled} of 50 lots open" in said[0]
    live.laws()
    live.replayed()


def test_an_entry_short_of_the_book_that_its_rule_asks_for_again_is_not_told(
    tmp_path: Path,
) -> None:
    again = at_bar(2, emit("entry_long", size="0.05 base", order_ref="up"), last=4)
    live = short_of_the_book(tmp_path, again, None)
    live.bar()
    assert live.held == 50
    assert not told(live)
    live.laws()


def test_what_the_card_lets_take_at_once_or_go_is_not_told(tmp_path: Path) -> None:
    live = short_of_the_book(tmp_path, TAKES, None)
    live.bar(bars=2)
    assert live.order("up").reason == "ioc_remainder"
    assert not told(live)
    live.laws()


def test_an_entry_at_market_that_follows_a_fill_and_finds_nobody_is_told_at_once(
    tmp_path: Path,
) -> None:
    more = (
        "[{ action: entry_long, metadata: { size: 0.05 base, stop_loss: 48000, order_ref: up } }]"
    )
    first = emit(
        "place_limit_long", price=49900.0, size="0.05 base", stop_loss=48000.0, on_fill=more
    )
    live = Live(tmp_path, at_bar(1, first), pace=Pace(), more=BOTH, snapshot_every=3)
    live.bar(bars=2)
    live.trade("49880", 3_000)
    before_close(live, 500)
    live.act_on_venue("empty_book", on=True)
    live.run(3_000)
    assert told(live) == [("entry_lost", Loudness.ALARM)]
    live.act_on_venue("empty_book", on=False)
    live.bar("49950", 2)
    assert (live.held, len(told(live))) == (50, 1)
    live.laws()
    live.replayed()


def test_an_entry_that_was_at_the_venue_and_is_nowhere_to_be_found_is_told(tmp_path: Path) -> None:
    live = Live(tmp_path, BREAK, more=BOTH)
    live.bar(bars=2)
    assert live.order("up").is_accepted
    for known in (live.venue.state.active[SYMBOL], live.venue.state.orders):
        for name in [name for name, one in known.items() if one.link]:
            del known[name]
    live.bar(bars=3)
    assert live.order("up").reason == "vanished"
    assert told(live) == [("entry_lost", Loudness.ALARM)]
    live.replayed()
