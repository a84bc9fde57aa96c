"""Cards that mean different things read differently; every word of a read-back comes from the graph."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from compiler.catalog.orders import OPTION_CHOICES
from compiler.catalog.settings import SPECS
from compiler.findings.source import Source
from compiler.graph.read_back import read_back
from compiler.graph.rule_graph import RuleGraph
from compiler.graph.serde import graph_hash
from compiler.pipeline import check
from tools.made_inputs.cards import text_of, valid_card, valid_data
from tools.made_inputs.told import told_data

CHOICES = [*OPTION_CHOICES.values(), *(s.choices for s in SPECS.values() if s.choices)]


def compiled(text: str) -> RuleGraph | None:
    return check(Source("card", text), lints=False).graph


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in leaves(v, (*path, k))]
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in leaves(v, (*path, i))]
    return [path]


def changed(value: Any, rng: Random) -> Any:
    """Return another value of the same kind; the same one where no other is known."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1 if isinstance(value, int) else round(value * 1.5 + 0.01, 6)
    for words in CHOICES:
        if value in words:
            return rng.choice(words)
    return value


def set_at(card: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        card = card[key]
    card[path[-1]] = value


@given(st.integers(0, 2**32))
def test_a_change_of_meaning_is_a_change_of_the_text(seed: int) -> None:
    rng = Random(seed)
    data = told_data(rng) if rng.random() < 0.5 else valid_data(rng)
    before = compiled(text_of(data, Random(0)))
    assume(before is not None)
    assert before is not None
    path = rng.choice(leaves(data))
    here: Any = data
    for key in path:
        here = here[key]
    set_at(data, path, changed(here, rng))
    after = compiled(text_of(data, Random(0)))
    assume(after is not None)
    assert after is not None
    assert (graph_hash(before) == graph_hash(after)) == (read_back(before) == read_back(after)), (
        path
    )


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_two_cards_read_alike_only_if_they_mean_the_same(one: int, two: int) -> None:
    graphs = [compiled(valid_card(Random(seed))) for seed in (one, two)]
    assert graphs[0] is not None
    assert graphs[1] is not None
    same = graph_hash(graphs[0]) == graph_hash(graphs[1])
    assert (read_back(graphs[0]) == read_back(graphs[1])) == same


@given(st.integers(0, 2**32))
def test_a_read_back_names_every_id_and_fits_a_terminal(seed: int) -> None:
    graph = compiled(valid_card(Random(seed)))
    assert graph is not None
    text = read_back(graph)
    assert all(f"  - {feature.id}: " in text for feature in graph.features)
    assert all(f"Rule {block.id}\n" in text for block in graph.blocks)
    wide = [line for line in text.splitlines() if len(line) > 80]
    assert all(
        len(max(line.split(), key=len)) > 60 for line in wide
    )  # only a word that cannot be cut
