"""Formatting never changes what a card means, says nothing twice and loses no comment."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.formatting import Formatted, format_card
from compiler.formatting.expression_places import comments
from compiler.graph.difference import difference
from compiler.graph.rule_graph import RuleGraph
from compiler.graph.serde import graph_hash
from compiler.pipeline import check
from compiler.text.load import load
from tools.made_inputs.cards import valid_card
from tools.made_inputs.told import told_card

WAYS: list[dict[str, object]] = [{}, {"to": "expr"}, {"to": "tree"}]
_OPERATOR = re.compile(r" (>=|<=|==|[<>*/+]) ")


@st.composite
def cards(draw: st.DrawFn) -> str:
    """Draw a card of either version with comments, odd spaces and blank ends of lines."""
    rng = Random(draw(st.integers(0, 10**9)))
    text = told_card(rng) if rng.random() < 0.4 else valid_card(rng)
    if graph_of(text) is None:  # examples that contradict each other
        text = valid_card(rng)
    lines = []
    for number, line in enumerate(text.splitlines()):
        plain = not line.lstrip().startswith(("#", "|", ">")) and not line.endswith(("|", ">", "-"))
        if plain and rng.random() < 0.1:
            lines.append(" " * rng.randrange(4) + f"# line {number}: 'why' {{not}}")
        if plain and rng.random() < 0.15:
            line += f"  # behind {number}"
        if rng.random() < 0.1:
            line += "  "
        lines.append(line)
    made = "\n".join(lines) + "\n" * rng.choice((0, 1, 1, 3))
    if rng.random() < 0.3:
        made = _OPERATOR.sub(lambda m: m[1] if rng.random() < 0.5 else m[0], made)
    return made if graph_of(made) is not None else text


def graph_of(text: str) -> RuleGraph | None:
    checked = check(Source("card.yaml", text), lints=False)
    return None if checked.has_errors else checked.graph


def formatted(text: str, **how: object) -> Formatted:
    return format_card(Source("card.yaml", text), **how)  # type: ignore[arg-type]


def said(text: str) -> list[str]:
    node, _ = load(Source("card.yaml", text))
    assert node is not None
    return [comment.text for comment in comments(text, node)]


@pytest.mark.parametrize("how", WAYS, ids=str)
@given(text=cards())
def test_formatting_keeps_graph_and_comments_and_is_done_once(
    text: str, how: dict[str, object]
) -> None:
    before = graph_of(text)
    assert before is not None
    made = formatted(text, **how)
    after = graph_of(made.text)
    assert after is not None
    assert graph_hash(after) == graph_hash(before)
    assert sorted(said(made.text)) == sorted(said(text))
    assert formatted(made.text, **how).text == made.text


@given(text=cards())
def test_there_and_back_is_the_same_graph(text: str) -> None:
    before = graph_of(text)
    assert before is not None
    tree = formatted(text, to="tree").text
    again = formatted(formatted(tree, to="expr").text, to="tree").text
    graph = graph_of(again)
    assert graph is not None
    assert graph_hash(graph) == graph_hash(before)


@given(text=cards())
def test_an_upgraded_card_does_what_the_old_one_did(text: str) -> None:
    before = graph_of(text)
    assert before is not None
    made = formatted(text, upgraded=True)
    after = graph_of(made.text)
    assert after is not None
    changed = [c for c in difference(before, after) if c.where != "card_version"]
    assert changed == []
    assert [comment for comment in said(text) if comment not in made.text] == []
    if before.card_version == "3.0.0" and len(before.symbols) == 1:
        assert after.card_version != "3.0.0", made.notes
