"""What lint calls never placed is never placed, on random markets; its near miss is, on some."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check, compile_graph
from runtime.backtest import run_backtest
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
