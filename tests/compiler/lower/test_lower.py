"""From syntax to rule graph: what each construct becomes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from compiler.catalog.orders import OptionName, PriceSlot
from compiler.catalog.types import Stage
from compiler.expressions.read import parse_expression
from compiler.findings.source import Span
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.lower.flatten import flatten
from compiler.optimize import optimize
from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression
from tests.compiler.cards import BUY, FEATURES, card, close, codes, eq, gt, lowered, num, resolved
from tests.compiler.graph_text import lines
from tests.compiler.random_conditions import VARIABLES, as_structured, conditions

CLOSE, FAST, SLOW = close(), s.Name("fast"), s.Name("slow")
UP, SIDE = s.Name("st", "up"), s.Name("position_side")


def only(expr: s.Expr, **more: object) -> list[str]:
    """Return the nodes of one condition, without its action's."""
    graph = lowered(card(expr, **more))
    action = graph.blocks[0].cases[0].emit[0]
    assert action.size is not None
    return lines(graph).splitlines()[: action.size.value]


# ---------------------------------------------------------------- each construct


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        pytest.param(
            s.Between(CLOSE, FAST, SLOW),
            [
                "bar close",
                "feature f0.value",
                "gte n0 n1",
                "feature f1.value",
                "lte n0 n3",
                "and n2 n4",
            ],
            id="between is two inclusive comparisons",
        ),
        pytest.param(
            s.Near(CLOSE, FAST, num(5), s.ToleranceKind.ABSOLUTE),
            ["bar close", "feature f0.value", "sub n0 n1", "abs n2", "const 5", "lte n3 n4"],
            id="near is a distance",
        ),
        pytest.param(
            s.Near(CLOSE, FAST, num(0.5), s.ToleranceKind.PERCENT),
            [
                "bar close",
                "feature f0.value",
                "sub n0 n1",
                "abs n2",
                "const 0.5",
                "abs n1",
                "mul n5 n4",
                "const 100",
                "div n6 n7",
                "lte n3 n8",
            ],
            id="near percent is a part of the right side",
        ),
        pytest.param(
            s.Cross(s.Direction.ABOVE, FAST, SLOW),
            [
                "feature f0.value",
                "feature f1.value",
                "prev n0 1",
                "prev n1 1",
                "lte n2 n3",
                "gt n0 n1",
                "and n4 n5",
            ],
            id="a cross looks one exec bar back",
        ),
        pytest.param(
            s.Cross(s.Direction.BELOW, FAST, num(30)),
            ["feature f0.value", "const 30", "prev n0 1", "gte n2 n1", "lt n0 n1", "and n3 n4"],
            id="a constant has no past",
        ),
        pytest.param(
            s.In(SIDE, (s.Name("long"), s.Name("SHORT"))),
            [
                "account position_side",
                "const long",
                "eq n0 n1",
                "const short",
                "eq n0 n3",
                "or n2 n4",
            ],
            id="in is any of the equalities",
        ),
        pytest.param(
            gt(s.Offset(FAST, 2), s.Offset(CLOSE, 3)),
            ["feature f0.value [2]", "bar close", "prev n1 3", "gt n0 n2"],
            id="a feature looks back on its own clock, a bar on the card's",
        ),
        pytest.param(
            gt(s.Offset(s.Offset(s.Name("trend"), 1), 2), CLOSE),
            ["feature f7.value [3]", "bar close", "gt n0 n1"],
            id="looks back of a feature add up",
        ),
        pytest.param(
            gt(s.Arith(s.ArithOp.SUB, FAST, s.Percent(0.5)), CLOSE),
            ["feature f0.value", "const 0.995", "mul n0 n1", "bar close", "gt n2 n3"],
            id="a percentage off is a factor",
        ),
        pytest.param(
            s.Window(s.WindowKind.HOLDS, s.Length(None, "2h"), UP),
            ["feature f4.up", "holds n0 8"],
            id="a duration is bars of the card",
        ),
        pytest.param(
            s.Window(s.WindowKind.COUNT, s.Length(num(9)), UP, num(3)),
            ["feature f4.up", "count n0 9 3"],
            id="a count has two numbers",
        ),
        pytest.param(
            s.IsMissing(FAST), ["feature f0.value", "known n0", "not n1"], id="missing is not known"
        ),
        pytest.param(
            s.IsMissing(FAST, negated=True),
            ["feature f0.value", "known n0"],
            id="not missing is known",
        ),
        pytest.param(
            eq(UP, num(1)), ["feature f4.up", "const true", "eq n0 n1"], id="1 is true beside truth"
        ),
        pytest.param(
            eq(s.Name("flat"), SIDE),
            ["account position_side", "const flat", "eq n1 n0"],
            id="a word takes the type of the other side",
        ),
        pytest.param(
            eq(s.Name("high"), s.Name("swing", "last_type")),
            ["feature f5.last_type", "const high", "eq n1 n0"],
            id="a word of the other side wins over a column of the bar",
        ),
        pytest.param(
            gt(s.Call("max", (FAST, SLOW, CLOSE)), num(1)),
            [
                "feature f0.value",
                "feature f1.value",
                "bar close",
                "max n0 n1",
                "max n3 n2",
                "const 1",
                "gt n4 n5",
            ],
            id="max of three is two steps from the left",
        ),
    ],
)
def test_construct(expr: s.Expr, expected: list[str]) -> None:
    assert only(expr) == [f"n{i} = {line}" for i, line in enumerate(expected)]


