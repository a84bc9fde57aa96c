"""What is owed of a target that the market has reached: the lots that did not stand then, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.orders.order_spec import OrderType
from tests.runtime.live.bench import MINUTE, Live
from tests.runtime.live.test_targets_owed import (
    LEVELS,
    LIMIT,
    MARKET,
    SHARED,
    ends_well,
    filled,
    targets,
)
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

REFUSED = [
    Switch(kind=Fault.CODE, on="order/create", value=110007, link=link)
    for link in ("*v[2-9]", "*v[12][0-9]")
]


def reached_in_vain(tmp_path: Path, card: str) -> Live:
    """A position of 50 whose target was refused as the market was there, and has turned; just behind the next close."""
    live = Live(tmp_path, card, **SHARED)
    for fault in REFUSED:
        live.venue.faults.add(fault)
    live.bar(bars=3)
    live.wait(35_000)
    live.trade("50510", 2_000)
    live.trade("50300", 1_000)
    assert live.held == 50
    live.wait(MINUTE - live.venue.now % MINUTE + 1_500)
    return live


def grown(tmp_path: Path, price: float, *more: str) -> Live:
    """A position of 50 whose target was reached in vain, and 50 more after the market has turned, their target elsewhere."""
    levels = {**LEVELS, "take_profit": price}
    card = MARKET + at_bar(3, emit("entry_long", size="0.05 base", order_ref="b", **levels))
    return reached_in_vain(tmp_path, card + "".join(more))


@pytest.mark.parametrize("price", [50_500.0, 50_600.0], ids=["there", "elsewhere"])
def test_lots_bought_after_the_market_has_turned_are_for_the_target_and_not_owed(
    tmp_path: Path, price: float
) -> None:
    live = grown(tmp_path, price)
    live.restart()
    live.venue.faults.clear()
    live.wait(75_000)
    assert live.held == live.venue_held == 50
    assert targets(live) == [(50, price)]
    assert [(o.spec.order_type, o.filled) for o in filled(live)] == [(OrderType.MARKET, 50)]
    ends_well(live)
    live.trade("50610", 3_000)
    assert live.held == live.venue_held == 0


def test_where_the_market_reaches_the_larger_target_too_all_of_it_is_owed(tmp_path: Path) -> None:
    live = grown(tmp_path, 50_500.0)
    live.trade("50510", 2_000)
    live.trade("50300", 2_000)
    live.venue.faults.clear()
    live.wait(75_000)
    assert live.held == live.venue_held == 0
    ends_well(live)


def test_a_target_that_the_card_moves_is_owed_no_more(tmp_path: Path) -> None:
    live = grown(tmp_path, 50_500.0, at_bar(4, emit("adjust_target", price=50_700.0), block="m"))
    live.wait(MINUTE)
    live.venue.faults.clear()
    live.wait(75_000)
    assert (live.held, targets(live)) == (100, [(100, 50_700.0)])
    ends_well(live)


def test_what_an_exit_closes_of_the_lots_that_are_owed_is_owed_no_more(tmp_path: Path) -> None:
    """Lots of a later entry were sold in their place."""
    card = (
        MARKET
        + at_bar(3, emit("exit_long", size="0.03 base"), block="part")
        + at_bar(4, emit("entry_long", size="0.05 base", order_ref="b", **LEVELS), block="more")
    )
    live = reached_in_vain(tmp_path, card)
    assert live.held == 20
    live.wait(MINUTE - live.venue.now % MINUTE + 1_500)
    assert live.held == 70
    live.restart()
    live.venue.faults.clear()
    live.wait(75_000)
    assert live.held == live.venue_held == 50
    assert targets(live) == [(50, 50_500.0)]
    ends_well(live)


@pytest.mark.parametrize("card", [MARKET, LIMIT], ids=["market", "limit"])
def test_a_target_that_came_too_late_to_be_met_is_owed(tmp_path: Path, card: str) -> None:
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/create", value=8_000, link="*v2")
    live = Live(tmp_path, card, faults=[late])
    live.bar(bars=2)
    live.run(4_500)
    live.trade("50510", 1_000)
    live.trade("50300", 1_000)
    live.wait(45_000)
    assert live.held == live.venue_held == 0
    assert sum(order.filled for order in filled(live)) == 50
    ends_well(live)
