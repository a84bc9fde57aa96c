"""What follows a fill while a request of the session has no answer: it waits, and leaves when that is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.catalog.orders import PriceSlot
from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import MINUTE, D, Live, ended
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

BOTH = {"more": "position_policy: { mode: long_short, max_layers: 8 }"}
ONCE = {
    "dropped": Switch(kind=Fault.DROP_REQUEST, on="order/*", times=1),
    "502": Switch(kind=Fault.HTTP, value=502, on="order/*", times=1),
}


def dca(action: str = "place_limit_long", price: str = "price: 49500, ") -> str:
    """Return a card whose entry at 49,900 has a stop and asks for one more entry when it has filled."""
    more = f"{price}size: 0.05 base, order_ref: dca, stop_loss: 48000"
    entry = emit(
        "place_limit_long", size="0.05 base", price=49900.0, order_ref="in", stop_loss=48000.0,
        on_fill=f"[{{ action: {action}, metadata: {{ {more} }} }}]",
    )  # fmt: skip
    return at_bar(1, entry)


def level(ref: str, entry: float, out: float) -> str:
    exits = f"[{{ action: place_limit_exit_long, metadata: {{ price: {out}, size: fill, order_ref: o{ref} }} }}]"
    placed = emit(
        "place_limit_long", size="0.05 base", price=entry, order_ref=ref, stop_loss=48000.0, on_fill=exits, rearm=True
    )  # fmt: skip
    return at_bar(1, placed, block=ref)


GRID = level("x", 49900.0, 50000.0) + level("y", 49800.0, 50300.0)


def begun(tmp_path: Path, card: str) -> Live:
    live = Live(tmp_path, card, pace=Pace(), more=BOTH, snapshot_every=3)
    live.bar(bars=2)
    return live


def before_close(live: Live, ms: int) -> None:
    """Wait until so long before the next close."""
    live.wait(MINUTE - live.venue.now % MINUTE - ms)


def unanswered(live: Live, price: str, switch: Switch, ms: int = 2_500) -> None:
    """Trade at a price shortly before the close, what is asked for then having no answer at it."""
    before_close(live, ms)
    live.venue.faults.add(switch)
    live.venue.trade(D(price))
    live.run(ms + 500)
    assert any(order.uncertain for order in live.ledger.book)


def stands(live: Live) -> list[tuple[str | None, int, float | None]]:
    """Return ref, lots and limit of the card's working orders, which all stand at the venue."""
    live.laws()
    found = [(o.spec.order_ref, o.remaining, o.limit_price) for o in live.ledger.book if o.is_own]
    return sorted(found, key=str)


# ---------------------------------------------------------------- entries


@pytest.mark.parametrize("how", ONCE)
def test_an_entry_that_follows_a_fill_waits_for_the_answer_to_a_request(
    tmp_path: Path, how: str
) -> None:
    """The one request of the stop has no answer at the close: a DCA follow-up was refused and never left."""
    live = begun(tmp_path, dca())
    unanswered(live, "49880", ONCE[how])
    assert live.desk.kept == {live.order("dca").order_id}
    live.bar("49950", bars=2)
    assert stands(live) == [("dca", 50, 49500.0)]
    assert not live.warned("entry_lost")
    ended(live)


def test_an_entry_that_waits_for_an_answer_leaves_after_a_restart(tmp_path: Path) -> None:
    live = begun(tmp_path, dca())
    unanswered(live, "49880", Switch(kind=Fault.DROP_REQUEST, on="order/create"))
    live.restart()
    live.venue.faults.clear()
    live.bar("49950", bars=2)
    assert stands(live) == [("dca", 50, 49500.0)]
    ended(live)


MORE = {
    "entry": dca("entry_long", ""),
    "target size": dca("adjust_size", "").replace(", stop_loss: 48000 }", " }"),
}


@pytest.mark.parametrize("asked", MORE)
@pytest.mark.parametrize("is_soon", [True, False])
def test_what_follows_a_fill_at_market_waits_for_no_answer_longer_than_its_market_lasts(
    tmp_path: Path, asked: str, is_soon: bool
) -> None:
    card = MORE[asked].replace("size: 0.05 base, order_ref: dca", "size: 0.1 base, order_ref: dca")
    live = begun(tmp_path, card)
    silent = Switch(kind=Fault.DROP_REQUEST, on="*")
    unanswered(live, "49880", ONCE["dropped"] if is_soon else silent)
    assert live.held == 50
    live.run(11_000)
    live.venue.faults.clear()
    live.run(10_000)
    assert live.warned("entry_lost") == (not is_soon)
    if is_soon:
        assert live.held == {"entry": 150, "target size": 100}[asked]
    else:
        assert live.held in (0, 50), "without a stop for so long it may be closed"
    ended(live)


