"""What a search over seeds has found where stops are met on the jump, and where a close costs all."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.reference.both import agreed, done
from tests.reference.hunt import knobs_of, look
from tests.reference.script import (
    AdjustTarget,
    Amend,
    FillModel,
    OrderType,
    Points,
    Protect,
    Settings,
    TargetType,
)
from tests.reference.words import ask, bid, buy, buy_stop, offer, px, sell, sell_stop

# --- a loss is the margin, never more -------------------------------------------------------------


def test_an_entry_that_only_nets_pays_no_worse_than_bankruptcy_one_that_opens_as_well_the_market() -> (
    None
):
    """Short 20 from 97.3 at 50x: beyond 99.246 the venue's fund bears the loss, but gives no entry."""
    lines = ("97.8 99.1 96.7 97.3", "99.3 99.7 99.2 99.7")
    settings = Settings(fill_model=FillModel.TOUCH, leverage=Fraction(50))
    paid = {}
    for lots in (20, 25):
        orders = (ask("short", "97.3", 20), buy("long", lots))
        paid[lots] = done(agreed(lines, {0: orders}, settings=settings))[1:]
    assert paid == {
        20: [(1, "long", 20, pytest.approx(9924.6))],
        25: [(1, "long", 25, px("99.3"))],
    }


# --- stops met on the jump -----------------------------------------------------------------------


def test_of_two_stop_entries_met_on_the_jump_the_target_of_the_second_is_the_positions() -> None:
    """The open has passed the target of the first; when protection arrives there it stands elsewhere."""
    lines = ("99.5 99.7 99.5 99.6", "99.6 99.7 99.5 99.6", "100.9 100.9 98.3 99.7")
    first = buy_stop("first", "99.8", 20, take_profit=px("99.9"))
    second = buy_stop("second", "99.9", 5, take_profit=px("101.8"))
    seen = agreed(lines, {0: (second, first)})
    assert done(seen) == [(2, "first", 20, px("100.9")), (2, "second", 5, px("100.9"))]
    assert (seen.accounts[-1].position, seen.accounts[-1].target) == (25, px("101.8"))


def test_a_stop_limit_that_fills_at_the_open_names_its_stop_after_a_stop_met_on_the_jump() -> None:
    """It triggers first, by age; but it fills later, and the last fill wins."""
    lines = ("100 100.1 99.9 100.1", "100.1 100.2 100 100.1", "99 99.2 99 99.2")
    limited = sell(
        "limited", 20, type=OrderType.STOP_LIMIT, trigger=px("99.5"), limit=px("98.9"),
        stop_loss=px("99.4"),
    )  # fmt: skip
    plain = sell_stop("plain", "99.5", 10, stop_loss=px("99.7"))
    seen = agreed(lines, {0: (limited, plain)})
    assert done(seen) == [(2, "plain", 10, px(99)), (2, "limited", 20, px(99))]
    assert seen.accounts[-1].stop == px("99.4")


def test_a_target_met_on_the_jump_takes_what_it_had_and_the_open_lets_it_take_the_rest() -> None:
    """What `late` and `last` sold on the jump was sold at the open: there their target has been passed.

    Had it taken `late` with the others, the position would be closed before `last`, and `last` bare.
    """
    lines = ("99.8 99.9 99.7 99.8", "99.8 99.9 99.7 99.8", "99 99 98.6 98.7")
    orders = (sell("a", 3, take_profit=px("99.2")), sell_stop("late", "99.3", 5))
    seen = agreed(lines, {0: (*orders, sell_stop("last", "99.2", 1))})
    assert done(seen)[1:] == [
        (2, "late", 5, px(99)),
        (2, "target of position", 3, px(99)),
        (2, "last", 1, px(99)),
        (2, "target of position", 6, px(99)),
    ]
    assert seen.accounts[-1].position == 0


def test_a_target_moved_at_the_close_is_no_taker_for_what_another_layer_brings_on_the_jump() -> (
    None
):
    """The jump passes its new price, 101.6: sold there. The layer that comes in has a target of its own."""
    lines = ("100.4 100.6 100.4 100.5",) * 2 + ("101.8 103.1 101.7 102.6",)
    first = buy("first", 1, take_profit=px("101.2"), take_profit_type=TargetType.LIMIT)
    second = buy_stop("second", "100.9", 10, protect=Protect.LAYER, take_profit=px(105))
    seen = agreed(lines, {0: (first, second), 1: (AdjustTarget(level=px("101.6")),)})
    out = [x for x in done(seen) if x[1].startswith("target")]
    assert out == [(2, "target of position", 1, px("101.6"))]


