"""Changes of a ladder by its ref, and the orders of its `on_fill` by theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from compiler.catalog.orders import OptionName, PriceSlot
from compiler.findings.source import Source
from compiler.graph.rule_graph import ActionNode, Op, RuleGraph
from compiler.pipeline import check
from tests.compiler.resolve.test_ladders import constant_of, graph_of, price_of, size_of

CARD = """\
name: x
symbol: SOLUSDT
tf: 1h
blocks:
  - id: a
    cases:
      - when: not order_pending(dca) and not order_pending(out)
        emit:
          - action: {action}
            metadata:
              {price}
              order_ref: dca
              ttl_bars: 9
              size: 100 usdt
              ladder: {ladder}
              on_fill:
                - {{ action: place_limit_exit_{side}, metadata: {{ price: rung_price + 1, size: fill, order_ref: out }} }}
{more}  - id: b
    cases:
      - when: {when}
        emit: [{{ action: {deed}, metadata: {{ {said} }} }}]
"""
WORKED = "{ orders: 3, step: 1%, step_scale: 2, size_scale: 1.5 }"
INSIDE = "                - {{ action: {}, metadata: {{ {} }} }}\n"


def card(
    said: str,
    deed: str = "amend_order",
    *,
    action: str = "place_limit_long",
    ladder: str = WORKED,
    when: str = "close > 1",
    more: str = "",
) -> Source:
    kind, side = action.rsplit("_", 1)
    price = "trigger: 100" if kind == "place_stop" else "price: 100"
    return Source(
        "x",
        CARD.format(
            said=said, deed=deed, action=action, ladder=ladder, when=when, more=more, side=side, price=price
        ),
    )  # fmt: skip


def asked_for(source: Source) -> tuple[RuleGraph, tuple[ActionNode, ...]]:
    graph = graph_of(source)
    return graph, graph.blocks[-1].cases[0].emit


def refs(actions: tuple[ActionNode, ...]) -> list[str]:
    return [str(dict(action.options)[OptionName.ORDER_REF]) for action in actions]


def errors(source: Source) -> list[str]:
    found = (d for d in check(source).diagnostics if d.is_error or d.code == "IC501")
    return [f"{d.code} {d.message} {d.help}" for d in found]


@pytest.mark.parametrize(
    ("action", "key", "prices"),
    [
        ("place_limit_long", "price", [50, 49.5, 48.5]),
        ("place_limit_short", "price", [50, 50.5, 51.5]),
        ("place_stop_long", "trigger", [50, 50.5, 51.5]),
        ("place_stop_short", "price", [50, 49.5, 48.5]),
    ],
)
def test_a_change_of_a_ladder_lays_its_orders_anew(
    action: str, key: str, prices: list[float]
) -> None:
    graph, changes = asked_for(card(f"order_ref: dca, {key}: 50, size: 200 usdt", action=action))
    assert refs(changes) == ["dca_1", "dca_2", "dca_3"]
    assert [price_of(graph, one, PriceSlot(key)) for one in changes] == prices
    assert [size_of(graph, one) for one in changes] == [200, 300, 450]


def test_a_change_of_a_ladder_that_shares_its_size_shares_the_new_one() -> None:
    shared = "{ orders: 2, step: 1%, size_scale: 2, size_of: total }"
    graph, changes = asked_for(card("order_ref: dca, size: 300 usdt", ladder=shared))
    assert [size_of(graph, one) for one in changes] == [100, 200]


def test_a_change_of_a_ladder_knows_each_order_and_its_new_price() -> None:
    said = "order_ref: dca, price: 50, stop_loss: rung_price - rung"
    graph, changes = asked_for(card(said))
    stops = [constant_of(graph, dict(one.prices)[PriceSlot.STOP_LOSS]) for one in changes]
    assert stops == [49, 47.5, 45.5]


@pytest.mark.parametrize("deed", ["amend_order", "cancel_order"])
def test_the_ref_of_an_exit_of_a_ladder_means_that_of_every_order(deed: str) -> None:
    said = "order_ref: out" + (", price: 500" if deed == "amend_order" else "")
    graph, changes = asked_for(card(said, deed))
    assert refs(changes) == ["out_1", "out_2", "out_3"]
    assert {one.kind for one in changes} == {deed}
    assert all(price_of(graph, one) == 500 for one in changes if deed == "amend_order")


@pytest.mark.parametrize("word", ["order_pending", "order_due"])
def test_a_question_for_the_exits_of_a_ladder_asks_for_each_of_them(word: str) -> None:
    graph = graph_of(card("order_ref: dca, price: 50", when=f"{word}(out)"))
    asked = {node.attr[1] for node in graph.nodes if node.op is Op.ACCOUNT and node.attr[0] == word}
    assert asked >= {"out_1", "out_2", "out_3"}
    assert errors(card("order_ref: dca, price: 50", when=f"{word}(out)")) == []


def test_an_order_of_that_name_beside_the_ladder_is_asked_for_too() -> None:
    beside = (
        "  - id: more\n    cases:\n      - when: close > 5\n        emit:\n"
        "          - { action: place_limit_exit_long, metadata: { price: 900, size: 1 base, order_ref: out } }\n"
    )
    _, changes = asked_for(card("order_ref: out, price: 500", more=beside))
    assert refs(changes) == ["out_1", "out_2", "out_3", "out"]


def _follow_ups(source: Source) -> Iterator[tuple[str, object]]:
    for rung in graph_of(source).blocks[0].cases[0].emit:
        for action in rung.on_fill[1:]:
            options = dict(action.options)
            yield (
                action.kind,
                options.get(OptionName.ORDER_REF) or options[OptionName.ORDER_GROUP],
            )


def test_an_on_fill_speaks_of_the_order_of_its_own_rung() -> None:
    source = card("order_ref: dca, price: 50", more=INSIDE.format("cancel_order", "order_ref: out"))
    assert list(_follow_ups(source)) == [("cancel_order", f"out_{k}") for k in (1, 2, 3)]


def test_an_on_fill_that_changes_the_ladder_changes_all_of_it() -> None:
    inside = INSIDE.format("amend_order", "order_ref: dca, price: 50")
    found = list(_follow_ups(card("order_ref: dca, price: 50", more=inside)))
    assert found == [("amend_order", f"dca_{k}") for k in (1, 2, 3)] * 3


def test_an_on_fill_that_cancels_an_order_of_another_rule_keeps_its_name() -> None:
    inside = INSIDE.format("cancel_order", "order_ref: other")
    beside = (
        "  - id: more\n    cases:\n      - when: close > 5\n        emit:\n"
        "          - { action: place_limit_long, metadata: { price: 9, size: 9 base, order_ref: other } }\n"
    )
    source = card("order_ref: dca, price: 50", more=inside + beside)
    assert list(_follow_ups(source)) == [("cancel_order", "other")] * 3
    assert errors(source) == []


@pytest.mark.parametrize(
    ("said", "ladder", "told"),
    [
        ("stop_loss: rung_price - 1", WORKED, "a change of a ladder that gives its price"),
        (
            "size: rung * 9 usdt",
            "{ orders: 3, step: 1%, size_of: total }",
            "this one is another for",
        ),
    ],
)
def test_a_change_that_does_not_say_what_each_order_is_to_be_is_told(
    said: str, ladder: str, told: str
) -> None:
    [error] = errors(card(f"order_ref: dca, {said}", ladder=ladder))
    assert told in error


def test_ladders_of_one_name_that_lie_differently_are_not_changed_by_it() -> None:
    other = (
        "  - id: more\n    cases:\n      - when: close > 5\n        emit:\n"
        "          - action: place_limit_short\n            metadata:\n"
        "              { price: 200, size: 9 base, order_ref: dca, ladder: { orders: 2, step: 1% } }\n"
    )
    [error] = errors(card("order_ref: dca, price: 50", more=other))
    assert "the ladders called `dca` lie differently" in error
    assert errors(card("order_ref: dca, ttl_bars: 5", more=other)) == []


def test_a_question_for_one_order_says_the_names_of_several() -> None:
    [error] = errors(card("order_ref: dca, price: 50", when="order_filled_pct(out) > 0.5"))
    assert "name one of them: `out_1` … `out_3`" in error


def test_a_question_for_a_ladder_is_no_condition_worth_a_name() -> None:
    found = check(card("order_ref: dca, price: 50", when="order_pending(dca) and close > 2"))
    assert [d for d in found.diagnostics if d.code == "IC407"] == []