def test_a_target_size_that_waits_is_met_by_what_is_held_when_it_leaves(tmp_path: Path) -> None:
    beside = emit("place_limit_long", size="0.03 base", price=49860.0, order_ref="beside")
    card = MORE["target size"].replace(
        "size: 0.05 base, order_ref: dca", "size: 0.1 base, order_ref: dca"
    )
    live = begun(tmp_path, card + at_bar(1, beside, block="beside"))
    unanswered(live, "49880", ONCE["dropped"])
    live.trade("49850", 10_000)
    assert live.held == 100
    ended(live)


@pytest.mark.parametrize("how", ONCE)
def test_a_level_of_a_grid_comes_again_although_a_request_has_no_answer(
    tmp_path: Path, how: str
) -> None:
    """The change of the stop has no answer at the close at which the level is due: it never came again."""
    live = begun(tmp_path, GRID)
    live.trade("49780")
    live.bar("49950", bars=2)
    unanswered(live, "50020", ONCE[how])
    live.bar("50020", bars=2)
    assert stands(live) == [("oy", 50, 50300.0), ("x", 50, 49900.0)]
    assert not live.warned("entry_lost")
    ended(live)


# ---------------------------------------------------------------- changes


def test_a_change_that_follows_a_fill_waits_for_the_answer_to_another_request(
    tmp_path: Path,
) -> None:
    moved = (
        "[{ action: amend_order, metadata: { order_ref: core, price: 49600, size: 0.06 base } }]"
    )
    core = emit("place_limit_long", size="0.03 base", price=49700.0, order_ref="core", stop_loss=48000.0)  # fmt: skip
    entry = emit("place_limit_long", size="0.05 base", price=49900.0, order_ref="in", stop_loss=48000.0, on_fill=moved)  # fmt: skip
    live = begun(tmp_path, at_bar(1, entry, core))
    unanswered(live, "49880", Switch(kind=Fault.DROP_REQUEST, on="order/create", times=1))
    assert live.order("core").limit_price == 49700.0
    live.bar("49950", bars=2)
    assert stands(live) == [("core", 60, 49600.0)]
    ended(live)


TARGET = (
    "[{ action: place_limit_exit_long, metadata: { price: position_avg_entry + 0.5%, size_pct: 1.0, order_ref: tp, "
    "on_live_ref: replace } }]"
)
RUNGS = at_bar(
    1,
    *(
        emit("place_limit_long", size="0.05 base", price=price, order_ref=ref, on_fill=TARGET)
        for ref, price in (("a", 49900.0), ("b", 49800.0))
    ),
)
SLOW = {
    "late": Switch(kind=Fault.DELAY_EFFECT, value=62_000, on="order/*", times=1),
    "lost": Switch(kind=Fault.DROP_REQUEST, on="order/*"),
    "silent": Switch(kind=Fault.DROP_REQUEST, on="*"),
}


def two_rungs(tmp_path: Path, switch: Switch, card: str = RUNGS) -> Live:
    """Return a session of which two rungs have filled, the request for the target of the first without an answer."""
    live = begun(tmp_path, card)
    live.trade("49880")
    before_close(live, 500)
    live.venue.faults.add(switch)
    live.run(5_000)
    live.venue.trade(D("49780"))
    live.run(57_000)
    assert (live.held, len(live.desk.later.waits)) == (100, 1)
    return live


@pytest.mark.parametrize("how", SLOW)
@pytest.mark.parametrize("is_killed", [False, True])
def test_the_target_of_all_that_is_held_follows_the_next_rung_whatever_became_of_its_first_request(
    tmp_path: Path, how: str, is_killed: bool
) -> None:
    """The change was refused as in flight, once: half of the position kept no target."""
    live = two_rungs(tmp_path, SLOW[how])
    live.venue.faults.clear()
    if is_killed:
        live.restart()
    assert live.desk.to_ask == ["tp"]  # a run that ends in order waits for it
    live.bar("49850", bars=3)
    assert stands(live) == [("tp", 100, 50099.3)]
    assert not live.desk.later.waits
    ended(live)