def test_what_a_stop_limit_leaves_at_the_open_at_which_it_arrives_rests_from_there() -> None:
    """Triggered on the jump it takes 1 of 3 at the open; it was no limit that the close had left behind."""
    lines = ("102 102.5 102 102.5", "102.5 102.8 102.4 102.5", "103.1 103.4 102.5 102.5 10")
    order = buy("a", 3, type=OrderType.STOP_LIMIT, trigger=px(103), limit=px("103.3"))
    seen = agreed(lines, {0: (order,)}, settings=Settings(fill_model=FillModel.QUEUE))
    assert done(seen) == [(2, "a", 1, px("103.1")), (2, "a", 2, px("103.3"))]


def test_a_stop_limit_that_the_jump_triggers_comes_to_the_book_behind_what_the_jump_brought() -> (
    None
):
    """94.4 triggers `r` on the way to 95.9, 95.3 fills `s`, whose target rests at 94.7: `r` arrives there later."""
    lines = (
        "94.6 94.6 93.9 94",
        "93.2 93.5 93.2 93.5",
        "95.9 95.9 95.1 95.1",
        "94.8 96.3 94.1 96.3",
    )
    late = buy("r", 1, type=OrderType.STOP_LIMIT, trigger=px("94.4"), limit=px("94.7"))
    short = ask("s", "95.3", 20, take_profit=px("94.7"), take_profit_type=TargetType.LIMIT)
    settings = Settings(fill_model=FillModel.TOUCH)
    seen = agreed(lines, {0: (late, short)}, settings=settings)
    assert done(seen) == [
        (2, "s", 20, px("95.3")),
        (3, "target of position", 20, px("94.7")),
        (3, "r", 1, px("94.7")),
    ]


@pytest.mark.parametrize("seed", [12675, 14857, 16700, 19801])
def test_who_comes_first_at_a_price_is_told_alike(seed: int) -> None:
    """What grew once ages once (12675), a total that has filled is a cancel (16700), at one place the better
    priced limit is first (19801)."""
    assert look(seed, knobs_of()).text == ""


def test_targets_that_one_fill_moves_to_one_price_keep_their_order() -> None:
    """The layer's is the older: its rest, filled at the open, moves it and the position's to 98.33."""
    lines = (
        "98.8 98.9 97.9 97.9",
        "97.9 98.2 97.8 98.1 10",
        "98.6 98.6 97.4 97.5",
    )
    limit_target = {"take_profit_type": TargetType.LIMIT}
    part = ask("part", "97.8", 10, protect=Protect.LAYER, **limit_target)
    rested = sell(
        "rested",
        1,
        type=OrderType.STOP_LIMIT,
        trigger=px("97.8"),
        limit=px("98.53"),
        **limit_target,
    )
    seen = agreed(lines, {0: (rested, part)}, settings=Settings(risk_target=Points(20)))
    out = [x for x in done(seen) if x[1].startswith("target")]
    assert out == [
        (2, "target of part", 10, px("98.33")),
        (2, "target of position", 1, px("98.33")),
    ]


# --- a change on its way keeps no order from being kept in step -----------------------------------


def test_an_entry_whose_change_is_on_its_way_opens_what_it_is_to_open_and_carries_what_is_still_held() -> (
    None
):
    """`later` is to carry the 1 short that `first` closes on the jump: with its own 3 it is filled."""
    lines = ("107.7 107.9 107.7 107.7", "107.7 107.7 107 107.1", "108.9 109.4 108.9 109.4")
    stops = (buy_stop("later", "108.2", 3), buy_stop("first", "107.9", 1))
    commands = {
        0: (sell_stop("short", "107.5", 1), *stops),
        1: (Amend(ref="later", trigger=px("107.3"), lots=15),),
    }
    settings = Settings(fill_model=FillModel.TOUCH, allow_flip=True)
    seen = agreed(lines, commands, settings=settings)
    assert done(seen)[1:] == [(2, "first", 1, px("108.9")), (2, "later", 3, px("108.9"))]
    assert [(x.ref, x.kind, x.filled) for x in seen.ends[1:]] == [
        ("first", "filled", 1),
        ("later", "filled", 3),
    ]


def test_an_exit_whose_change_is_on_its_way_shares_what_a_target_has_left_of_the_position() -> None:
    """The target leaves 1 of 21 on the jump: the exit of 15 is one of 1, and filled."""
    lines = ("100 100.1 99.9 100", *("100 100.1 99.9 100",) * 2, "101.7 102 101.7 102")
    mine = bid("mine", "100", 1, protect=Protect.LAYER)
    commands = {
        0: (buy("a", 20, take_profit=px("101.4")), mine),
        1: (offer("out", "101.5", lots=15),),
        2: (Amend(ref="out", limit=px("101.9"), lots=8),),
    }
    settings = Settings(fill_model=FillModel.TOUCH, risk_target=Points(300))
    seen = agreed(lines, commands, settings=settings)
    assert done(seen)[2:] == [
        (3, "target of position", 20, px("101.7")),
        (3, "out", 1, px("101.5")),
    ]
    assert [(x.kind, x.reason, x.filled) for x in seen.ends if x.ref == "out"] == [
        ("filled", "", 1)
    ]
