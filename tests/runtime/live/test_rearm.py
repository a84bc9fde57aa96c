"""An entry that comes again in a session: at the venue and in the journal alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import LIMIT, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

GRID = at_bar(
    1,
    "{ action: place_limit_long, metadata: { price: 49900, size: 0.1 base, order_ref: dip, rearm: 2, on_fill: "
    "[{ action: place_limit_exit_long, metadata: { price: 50100, size: fill, order_ref: out } }] } }",
)


def working(live: Live) -> list[tuple[str | None, float | None]]:
    """Return ref and limit of the card's working orders."""
    return [(o.spec.order_ref, o.limit_price) for o in live.ledger.book if o.is_own]


def test_an_entry_comes_again_in_a_session(tmp_path: Path) -> None:
    live = started(tmp_path, GRID)
    live.run(3_000)
    assert working(live) == [("dip", 49_900.0)]
    for _ in range(2):
        live.trade("49850")
        live.run(3_000)
        live.bar("49900")
        live.run(3_000)
        assert working(live) == [("out", 50_100.0)]
        live.trade("50150")
        live.run(3_000)
        live.bar("50100")
        live.run(3_000)
        assert working(live) == [("dip", 49_900.0)]
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_a_cancel_that_names_the_entry_ends_it_in_a_session_and_its_replay(tmp_path: Path) -> None:
    cancel = at_bar(4, "{ action: cancel_order, metadata: { order_ref: dip } }", block="stop")
    live = started(tmp_path, GRID + cancel)
    live.run(3_000)
    live.trade("49850")
    live.run(3_000)
    live.bar("49900", bars=4)
    live.run(3_000)
    assert [(o.spec.order_ref, o.is_last) for o in live.ledger.book if o.is_own] == [("out", True)]
    live.trade("50150")
    live.run(3_000)
    live.bar("50100")
    live.run(3_000)
    assert working(live) == []
    live.laws()
    live.replayed()


def dipping(rearm: str, more: str = "") -> str:
    """Return a card that holds 50 lots and dips for 100 more, which leave at market at the close after their fill."""
    dip = (
        "{ action: place_limit_long, metadata: { price: 49900, size: 0.1 base, order_ref: dip, stop_loss: 45000, "
        f"rearm: {rearm}, on_fill: [{{ action: exit_long, metadata: {{ size: fill, order_ref: out }} }}] }} }}"
    )
    base = emit("entry_long", size="0.05 base", order_ref="base", stop_loss=45000.0)
    return at_bar(1, base, dip) + more


def dipped(tmp_path: Path, card: str, fault: Switch | None = None, largest: str = "") -> Live:
    """Return a session whose dip has filled; its exit is asked for at the next close."""
    live = Live(tmp_path, card, pace=Pace())
    live.bar(bars=3)
    live.run(3_000)
    if largest:
        live.act("facts", max_market_qty=largest)
        live.backend._facts_at = 0
        live.run(1_000)
    if fault is not None:
        live.venue.faults.add(fault)
    live.trade("49850", 3_000)
    return live


def dips(live: Live) -> list[tuple[str, int]]:
    """Return each order of the entry, and what it has filled."""
    found = [o for o in live.ledger.orders.values() if o.spec.order_ref == "dip"]
    return [(order.state, order.filled) for order in found]


@pytest.mark.parametrize("rearm", ["1", "true"])
def test_an_entry_comes_again_once_when_the_last_piece_of_its_exit_has_filled(
    tmp_path: Path, rearm: str
) -> None:
    """One piece fills at once, the other more than a bar later."""
    on = {"on": "order/create", "link": "*-o3p1r0", "times": 1}
    live = dipped(
        tmp_path, dipping(rearm), Switch(kind=Fault.DELAY_EFFECT, value=70_000, **on), "0.06"
    )
    live.bar("49950", bars=2)
    assert (live.held, dips(live)) == (90, [("filled", 100)])
    live.trade("49920", 20_000)
    assert (live.held, dips(live)) == (50, [("filled", 100)])
    live.bar("49950")
    assert dips(live) == [("filled", 100), ("pending", 0)]
    live.trade("49850", 3_000)
    live.bar("49950", bars=2)
    again = [("pending", 0)] if rearm == "true" else []
    assert dips(live) == [("filled", 100), ("filled", 100), *again]
    assert [refusal.code for refusal in live.desk.engine.refusals] == []
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


