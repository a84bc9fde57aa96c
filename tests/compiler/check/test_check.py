"""Types, units and what must stand together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.check.card import MAX_DEPTH, check
from compiler.findings.source import Source, Span
from compiler.syntax import tree as s
from tests.compiler.cards import card, close, codes, eq, findings, gt, num, resolved

CLOSE, SLOW, RSI = close(), s.Name("slow"), s.Name("strength")
LEVEL, DIRECTION, UP = s.Name("swing", "high_level"), s.Name("st", "direction"), s.Name("st", "up")
INDEX, SIDE = s.Name("swing", "high_idx"), s.Name("position_side")
QTY, USDT, PCT = s.Name("position_qty"), s.Name("equity"), s.Name("position_unrealized_pct")
FRACTION, BARS, VOLUME = (
    s.Name("remaining_equity_pct"),
    s.Name("bars_since_entry"),
    s.Name("volume"),
)
LAYERS = s.Name("position_layers")
ADD, SUB, MUL, DIV = s.ArithOp.ADD, s.ArithOp.SUB, s.ArithOp.MUL, s.ArithOp.DIV


def arith(op: s.ArithOp, left: s.Expr, right: s.Expr) -> s.Arith:
    return s.Arith(op, left, right)


# ---------------------------------------------------------------- units


@pytest.mark.parametrize(
    "expr",
    [
        gt(CLOSE, SLOW),
        gt(CLOSE, num(5)),
        gt(CLOSE, arith(MUL, SLOW, num(0.98))),
        gt(CLOSE, arith(ADD, arith(MUL, num(2), s.Name("range")), SLOW)),
        gt(arith(DIV, CLOSE, SLOW), num(1.01)),
        gt(arith(MUL, CLOSE, VOLUME), USDT),
        gt(arith(DIV, USDT, CLOSE), QTY),
        gt(arith(DIV, USDT, QTY), CLOSE),
        gt(arith(DIV, num(1000), CLOSE), QTY),
        gt(arith(SUB, s.Name("bar_index"), INDEX), BARS),
        gt(CLOSE, arith(MUL, SLOW, arith(SUB, num(1), arith(DIV, PCT, num(100))))),
        gt(arith(MUL, FRACTION, num(100)), PCT),
        gt(arith(MUL, arith(SUB, arith(DIV, CLOSE, SLOW), num(1)), num(100)), PCT),
        gt(arith(SUB, CLOSE, s.Percent(0.5)), SLOW),
        gt(s.Call("min", (CLOSE, SLOW, num(3))), LEVEL),
        gt(s.Default(LEVEL, num(0)), CLOSE),
        gt(s.Call("sqrt", (arith(MUL, RSI, RSI),)), num(3)),
        s.Between(CLOSE, LEVEL, arith(ADD, LEVEL, num(5))),
        s.IsMissing(UP),
        s.Cross(s.Direction.ABOVE, RSI, num(30)),
    ],
    ids=repr,
)
def test_values_that_go_together_pass(expr: s.Expr) -> None:
    assert codes(card(expr)) == []


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        (gt(CLOSE, USDT), ("a price", "an amount of usdt")),
        (gt(CLOSE, RSI), ("a price", "a plain number")),
        (gt(CLOSE, PCT), ("a price", "a percentage")),
        (gt(arith(ADD, BARS, USDT), num(1)), ("a number of bars", "an amount of usdt")),
        (gt(FRACTION, PCT), ("a fraction", "a percentage")),
        (gt(arith(MUL, CLOSE, SLOW), num(1)), ("a price", "a price")),
        (gt(arith(MUL, CLOSE, PCT), num(1)), ("a price", "a percentage")),
        (gt(arith(DIV, RSI, CLOSE), num(1)), ("a plain number", "a price")),
        (gt(s.Call("min", (CLOSE, VOLUME)), num(1)), ("a price", "a quantity")),
        (s.Between(CLOSE, num(1), RSI), ("a price", "a plain number")),
        (s.Cross(s.Direction.BELOW, CLOSE, RSI), ("a price", "a plain number")),
        (gt(s.Default(LEVEL, RSI), num(1)), ("a price", "a plain number")),
        (gt(INDEX, BARS), ("a bar number", "a number of bars")),
        (gt(QTY, USDT), ("a quantity", "an amount of usdt")),
    ],
    ids=repr,
)
def test_values_that_do_not_are_IC301_with_both_units_named(
    expr: s.Expr, words: tuple[str, ...]
) -> None:
    found = findings(card(expr))
    assert [d.code for d in found] == ["IC301"]
    assert all(word in found[0].message for word in words)


def test_e_is_raised_to_pure_numbers_alone() -> None:
    """What it is has no unit, and is never below zero."""
    assert codes(card(gt(s.Call("exp", (arith(SUB, CLOSE, LEVEL),)), num(2)))) == ["IC301"]
    assert codes(card(gt(s.Call("exp", (arith(DIV, CLOSE, LEVEL),)), num(2)))) == []


def test_a_percentage_alone_means_nothing() -> None:
    assert codes(card(gt(CLOSE, s.Percent(2)))) == ["IC301"]
    assert codes(card(gt(CLOSE, arith(MUL, SLOW, s.Percent(2))))) == ["IC301"]


def test_one_mistake_is_one_finding() -> None:
    wrong = arith(ADD, CLOSE, USDT)
    assert codes(card(gt(arith(MUL, wrong, num(2)), arith(ADD, LEVEL, num(1))))) == ["IC301"]


# ---------------------------------------------------------------- equality


@pytest.mark.parametrize(
    "expr",
    [
        eq(DIRECTION, num(1)),
        eq(LAYERS, num(2)),
        eq(UP, s.Bool(True)),
        eq(UP, num(1)),
        eq(num(0), UP),
        eq(SIDE, s.Name("flat")),
        eq(s.Name("FLAT"), SIDE),
        eq(s.Name("fib", "state"), s.Name("ACTIVE")),
        s.In(SIDE, (s.Name("long"), s.Name("short"))),
        s.In(DIRECTION, (num(1), num(-1))),
        eq(s.Default(SIDE, s.Name("flat")), s.Name("long")),
        eq(s.Name("swing", "last_type"), s.Name("high")),
        eq(s.Name("low"), s.Offset(s.Name("swing", "last_type"), 1)),
        s.In(s.Default(s.Name("swing", "last_type"), s.Name("none")), (s.Name("high"),)),
    ],
    ids=repr,
)
def test_words_whole_numbers_and_truth_may_be_equal(expr: s.Expr) -> None:
    assert codes(card(expr)) == []


@pytest.mark.parametrize(
    ("expr", "code"),
    [
        (eq(CLOSE, SLOW), "IC305"),
        (eq(RSI, num(30)), "IC305"),
        (s.In(CLOSE, (num(1),)), "IC305"),
        (eq(SIDE, s.Name("flatt")), "IC304"),
        (eq(s.Name("fib", "state"), s.Name("long")), "IC304"),
        (s.In(SIDE, (s.Name("long"), s.Name("shrt"))), "IC304"),
        (eq(UP, num(2)), "IC301"),
        (eq(SIDE, num(1)), "IC301"),
        (eq(CLOSE, USDT), "IC301"),
        (eq(CLOSE, s.Name("flat")), "IC201"),
        (eq(SIDE, s.Name("fib", "state")), "IC301"),
    ],
    ids=repr,
)
def test_what_may_not_be_equal_says_why(expr: s.Expr, code: str) -> None:
    assert codes(card(expr)) == [code]


def test_an_unknown_word_offers_the_near_value() -> None:
    found = findings(card(eq(SIDE, s.Name("flatt", span=Span(3, 8)))))
    assert found[0].fix is not None
    assert found[0].fix.edits[0].text == "flat"


def test_comparing_truth_with_true_is_a_hint_in_the_string_form_only() -> None:
    source = Source("card", "st.up == true")
    name = s.Name("st", "up", span=Span(0, 5))
    expr = s.Compare(s.CompareOp.EQ, name, s.Bool(True, span=Span(9, 13)), span=Span(0, 13))
    names, _ = resolved(card(expr))
    found = check(names, source)
    assert [(d.code, d.fix.edits[0].text) for d in found if d.fix] == [("IC303", "st.up")]
    assert check(names) == []


# ---------------------------------------------------------------- truth


@pytest.mark.parametrize(
    "expr",
    [
        CLOSE,
        s.All((CLOSE, UP)),
        s.Not(RSI),
        s.Any((SIDE, UP)),
        gt(UP, num(1)),
        gt(arith(ADD, UP, num(1)), num(1)),
        gt(s.Call("abs", (CLOSE, CLOSE)), num(1)),
        gt(s.Call("min", (CLOSE,)), num(1)),
        s.Window(s.WindowKind.HOLDS, s.Length(num(3)), CLOSE),
    ],
    ids=repr,
)
def test_numbers_and_truth_do_not_mix(expr: s.Expr) -> None:
    assert codes(card(expr)) == ["IC309"]


@pytest.mark.parametrize(
    "length",
    [
        s.Length(num(0)),
        s.Length(num(501)),
        s.Length(num(2.5)),
        s.Length(None, "20m"),
        s.Length(None, "2x"),
        s.Length(None, "365d"),
        s.Length(s.ParamRef("long_one")),
        s.Length(None),
    ],
    ids=repr,
)
def test_a_window_is_1_to_500_whole_bars(length: s.Length) -> None:
    of = card(s.Window(s.WindowKind.HOLDS, length, UP), params=(s.ParamDecl("long_one", 501),))
    assert codes(of) == ["IC310"]


@pytest.mark.parametrize("count", [None, num(0), num(6), num(1.5)])
def test_min_true_lies_inside_the_window(count: s.Number | None) -> None:
    window = s.Window(s.WindowKind.COUNT, s.Length(num(5)), UP, count)
    assert codes(card(window)) == ["IC310"]


def test_a_look_back_is_at_most_500_bars() -> None:
    assert codes(card(gt(s.Offset(CLOSE, 501), num(1)))) == ["IC310"]
    assert codes(card(gt(s.Offset(CLOSE, 500), num(1)))) == []


def test_nesting_beyond_the_limit_is_refused_not_a_crash() -> None:
    expr: s.Expr = UP
    for _ in range(MAX_DEPTH * 20):
        expr = s.Not(expr)
    assert codes(card(expr)) == ["IC112"]


# ---------------------------------------------------------------- near


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        (s.Near(CLOSE, LEVEL, num(0.5), s.ToleranceKind.PERCENT), []),
        (s.Near(CLOSE, LEVEL, s.Percent(0.5), s.ToleranceKind.PERCENT), []),
        (s.Near(CLOSE, LEVEL, num(50), s.ToleranceKind.ABSOLUTE), []),
        (s.Near(CLOSE, LEVEL, s.Name("range"), s.ToleranceKind.ABSOLUTE), []),
        (s.Near(CLOSE, LEVEL, num(50), s.ToleranceKind.PERCENT), ["IC302"]),
        (s.Near(CLOSE, LEVEL, num(0.0005), s.ToleranceKind.PERCENT), ["IC302"]),
        (s.Near(CLOSE, LEVEL, num(-1), s.ToleranceKind.ABSOLUTE), ["IC302"]),
        (s.Near(CLOSE, LEVEL, RSI, s.ToleranceKind.ABSOLUTE), ["IC302"]),
        (s.Near(CLOSE, LEVEL, s.Name("range"), s.ToleranceKind.PERCENT), ["IC302"]),
        (s.Near(FRACTION, num(0.5), num(0.5), s.ToleranceKind.ABSOLUTE), ["IC302"]),
        (s.Near(CLOSE, RSI, num(0.5), s.ToleranceKind.PERCENT), ["IC301"]),
    ],
    ids=repr,
)
def test_tolerances_have_the_unit_and_scale_of_their_kind(
    near: s.Near, expected: list[str]
) -> None:
    assert codes(card(near)) == expected


# ---------------------------------------------------------------- clocks


def test_fewer_bars_than_one_bar_of_the_value_is_IC703() -> None:
    rising = gt(s.Name("trend"), s.Offset(s.Name("trend"), 1))
    window = s.Window(s.WindowKind.HOLDS, s.Length(num(8)), rising)
    assert codes(card(window)) == ["IC703"]
    assert codes(card(replace(window, length=s.Length(None, "2h")))) == []
    assert codes(card(replace(window, length=s.Length(num(32))))) == []
    assert codes(card(replace(window, operand=gt(CLOSE, s.Name("trend"))))) == []


def test_the_clock_of_a_variable_is_the_clock_of_what_it_reads() -> None:
    rising = s.Variable("rising", gt(s.Name("trend"), num(5)))
    window = s.Window(s.WindowKind.HOLDS, s.Length(num(8)), s.VarRef("rising"))
    assert codes(card(window, variables=(rising,))) == ["IC703"]


def test_a_cross_of_values_of_a_higher_timeframe_is_IC704() -> None:
    cross = s.Cross(s.Direction.ABOVE, s.Name("trend"), s.Name("slow", timeframe="4h"))
    assert codes(card(cross)) == ["IC704"]
    assert codes(card(replace(cross, right=num(3)))) == ["IC704"]
    assert codes(card(replace(cross, right=CLOSE))) == []


# ---------------------------------------------------------------- total

NAMES = (CLOSE, SLOW, RSI, LEVEL, UP, SIDE, USDT, INDEX, BARS, s.Name("flat"), s.Name("nothing"))
LITERALS = (num(1), num(0.5), s.Percent(1.0), s.Bool(False), s.VarRef("x"), s.ParamRef("y"))
LEAVES = st.sampled_from((*NAMES, *LITERALS))


def grown(inner: st.SearchStrategy[s.Expr]) -> st.SearchStrategy[s.Expr]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda p: gt(*p)),
        pair.map(lambda p: eq(*p)),
        st.tuples(st.sampled_from(s.ArithOp), inner, inner).map(lambda t: s.Arith(*t)),
        pair.map(lambda p: s.All(p)),
        pair.map(lambda p: s.Default(*p)),
        pair.map(lambda p: s.In(p[0], (p[1],))),
        pair.map(lambda p: s.Cross(s.Direction.ABOVE, *p)),
        st.tuples(inner, inner, inner).map(lambda t: s.Between(*t)),
        st.tuples(inner, inner, inner, st.sampled_from(s.ToleranceKind)).map(lambda t: s.Near(*t)),
        inner.map(s.Not),
        inner.map(s.Negate),
        inner.map(s.IsMissing),
        inner.map(lambda e: s.Offset(e, 3)),
        inner.map(lambda e: s.Call("max", (e, e))),
        inner.map(lambda e: s.Window(s.WindowKind.OCCURRED, s.Length(num(3)), e)),
    )


TREES = st.recursive(LEAVES, grown, max_leaves=12)


@given(TREES)
def test_checking_never_raises_and_what_passes_can_be_lowered(expr: s.Expr) -> None:
    from compiler.lower.card import lower
    from compiler.lower.flatten import flatten
    from compiler.optimize import optimize

    names, found = resolved(card(expr))
    if not any(d.is_error for d in found + check(names)):
        flatten(optimize(lower(names)))