def test_nested_lists_of_one_kind_are_one_list() -> None:
    nested = s.All((UP, s.All((gt(FAST, SLOW), s.All((gt(CLOSE, FAST),))))))
    flat = s.All((UP, gt(FAST, SLOW), gt(CLOSE, FAST)))
    assert only(nested) == only(flat)
    assert only(s.All((s.Any((UP,)),))) == only(UP)


def test_a_variable_is_one_node_however_often_it_is_used() -> None:
    green = s.Variable("green", gt(CLOSE, s.Name("open")))
    graph = lowered(card(s.All((s.VarRef("green"), UP)), s.VarRef("green"), variables=(green,)))
    whens = [block.cases[0].when for block in graph.blocks]
    assert graph.nodes[whens[0]].args[0] == whens[1]


def test_a_tunable_is_its_value() -> None:
    param = s.ParamDecl("level", 42)
    assert only(gt(CLOSE, s.ParamRef("level")), params=(param,)) == only(gt(CLOSE, num(42)))


def test_a_bar_of_another_timeframe_is_a_feature_of_it() -> None:
    graph = optimize(lowered(card(gt(s.Offset(s.Name("low", timeframe="4h"), 1), num(1)))))
    feature = graph.features[0]
    assert (feature.id, feature.timeframe, feature.source) == ("low@4h", "4h", "low")
    assert graph.nodes[0].attr == (0, "value", 1)


# ---------------------------------------------------------------- stages, types, lookback


def last(expr: s.Expr) -> object:
    graph = lowered(card(expr))
    return graph.nodes[graph.blocks[0].cases[0].when]


@pytest.mark.parametrize(
    ("expr", "stage", "lookback"),
    [
        (gt(CLOSE, num(1)), Stage.MARKET, 1),
        (gt(FAST, CLOSE), Stage.MARKET, 10),
        (gt(s.Offset(FAST, 5), CLOSE), Stage.MARKET, 15),
        (gt(s.Name("trend"), CLOSE), Stage.MARKET, 5 * 16),
        (gt(s.Name("fib", "level_0.5"), CLOSE), Stage.MARKET, 12),
        (s.Cross(s.Direction.ABOVE, FAST, SLOW), Stage.MARKET, 51),
        (s.Window(s.WindowKind.HOLDS, s.Length(num(3)), gt(FAST, SLOW)), Stage.MARKET, 52),
        (eq(SIDE, s.Name("flat")), Stage.ACCOUNT, 1),
        (s.All((eq(SIDE, s.Name("flat")), gt(FAST, SLOW))), Stage.ACCOUNT, 50),
        (gt(num(1), num(2)), Stage.CONSTANT, 0),
    ],
    ids=repr,
)
def test_stage_and_lookback_follow_from_the_operands(
    expr: s.Expr, stage: Stage, lookback: int
) -> None:
    node = last(expr)
    assert (node.stage, node.lookback) == (stage, lookback)  # type: ignore[attr-defined]


def test_warmup_cascades_through_dependencies_and_timeframes() -> None:
    slow_swing = replace(FEATURES[5], id="slow_swing", timeframe="4h")
    fib = replace(FEATURES[6], id="fib4", depends_on=(s.Dependency("swing", "slow_swing"),))
    graph = lowered(card(gt(s.Name("fib4", "level_0.5"), CLOSE), features=(fib, slow_swing)))
    warmups = {feature.id: feature.warmup_bars for feature in graph.features}
    assert warmups == {"slow_swing": 11, "fib4": 11 * 16 + 1}


# ---------------------------------------------------------------- the whole card


def test_actions_hold_nodes_in_a_fixed_order() -> None:
    action = s.Action(
        "place_stop_long",
        prices=(
            s.Price(PriceSlot.STOP_LOSS, "stop_loss", num(1)),
            s.Price(PriceSlot.LIMIT_PRICE, "limit_price", num(3)),
            s.Price(PriceSlot.TRIGGER, "trigger", num(2)),
        ),
        size=s.Size(s.SizeKind.RISK_PCT, num(1)),
        options=(
            s.Option(OptionName.TTL_TYPE, "GTC"),
            s.Option(OptionName.TTL_BARS, num(7)),
            s.Option(OptionName.ORDER_REF, "Mixed"),
            s.Option(OptionName.OCO, True),
        ),
        on_fill=(BUY,),
    )
    of = card(blocks=(s.Block("b", (s.Case(UP, (action,)),), (s.Action("exit_all"),)),))
    graph = lowered(of)
    node = graph.blocks[0].cases[0].emit[0]
    assert [slot for slot, _ in node.prices] == ["trigger", "limit_price", "stop_loss"]
    assert node.options == (("oco", True), ("order_ref", "Mixed"), ("ttl_type", "gtc"))
    assert graph.nodes[node.numbers[0][1]].attr == (7.0,)
    assert (node.size and node.size.kind, node.on_fill[0].kind) == ("risk_pct", "entry_long")
    assert graph.blocks[0].otherwise[0].kind == "exit_all"


