"""Ladders: where each order stands and how large it is, what asks for them, and what is no ladder."""

from __future__ import annotations

from collections import defaultdict

import pytest

from compiler.catalog.orders import OptionName, PriceSlot
from compiler.findings.source import Source
from compiler.graph.rule_graph import ActionNode, Op, RuleGraph
from compiler.pipeline import check, compile_card, compile_graph
from tests.compiler.graph_meaning import evaluate

CARD = """\
name: x
symbol: SOLUSDT
tf: 1h
params: {{ n: {{ default: 4 }} }}
blocks:
  - id: a
    cases:
      - when: "{when}"
        emit:
          - action: {action}
            metadata:
              {price}
              order_ref: dca
              ttl_bars: 9
              size: {size}
              ladder: {ladder}
              {more}
  - id: b
    cases:
      - when: close < 0
        emit: [{{ action: cancel_order, metadata: {{ order_ref: dca }} }}]
"""
WORKED = "{ orders: =n, step: 1%, step_scale: 2, size_scale: 1.5 }"


def card(
    ladder: str = WORKED,
    size: str = "100 usdt",
    price: str = "price: 100",
    action: str = "place_limit_long",
    more: str = "stop_loss: 50",
    when: str = "not order_pending(dca)",
) -> Source:
    return Source(
        "x",
        CARD.format(ladder=ladder, size=size, price=price, action=action, more=more, when=when),
    )


def graph_of(source: Source) -> RuleGraph:
    checked = check(source, lints=False)
    assert checked.graph is not None, checked.diagnostics
    return compile_graph(checked.graph).graph


def constant_of(graph: RuleGraph, node: int) -> float:
    found = graph.nodes[node]
    assert found.op is Op.CONST, found
    return float(found.attr[0])


def price_of(graph: RuleGraph, action: ActionNode, slot: PriceSlot = PriceSlot.PRICE) -> float:
    return constant_of(graph, dict(action.prices)[slot])


def size_of(graph: RuleGraph, action: ActionNode) -> float:
    """Return a size that no bar moves; an amount that is calculated stays so in the graph."""
    assert action.size is not None
    return evaluate(graph, defaultdict(lambda: [0.0]), bars=1)[action.size.value][0]


def emitted(graph: RuleGraph) -> tuple[ActionNode, ...]:
    return graph.blocks[0].cases[0].emit


@pytest.mark.parametrize(
    ("ladder", "size"),
    [
        (WORKED, "100 usdt"),
        ("{ orders: 4, step: 1%, step_scale: 2, size_scale: 1.5, size_of: total }", "812.5 usdt"),
        ("{ orders: 4, step: 1, step_scale: 2, size_scale: 1.5 }", "100 usdt"),
    ],
)
def test_steps_add_up_from_the_first_price_and_sizes_multiply(ladder: str, size: str) -> None:
    graph = graph_of(card(ladder, size))
    rungs = emitted(graph)
    assert [price_of(graph, rung) for rung in rungs] == [100, 99, 97, 93]
    assert [size_of(graph, rung) for rung in rungs] == pytest.approx([100, 150, 225, 337.5])
    names = [dict(rung.options)[OptionName.ORDER_REF] for rung in rungs]
    assert names == ["dca_1", "dca_2", "dca_3", "dca_4"]
    assert {dict(rung.options)[OptionName.ORDER_GROUP] for rung in rungs} == {"dca"}


@pytest.mark.parametrize(
    ("action", "key", "stop", "second"),
    [
        ("place_limit_long", "price", 50, 99),
        ("place_limit_short", "price", 150, 101),
        ("place_stop_long", "trigger", 50, 101),
        ("place_stop_short", "trigger", 150, 99),
    ],
)
def test_orders_go_away_from_the_first_on_their_own_side(
    action: str, key: str, stop: float, second: float
) -> None:
    graph = graph_of(card(action=action, price=f"{key}: 100", more=f"stop_loss: {stop}"))
    assert price_of(graph, emitted(graph)[1], PriceSlot(key)) == second


def test_rung_and_its_price_stand_in_stop_and_target() -> None:
    more = "{ stop_loss: rung_price - 10 * rung }"
    graph = graph_of(card(more=more.strip("{ }")))
    stops = [price_of(graph, rung, PriceSlot.STOP_LOSS) for rung in emitted(graph)]
    assert stops == [90, 79, 67, 53]


@pytest.mark.parametrize(
    ("size", "ladder", "sizes"),
    [
        ("rung * 100 usdt", "{ orders: 3, step: 1% }", [100, 200, 300]),
        ("rung * 100 usdt", "{ orders: 3, step: 1%, size_scale: 2 }", [100, 400, 1200]),
        ("50 usdt if rung == 2 else 70 usdt", "{ orders: 3, step: 1% }", [70, 50, 70]),
        ("0.01 base * rung_price", "{ orders: 3, step: 1 }", [1.0, 0.99, 0.98]),
        ("300 usdt", "{ orders: 3, step: 1%, size_of: total }", [100, 100, 100]),
    ],
)
def test_a_size_that_names_the_rung_is_that_of_each_order(
    size: str, ladder: str, sizes: list[float]
) -> None:
    graph = graph_of(card(ladder, size))
    assert [size_of(graph, rung) for rung in emitted(graph)] == pytest.approx(sizes)


def test_a_question_for_a_ladder_asks_for_each_of_its_orders() -> None:
    graph = graph_of(card(when="close > 0 and not order_pending(dca)"))
    asked = {str(node.attr[1]) for node in graph.nodes if node.op is Op.ACCOUNT}
    assert asked == {"dca_1", "dca_2", "dca_3", "dca_4"}


