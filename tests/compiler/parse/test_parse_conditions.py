"""Structured conditions and references, and that they say the same as the string form."""

from __future__ import annotations

import pytest

from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression, to_names
from tests.compiler.parsing import BLOCKS, card, condition, findings

TUNABLES = "params: {n: {default: 3}, k: {default: 0.5}}\n"


@pytest.mark.parametrize(
    ("structured", "text"),
    [
        ("{lhs: {feature_id: a}, op: gt, rhs: 0}", "a > 0"),
        ("{lhs: {feature_id: a, field: x}, op: '>=', rhs: {builtin: close}}", "a.x >= close"),
        ("{lhs: a, op: ge, rhs: b}", "a >= b"),
        ("{lhs: a, op: le, rhs: -2}", "a <= -2"),
        ("{lhs: {builtin: position_side}, op: eq, rhs: flat}", "position_side == flat"),
        ("{lhs: {feature_id: z, field: on}, op: ne, rhs: true}", "z.on != true"),
        ("{lhs: a, op: cross_above, rhs: b}", "a crosses above b"),
        ("{lhs: a, op: cross_below, rhs: 30}", "a crosses below 30"),
        ("{lhs: a, op: near_abs, rhs: b, tolerance: 10}", "a near b within 10"),
        ("{lhs: a, op: approx_eq, rhs: b, tolerance: 10}", "a near b within 10"),
        ("{lhs: a, op: near_pct, rhs: b, tolerance: 0.5}", "a near b within 0.5%"),
        ("{lhs: a, op: near_pct, rhs: b, tolerance: '=k'}", "a near b within =k%"),
        ("{lhs: a, op: between, rhs: {low: 30, high: {feature_id: b}}}", "a between 30 and b"),
        ("{lhs: a, op: in, rhs: [active, broken]}", "a in [active, broken]"),
        ("{all: [a, b]}", "a and b"),
        ("[a, b]", "a and b"),
        ("[a, [b, c]]", "a and (b and c)"),
        ("{any: [a, {not: {var: b}}]}", "a or not b"),
        ("{all: [a]}", "a"),
        ("{holds_for: {bars: 3, expr: a}}", "a for 3 bars"),
        ("{holds_for: {bars: 2H, expr: a > 1}}", "a > 1 for 2h"),
        ("{occurred_within: {bars: '=n', expr: {all: [a, b]}}}", "(a and b) within last =n bars"),
        (
            "{count_true: {bars: {param: n}, min_true: 2, expr: {var: a}}}",
            "a at least 2 of last =n bars",
        ),
        ("{lhs: {feature_id: a, offset: 2}, op: gt, rhs: 'a[3]'}", "a[2] > a[3]"),
        ("{lhs: {feature_id: a, offset: 0}, op: gt, rhs: 1}", "a > 1"),
        ("{lhs: {feature_id: a, offset: '=n'}, op: gt, rhs: 1}", "a[3] > 1"),
        ("{lhs: c, op: lt, rhs: {builtin: e, multiplier: 0.98}}", "c < e * 0.98"),
        ("{lhs: c, op: lt, rhs: {builtin: e, multiplier: 1, add: 0}}", "c < e"),
        ("{lhs: c, op: lt, rhs: {feature_id: e, add: -5}}", "c < e - 5"),
        (
            "{lhs: c, op: lt, rhs: {feature_id: e, field: f, offset: 1, multiplier: 2, add: 5}}",
            "c < e.f[1] * 2 + 5",
        ),
        ("{lhs: c, op: lt, rhs: {param: k, multiplier: '=n'}}", "c < =k * =n"),
        (
            "{lhs: {builtin: order_pending, ref: a_1}, op: eq, rhs: true}",
            "order_pending.a_1 == true",
        ),
        (
            "{lhs: x * 2 + 1, op: gt, rhs: 'd.zone1_upper * 0.999'}",
            "x * 2 + 1 > d.zone1_upper * 0.999",
        ),
        ("true", "true"),
    ],
)
def test_both_spellings_are_one_tree(structured: str, text: str) -> None:
    tree = condition(structured, more=TUNABLES)
    assert print_expression(tree) == text
    assert to_names(tree) == condition(f"{text!r}", more=TUNABLES)


def test_references_keep_what_they_refer_to() -> None:
    tree = condition("{lhs: {feature_id: a, field: x}, op: eq, rhs: {var: v}}")
    assert isinstance(tree, s.Compare)
    assert (tree.left, tree.right) == (s.FeatureRef("a", "x"), s.VarRef("v"))


@pytest.mark.parametrize(
    ("fraction", "percent"),
    [("0.005", 0.5), ("0.007", 0.7), ("1e-3", 0.1), ("0.01", 1.0), ("0.0029", 0.29)],
)
def test_near_pct_of_an_old_card_is_a_fraction(fraction: str, percent: float) -> None:
    text = f"{{lhs: a, op: near_pct, rhs: b, tolerance: {fraction}}}"
    old, new = condition(text, old=True), condition(text)
    assert isinstance(old, s.Near)
    assert isinstance(new, s.Near)
    assert old.tolerance == s.Percent(percent)
    assert new.tolerance == s.Percent(float(fraction))


