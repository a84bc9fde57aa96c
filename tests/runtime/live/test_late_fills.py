"""Lots that fill while the cancel of their order is on its way, after its `on_fill` was asked for, are followed, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.bench import D, Live, ended
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.settings import FillRule

OUT = "{ action: place_limit_exit_long, metadata: { price: 50200, size: fill, order_ref: out } }"
MORE = (
    "{ action: place_limit_long, metadata: "
    "{ price: 49500, size: fill, order_ref: out, stop_loss: 45000 } }"
)
LAYERS = {"more": "position_policy: { mode: long_short, max_layers: 8 }"}


def entry(asks: str, **more: object) -> str:
    """Return a card whose entry of 100 lots at 49,900 asks for something when it has ended."""
    return at_bar(
        1, emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in", stop_loss=45000.0, on_fill=f"[{asks}]", **more)
    )  # fmt: skip


def raced(
    tmp_path: Path, card: str, rest: str = "0.06", lost: Switch | None = None, **settings: object
) -> Live:
    """Return a session whose entry filled 40 lots, whose cancel left at a close, and that filled the rest before it.

    `lost`: a fault of what that close asks for, which lasts.
    """
    live = Live(tmp_path, card, fill=FillRule.QUEUE, more=LAYERS, **settings)
    live.bar(bars=2)
    live.run(2_000)
    live.venue.trade(D("49900"), D("0.04"))
    live.run(1_000)
    live.venue.trade(D("49950"))
    live.venue.faults.add(Switch(kind=Fault.DELAY_EFFECT, on="order/cancel", value=3_000))
    if lost is not None:
        live.venue.faults.add(lost)
    while not any(path == "order/cancel" for path, _ in live.posted):
        live.run(250, 250)
    live.run(750, 250)
    if rest != "0":
        live.venue.trade(D("49900"), D(rest))
    live.run(1_000)
    live.venue.trade(D("49950"))
    live.run(5_000)
    if lost is None:
        live.venue.faults.clear()
    return live


def lots(live: Live, ref: str) -> list[tuple[int, int]]:
    """Return total and filled lots of each order of a ref that did not come to nothing."""
    found = [o for o in live.ledger.orders.values() if o.spec.order_ref == ref]
    return [(o.quantity, o.filled) for o in found if o.filled or not o.is_terminal]


@pytest.mark.parametrize(("rest", "held"), [("0.06", 100), ("0.03", 70), ("0", 40)])
def test_late_lots_join_the_exit_of_the_others(tmp_path: Path, rest: str, held: int) -> None:
    live = raced(tmp_path, entry(OUT, ttl_bars=2), rest)
    assert lots(live, "out") == [(40, 0)]
    live.bar("49950", 2)
    assert (live.held, lots(live, "out")) == (held, [(held, 0)])
    assert not live.warned("fill_unfollowed")
    ended(live)


def asked(action: str, size: str, more: str = "order_ref: out") -> str:
    return f"{{ action: {action}, metadata: {{ size: {size}, {more} }} }}"


SAFETY = "price: 49500, order_ref: out, stop_loss: 45000"
LIMIT_OUT = "price: 50200, order_ref: out"


@pytest.mark.parametrize(
    ("action", "wanted", "held"),
    [
        (asked("exit_long", "fill"), [(40, 40), (60, 60)], 0),
        (asked("exit_long", "50% of position"), [(20, 20), (30, 30)], 50),
        (asked("place_limit_exit_long", "50% of position", LIMIT_OUT), [(50, 0)], 100),
        (asked("place_limit_exit_long", "0.1 base", LIMIT_OUT), [(100, 0)], 100),
        (asked("place_limit_exit_long", "rest of position", LIMIT_OUT), [(100, 0)], 100),
        ("{ action: exit_long, metadata: { order_ref: out } }", [(40, 40), (60, 60)], 0),
        (asked("place_limit_long", "fill", SAFETY), [(100, 0)], 100),
        (asked("place_limit_long", "0.02 base", SAFETY), [(20, 0)], 100),
    ],
)
def test_what_is_measured_by_the_fill_is_asked_for_again_of_the_late_lots_alone(
    tmp_path: Path, action: str, wanted: list[tuple[int, int]], held: int
) -> None:
    live = raced(tmp_path, entry(action, ttl_bars=2))
    live.bar("49950", 3)
    assert lots(live, "out") == wanted
    assert live.held == live.venue_held == held
    ended(live)


def test_late_lots_have_an_exit_of_their_own_where_that_of_the_others_has_filled(
    tmp_path: Path,
) -> None:
    live = raced(tmp_path, entry(OUT, ttl_bars=2))
    live.trade("50250")
    assert live.held == 60
    live.bar("49950", 2)
    assert lots(live, "out") == [(40, 40), (60, 0)]
    ended(live)


def test_late_lots_whose_exit_fills_before_they_join_it_are_asked_for_anew(tmp_path: Path) -> None:
    live = raced(tmp_path, entry(OUT, ttl_bars=2))
    live.venue.faults.add(Switch(kind=Fault.DELAY_EFFECT, on="order/amend", value=5_000))
    out = live.names.link(live.order("out").order_id)
    while not any(x == "order/amend" and y["orderLinkId"] == out for x, y in live.posted):
        live.run(250, 250)
    live.trade("50250", 20_000)
    live.venue.faults.clear()
    assert (live.held, lots(live, "out")) == (60, [(40, 40)])
    live.bar("49950", 2)
    assert lots(live, "out") == [(40, 40), (60, 0)]
    ended(live)


@pytest.mark.parametrize("action", [OUT, MORE], ids=["exit", "entry"])
@pytest.mark.parametrize("how", ["dropped", "502", "killed"])
def test_late_lots_join_the_others_although_the_one_request_of_it_is_lost(
    tmp_path: Path, how: str, action: str
) -> None:
    live = raced(tmp_path, entry(action, ttl_bars=2))
    link = live.names.link(live.order("out").order_id)
    if how == "killed":
        live.venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/amend", link=link))
    else:
        lost = {"dropped": (Fault.DROP_REQUEST, 0), "502": (Fault.HTTP, 502)}[how]
        live.venue.faults.add(
            Switch(kind=lost[0], value=lost[1], on="order/amend", link=link, times=1)
        )
    while not any(x == "order/amend" and y["orderLinkId"] == link for x, y in live.posted):
        live.run(250, 250)
    if how == "killed":
        live.venue.faults.clear()
        live.restart()
    live.run(25_000)
    assert lots(live, "out") == [(100, 0)]  # before another close
    ended(live)


def test_late_lots_have_an_exit_of_their_own_beside_one_at_market(tmp_path: Path) -> None:
    """An order at market cannot be changed: what follows the others may still be on its way."""
    lost = Switch(kind=Fault.DROP_REQUEST, on="order/create", link="*o2*")
    live = raced(tmp_path, entry(asked("exit_long", "fill"), ttl_bars=2), lost=lost)
    assert (live.held, lots(live, "out")) == (100, [(40, 0)])
    live.bar("49950")
    mine = [o.spec.quantity for o in live.ledger.orders.values() if o.spec.order_ref == "out"]
    assert mine[-1] == 60
    assert not live.warned("fill_unfollowed")
    live.venue.faults.clear()
    live.bar("49950", 2)
    ended(live)


def test_late_lots_are_followed_after_a_restart(tmp_path: Path) -> None:
    live = raced(tmp_path, entry(OUT, ttl_bars=2), snapshot_every=2)
    live.restart()
    live.bar("49950", 2)
    assert lots(live, "out") == [(100, 0)]
    ended(live)


def test_late_lots_whose_exit_is_refused_are_told(tmp_path: Path) -> None:
    """Three per cent of ten lots are less than one."""
    live = raced(tmp_path, entry(asked("exit_long", "3% of position"), ttl_bars=2), "0.01")
    live.bar("49950", 2)
    assert (live.held, lots(live, "out")) == (49, [(1, 1)])
    assert live.warned("fill_unfollowed")
    ended(live)


def placed(live: Live) -> list[tuple[str, int]]:
    found = [o for o in live.ledger.orders.values() if o.spec.order_ref == "in"]
    return [(order.state, order.filled) for order in found]


@pytest.mark.parametrize("first", ["together", "in two"])
def test_an_entry_that_fills_whole_in_the_race_comes_again_when_all_of_it_has_left(
    tmp_path: Path, first: str
) -> None:
    live = raced(tmp_path, entry(OUT, ttl_bars=2, rearm=True))
    if first == "in two":
        live.trade("50250")
    live.bar("49950", 2)
    assert placed(live) == [("filled", 100)]
    live.trade("50250")
    live.bar("49950")
    assert placed(live) == [("filled", 100), ("pending", 0)]
    live.bar("49950")
    assert len(placed(live)) == 2
    assert live.held == live.venue_held == 0
    ended(live)


@pytest.mark.parametrize(
    ("rest", "more"),
    [("0.03", ""), ("0.06", at_bar(3, emit("cancel_order", order_ref="in"), block="stop"))],
    ids=["not whole", "cancelled by its name"],
)
def test_an_entry_does_not_come_again_that_stays_in_part_or_that_the_card_has_cancelled(
    tmp_path: Path, rest: str, more: str
) -> None:
    ttl = {} if more else {"ttl_bars": 2}
    live = raced(tmp_path, entry(OUT, rearm=True, **ttl) + more, rest)
    live.bar("49950", 2)
    live.trade("50250")
    live.bar("49950", 2)
    assert len(placed(live)) == 1
    assert live.held == live.venue_held == 0
    ended(live)
