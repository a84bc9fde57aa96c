"""Whole cards: declarations, settings, promises, and the seed's own card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.parse.card import parse
from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression
from compiler.syntax.tree import EntryKind
from compiler.syntax.walker import children, live_expressions, subexpressions
from compiler.text.load import load
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar, Sequence, ValueKind
from tests.compiler.parsing import BLOCKS, OLD_CARDS, card, findings
from tests.compiler.seed_card import GALLERY, seed_source


def test_the_card_of_the_seed_parses() -> None:
    source = seed_source()
    node, _ = load(source)
    assert node is not None
    read, found = parse(source, node)
    assert found == []
    assert read is not None
    assert (read.name, read.symbols, read.timeframe) == ("zone_scalper_v1", ("BTCUSDT",), "15m")
    assert read.higher_timeframes == ("4h",)
    assert [(f.id, f.kind, f.type) for f in read.features] == [
        ("sqz", EntryKind.INDICATOR, "squeeze"),
        ("st", EntryKind.INDICATOR, "supertrend"),
        ("swing", EntryKind.STRUCTURE, "swing"),
        ("demand", EntryKind.STRUCTURE, "derived_zone"),
    ]
    assert [print_expression(v.value) for v in read.variables] == [
        "sqz.fired == true",
        "swing.low_level > 0",
        "demand.any_active == true",
        "position_side == flat",
        "pending_order_count > 0",
    ]
    cases = [block.cases[0] for block in read.blocks]
    assert [print_expression(case.when) for case in cases] == [
        "has_squeeze_fire and has_swing_low and zone_active and is_flat and not has_pending",
        "position_side == long and position_layers < 3 and close < position_avg_entry * 0.98"
        " and zone_active",
        "position_side == long and close near swing.high_level within 0.5%",
        "oldest_pending_age_bars > 50",
    ]
    entry = cases[0].emit[0]
    assert [(p.slot, print_expression(p.value)) for p in entry.prices] == [
        ("price", "demand.closest_active_upper"),
        ("stop_loss", "demand.closest_active_lower"),
        ("take_profit", "swing.high_level"),
    ]


@pytest.mark.parametrize("path", sorted(GALLERY.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_expression_of_the_gallery_prints_and_reads_back(path: object) -> None:
    from compiler.expressions.read import parse_expression
    from compiler.syntax.printer import to_names

    source = Source("card", path.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    node, _ = load(source)
    assert node is not None
    read, found = parse(source, node)
    assert found == []
    assert read is not None
    expressions = [*live_expressions(read), *(v.value for v in read.variables)]
    assert expressions
    for expr in expressions:
        assert parse_expression(print_expression(expr)).expr == to_names(expr)


def test_structures_belong_to_the_timeframe_of_their_scope() -> None:
    read = card(
        "htf: [4h, 1D]\n"
        "structures: {exec: [{type: swing, key: a}, {type: swing, key: b, tf: 1h}],"
        " htf: [{type: swing, key: c}]}\n" + BLOCKS
    )
    assert read.higher_timeframes == ("4h", "1D")
    assert [(f.id, f.timeframe) for f in read.features] == [("a", None), ("b", "1h"), ("c", "4h")]
    read = card("structures: {htf: {12h: [{type: swing, key: c}]}}\n" + BLOCKS)
    assert [(f.id, f.timeframe) for f in read.features] == [("c", "12h")]


def test_structures_under_htf_need_a_higher_timeframe() -> None:
    text = "structures: {htf: [{type: swing, key: c}]}\n" + BLOCKS
    assert [(code, place) for code, place, _ in findings(text)] == [("IC109", "htf")]


def test_arguments_are_numbers_words_switches_tunables_and_lists() -> None:
    read = card(
        "params: {n: {default: 9, low: 5, high: 20, step: 1}, m: 2}\n"
        "features: [{type: x, id: f, tf: 4h, symbol: ETHUSDT, source: hl2, depends_on: {role: g},"
        " params: {a: 5, b: 1.5, c: true, d: wilder, e: '=n', f: {param: m}, g: [0.5, '=n', 1]}}]\n"
        + BLOCKS
    )
    assert read.params == (s.ParamDecl("n", 9.0, 5.0, 20.0, 1.0), s.ParamDecl("m", 2.0))
    (feature,) = read.features
    assert (feature.timeframe, feature.symbol, feature.source) == ("4h", "ETHUSDT", "hl2")
    assert feature.depends_on == (s.Dependency("role", "g"),)
    assert {a.name: a.value for a in feature.params} == {
        "a": s.Number(5.0, True),
        "b": s.Number(1.5),
        "c": s.Bool(True),
        "d": "wilder",
        "e": s.ParamRef("n"),
        "f": s.ParamRef("m"),
        "g": (s.Number(0.5), s.ParamRef("n"), s.Number(1.0, True)),
    }


def test_settings_are_leaves_with_dotted_paths() -> None:
    read = card(
        "account: {starting_equity_usdt: '=cash', fee_model: {taker_bps: 5.5}}\n"
        "position_policy: {allow_flip: false, max_layers: {param: n}}\n"
        "risk_model: {stop_loss: {type: structure, feature_id: sw, field: low_level}}\n"
        "execution: {fill_model: touch, impact: {model: none}}\n" + BLOCKS
    )
    assert {setting.path: setting.value for setting in read.settings} == {
        "account.starting_equity_usdt": s.ParamRef("cash"),
        "account.fee_model.taker_bps": s.Number(5.5),
        "position_policy.allow_flip": False,
        "position_policy.max_layers": s.ParamRef("n"),
        "risk_model.stop_loss.type": "structure",
        "risk_model.stop_loss.feature_id": "sw",
        "risk_model.stop_loss.field": "low_level",
        "execution.fill_model": "touch",
        "execution.impact.model": "none",
    }


def test_promises_are_names_counts_or_conditions() -> None:
    read = card(
        "invariants: [always_protected, {max_layers: 3}, {flat_after_bars: '=n'},"
        " {no_entry_while: hour_utc == 3}, position_layers < 4, {not: {var: x}}]\n" + BLOCKS
    )
    assert [
        (i.name, None if i.condition is None else print_expression(i.condition), i.argument)
        for i in read.invariants
    ] == [
        ("always_protected", None, None),
        ("max_layers", None, s.Number(3.0, True)),
        ("flat_after_bars", None, s.ParamRef("n")),
        ("no_entry_while", "hour_utc == 3", None),
        (None, "position_layers < 4", None),
        (None, "not x", None),
    ]


def test_what_is_missing_is_said_and_the_rest_is_read() -> None:
    source = Source("card.yaml", "symbol: BTCUSDT\nblocks: [{cases: [{when: a >}]}]\n")
    node, _ = load(source)
    assert node is not None
    read, found = parse(source, node)
    assert read is not None
    assert [d.code for d in found] == ["IC109"] * 4
    assert [d.message for d in found] == [
        "`name` is missing",
        "`tf` is missing",
        "`id` is missing",
        "`emit` is missing",
    ]


def test_a_list_is_no_card() -> None:
    source = Source("card.yaml", "[1, 2]")
    node, _ = load(source)
    assert node is not None
    read, found = parse(source, node)
    assert read is None
    assert [d.code for d in found] == ["IC110"]


# ---------------------------------------------------------------- anything at all

_CARDS = [
    load(Source("card", path.read_text(encoding="utf-8")))[0]
    for path in (*sorted(GALLERY.glob("*.yaml")), *sorted(OLD_CARDS.glob("*.yaml")))
]
_ODD = (
    Scalar(None, ""),
    Scalar(True, "true"),
    Scalar(-1, "-1"),
    Scalar(0.5, "0.5"),
    Scalar("a >", "a >"),
    Scalar("=", "="),
    Scalar("", ""),
    Sequence(()),
    Mapping(()),
    Sequence((Sequence((Scalar("x", "x"),)),)),
    Mapping((KeyValue(Scalar("feature_id", "feature_id"), Sequence(())),)),
)


def _spoilt(node: Node, draw: st.DrawFn) -> Node:
    """Replace, drop or rename something somewhere in a tree."""
    if isinstance(node, Mapping) and node.entries and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(node.entries) - 1))
        old = node.entries[at]
        made: tuple[KeyValue, ...] = (KeyValue(old.key, _spoilt(old.value, draw)),)
        change = draw(st.integers(0, 9))
        if change == 0:
            made = ()
        elif change == 1:
            made = (KeyValue(Scalar("var", "var"), old.value),)
        return Mapping((*node.entries[:at], *made, *node.entries[at + 1 :]))
    if isinstance(node, Sequence) and node.items and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(node.items) - 1))
        changed = _spoilt(node.items[at], draw)
        return Sequence((*node.items[:at], changed, *node.items[at + 1 :]))
    return draw(st.sampled_from(_ODD))


@st.composite
def _spoilt_cards(draw: st.DrawFn) -> Node:
    node = draw(st.sampled_from(_CARDS))
    assert node is not None
    for _ in range(draw(st.integers(1, 4))):
        node = _spoilt(node, draw)
    return node


@given(_spoilt_cards())
def test_any_tree_gives_a_card_or_findings(node: Node) -> None:
    read, found = parse(Source("card", ""), node)
    assert read is not None or found
    assert (read is None) == (node.kind is not ValueKind.MAPPING)
    if read is not None:
        for expr in live_expressions(read):
            assert all(children(part) is not None for part in subexpressions(expr))
            print_expression(expr)


def test_nesting_up_to_the_limits_of_text_and_yaml_is_harmless() -> None:
    inner = "not " * 60 + "x"
    text = "{not: " * 40 + f"'{inner}'" + "}" * 40
    read = card(f"blocks: [{{id: b, cases: [{{when: {text}, emit: [no_action]}}]}}]\n")
    assert print_expression(read.blocks[0].cases[0].when) == "not " * 100 + "x"
    assert hash(read) == hash(read)