def test_a_percent_sign_means_percent_in_both_versions() -> None:
    text = "a near b within 0.5%"
    assert condition(text, old=True) == condition(text)


def test_spans_of_structured_references_are_exact() -> None:
    text = (
        "blocks:\n- id: b\n  cases:\n  - when: {lhs: {feature_id: sw, field: hi}, op: gt, rhs: 1}\n"
        "    emit: [no_action]\n"
    )
    whole = "name: t\nsymbol: BTCUSDT\ntf: 15m\n" + text
    tree = card(text).blocks[0].cases[0].when
    assert isinstance(tree, s.Compare)
    assert isinstance(tree.left, s.FeatureRef)
    spans = (tree.span, tree.op_span, tree.left.span, tree.left.id_span, tree.left.field_span)
    assert [whole[x.start : x.end] for x in spans] == [
        "{lhs: {feature_id: sw, field: hi}, op: gt, rhs: 1}",
        "gt",
        "{feature_id: sw, field: hi}",
        "sw",
        "hi",
    ]


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("a >> b", ">>"),
        ("'a >> b'", ">>"),
        ('"a \\t >> b"', ">>"),
        ('"it\'s >> b"', "'"),
        (">-\n      a and\n      b >> c", ">>"),
        ("|\n      a\n      and b >> c\n", ">>"),
    ],
)
def test_errors_inside_any_scalar_point_at_the_right_characters(value: str, place: str) -> None:
    text = f"blocks:\n- id: b\n  cases:\n  - when: {value}\n    emit: [no_action]\n"
    ((code, found, _),) = findings(text)
    assert (code, found) == ("IC111", place)


def test_fixes_are_offered_only_where_the_text_stands_as_it_reads() -> None:
    from tests.compiler.parsing import parsed

    head = "name: t\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n- id: b\n  cases:\n"
    _, found, source = parsed(head + "  - when: 'a && b'\n    emit: [no_action]\n")
    fix = found[0].fix
    assert fix is not None
    assert source.slice(fix.edits[0].span) == "&&"
    assert fix.edits[0].text == "and"
    _, found, _ = parsed(head + '  - when: "a \\x26\\x26 b"\n    emit: [no_action]\n')
    assert found[0].fix is None


def test_every_broken_expression_of_a_card_is_told() -> None:
    text = (
        "variables: {x: a >, y: b ==}\n"
        "blocks: [{id: b, cases: [{when: c +, emit: [{action: place_limit_long, "
        "metadata: {price: close *, size_pct: 0.1}}]}]}]\n"
    )
    assert [code for code, _, _ in findings(text)] == ["IC111"] * 4


@pytest.mark.parametrize(
    ("value", "code", "place"),
    [
        ("3", "IC110", "3"),
        ("{}", "IC110", "{}"),
        ("{foo: 1}", "IC110", "{foo: 1}"),
        ("{all: a}", "IC110", "a"),
        ("{all: []}", "IC110", "[]"),
        ("{lhs: a, rhs: 1}", "IC109", "lhs"),
        ("{lhs: a, op: gr, rhs: 1}", "IC110", "gr"),
        ("{lhs: a, op: gt, rhs: [1]}", "IC110", "[1]"),
        ("{lhs: a, op: between, rhs: 3}", "IC110", "3"),
        ("{lhs: a, op: between, rhs: {low: 3}}", "IC109", "low"),
        ("{lhs: a, op: near_abs, rhs: b}", "IC109", "lhs"),
        ("{lhs: {field: x}, op: gt, rhs: 1}", "IC110", "{field: x}"),
        ("{lhs: {feature_id: [a]}, op: gt, rhs: 1}", "IC110", "[a]"),
        ("{holds_for: 3}", "IC110", "3"),
        ("{holds_for: {bars: x, expr: a}}", "IC110", "x"),
        ("{count_true: {bars: 3, expr: a}}", "IC109", "bars"),
        ("{lhs: {feature_id: a, offset: 1.5}, op: gt, rhs: 1}", "IC310", "1.5"),
        ("{lhs: {feature_id: a, offset: '=q'}, op: gt, rhs: 1}", "IC201", "'=q'"),
    ],
)
def test_odd_shapes_are_findings(value: str, code: str, place: str) -> None:
    text = f"blocks: [{{id: b, cases: [{{when: {value}, emit: [no_action]}}]}}]\n"
    ((found_code, found_place, _),) = findings(text)
    assert (found_code, found_place) == (code, place)


def test_a_whole_card_without_conditions_parses() -> None:
    assert card(BLOCKS).blocks[0].cases[0].when == s.Bool(True)
