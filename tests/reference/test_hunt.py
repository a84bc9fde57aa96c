"""What a search over seeds has found, and the search itself over scripts in which nothing is found.

Not compared yet: `flips` (whether two resting entries may both carry the position) and `next_bar`
(whether it also postpones that a standing stop moves or grows).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest

from tests.reference.card import sayable
from tests.reference.compare import compare, held_layers
from tests.reference.exchange import run
from tests.reference.hunt import knobs_of, look
from tests.reference.product import play
from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    Command,
    Funding,
    Instrument,
    Points,
    Script,
    Settings,
)
from tests.reference.seen import Seen
from tests.reference.words import TICK, ask, bar_of, bid, buy, px, sell, sell_stop

KNOWN_RATE = Fraction(-1, 1000)
KNOBS = knobs_of(("flips", "next_bar"), None, ())


def product(
    lines: Sequence[str],
    commands: Mapping[int, Sequence[Command]],
    funding: Sequence[Funding] = (),
    settings: Settings | None = None,
) -> Seen:
    """Run a script on the product, which the reference agrees with."""
    case = Script(
        bars=tuple(bar_of(line, i * 60) for i, line in enumerate(lines)),
        commands=tuple(tuple(commands.get(t, ())) for t in range(len(lines))),
        settings=settings or Settings(),
        instrument=Instrument(tick=TICK),
        funding=tuple(funding),
    )
    assert compare(case) is None
    return play(sayable(case), held_layers(run(case)))


@pytest.mark.parametrize("first", range(0, 150, 30))
def test_no_script_of_these_features_is_told_differently(first: int) -> None:
    found = [str(x.seed) + x.text for x in (look(s, KNOBS) for s in range(first, first + 30))]
    assert [text for text in found if "bar" in text] == []


def test_lots_that_come_in_late_on_the_jump_leave_at_the_open_by_the_target_it_has_passed() -> None:
    lines = ("107 107.5 106.9 107.2", "107.2 107.7 107 107.7", "104.8 105.9 104.2 105.4")
    first = (sell("a", 10, take_profit=px("106.5")), sell_stop("b", "106.8", 1))
    seen = product(lines, {0: first})
    out = [(x.lots, x.price) for x in seen.trades if x.who == "target of position"]
    assert out == [(11, px("104.8"))]
    assert seen.accounts[-1].position == 0


def test_who_leaves_at_the_very_place_of_a_funding_time_pays_no_funding() -> None:
    lines = ("99.1 99.2 97.6 99.1", "99.1 99.2 98 98")
    at = Funding(90, rate=KNOWN_RATE)
    seen = product(lines, {0: (sell("a", 5, take_profit=px("98.6")),)}, (at,))
    assert seen.accounts[-1].balance == pytest.approx(10002.5)


def test_a_placement_under_a_live_ref_is_refused_where_the_target_it_keeps_would_be_passed() -> (
    None
):
    lines = ("102 103 102 103", "105.7 106 105.4 105.4", "105.4 106 105.4 106")
    old = bid("a", "101.8", 20, take_profit=px("101.9"))
    seen = product(lines, {0: (old,), 1: (bid("a", "104.8", 5, replace=True),)})
    assert [x.reason for x in seen.ends] == ["target_on_wrong_side"]
    assert seen.accounts[-1].working == (("a", 20),)


def test_a_stop_moved_to_where_the_risk_model_has_it_is_the_cards_and_stays() -> None:
    lines = ("100 100.5 99.5 100", "100 101 99.5 101", "101 101.5 100.5 101", "101 102 101 101")
    commands = {
        0: (buy("a", 10),),
        1: (AdjustStop(level=px(97)),),
        2: (buy("b", 10),),
    }
    seen = product(lines, commands, settings=Settings(risk_stop=Points(300)))
    assert [x.stop for x in seen.accounts[1:]] == [px(97), px(97), px(97)]


def test_what_is_decided_for_a_position_is_not_for_the_next_one() -> None:
    lines = (
        "100.1 100.2 99.9 99.9",
        "99.9 100.4 99.9 100.3",
        "100.5 100.9 100.5 100.9",
        "101.7 101.7 101.3 101.3",
    )
    commands = {
        0: (sell("a", 5, stop_loss=px("101.1")),),
        1: (ask("b", "101.2", 10, stop_loss=px("103")),),
        2: (AdjustTarget(level=px("100.5")),),
    }
    seen = product(lines, commands)
    assert (seen.accounts[3].position, seen.accounts[3].target) == (-10, None)