def test_settings_not_given_have_their_defaults() -> None:
    graph = lowered(
        card(
            UP,
            settings=(
                s.Setting("account.fee_model.maker_bps", num(-1)),
                s.Setting("position_policy.max_layers", num(3)),
                s.Setting("execution.fill_model", "TOUCH"),
            ),
        )
    )
    account = graph.settings.account
    assert (account.maker_bps, account.taker_bps) == (-1.0, 5.5)
    assert graph.settings.policy.max_layers == 3
    assert graph.settings.execution.fill_model == "touch"
    assert graph.settings.risk.stop_loss is None


def stop_rule(**values: s.Expr | str) -> RuleGraph:
    settings = tuple(s.Setting(f"risk_model.stop_loss.{k}", v) for k, v in values.items())
    return optimize(lowered(card(UP, settings=settings)))


def stop_feature(graph: RuleGraph) -> tuple[str, str, tuple[object, ...]]:
    rule = graph.settings.risk.stop_loss
    assert rule is not None
    assert rule.node is not None
    node = graph.nodes[rule.node]
    feature = graph.features[int(node.attr[0])]
    return feature.id, str(node.attr[1]), feature.params


def test_an_atr_stop_reads_the_atr_it_names() -> None:
    graph = stop_rule(type="atr_multiple", value=num(2), atr_feature_id="range")
    assert stop_feature(graph)[0] == "range"


def test_an_atr_stop_that_names_none_reads_an_atr_of_14_bars() -> None:
    graph = stop_rule(type="atr_multiple", value=num(2))
    assert stop_feature(graph) == ("range", "value", (("length", 14),))
    alone = optimize(
        lowered(
            card(
                UP,
                features=FEATURES[4:5],
                settings=(
                    s.Setting("risk_model.stop_loss.type", "atr_multiple"),
                    s.Setting("risk_model.stop_loss.value", num(2)),
                ),
            )
        )
    )
    assert stop_feature(alone) == ("risk_model.atr", "value", (("length", 14),))


def test_a_structure_stop_reads_its_level() -> None:
    graph = stop_rule(type="structure", feature_id="swing", field="low_level", buffer_pct=num(0.1))
    assert stop_feature(graph)[:2] == ("swing", "low_level")


def test_places_of_cases_and_actions_are_kept() -> None:
    when = replace(gt(CLOSE, SLOW), span=Span(10, 20))
    action = replace(BUY, span=Span(30, 40))
    block = s.Block("b", (s.Case(when, (action,)),), (action,), span=Span(0, 50))
    graph = lowered(card(blocks=(block,)))
    assert graph.case_origins == (((Span(10, 20), Span(30, 40)), (Span(0, 50), Span(30, 40))),)
    assert graph.origins[graph.blocks[0].cases[0].when] == Span(10, 20)


def test_the_traded_symbol_is_written_into_every_feature_that_names_none() -> None:
    from compiler.lower.card import lower

    other = replace(FEATURES[0], id="lead", symbol="ETHUSDT")
    of = card(gt(s.Name("lead"), SLOW), features=(*FEATURES, other), symbols=("A", "B"))
    names, _ = resolved(of)
    graph = lower(names, "B")
    assert graph.symbols == ("B",)
    assert {feature.symbol for feature in graph.features} == {"B", "ETHUSDT"}
    assert {feature.symbol for feature in lower(names).features} == {"A", "ETHUSDT"}


# ---------------------------------------------------------------- random conditions


@given(conditions())
def test_every_well_typed_condition_compiles(expr: s.Expr) -> None:
    of = card(expr, variables=VARIABLES)
    assert [code for code in codes(of) if code not in ("IC703", "IC704")] == []
    flatten(optimize(lowered(of)))


@given(conditions())
def test_nodes_are_unique_and_in_evaluation_order(expr: s.Expr) -> None:
    graph = lowered(card(expr, variables=VARIABLES))
    assert len(set(graph.nodes)) == len(graph.nodes)
    assert all(arg < i for i, node in enumerate(graph.nodes) for arg in node.args)
    assert all(node.op is Op.CONST or node.stage > 0 or node.args for node in graph.nodes)


@given(conditions())
def test_both_kinds_of_references_lower_to_one_graph(expr: s.Expr) -> None:
    one = lowered(card(expr, variables=VARIABLES))
    other = lowered(card(as_structured(expr), variables=VARIABLES))
    assert one == other


@given(conditions())
def test_both_spellings_of_a_condition_lower_to_one_graph(expr: s.Expr) -> None:
    """The string form, printed and parsed, against the structured form."""
    parsed = parse_expression(print_expression(expr))
    assert parsed.errors == ()
    assert parsed.expr is not None
    text = lowered(card(parsed.expr, variables=VARIABLES))
    tree = lowered(card(as_structured(expr), variables=VARIABLES))
    assert text == tree