MOVED = "[{ action: amend_order, metadata: { order_ref: tp, price: 50200 } }]"
OWED = at_bar(
    1,
    emit("place_limit_long", size="0.05 base", price=49900.0, order_ref="a", on_fill=TARGET),
    emit("place_limit_long", size="0.05 base", price=49800.0, order_ref="b", on_fill=MOVED),
)


@pytest.mark.parametrize("how", SLOW)
def test_a_change_of_an_exit_finds_it_where_that_was_lost_and_is_asked_for_again(
    tmp_path: Path, how: str
) -> None:
    live = two_rungs(tmp_path, SLOW[how], OWED)
    live.venue.faults.clear()
    live.bar("49850", bars=3)
    assert stands(live) == [("tp", 50, 50200.0)]
    assert not live.desk.later.waits
    ended(live)


def owing(tmp_path: Path) -> Live:
    """Return a session whose exit is refused again and again, a change of it asked for meanwhile."""
    live = begun(tmp_path, OWED)
    live.trade("49880")
    live.venue.faults.add(Switch(kind=Fault.CODE, value=110007, on="order/create"))
    live.bar("49850")
    live.bar("49780")
    assert (live.held, len(live.desk.later.waits)) == (100, 1)
    return live


def test_a_change_of_an_exit_that_is_owed_waits_until_that_stands(tmp_path: Path) -> None:
    live = owing(tmp_path)
    live.venue.faults.clear()
    live.run(40_000)
    assert stands(live) == [("tp", 50, 50200.0)]
    assert not live.desk.later.waits
    ended(live)


@pytest.mark.parametrize("is_owed", [False, True])
def test_an_exit_that_waits_for_an_answer_is_of_its_own_position(
    tmp_path: Path, is_owed: bool
) -> None:
    live = owing(tmp_path) if is_owed else two_rungs(tmp_path, SLOW["silent"])
    live.venue.faults.clear()
    live.session.said("flatten", "ann")
    live.run(20_000)
    assert live.held == 0
    assert not live.desk.later.waits
    ended(live)


def test_what_a_later_close_says_of_a_ref_takes_the_place_of_what_waits(tmp_path: Path) -> None:
    """The third rung asks for the whole anew while the target of the first is still in doubt."""
    third = emit("place_limit_long", size="0.05 base", price=49700.0, order_ref="c", on_fill=TARGET)
    live = two_rungs(tmp_path, SLOW["silent"], RUNGS + at_bar(1, third, block="third"))
    live.trade("49680", MINUTE)
    assert [one.intent.price(PriceSlot.PRICE) for one in live.desk.later.waits] == [
        pytest.approx(50049.0)
    ]
    live.venue.faults.clear()
    live.bar("49750", bars=2)
    assert live.held == 150
    assert stands(live) == [("tp", 150, 50049.0)]
    ended(live)


def test_a_target_size_that_is_given_up_ends_no_exit(tmp_path: Path) -> None:
    """An exit of an older close is owed as a target size that has waited for an answer is refused for good."""
    more = "[{ action: adjust_size, metadata: { size: 0.3 base } }]"  # beyond the largest position
    card = at_bar(1, emit("entry_long", size="0.1 base"))
    for ref, price, follows in (("in", 49900.0, {"on_fill": more}), ("far", 48000.0, {})):
        placed = emit("place_limit_long", size="0.05 base", price=price, order_ref=ref, **follows)
        card += at_bar(1, placed, block=ref)
    live = Live(
        tmp_path, card + at_bar(4, emit("exit_long", size="0.02 base")), pace=Pace(), more=BOTH
    )
    live.bar(bars=4)
    live.run(58_000)
    live.venue.faults.add(Switch(kind=Fault.CODE, value=110007, on="order/create"))
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/cancel"))
    live.run(3_000)
    live.trade("49880", MINUTE)
    live.run(10_000)
    assert live.held == 150
    assert live.warned("entry_lost")
    assert [one.lots for one in live.desk.exits.owed.values()] == [20]
    live.venue.faults.clear()
    live.bar(bars=3)
    assert live.held == 130
    ended(live)
