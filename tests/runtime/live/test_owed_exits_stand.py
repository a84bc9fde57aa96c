"""An exit at a limit that is owed stands for what a close decides: it has its lots and its ref, as if it still worked."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.live.owed import Attempt, Owed, waits
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import MINUTE, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

MORE = {"more": {"more": "position_policy: { mode: long_short, max_layers: 8 }"}}
HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=48000.0))
X = emit("place_limit_exit_long", size="0.06 base", price=50500.0, order_ref="x")
REST = emit("place_limit_exit_long", size="rest of position", price=50600.0, order_ref="y")
UNNAMED = emit("place_limit_exit_long", size="0.04 base", price=50500.0)
UNDER = {"size": "0.02 base", "price": 49900.0, "order_ref": "x"}
Order = tuple[str | None, float | None, int]


def orders(live: Live) -> list[Order]:
    """What rests that the card placed: ref, price, lots."""
    found = [o for o in live.ledger.book if o.spec.role in (Role.EXIT, Role.ENTRY)]
    return sorted(
        ((o.spec.order_ref, o.limit_price, o.remaining) for o in found if o.limit_price),
        key=repr,
    )


def lived(tmp_path: Path, card: str, *, is_ended: bool, **more: str) -> Live:
    """A session whose exit at a limit the venue ends just before the close of bar 5, or does not."""
    folder = tmp_path / str(is_ended)
    folder.mkdir()
    live = Live(folder, card, **(more or MORE))
    live.bar(bars=5)
    live.wait(MINUTE - live.venue.now % MINUTE - 700)
    if is_ended:
        live.act("self_match")
        assert live.desk.exits.owed
    live.wait(90_000)
    return live


SAYS = {
    "the rest at market": (X, [emit("exit_long", size="rest of position")]),
    "the rest at a limit": (X, [REST]),
    "a size at a limit": (X, [REST.replace("rest of position", "0.08 base")]),
    "half of it at market": (X, [emit("exit_long", size="50% of position")]),
    "an entry under its ref": (X, [emit("place_limit_long", **UNDER)]),
    "a target under its ref": (X, [emit("adjust_size", size="0.05 base", order_ref="x")]),
    "an entry that replaces it": (X, [emit("place_limit_long", on_live_ref="replace", **UNDER)]),
    "its own rest": (
        X,
        [
            emit("exit_long", size="0.02 base"),
            X.replace("0.06 base", "rest of position").replace(
                " } }", ", on_live_ref: replace } }"
            ),
        ],
    ),
    "its cancel and the rest": (X, [emit("cancel_order", order_ref="x"), REST]),
    "a cancel of all and the rest": (X, [emit("cancel_all_orders"), REST]),
    "another without a ref": (UNNAMED, [UNNAMED]),
    "a third without a ref": (UNNAMED, [UNNAMED, UNNAMED]),
}


@pytest.mark.parametrize("case", SAYS)
def test_a_close_decides_beside_an_owed_exit_as_if_it_still_worked(
    tmp_path: Path, case: str
) -> None:
    """The same lots are closed, and the same is refused, as where the venue has ended nothing."""
    exit_, said = SAYS[case]
    card = HELD + at_bar(3, exit_) + at_bar(5, *said)
    if case == "a third without a ref":  # one action, at two closes
        card = HELD + at_bar(3, UNNAMED.replace("0.04", "0.02"), last=5)
    calm, live = (lived(tmp_path, card, is_ended=is_ended) for is_ended in (False, True))
    assert (live.held, orders(live)) == (calm.held, orders(calm))
    assert [one.code for one in live.desk.engine.refusals] == [
        one.code for one in calm.desk.engine.refusals
    ]
    assert live.venue_held == live.held
    assert live.desk.exits.owed == {}
    assert live.desk.guard.halted == ""
    live.laws()
    live.replayed()


def test_an_owed_exit_has_its_place_among_the_orders_that_a_card_may_have(tmp_path: Path) -> None:
    """`max_open_orders`: an entry in its place would be one too many when it is back."""
    more = {"more": MORE["more"]["more"] + "\ninvariants: [{ max_open_orders: 1 }]"}
    card = HELD + at_bar(3, X) + at_bar(5, emit("place_limit_long", **{**UNDER, "order_ref": "in"}))
    calm, live = (lived(tmp_path, card, is_ended=ended, more=more) for ended in (False, True))
    assert (orders(live), live.desk.guard.halted) == (orders(calm), "")
    live.laws()
    live.replayed()


def test_an_owed_exit_waits_for_no_entry_under_its_ref(tmp_path: Path) -> None:
    card = HELD + at_bar(3, X) + at_bar(5, emit("place_limit_long", on_live_ref="replace", **UNDER))
    live = lived(tmp_path, card, is_ended=True)
    spec = next(o.spec for o in live.ledger.orders.values() if o.spec.role is Role.EXIT)
    assert live.ledger.book.by_ref("x").spec.role is Role.ENTRY
    one = Owed(spec, 60, Attempt(spec.order_id, spec.order_id, live.ledger.position.number), 0)
    assert not waits(one, live.ledger, live.venue.now, 90_000)


@pytest.mark.parametrize("size", ["0.03 base", "0.08 base", "50% of position"])
def test_the_rest_is_what_an_owed_exit_leaves_as_its_close_resizes_it(
    tmp_path: Path, size: str
) -> None:
    """Its change waits for its next order, and the rest of that close left it the size that it had."""
    card = HELD + at_bar(3, X) + at_bar(5, emit("amend_order", order_ref="x", size=size), REST)
    calm, live = (lived(tmp_path, card, is_ended=is_ended) for is_ended in (False, True))
    assert orders(live) == orders(calm)
    assert sum(lots for _, _, lots in orders(live)) == 100
    live.laws()
    live.replayed()


@pytest.mark.parametrize("size", ["0.03 base", "50% of position"])
def test_an_exit_is_not_cut_for_lots_that_its_own_close_takes_from_another(
    tmp_path: Path, size: str
) -> None:
    """Both requests left at once; the new exit stood first and was cut to what the older one had still: 70 of 100 had an exit."""
    card = HELD + at_bar(3, X) + at_bar(5, emit("amend_order", order_ref="x", size=size), REST)
    live = lived(tmp_path, card, is_ended=False)
    assert sum(lots for _, _, lots in orders(live)) == 100
    live.laws()
    live.replayed()


def test_an_exit_that_is_given_up_for_another_which_stays_is_cut_when_that_is_known(
    tmp_path: Path,
) -> None:
    """The older one's smaller size is refused and asked for again: meanwhile both close no more than is held."""
    card = (
        HELD + at_bar(3, X) + at_bar(5, emit("amend_order", order_ref="x", size="0.03 base"), REST)
    )
    live = Live(tmp_path, card, **MORE)
    live.bar(bars=5)
    live.venue.faults.add(Switch(kind=Fault.CODE, value=110003, on="order/amend", times=1))
    live.bar()
    live.wait(30_000)
    assert orders(live)[0] == ("x", 50500.0, 30)
    live.laws()
    live.replayed()
