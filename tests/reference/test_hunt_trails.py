"""What a search over seeds has found where protection put off to the next bar meets what trails."""

from __future__ import annotations

from tests.reference.both import agreed, done
from tests.reference.script import Attached, FillModel, Settings, Trail
from tests.reference.words import buy, px

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
