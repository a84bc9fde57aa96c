"""Numbers of a card are found where they stand, moved one by one and all at once, and say no more than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from tests.tools.search.test_robust import CARD
from tools.goldens import ROOT
from tools.search.fragility import Card, Fragility, Nudge, Swing, _moved, fragility
from tools.search.further import MOST_SWINGS, fragility_sentence, swing_line
from tools.search.literals import Literal, changed, literals, nudges
from tools.search.timing import Timing

GALLERY = sorted((ROOT / "cards" / "gallery").glob("*.yaml"))
SOURCE = Source("c.card.yaml", CARD)


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_every_number_of_the_rules_is_found_and_moving_it_makes_another_card(path: Path) -> None:
    source = Source(str(path), path.read_text(encoding="utf-8"))
    found, meaning = literals(source), compile_card(source).graph_hash
    assert len(found) >= 3
    moved = 0
    for literal in found:
        made = [changed(source, (), {literal: value}) for value in nudges(literal)]
        hashes = {one.graph_hash for one in made if one is not None}
        assert hashes, literal
        moved += meaning not in hashes
    assert moved >= len(found) - 2  # `zone_scalper_v1` has an indicator that nothing reads


def test_lengths_stay_whole_and_factors_need_not() -> None:
    found = {(one.line, one.value): one.is_whole for one in literals(SOURCE)}
    assert found == {(5, 5.0): True, (6, 20.0): True, (12, 50.0): False, (12, -5.0): False}
    assert nudges(Literal(1, 3.0, SOURCE.line_span(1), is_whole=True)) == [1.0, 2.0, 4.0, 5.0]


def test_a_tunable_is_moved_from_the_value_it_was_given() -> None:
    text = CARD.replace(
        "features:", "params:\n  slow: { default: 20, low: 5, high: 60 }\nfeatures:", 1
    )
    source = Source("c.card.yaml", text.replace("length: 20", 'length: "=slow"'))
    given = (("params.slow", "30"),)
    (slow,) = [one for one in literals(source, given) if one.param == "slow"]
    assert slow.value == 30.0
    made = changed(source, given, {slow: 31.0})
    assert made is not None
    assert dict(made.graph.params)["slow"] == 31.0


def test_money_and_fills_are_no_part_of_the_rules() -> None:
    text = CARD + "account: { starting_equity_usdt: 777, max_leverage: 3 }\n"
    values = {one.value for one in literals(Source("c.card.yaml", text))}
    assert not values & {777.0, 3.0}


def _by_length(program: Program) -> Timing:
    """A made-up answer: the hash decides, so that every card has one of its own."""
    return Timing(int(program.graph_hash[:4], 16) / 65536, 0.0, 9, 1.0)


def test_the_percentile_is_the_share_of_neighbours_that_do_less_well() -> None:
    card = Card(SOURCE)

    def run(t: float) -> Fragility:
        own = Timing(t, 0.0, 9, 1.0)
        return fragility(card, own, _by_length, 1, lambda *_: None, lambda: False, draws=20)

    assert run(2.0).percentile == 100.0
    assert run(2.0).is_tuned
    assert run(-1.0).percentile == 0.0
    assert run(0.5) == run(0.5)
    assert not run(0.5).is_tuned
    # As it is itself, neither better nor worse.
    same = fragility(
        card, Timing(1.0, 0.0, 9, 1.0), lambda _: Timing(1.0, 0.0, 9, 1.0), 1,
        lambda *_: None, lambda: False, draws=10,
    )  # fmt: skip
    assert same.percentile == 50.0


def test_neighbours_are_a_tenth_away_at_most_and_whole_ones_one_step_at_least() -> None:
    span = SOURCE.line_span(1)
    whole, broken = Literal(1, 5.0, span, is_whole=True), Literal(1, 2.0, span)
    places = [place / 100 for place in range(100)]
    assert {_moved(whole, at) for at in places} == {4.0, 5.0, 6.0}
    assert all(1.8 <= _moved(broken, at) <= 2.2 for at in places)
    assert _moved(Literal(1, 1.0, span, is_whole=True), 0.0) == 1.0  # never 0


def test_what_moves_most_is_first_and_its_line_is_named() -> None:
    own = compile_card(SOURCE).warmup_bars

    def run(program: Program) -> Timing:
        # Only the longer average decides when the card begins.
        return Timing(1.0, 0.01 * (program.warmup_bars != own), 9, 1.0)

    made = fragility(
        Card(SOURCE), Timing(1.0, 0.0, 9, 1.0), run, 1, lambda *_: None, lambda: False, draws=2
    )
    assert made.swings[0].line == 6
    assert "id: slow" in made.swings[0].words
    assert "[20: +0.0 %]" in swing_line(made.swings[0], 0.0)
    assert len(made.swings) <= MOST_SWINGS


def test_who_stops_it_gets_what_there_is() -> None:
    made = fragility(
        Card(SOURCE), Timing(1.0, 0.0, 9, 1.0), _by_length, 1, lambda *_: None, lambda: True
    )
    assert (made.swings, made.drawn, made.percentile) == ((), 0, None)


def test_a_plateau_is_never_called_evidence() -> None:
    swing = Swing(1, "", 2.0, (Nudge(2.2, 1.0, 0.0, 3),))
    for below in (1.0, 99.0, 100.0):
        said = fragility_sentence(Fragility((swing,), 100, below))
        assert "no evidence of an edge" in said
        assert ("tuned" in said) == (below >= 95)
