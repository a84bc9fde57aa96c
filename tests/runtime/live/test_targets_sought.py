"""The target of a part whose request got lost or is late: repeated under its own name, so that none of it fills twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.orders.order_spec import OrderType, Role
from tests.runtime.live.bench import Live, ended
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

SHARED = {"more": {"more": "position_policy: { mode: long_short, max_layers: 8 }"}}
PARTS = {"layer": 1.0, "short layer": -1.0}
LINK = "*v4"  # the target of the second layer


def card(kind: str, sign: float) -> str:
    """Two layers of 50 and 40 lots, their targets 1,000 and 600 away."""
    side = "long" if sign > 0 else "short"
    rest = {"protect": "layer", "take_profit_type": kind, "stop_loss": 50_000.0 - sign * 1_000}
    first = emit(f"entry_{side}", size="0.05 base", take_profit=50_000.0 + sign * 1_000, **rest)
    second = emit(f"entry_{side}", size="0.04 base", take_profit=50_000.0 + sign * 600, **rest)
    return at_bar(1, first) + at_bar(4, second)


def unheard(tmp_path: Path, kind: str, sign: float, late_ms: int) -> Live:
    """The second target's request has no answer; it has its effect so late, 0: never."""
    live = Live(tmp_path, card(kind, sign), **SHARED)
    live.bar(bars=4)
    if late_ms:
        live.venue.faults.add(Switch(kind=Fault.CUT, on="order/create", link=LINK, times=1))
    how = Switch(kind=Fault.DELAY_EFFECT, value=late_ms, on="order/create", link=LINK, times=1)
    lost = Switch(kind=Fault.DROP_REQUEST, on="order/create", link=LINK, times=1)
    live.venue.faults.add(how if late_ms else lost)
    live.bar()
    assert live.held == live.venue_held == sign * 90
    return live


def of_second(live: Live) -> list[tuple[OrderType, int]]:
    """Return the targets of the second layer, each with what it has filled."""
    found = [o for o in live.ledger.orders.values() if o.spec.role is Role.TAKE_PROFIT]
    return [(o.spec.order_type, o.filled) for o in found if o.spec.layer == "o2"]


@pytest.mark.parametrize("late_ms", [12_000, 16_000, 25_000])
@pytest.mark.parametrize("kind", ["limit", "market"])
@pytest.mark.parametrize("sign", PARTS.values(), ids=PARTS)
def test_a_target_of_a_part_that_is_late_fills_once(
    tmp_path: Path, sign: float, kind: str, late_ms: int
) -> None:
    """Another stood in its place when it came, and the market was there: twice the layer was closed."""
    live = unheard(tmp_path, kind, sign, late_ms)
    live.run(11_000)
    live.trade(str(50_000 + sign * 650), late_ms)
    live.wait(60_000)
    ((_, done),) = of_second(live)
    assert (live.held, live.venue_held, done) == (sign * 50, sign * 50, 40)
    assert not live.warned("came_back")
    ended(live)


@pytest.mark.parametrize("kind", ["limit", "market"])
def test_a_target_of_a_part_that_was_lost_stands_under_its_own_name(
    tmp_path: Path, kind: str
) -> None:
    live = unheard(tmp_path, kind, 1.0, 0)
    live.run(15_000)
    (target,) = of_second(live)
    assert target[1] == 0
    assert LINK[1:] in live.at_venue()
    live.trade("50650")
    assert (live.held, live.venue_held) == (50, 50)
    ended(live)


@pytest.mark.parametrize("how", ["asked", "restart"])
def test_a_repetition_that_is_refused_ends_no_target_of_a_part(tmp_path: Path, how: str) -> None:
    """What is said of it proves nothing of the first one, which is late."""
    live = unheard(tmp_path, "limit", 1.0, 20_000)
    live.venue.faults.add(Switch(kind=Fault.CODE, value=110007, on="order/create", link=LINK))
    if how == "restart":  # which repeats it before it asks
        live.restart()
    live.run(11_000)
    live.trade("50650", 12_000)
    live.venue.faults.clear()
    live.wait(60_000)
    ((_, done),) = of_second(live)
    assert (live.held, live.venue_held, done) == (50, 50, 40)
    ended(live)


def test_a_target_of_a_part_that_nobody_finds_is_told_and_asked_for_anew(tmp_path: Path) -> None:
    """What was sought for as long as an exit is counts as lost: another name is the only way left."""
    live = unheard(tmp_path, "limit", 1.0, 0)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create", link=LINK))
    live.wait(60_000)
    assert live.warned("target_missing")
    assert [done for _, done in of_second(live)] == [0, 0]
    assert live.held == live.venue_held == 90
    live.trade("50650")
    assert (live.held, live.venue_held) == (50, 50)
    ended(live)


def test_what_the_market_reached_while_a_target_of_a_part_was_sought_is_owed_once_it_is_given_up(
    tmp_path: Path,
) -> None:
    live = unheard(tmp_path, "limit", 1.0, 0)
    live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create", link=LINK))
    live.run(10_000)
    live.trade("50650", 2_000)
    live.trade("50300", 2_000)
    assert live.held == live.venue_held == 90
    live.wait(100_000)
    assert [one for one in of_second(live) if one[1]] == [(OrderType.MARKET, 40)]
    assert (live.held, live.venue_held) == (50, 50)
    ended(live)
