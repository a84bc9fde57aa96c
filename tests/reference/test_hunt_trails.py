"""What a search over seeds has found where protection put off to the next bar meets what trails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reference.both import agreed, done
from tests.reference.hunt import knobs_of, look
from tests.reference.script import (
    AdjustTrail,
    Attached,
    FillModel,
    Points,
    Protect,
    Settings,
    Trail,
)
from tests.reference.words import ask, bid, buy, px, sell, sell_stop

NEXT_BAR = Settings(fill_model=FillModel.TOUCH, attached=Attached.NEXT_BAR)


def test_a_trail_that_takes_what_it_covers_goes_on_for_the_lots_that_came_in_on_that_bar() -> None:
    """`b` joins at the open of bar 2; there the trail of `a` (95.3 - 1.1) covers 3. The other 10 are its own from
    bar 3 on, whose open has passed it: nobody is left bare."""
    lines = ("95 95.1 95 95.1", "95.3 95.3 95 95.1", "94.7 94.7 93.5 93.6", "92.1 92.1 91.6 91.7")
    commands = {0: (buy("a", 3, trail=Trail(distance=110)),), 1: (buy("b", 10),)}
    seen = agreed(lines, commands, settings=NEXT_BAR)
    assert done(seen)[2:] == [
        (2, "trail of position", 3, px("94.2")),
        (3, "trail of position", 10, px("92.1")),
    ]


def test_beside_a_trail_that_has_taken_what_both_cover_the_stop_takes_nothing_that_came_later() -> (
    None
):
    """Stop 93 and trail 94.2 cover the same 3: the 10 of `b` are neither's before the next bar."""
    lines = ("95 95.1 95 95.1", "95.3 95.3 95 95.1", "94.7 94.7 92.9 93.6", "94.5 94.6 94.4 94.5")
    first = buy("a", 3, stop_loss=px(93), trail=Trail(distance=110))
    seen = agreed(lines, {0: (first,), 1: (buy("b", 10),)}, settings=NEXT_BAR)
    assert done(seen)[2:] == [(2, "trail of position", 3, px("94.2"))]
    assert (seen.accounts[-1].position, seen.accounts[-1].trail) == (10, px("94.2"))


def test_a_trail_that_moves_takes_no_lots_that_came_in_on_that_bar() -> None:
    """97 lifts the trail of `a` to 95.9; the 10 that joined at the open of that bar wait for the next."""
    lines = ("95 95.1 95 95.1", "95.3 95.3 95 95.1", "95.1 97 95 95.2", "95.2 95.3 95.1 95.2")
    commands = {0: (buy("a", 3, trail=Trail(distance=110)),), 1: (buy("b", 10),)}
    seen = agreed(lines, commands, settings=NEXT_BAR)
    assert done(seen)[2:] == [
        (2, "trail of position", 3, px("95.9")),
        (3, "trail of position", 10, px("95.2")),
    ]


def test_a_stop_that_stood_before_a_fill_brought_a_trail_leaves_as_a_stop_and_the_trail_stays() -> (
    None
):
    """98.5 protects the 3 of `a`. What trails `b` is not in force on the bar of its fill."""
    lines = ("99 99 98.6 99", "98.1 98.1 97.9 97.9", "97.9 98.7 97.9 98.7")
    commands = {0: (sell_stop("a", 98, 3),), 1: (sell("b", 20, trail=Trail(distance=20)),)}
    seen = agreed(lines, commands, settings=replace(NEXT_BAR, risk_stop=Points(50)))
    assert done(seen)[2:] == [(2, "stop of position", 3, px("98.5"))]
    assert (seen.accounts[-1].position, seen.accounts[-1].trail) == (-20, px("98.1"))


def test_on_the_jump_a_stop_stands_that_the_trail_of_the_last_bar_tightens_at_the_open() -> None:
    """98.9 is passed before 99.2 and leaves as a stop: `c` opens anew. The trail, 98.4, would have come after `c`."""
    lines = ("99 99 98.4 98.4", "98.4 98.5 98.2 98.3", "98.3 98.6 98.2 98.6", "99.4 99.5 99.3 99.4")
    commands = {
        0: (sell("a", 3, stop_loss=px("98.9")),),
        1: (sell("b", 20, trail=Trail(distance=20)), ask("c", "99.2", 5)),
    }
    seen = agreed(lines, commands, settings=NEXT_BAR)
    assert done(seen)[2:] == [(3, "stop of position", 23, px("99.4")), (3, "c", 5, px("99.2"))]
    assert seen.accounts[-1].position == -5


def test_a_stop_tighter_than_the_trail_leaves_as_a_stop_where_a_fill_has_named_another() -> None:
    """100.4 protects the 3 of `a`, 101.8 is that of the next bar; the trail at 100.6 never stood there."""
    lines = ("99.6 100 99.6 99.9", "99.9 99.9 99.6 99.7", "100.3 100.4 100.1 100.2")
    first = sell("a", 3, stop_loss=px("100.4"), trail=Trail(distance=100))
    commands = {0: (first,), 1: (sell("b", 1, stop_loss=px("101.8")),)}
    seen = agreed(lines, commands, settings=NEXT_BAR)
    assert done(seen)[2:] == [(2, "stop of position", 3, px("100.4"))]


def test_a_trail_that_a_close_gives_and_takes_away_again_does_not_trail() -> None:
    """What was given at this close is there to be taken away: the newest word of a close is what it says."""
    lines = ("100.8 101.2 100.5 100.5", "99.9 100.5 99.3 99.4", "99.4 99.7 98.4 98.7")
    given, taken = AdjustTrail(Trail(distance=30)), AdjustTrail(None)
    for words, left in (((given, taken), -20), ((taken, given), 0), ((given, taken, given), 0)):
        seen = agreed(
            lines, {0: (sell("a", 20),), 1: words}, settings=Settings(fill_model=FillModel.TOUCH)
        )
        assert seen.accounts[-1].position == left, words


def test_a_trail_whose_cover_grows_or_that_moves_goes_behind_the_others_at_its_price() -> None:
    """Layer stop and trail at 98.3: the trail is the older one, until it takes one lot more to cover."""
    lines = (
        "99.6 99.8 98.8 99.2", "99.2 99.5 98.8 98.8", "98.8 98.9 98.8 98.8", "99.1 99.5 99.1 99.5",
        "99.5 99.5 99.5 99.5", "98.2 98.5 98 98",
    )  # fmt: skip
    older = bid("a", "98.7", 10, stop_loss=px("98.3"), protect=Protect.LAYER)
    commands = {
        0: (older, buy("b", 3)),
        2: (bid("c", "98.7", 1),),
        3: (AdjustTrail(Trail(distance=120)),),
    }
    seen = agreed(lines, commands, settings=Settings(fill_model=FillModel.TOUCH))
    assert [who for bar, who, *_ in done(seen) if bar == 5] == [
        "a", "c", "stop of a", "trail of position",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "seed", [7801, 8440, 14947, 6683, 9404, 9467, 10180, 14887, 16712, 17966, 18532]
)
def test_what_was_told_differently_is_told_alike(seed: int) -> None:
    """18532: the rest of a position whose older layers a stop has closed is covered, whoever brought it in."""
    assert look(seed, knobs_of()).text == ""