def test_an_entry_comes_again_when_an_exit_that_was_refused_is_done_by_another_order(
    tmp_path: Path,
) -> None:
    on = {"on": "order/create", "link": "*-o3", "times": 1}
    live = dipped(tmp_path, dipping("true"), Switch(kind=Fault.CODE, value=10016, **on))
    live.bar("49950", bars=2)
    assert dips(live) == [("filled", 100), ("pending", 0)]
    assert live.held == live.venue_held == 50
    live.laws()
    live.replayed()


STOPS = at_bar(4, "{ action: cancel_order, metadata: { order_ref: dip } }", block="stop")


DOUBTFUL = Switch(kind=Fault.DROP_REQUEST, on="order/create", link="*-o3")
REFUSED = Switch(kind=Fault.CODE, on="order/create", link="*-o3*", value=110007)


@pytest.mark.parametrize(("fault", "bars"), [(DOUBTFUL, 5), (REFUSED, 2)])
def test_a_cancel_ends_an_entry_whose_exit_is_in_doubt_or_owed_and_asked_again(
    tmp_path: Path, fault: Switch, bars: int
) -> None:
    """Its requests get lost until it is given up, or are refused: whatever it is asked as, the cancel stands."""
    live = dipped(tmp_path, dipping("true", STOPS), fault)
    live.bar("49950", bars=bars)
    live.run(3_000)
    live.venue.faults.clear()
    live.bar("49950", bars=4)
    tried = [o.order_id for o in live.ledger.orders.values() if o.spec.order_ref == "out"]
    assert len(tried) > 1
    assert live.held == live.venue_held == 50
    assert dips(live) == [("filled", 100)]
    assert [refusal.code for refusal in live.desk.engine.refusals] == []
    live.laws()
    live.replayed()


@pytest.mark.parametrize("name", ["", "dip"])
@pytest.mark.parametrize(
    "moment", ["the entry has filled", "the exit rests", "the exit has filled"]
)
def test_a_person_s_cancel_lets_an_entry_come_no_more_whatever_waits_for_its_close(
    tmp_path: Path, moment: str, name: str
) -> None:
    live = started(tmp_path, GRID)
    live.run(3_000)
    live.trade("49850", 3_000)
    if moment != "the entry has filled":
        live.bar("49900")
        live.run(3_000)
    if moment == "the exit has filled":
        live.trade("50150", 3_000)
    live.session.said("cancel", "ann", name)
    live.run(3_000)
    if moment != "the exit has filled":
        live.bar("49900")
        live.run(3_000)
        assert working(live) == [("out", 50_100.0)]  # an exit stays
        live.trade("50150", 3_000)
    live.bar("50100", bars=2)
    assert (working(live), live.held, live.venue_held) == ([], 0, 0)
    live.laws()
    live.replayed()


SAFETY = at_bar(
    1,
    "{ action: place_limit_long, metadata: { price: 49900, size: 0.1 base, order_ref: in, stop_loss: 45000, on_fill: "
    "[{ action: place_limit_long, metadata: { price: 49500, size: fill, order_ref: dca, stop_loss: 45000 } }] } }",
)
RULE = at_bar(3, emit("place_limit_long", size="0.1 base", price=49500.0, order_ref="dca"))


@pytest.mark.parametrize(
    ("card", "is_told"),
    [(SAFETY, True), (GRID, True), (LIMIT + RULE, False)],
    ids=["on_fill", "rearm", "rule"],
)
def test_an_entry_that_follows_a_fill_is_not_held_back_in_silence(
    tmp_path: Path, card: str, is_told: bool
) -> None:
    """What a rule asks for is asked for at its next close; what follows a fill is lost."""
    live = started(tmp_path, card)
    live.run(3_000)
    live.trade("49850", 3_000)
    if card == GRID:
        live.bar("49900")
        live.run(3_000)
        live.trade("50150", 3_000)
    live.session.said("pause", "ann")
    live.bar("50000", bars=2)
    held = [o.spec.order_ref for o in live.ledger.orders.values() if o.reason == "held_back"]
    assert held == ["dip" if card == GRID else "dca"]
    assert live.warned("entry_lost") == is_told
    live.laws()
    live.replayed()
