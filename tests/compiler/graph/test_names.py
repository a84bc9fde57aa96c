"""A read-back calls calculations by the names their card gives them, and says once what each is."""

from __future__ import annotations

from compiler.findings.source import Source
from compiler.graph.describe import describe
from compiler.graph.read_back import read_back
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.pipeline import check, compile_card

CARD = """name: named
symbol: BTCUSDT
tf: 15m
variables: {{ {variables} }}
blocks:
  - id: rule
    cases:
      - when: "{when}"
        emit: [{{ action: entry_long, metadata: {{ size: 10% of equity, stop_loss: close - 2% }} }}]
"""
TOP = "up: close > open, top: 'value_when(up, high)', "


def card(when: str, variables: str) -> Source:
    return Source("card.yaml", CARD.format(when=when, variables=variables))


def graph_of(when: str, variables: str) -> RuleGraph:
    graph = check(card(when, variables), lints=False).graph
    assert graph is not None
    return graph


def said(when: str, variables: str) -> str:
    return " ".join(read_back(graph_of(when, variables)).split())


def test_a_variable_is_named_in_the_rules_and_told_once() -> None:
    text = said("close > top and up", TOP)
    assert "When close is above top, and up is true:" in text
    names = "Names in its rules - up is true when close is above open - top is value_when(up, high) Rule"
    assert names in text


def test_names_outlive_every_pass_of_the_compiler() -> None:
    made = compile_card(card("close > top and up", TOP)).graph
    assert "- top is value_when(up, high)" in read_back(made)


def test_a_name_that_no_rule_says_is_no_name_of_the_rules() -> None:
    # `unread` is the same calculation as the one of the rule, which does not say it.
    text = said("close > high - tick", "unread: high - tick, other: unread")
    assert "unread" not in text
    assert "other" not in text
    assert "Names" not in text


def test_a_name_for_a_column_or_a_number_is_that_itself() -> None:
    text = said("newest > bound", "newest: close, bound: 100")
    assert "When close is above 100:" in text
    assert "Names" not in text


def test_cards_that_name_two_calculations_alike_read_differently() -> None:
    one, two = (said("close > top", f"top: {value}") for value in ("high - tick", "low - tick"))
    assert one != two


def test_a_value_of_several_times_ago_is_written_as_it_was() -> None:
    graph = graph_of("value_when(close > open, high, 9) > close", "")
    texts = {describe(graph, i) for i, node in enumerate(graph.nodes) if node.op is Op.LATCH}
    assert "value_when(close > open, high)" in texts
    assert "value_when(close > open, high, 9)" in texts
    again = graph_of("value_when(close > open, value_when(close > open, high)[1]) > close", "")
    assert "value_when(close > open, high, 1) is above close" in " ".join(read_back(again).split())
    other = said("value_when(close > open, value_when(close > low, high)[1]) > close", "")
    assert "value_when(close > open, value_when(close > low, high)[1])" in other
    earlier = said("value_when(close > open, value_when(close > open, high)[2]) > close", "")
    assert "value_when(close > open, value_when(close > open, high)[2])" in earlier


def test_a_level_of_the_risk_model_is_told_to_follow_the_average_entry() -> None:
    rules = "risk_model:\n  take_profit: { type: percent, value: 1.5 }\nblocks:"
    text = CARD.format(when="close > open", variables="").replace("blocks:", rules)
    graph = check(Source("card.yaml", text), lints=False).graph
    assert graph is not None
    told = " ".join(read_back(graph).split())
    assert (
        "gets one by percent: 1.5, buffer 0 %, counted from the average entry anew after every fill"
        in told
    )
