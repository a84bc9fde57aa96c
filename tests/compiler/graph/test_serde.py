"""Rule graphs as JSON, hash, text and drawing."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given

from compiler.catalog.orders import OptionName, PriceSlot
from compiler.catalog.promises import Promise
from compiler.catalog.settings import Intrabar, StopType
from compiler.findings.source import Span
from compiler.graph.draw import dot, mermaid
from compiler.graph.rule_graph import LimitSettings, RuleGraph
from compiler.graph.serde import BadGraph, dump_text, graph_from_json, graph_hash, graph_to_json
from compiler.syntax import tree as s
from tests.compiler.cards import BUY, card, close, eq, gt, lowered, num
from tests.compiler.random_graphs import Histories, graphs

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "rule_graph.schema.json").read_text())
LIMIT = s.Action(
    "place_limit_long",
    prices=(
        s.Price(PriceSlot.STOP_LOSS, "stop_loss", num(90)),
        s.Price(PriceSlot.PRICE, "price", s.Name("swing", "low_level")),
    ),
    size=s.Size(s.SizeKind.EQUITY_FRACTION, num(0.1)),
    options=(
        s.Option(OptionName.ORDER_REF, "first"),
        s.Option(OptionName.TTL_BARS, num(20)),
        s.Option(OptionName.POST_ONLY, True),
    ),
    on_fill=(BUY,),
)


def rich() -> RuleGraph:
    """A graph with something in every field."""
    return lowered(
        card(
            gt(close(), s.Name("fib", "level_0.618")),
            eq(s.Name("position_layer_0_ref"), s.Name("first")),
            blocks=(
                s.Block(
                    "b0",
                    (s.Case(gt(close(), s.Name("trend")), (LIMIT,), span=Span(5, 9)),),
                    (s.Action("cancel_all_orders"),),
                ),
            ),
            params=(s.ParamDecl("fast", 9.5),),
            settings=(
                s.Setting("account.max_leverage", num(3)),
                s.Setting("risk_model.stop_loss.type", "atr_multiple"),
                s.Setting("risk_model.stop_loss.value", num(2)),
                s.Setting("risk_model.sizing.model", "risk_based"),
                s.Setting("risk_model.sizing.value", num(1)),
                s.Setting("execution.intrabar", "adverse"),
            ),
            invariants=(
                s.Invariant("max_layers", argument=num(3)),
                s.Invariant(None, condition=gt(s.BuiltinRef("equity"), num(0))),
            ),
        )
    )


def through_text(graph: RuleGraph) -> RuleGraph:
    return graph_from_json(json.loads(json.dumps(graph_to_json(graph))))


@given(graphs())
def test_json_and_back_is_the_same_graph(drawn: tuple[RuleGraph, Histories]) -> None:
    assert through_text(drawn[0]) == drawn[0]


def test_every_field_survives_json_places_too() -> None:
    graph = rich()
    back = through_text(graph)
    assert back == graph
    assert (back.origins, back.feature_origins, back.case_origins) == (
        graph.origins,
        graph.feature_origins,
        graph.case_origins,
    )


def test_closed_words_come_back_as_words() -> None:
    back = through_text(rich())
    settings = back.settings
    stop = settings.risk.stop_loss
    assert stop is not None
    assert settings.execution.intrabar is Intrabar.ADVERSE
    assert stop.type is StopType.ATR_MULTIPLE
    assert [type(promise.name) for promise in back.invariants] == [Promise, Promise]


@given(graphs())
def test_json_is_what_the_schema_says(drawn: tuple[RuleGraph, Histories]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(graph_to_json(drawn[0]))


def test_json_of_a_rich_card_is_what_the_schema_says() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(graph_to_json(rich()))))


def test_the_schema_refuses_an_unknown_operation() -> None:
    data = graph_to_json(rich())
    data["nodes"][0]["op"] = "guess"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(data)


def test_the_hash_does_not_see_places() -> None:
    graph = rich()
    moved = replace(graph, origins=tuple(Span(9, 9) for _ in graph.origins))
    assert graph_hash(moved) == graph_hash(graph)


def test_the_hash_sees_every_change_of_meaning() -> None:
    graph = rich()
    node = graph.nodes[0]
    changed = [
        replace(graph, timeframe="1h"),
        replace(graph, nodes=(replace(node, attr=("open",)), *graph.nodes[1:])),
        replace(graph, params=(("fast", 9.6),)),
        replace(graph, settings=replace(graph.settings, account=type(graph.settings.account)())),
    ]
    assert len({graph_hash(g) for g in (graph, *changed)}) == 1 + len(changed)


def test_the_hash_is_the_same_in_every_process() -> None:
    code = "from tests.compiler.graph.test_serde import rich, graph_hash; print(graph_hash(rich()), end='')"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert found == {graph_hash(rich())}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"format": "ideacard.rule_graph", "version": 99},
        {"format": "ideacard.rule_graph", "version": 1},
        {"format": "ideacard.rule_graph", "version": 1, "nodes": 3},
    ],
)
def test_what_is_not_a_graph_is_refused_with_a_reason(data: dict[str, object]) -> None:
    with pytest.raises(BadGraph):
        graph_from_json(data)


def test_the_dump_shows_every_node_feature_and_setting() -> None:
    graph = rich()
    text = dump_text(graph)
    for index in range(len(graph.nodes)):
        assert f"n{index} = " in text
    for feature in graph.features:
        assert f" {feature.id} " in text
    for word in (
        "max_leverage=3",
        'order_ref="first"',
        "post_only=true",
        "on_fill",
        "max_layers 3",
        "risk.stop_loss type=atr_multiple value=2 node=n",
        "intrabar=adverse",
        "else",
    ):
        assert word in text


def test_drawings_hold_every_node_and_balance() -> None:
    graph = rich()
    chart, picture = mermaid(graph), dot(graph)
    for index in range(len(graph.nodes)):
        assert f"  n{index}" in chart
        assert f"  n{index} [" in picture
    assert picture.count("{") == picture.count("}")
    assert chart.startswith("flowchart LR\n")


def test_a_graph_that_does_not_set_a_newer_limit_says_nothing_of_it() -> None:
    def graph(limits: LimitSettings) -> RuleGraph:
        plain = lowered(card(gt(close(), num(1))))
        return replace(plain, settings=replace(plain.settings, limits=limits))

    older, newer = graph(LimitSettings(cooldown_bars=3)), graph(LimitSettings(max_losses_per_day=2))
    assert "max_losses_per_day" not in json.dumps(graph_to_json(older))
    for one in (older, newer):
        jsonschema.validate(graph_to_json(one), SCHEMA)
        assert graph_from_json(graph_to_json(one)).settings == one.settings
