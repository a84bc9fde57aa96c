"""A layer's target closes its layer: one that is not made smaller is replaced, and closes no lot of another meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.orders.order_spec import Role
from tests.runtime.live.bench import D, Live
from tests.runtime.live.covered import beyond_their_layer
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

SHARED = {"more": {"more": "position_policy: { mode: long_short, max_layers: 8 }"}}
TYPES = pytest.mark.parametrize("kind", ["market", "limit"])
RIGHT = [("o1", 10, 50_500.0), ("o2", 30, 51_000.0)]


def refused(what: str, times: int | None = None) -> Switch:
    """Have the venue refuse what is asked of targets, so often."""
    return Switch(kind=Fault.CODE, on=f"order/{what}", value=110007, link="*v*", times=times)


def entry(size: str, target: float, kind: str) -> str:
    levels = {"take_profit": target, "take_profit_type": kind}
    return emit("entry_long", size=size, protect="layer", **levels)


def uncut(tmp_path: Path, kind: str, *faults: Switch) -> Live:
    """A session in which 10 of 50 lots of the first layer are left and its target is not made smaller."""
    card = (
        at_bar(1, entry("0.05 base", 50500.0, kind))
        + at_bar(2, entry("0.03 base", 51000.0, kind))
        + at_bar(4, emit("exit_long", size="0.04 base"))
    )
    live = Live(tmp_path, card, **SHARED)
    live.bar(bars=4)
    for fault in faults:
        live.venue.faults.add(fault)
    live.bar()
    assert live.held == live.venue_held == 40
    return live


def targets(live: Live) -> list[tuple[str | None, int, float | None]]:
    found = [o for o in live.ledger.book if o.spec.role is Role.TAKE_PROFIT]
    return sorted((o.spec.layer, o.remaining, o.limit_price or o.trigger_price) for o in found)


def told(live: Live) -> list[str]:
    return [one.kind for one in live.session.notices if one.kind.startswith("target_")]


@TYPES
@pytest.mark.parametrize("times", [1, 2, 3, 5, None])
def test_a_target_that_is_not_made_smaller_is_replaced_and_never_stands_beside_another(
    tmp_path: Path, kind: str, times: int | None
) -> None:
    """At its price it closes its own layer's lots and no others."""
    live = uncut(tmp_path, kind, refused("amend", times))
    for _ in range(100):
        live.run(100)
        assert len([x for x in targets(live) if x[0] == "o1"]) <= 1
    assert targets(live) == RIGHT
    assert told(live) == []
    live.trade("50510", 5_000)
    assert live.held == live.venue_held == 30
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()


@TYPES
@pytest.mark.parametrize("how", [Fault.DROP_REQUEST, Fault.HTTP])
def test_a_target_whose_smaller_size_is_lost_is_replaced_as_where_it_is_refused(
    tmp_path: Path, kind: str, how: Fault
) -> None:
    live = uncut(tmp_path, kind, Switch(kind=how, on="order/amend", value=502, link="*v*"))
    live.wait(60_000)
    assert targets(live) == RIGHT
    assert (Role.TAKE_PROFIT, "o1") not in live.ledger.absences
    live.trade("50510", 5_000)
    assert live.held == live.venue_held == 30
    live.laws()
    live.replayed()


@TYPES
def test_none_is_placed_beside_a_target_whose_cancel_is_on_its_way(
    tmp_path: Path, kind: str
) -> None:
    late = Switch(kind=Fault.DELAY_EFFECT, on="order/cancel", value=4_000)
    live = uncut(tmp_path, kind, refused("amend"), late)
    live.run(5_000)
    assert any(path == "order/cancel" for path, _ in live.posted)
    for _ in range(60):
        assert len([x for x in targets(live) if x[0] == "o1"]) <= 1
        live.run(100)
    assert targets(live) == RIGHT
    live.laws()
    live.replayed()


@TYPES
def test_a_target_that_stays_too_large_is_told_once_and_asked_for_ever_less_often(
    tmp_path: Path, kind: str
) -> None:
    live = uncut(tmp_path, kind, refused("amend"), refused("cancel"))
    live.run(30_000)
    assert told(live) == ["target_too_large"]
    live.run(120_000)
    asked = [path for path, _ in live.posted if path in ("order/amend", "order/cancel")]
    assert 8 <= len(asked) <= 16
    assert [x for x in targets(live) if x[0] == "o2"] == RIGHT[1:]
    assert told(live) == ["target_too_large"]
    assert live.desk.guard.halted == ""
    live.venue.faults.clear()
    live.run(31_000)
    assert targets(live) == RIGHT
    live.laws()
    live.replayed()


@TYPES
def test_a_price_reached_while_the_target_in_its_place_is_refused_closes_what_its_layer_holds(
    tmp_path: Path, kind: str
) -> None:
    live = uncut(tmp_path, kind, refused("amend"), refused("create", 4))
    live.run(10_000)
    assert targets(live) == RIGHT[1:]
    live.trade("50510", 3_000)
    live.trade("50300", 60_000)
    assert live.held == live.venue_held == 30
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()


def test_a_start_goes_on_with_a_target_that_was_not_made_smaller(tmp_path: Path) -> None:
    live = uncut(tmp_path, "market", refused("amend"), refused("cancel"))
    live.run(10_000)
    live.venue.faults.clear()
    live.restart()
    live.run(31_000)
    assert targets(live) == RIGHT
    live.laws()
    live.replayed()


def test_what_was_refused_before_a_layer_grew_is_no_failure_of_its_target(tmp_path: Path) -> None:
    """A change that would only have made it smaller says nothing of one that makes it larger: it stands meanwhile."""
    live = uncut(tmp_path, "market", refused("amend", 2))
    live.run(2_500)
    assert (Role.TAKE_PROFIT, "o1") not in live.ledger.absences
    live.run(10_000)
    assert targets(live) == RIGHT
    live.laws()


@TYPES
def test_the_law_of_targets_is_of_each_layer(tmp_path: Path, kind: str) -> None:
    live = uncut(tmp_path, kind)
    first, second = (o.order_id for o in live.ledger.book if o.spec.role is Role.TAKE_PROFIT)
    assert beyond_their_layer(live.ledger, {first: D("0.01"), second: D("0.03")}) == {}
    assert beyond_their_layer(live.ledger, {first: D("0.05"), second: D("0.03")}) == {"o1": 40}
