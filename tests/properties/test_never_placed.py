"""What lint calls never placed is never placed, on random markets; its near miss is, on some."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.pipeline import check, compile_graph
from runtime.backtest import run_backtest
from tests.properties.never_cards import never_card
from tests.strategies.made_cards import instrument, market

CARDS = Path(__file__).parents[2] / "cards" / "broken"
NEVER = sorted(CARDS.glob("IC512*.yaml"))
# What needs more than random bars: a position deep in loss, a price that gets there in time.
_RARE = ("liquidation",)


def lines_with_orders(source: Source, seed: int) -> set[int]:
    """Return the lines of the card whose actions became orders in a run."""
    checked = check(source)
    assert checked.graph is not None
    program = compile_graph(checked.graph)
    graph = program.graph
    record = run_backtest(program, market(graph, seed, 400), instrument(graph), source=source)
    return {order.line for order in record.orders if order.line}


@pytest.mark.parametrize("path", NEVER, ids=lambda path: path.stem)
def test_no_run_places_what_lint_says_is_never_placed(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    never = {
        source.location(d.span.start).line for d in check(source).diagnostics if d.code == "IC512"
    }
    assert never
    for seed in range(4):
        assert not never & lines_with_orders(source, seed)


@pytest.mark.parametrize(
    "path", [p for p in NEVER if "." in p.stem and not p.stem.endswith(_RARE)], ids=lambda p: p.stem
)
def test_some_run_places_the_near_miss(path: Path) -> None:
    near = CARDS / "near_misses" / path.name
    source = Source(near.name, near.read_text(encoding="utf-8"))
    emits = {n for n, text in enumerate(source.text.splitlines(), 1) if "emit:" in text}
    placed = set().union(*(lines_with_orders(source, seed) for seed in range(6)))
    assert placed == emits


@settings(max_examples=60)
@given(st.integers(0, 2**40))
def test_on_random_cards_nothing_happens_that_lint_says_never_does(seed: int) -> None:
    text, emits = never_card(Random(seed))
    source = Source("never.card.yaml", text)
    checked = check(source)
    if checked.graph is None:
        return
    at = {d: source.location(d.span.start).line for d in checked.diagnostics}
    never = {line for d, line in at.items() if d.code == "IC512"}
    dead = {
        row
        for d, line in at.items()
        if d.code in ("IC401", "IC403", "IC409") and d.is_error and "alternative" not in d.message
        for row in emits.get(line, ())
    }
    if not never | dead:
        return
    program, facts = compile_graph(checked.graph), instrument(checked.graph)
    data = market(checked.graph, seed % 7, 150)
    record = run_backtest(program, data, facts, source=source, flip=False)
    placed = {order.line for order in record.orders if order.line and order.role != "stop_loss"}
    asked = placed | {refusal.line for refusal in record.refusals}
    assert not never & placed
    assert not dead & asked
