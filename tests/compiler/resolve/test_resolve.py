"""Names: what each reference means, and what is said about those that mean nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.catalog.orders import OptionName, PriceSlot
from compiler.catalog.types import Type, Unit
from compiler.check.unused import unused
from compiler.findings.source import Span
from compiler.resolve.ordering import dependency_order
from compiler.resolve.scope import AccountSymbol, BarSymbol, FeatureSymbol, Symbol
from compiler.syntax import tree as s
from tests.compiler.cards import (
    FEATURES,
    card,
    close,
    codes,
    eq,
    findings,
    gt,
    indicator,
    num,
    resolved,
)

HERE = Span(10, 15)


def meaning(name: s.Expr) -> Symbol | None:
    names, _ = resolved(card(gt(name, num(1))))
    return names.symbol(name)  # type: ignore[arg-type]


def only(of: s.Card) -> tuple[str, str | None, str | None]:
    """Return code, help and fix text of the one finding of a card."""
    found = findings(of)
    assert len(found) == 1, [(d.code, d.message) for d in found]
    fix = found[0].fix
    return found[0].code, found[0].help, fix.edits[0].text if fix else None


# ---------------------------------------------------------------- references


@pytest.mark.parametrize(
    ("reference", "instance", "output"),
    [
        (s.Name("slow"), "slow", "value"),
        (s.Name("swing"), "swing", "high_level"),
        (s.Name("swing", "low_level"), "swing", "low_level"),
        (s.FeatureRef("swing", "low_level"), "swing", "low_level"),
        (s.Name("fib", "level_0.618"), "fib", "level_0.618"),
        (s.Name("fib", "level[0.618]"), "fib", "level_0.618"),
        (s.Name("fib", "level_0.50"), "fib", "level_0.5"),
        (s.Name("slow", timeframe="4h"), "slow@4h", "value"),
        (s.Name("slow", timeframe="4H"), "slow@4h", "value"),
        (s.FeatureRef("slow@4h"), "slow@4h", "value"),
        (s.Name("slow", timeframe="15m"), "slow", "value"),
        (s.Name("trend", timeframe="4h"), "trend", "value"),
        (s.Name("close", timeframe="4h"), "close@4h", "value"),
        (s.BuiltinRef("close@4h"), "close@4h", "value"),
    ],
)
def test_feature_reference_is_an_output(reference: s.Expr, instance: str, output: str) -> None:
    symbol = meaning(reference)
    assert isinstance(symbol, FeatureSymbol)
    assert (symbol.instance, symbol.output) == (instance, output)


@pytest.mark.parametrize(
    "reference",
    [s.Name("hl2"), s.FeatureRef("hl2"), s.BuiltinRef("hl2"), s.FeatureRef("hl2", "value")],
)
def test_bar_columns_have_three_spellings(reference: s.Expr) -> None:
    symbol = meaning(reference)
    assert isinstance(symbol, BarSymbol)
    assert symbol.builtin.name == "hl2"


@pytest.mark.parametrize(
    "reference", [s.BuiltinRef("order_filled_pct", "x"), s.Name("order_filled_pct", "x")]
)
def test_order_builtins_take_a_ref(reference: s.Expr) -> None:
    symbol = meaning(reference)
    assert isinstance(symbol, AccountSymbol)
    assert (symbol.name, symbol.ref) == ("order_filled_pct", "x")


def test_layer_ref_is_an_enum_of_the_cards_order_refs() -> None:
    placing = s.Action(
        "place_limit_long",
        prices=(s.Price(PriceSlot.PRICE, "price", num(9)),),
        size=s.Size(s.SizeKind.USDT, num(9)),
        options=(s.Option(OptionName.ORDER_REF, "first"),),
        on_fill=(s.Action("cancel_order", options=(s.Option(OptionName.ORDER_REF, "second"),)),),
    )
    condition = eq(s.Name("position_layer_3_ref"), s.Name("second"))
    names, found = resolved(card(blocks=(s.Block("b", (s.Case(condition, (placing,)),)),)))
    symbol = names.symbol(s.Name("position_layer_3_ref"))
    assert isinstance(symbol, AccountSymbol)
    assert (symbol.value.type, symbol.value.enum) == (Type.ENUM, ("first", "second"))
    assert found == []


def test_source_unit_is_the_unit_of_the_column() -> None:
    volume = replace(indicator("vol", "ema", length=5), source="volume")
    names, _ = resolved(card(gt(s.Name("vol"), num(1)), features=(*FEATURES, volume)))
    symbol = names.symbol(s.Name("vol"))
    assert isinstance(symbol, FeatureSymbol)
    assert symbol.value.unit is Unit.QTY


def test_a_structure_moves_to_another_timeframe_with_what_it_reads() -> None:
    names, found = resolved(card(gt(close(), s.Name("fib", "level_0.5", timeframe="4h"))))
    assert found == []
    assert names.by_id["fib@4h"].depends == (("swing", "swing@4h"),)
    order = [instance.id for instance in names.instances]
    assert order.index("swing@4h") < order.index("fib@4h")


def test_a_dependency_may_be_declared_later() -> None:
    names, found = resolved(card(gt(close(), s.Name("fib")), features=tuple(reversed(FEATURES))))
    order = [instance.id for instance in names.instances]
    assert found == []
    assert order.index("swing") < order.index("fib")


# ---------------------------------------------------------------- did you mean


@pytest.mark.parametrize(
    ("expr", "fix"),
    [
        (gt(s.Name("closee"), num(1)), "close"),
        (gt(s.Name("slwo"), num(1)), "slow"),
        (gt(s.Name("swing", "hihg_level"), num(1)), "high_level"),
        (gt(s.FeatureRef("swng", "high_level"), num(1)), "swing"),
        (gt(s.FeatureRef("swing", "high_levle"), num(1)), "high_level"),
        (gt(s.BuiltinRef("equty"), num(1)), "equity"),
        (gt(s.Call("mni", (num(1), close())), num(1)), "min"),
        (s.VarRef("gren"), "green"),
        (gt(close(), s.ParamRef("fst")), "fast"),
    ],
)
def test_a_misspelt_name_is_IC201_with_the_near_one_as_fix(expr: s.Expr, fix: str) -> None:
    green = s.Variable("green", gt(close(), s.Name("open")))
    param = s.ParamDecl("fast", 9)
    code, help, text = only(card(expr, variables=(green,), params=(param,)))
    assert (code, text) == ("IC201", fix)
    assert help == f"did you mean `{fix}`?"


def test_the_fix_of_a_misspelt_field_replaces_the_field_alone() -> None:
    name = s.Name("swing", "hihg_level", span=Span(100, 116))
    fix = findings(card(gt(name, num(1))))[0].fix
    assert fix is not None
    assert fix.edits[0].span == Span(106, 116)


def test_every_place_of_a_misspelt_name_is_reported() -> None:
    here, there = s.Name("swing", "x", span=Span(1, 8)), s.Name("swing", "x", span=Span(20, 27))
    found = findings(card(gt(here, num(1)), gt(there, num(1))))
    assert [d.code for d in found] == ["IC201", "IC201"]


@pytest.mark.parametrize(
    ("feature", "code", "fix"),
    [
        (s.Feature("x", s.EntryKind.INDICATOR, "supertrnd"), "IC201", "supertrend"),
        (indicator("x", "ema", lenght=3), "IC107", "length"),
        (indicator("x", "ema", length=0), "IC110", None),
        (indicator("x", "ema", length=2.5), "IC110", None),
        (replace(indicator("x", "ema", length=3), source="clos"), "IC304", "close"),
        (replace(indicator("x", "ema", length=3), timeframe="4hh"), "IC304", "4h"),
        (replace(indicator("x", "ema", length=3), timeframe="5m"), "IC701", None),
        (replace(indicator("x", "atr", length=3), source="close"), "IC107", None),
        (s.Feature("x", s.EntryKind.STRUCTURE, "fibonacci"), "IC109", None),
        (
            s.Feature(
                "x",
                s.EntryKind.STRUCTURE,
                "fibonacci",
                depends_on=(s.Dependency("swing", "swin"),),
            ),
            "IC201",
            "swing",
        ),
        (
            s.Feature(
                "x",
                s.EntryKind.STRUCTURE,
                "fibonacci",
                depends_on=(s.Dependency("swing", "slow"),),
            ),
            "IC201",
            None,
        ),
        (
            s.Feature("x", s.EntryKind.STRUCTURE, "swing", params=(s.Argument("mode", "zigzag"),)),
            "IC110",
            None,
        ),
        (  # an average has no `version` that could be news
            replace(indicator("x", "anchored_vwap"), depends_on=(s.Dependency("anchor", "slow"),)),
            "IC201",
            None,
        ),
    ],
)
def test_a_wrong_feature_is_reported_once_and_its_users_stay_silent(
    feature: s.Feature, code: str, fix: str | None
) -> None:
    found = only(card(gt(s.Name("x"), num(1)), features=(*FEATURES, feature)))
    assert (found[0], found[2]) == (code, fix)


def test_an_alias_of_a_parameter_is_the_parameter() -> None:
    feature = indicator("x", "supertrend", mult=2)
    names, found = resolved(card(gt(s.Name("x"), num(1)), features=(feature,)))
    assert found == []
    assert dict(names.by_id["x"].params) == {"length": 20, "multiplier": 2.0}


def test_an_old_name_of_a_field_still_works_and_is_noted() -> None:
    code, _, fix = only(card(s.Name("st", "is_up")))
    assert (code, fix) == ("IC207", "up")


def test_tunables_bind_as_parameters() -> None:
    feature = s.Feature(
        "x",
        s.EntryKind.INDICATOR,
        "ema",
        params=(s.Argument("length", s.ParamRef("fast")),),
    )
    names, found = resolved(
        card(gt(s.Name("x"), num(1)), features=(feature,), params=(s.ParamDecl("fast", 7),))
    )
    assert found == []
    assert dict(names.by_id["x"].params) == {"length": 7}


# ---------------------------------------------------------------- ids and cycles


@pytest.mark.parametrize("name", ["close", "equity", "and", "bars", "flat", "active"])
def test_an_id_that_already_means_something_is_IC204(name: str) -> None:
    variable = s.Variable(name, gt(close(), num(1)))
    assert codes(card(s.VarRef(name), variables=(variable,))) == ["IC204"]


def test_a_tunable_and_a_feature_may_share_a_name() -> None:
    assert (
        codes(card(gt(s.Name("fast"), s.ParamRef("fast")), params=(s.ParamDecl("fast", 9),))) == []
    )


def test_two_features_or_blocks_with_one_id_are_IC206() -> None:
    twice = (*FEATURES, indicator("slow", "ema", length=9))
    assert codes(card(gt(s.Name("slow"), num(1)), features=twice)) == ["IC206"]
    one = card(gt(close(), num(1)))
    assert codes(replace(one, blocks=one.blocks * 2)) == ["IC206"]


def test_variables_in_a_circle_are_IC205_and_everything_else_is_still_checked() -> None:
    variables = (
        s.Variable("a", s.All((s.VarRef("b"), gt(close(), num(1))))),
        s.Variable("b", s.Not(s.VarRef("a"))),
    )
    assert codes(card(s.VarRef("a"), gt(s.Name("closee"), num(1)), variables=variables)) == [
        "IC201",
        "IC205",
    ]


def test_structures_in_a_circle_are_IC205() -> None:
    feature = s.Feature(
        "x", s.EntryKind.STRUCTURE, "fibonacci", depends_on=(s.Dependency("swing", "x"),)
    )
    found = {d.code for d in findings(card(gt(s.Name("x"), num(1)), features=(feature,)))}
    assert "IC205" in found or "IC201" in found


def test_a_chain_of_a_thousand_variables_is_fine() -> None:
    variables = [s.Variable("v0", gt(close(), num(1)))]
    variables += [s.Variable(f"v{i}", s.Not(s.VarRef(f"v{i - 1}"))) for i in range(1, 1000)]
    assert codes(card(s.VarRef("v999"), variables=tuple(reversed(variables)))) == []


def test_dependency_order_leaves_out_what_needs_a_cycle() -> None:
    order, cycles = dependency_order(
        {"a": ["b"], "b": ["c"], "c": ["b"], "d": [], "e": ["d", "missing"]}
    )
    assert order == ("d", "e")
    assert cycles == (("b", "c"),)


# ---------------------------------------------------------------- timeframes


def test_htf_that_is_no_whole_multiple_is_IC701_at_its_place() -> None:
    of = card(gt(close(), num(1)), timeframe="4h", higher_timeframes=("6h", "12h"), features=())
    found = findings(replace(of, higher_timeframe_spans=(HERE, Span(20, 23))))
    assert [(d.code, d.span) for d in found] == [("IC701", HERE)]


@pytest.mark.parametrize("written", ["4H", "8h", "D", "1W"])
def test_timeframes_are_read_in_any_case(written: str) -> None:
    assert codes(card(gt(close(), num(1)), higher_timeframes=(written,))) == []


def test_account_values_have_no_other_timeframe() -> None:
    assert codes(card(gt(s.Name("equity", timeframe="4h"), num(1)))) == ["IC201"]


# ---------------------------------------------------------------- what nobody reads


def unread(of: s.Card) -> list[str]:
    return [d.message for d in unused(resolved(of)[0])]


def test_unread_features_and_variables_are_noted() -> None:
    idle = s.Variable("idle", gt(s.Name("fast"), num(1)))
    messages = unread(card(gt(s.Name("slow"), num(1)), features=FEATURES[:3], variables=(idle,)))
    assert messages == [
        "no rule reads the feature `strength`",
        "no rule reads the variable `idle`",
    ]


def test_what_another_feature_a_price_or_the_risk_model_reads_is_read() -> None:
    of = card(
        gt(s.Name("fib"), num(1)),
        features=(FEATURES[3], *FEATURES[5:7]),
        settings=(
            s.Setting("risk_model.stop_loss.type", "atr_multiple"),
            s.Setting("risk_model.stop_loss.atr_feature_id", "range"),
        ),
    )
    assert unread(of) == []


def test_a_feature_read_only_on_another_timeframe_is_read() -> None:
    assert unread(card(gt(s.Name("slow", timeframe="4h"), num(1)), features=FEATURES[1:2])) == []
