"""An exit at a limit whose request came to nothing: asked again until it rests, once, and only while it is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.runtime.live.bench import SYMBOL, D, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import FillRule

HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in"))
TARGET = (
    "[{ action: place_limit_exit_long, metadata: { price: 50400, size: fill, order_ref: out } }]"
)
WHERE = {
    "on_fill": at_bar(
        1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in", on_fill=TARGET)
    ),
    "a rule": HELD + at_bar(2, emit("place_limit_exit_long", price=50400.0, order_ref="out")),
    "a part": HELD
    + at_bar(2, emit("place_limit_exit_long", price=50400.0, size="0.1 base", order_ref="out")),
}
REFUSED = {"kind": Fault.CODE, "value": 110007}
HOW: dict[str, dict[str, Any]] = {
    "lost": {"kind": Fault.DROP_REQUEST, "times": 1},
    "its answer lost": {"kind": Fault.DROP_ANSWER, "times": 1},
    "late": {"kind": Fault.DELAY_EFFECT, "value": 15_000, "times": 1},
    "refused": REFUSED | {"times": 1},
    "refused twice": REFUSED | {"times": 2},
}


def resting(live: Live) -> list[tuple[float, float, bool]]:
    found = [o for o in live.venue.state.open_orders(SYMBOL) if o.trigger is None or not o.trigger]
    return [(float(o.qty), float(o.price), o.reduce_only) for o in found]


def started(
    tmp_path: Path, card: str, bars: int, rule: FillRule = FillRule.THROUGH, **fault: Any
) -> Live:
    """A session whose card has asked for an exit at a limit (`o2`) at its newest close."""
    live = Live(
        tmp_path, card, faults=[Switch(on="order/create", link="*-o2*", **fault)], fill=rule
    )
    live.bar(bars=bars)
    return live


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("how", HOW)
def test_an_exit_at_a_limit_that_came_to_nothing_is_asked_again_and_rests_once(
    tmp_path: Path, where: str, how: str
) -> None:
    live = started(tmp_path, WHERE[where], 3, **HOW[how])
    live.run(45_000)
    assert resting(live) == [(0.1, 50_400, True)]
    assert live.order("out").is_accepted
    assert live.warned("exit_lost") == how.startswith("refused")
    assert live.desk.guard.halted == ""
    live.restart()
    live.laws()
    assert resting(live) == [(0.1, 50_400, True)]
    live.trade("50500", 5_000)
    assert live.held == live.venue_held == 0
    live.laws()
    live.replayed()


def test_an_exit_at_a_limit_that_nobody_has_for_long_leaves_under_another_name(
    tmp_path: Path,
) -> None:
    live = started(tmp_path, WHERE["a rule"], 3, kind=Fault.DROP_REQUEST)
    live.run(110_000, 1_000)
    live.venue.faults.clear()
    live.run(40_000)
    assert live.warned("exit_lost")
    assert resting(live) == [(0.1, 50_400, True)]
    live.laws()
    live.replayed()


def test_three_refusals_halt_and_it_goes_on(tmp_path: Path) -> None:
    live = started(tmp_path, WHERE["a rule"], 3, **REFUSED)
    live.run(10_000)
    assert live.desk.guard.halted == "an exit could not be carried out"
    live.restart()
    live.venue.faults.clear()
    live.run(31_000)
    assert resting(live) == [(0.1, 50_400, True)]
    live.laws()
    live.replayed()


PLACE = emit("place_limit_exit_long", price=50400.0, order_ref="out")
ONE = PLACE.replace(" } }", ", order_group: g, oco: true } }")
OTHER = ONE.replace("50400", "50300").replace("out", "other")
GONE = {
    "cancelled by its ref": (PLACE, at_bar(4, emit("cancel_order", order_ref="out"))),
    "cancelled with all": (PLACE, at_bar(4, emit("cancel_all_orders"))),
    "its time was up": (emit("place_limit_exit_long", price=50400.0, order_ref="out", ttl_bars=1), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", GONE)
def test_an_exit_that_is_wanted_no_more_is_not_asked_again(tmp_path: Path, case: str) -> None:
    place, later = GONE[case]
    live = started(tmp_path, HELD + at_bar(3, place) + later, 4, **REFUSED)
    live.bar(bars=1)
    live.venue.faults.clear()
    live.bar(bars=2)
    assert resting(live) == []
    assert not any(
        order.is_accepted for order in live.ledger.orders.values() if order.spec.order_ref == "out"
    )
    assert live.held == live.venue_held == 100
    live.laws()
    live.replayed()


def test_a_later_close_that_places_its_ref_anew_takes_its_place(tmp_path: Path) -> None:
    later = emit("place_limit_exit_long", price=50300.0, size="0.04 base", order_ref="out")
    card = HELD + at_bar(3, PLACE) + at_bar(4, later)
    live = started(tmp_path, card, 5, **REFUSED)
    live.venue.faults.clear()
    live.bar(bars=2)
    assert resting(live) == [(0.04, 50_300, True)]
    live.trade("50310", 45_000)  # the ref is free again, and nothing is owed under it
    assert live.held == live.venue_held == 60
    assert resting(live) == []
    live.laws()
    live.replayed()


def test_what_exits_at_market_takes_no_place_of_one_at_a_limit(tmp_path: Path) -> None:
    half = emit("exit_long", size="0.05 base")
    place = PLACE.replace("order_ref", "size: 0.04 base, order_ref")
    live = started(tmp_path, HELD + at_bar(3, place) + at_bar(4, half), 5, **REFUSED)
    live.venue.faults.clear()
    live.bar(bars=2)
    assert live.held == 50
    assert resting(live) == [(0.04, 50_400, True)]
    live.laws()
    live.replayed()


@pytest.mark.parametrize(("sold", "left"), [("0.01", [0.04, 0.05]), ("0.04", [])])
def test_an_exit_of_a_group_gives_way_to_what_another_has_filled_meanwhile(
    tmp_path: Path, sold: str, left: list[float]
) -> None:
    """60 lots are owed; of the 40 beside them ten fill, or all: then nothing of the group is left."""
    one, other = (
        text.replace("order_ref", f"size: {lots} base, order_ref")
        for text, lots in ((ONE, 0.06), (OTHER, 0.04))
    )
    live = started(tmp_path, HELD + at_bar(3, one, other), 4, FillRule.QUEUE, **REFUSED)
    live.venue.trade(D("50300"), D(sold), side=Side.BUY)
    live.run(3_000)
    assert live.held == live.venue_held == 100 - 1_000 * float(sold)
    live.venue.faults.clear()
    live.bar(bars=2)
    assert sorted(lots for lots, _, _ in resting(live)) == left
    live.laws()
    live.replayed()