def test_a_cancel_of_a_ladder_is_one_of_its_group() -> None:
    [cancel] = graph_of(card()).blocks[1].cases[0].emit
    assert cancel.kind == "cancel_all_orders"
    assert dict(cancel.options)[OptionName.ORDER_GROUP] == "dca"


def test_a_size_by_risk_is_shared_by_the_orders() -> None:
    graph = graph_of(card("{ orders: 2, step: 1%, size_of: total }", "risk 1%"))
    assert [size_of(graph, rung) for rung in emitted(graph)] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        (card("{ orders: 1, step: 1% }"), "IC110", "2 to 20"),
        (card("{ orders: 3, step: 0% }"), "IC110", "more than zero"),
        (card("{ orders: 4, step: 1%, size_scale: 11 }"), "IC110", "between 0.1 and 10"),
        (card("{ orders: 4, step: 40% }"), "IC110", "order 4 of the ladder"),
        (card("{ orders: 4, step: 40 }"), "IC110", "order 4 of the ladder"),
        (card("{ orders: 4, step: volume }", price="price: low"), "IC301", "cannot be subtracted"),
        (card(size="risk 1%"), "IC110", "of the whole ladder"),
        (card(more="oco: true"), "IC115", "`oco` does not go with `ladder`"),
        (card(more="order_group: g"), "IC115", "`order_group` does not go with `ladder`"),
        (card("{ orders: 4 }"), "IC109", "`step`"),
        (card("{ orders: 4, step: 1%, size_of: all }"), "IC110", "size_of"),
        (card(when="close > rung_price"), "IC201", "in a `ladder` only"),
        (card(price="price: 100 - rung"), "IC201", "`rung` may not stand in `price` of a ladder"),
        (card(price="price: 100 - rung"), "IC201", "what `step` and `step_scale` say"),
        (card("{ orders: 3, step: rung }"), "IC201", "`rung` may not stand in `ladder`"),
        (
            card("{ orders: 3, step: 1%, size_of: total }", "rung * 9 usdt"),
            "IC110",
            "another for each",
        ),
        (card(action="entry_long", price="reason: x"), "IC107", "unknown key"),
    ],
)
def test_what_is_no_ladder_is_said(source: Source, code: str, said: str) -> None:
    found = [d for d in check(source, lints=False).diagnostics if d.is_error]
    assert any(d.code == code and said in d.message + (d.help or "") for d in found), found


@pytest.mark.parametrize(
    "source",
    [
        card("{ orders: 3, step: 49% }"),
        card("{ orders: 4, step: 40 }", action="place_limit_short", more="stop_loss: 500"),
        card("{ orders: 2, step: 1%, size_of: total }", "risk 1%"),
        card("{ orders: 20, step: 0.1 * atr(14), step_scale: 10, size_scale: 0.1 }"),
    ],
)
def test_what_is_one_passes(source: Source) -> None:
    compile_card(source)


def test_a_name_of_the_card_is_not_the_rung() -> None:
    text = card(more="stop_loss: rung").text.replace(
        "blocks:\n", "variables: { rung: close - 30 }\nblocks:\n", 1
    )
    graph = graph_of(Source("x", text))
    stop = dict(emitted(graph)[1].prices)[PriceSlot.STOP_LOSS]
    assert graph.nodes[stop].op is Op.SUB


def test_a_size_named_as_the_rung_may_be_shared() -> None:
    text = card("{ orders: 2, step: 1%, size_of: total }", "rung").text.replace(
        "blocks:\n", "variables: { rung: 300 usdt }\nblocks:\n", 1
    )
    assert [size_of(graph_of(Source("x", text)), a) for a in emitted(graph_of(Source("x", text)))]


def test_another_order_of_the_name_of_one_is_told() -> None:
    text = card().text.replace(
        "cancel_order, metadata: { order_ref: dca }",
        "place_limit_long, metadata: { price: 1, size: 9 usdt, order_ref: dca_2, ttl_bars: 1 }",
    )
    found = check(Source("x", text), lints=False).diagnostics
    assert [d.code for d in found if "dca_2" in d.message] == ["IC502"]


def test_what_holds_for_each_order_of_a_ladder_is_said_once() -> None:
    more = "stop_loss: close - 20%\n              take_profit: rung_price + 0.5%"
    found = check(card(price="price: close - 1%", more=more)).diagnostics
    assert [d.code for d in found if d.code == "IC606"] == ["IC606"]


@pytest.mark.parametrize(
    ("ladder", "size", "code"),
    [
        ("{ orders: 2, step: 0% }", "5% of equity", "IC110"),
        ("{ orders: 99, step: 1% }", "5% of equity", "IC110"),
        ("{ orders: 2, step: 1% }", "risk 1%", "IC110"),
        ("{ orders: 2, step: 0 }", "5% of equity", "IC110"),
    ],
)
def test_a_mistake_of_a_ladder_makes_none_of_what_names_its_rung(
    ladder: str, size: str, code: str
) -> None:
    text = (
        "name: x\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: a\n    cases:\n"
        "      - when: position_side == flat and pending_order_count == 0\n        emit:\n"
        "          - action: place_stop_long\n            metadata:\n"
        f"              {{ order_ref: b, trigger: high + tick, size: {size}, ttl_bars: 5, stop_loss: low - 1%,\n"
        f"                take_profit: high + rung * atr(14), ladder: {ladder} }}\n"
    )
    (error,) = [d for d in check(Source("card.yaml", text)).diagnostics if d.is_error]
    assert error.code == code
    assert "rung" not in error.message
