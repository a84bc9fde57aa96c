"""The string form of conditions and numbers: what each text means."""

from __future__ import annotations

import time

import pytest

from compiler.expressions.grammar import spellings
from compiler.expressions.read import MAX_DEPTH, MAX_LENGTH, parse_expression
from compiler.findings.source import Span
from compiler.syntax import expr as e
from compiler.syntax.reserved import RESERVED_WORDS
from compiler.syntax.walker import subexpressions


def tree(text: str) -> e.Expr:
    parsed = parse_expression(text)
    assert parsed.errors == ()
    assert parsed.expr is not None
    return parsed.expr


def n(value: float) -> e.Number:
    return e.Number(float(value), isinstance(value, int))


def name(text: str) -> e.Name:
    head, _, field = text.partition(".")
    return e.Name(head, field or None)


A, B, C, D = (name(word) for word in "abcd")
GT, ADD, SUB, MUL = e.CompareOp.GT, e.ArithOp.ADD, e.ArithOp.SUB, e.ArithOp.MUL
HOLDS, OCCURRED, COUNT = e.WindowKind
FIVE_BARS = e.Length(n(5))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and c", e.Any((A, e.All((B, C))))),
        ("a and b and c", e.All((A, B, C))),
        ("(a and b) and c", e.All((e.All((A, B)), C))),
        ("not a and b", e.All((e.Not(A), B))),
        ("not a for 5 bars", e.Not(e.Window(HOLDS, FIVE_BARS, A))),
        ("(not a) for 5 bars", e.Window(HOLDS, FIVE_BARS, e.Not(A))),
        ("a > b for 5 bars", e.Window(HOLDS, FIVE_BARS, e.Compare(GT, A, B))),
        ("a > b + c", e.Compare(GT, A, e.Arith(ADD, B, C))),
        ("a - b - c", e.Arith(SUB, e.Arith(SUB, A, B), C)),
        ("a - (b - c)", e.Arith(SUB, A, e.Arith(SUB, B, C))),
        ("a + b * c", e.Arith(ADD, A, e.Arith(MUL, B, C))),
        ("-a * b", e.Arith(MUL, e.Negate(A), B)),
        ("-a ?? b", e.Negate(e.Default(A, B))),
        ("a ?? b * c", e.Arith(MUL, e.Default(A, B), C)),
        ("a ?? b ?? c", e.Default(e.Default(A, B), C)),
        ("a ?? -1", e.Default(A, n(-1))),
        ("a ?? b[2]", e.Default(A, e.Offset(B, 2))),
        ("-a[1]", e.Negate(e.Offset(A, 1))),
        ("a - b + 0.5%", e.Arith(ADD, e.Arith(SUB, A, B), e.Percent(0.5))),
    ],
)
def test_forms_bind_as_tight_as_the_language_says(text: str, expected: e.Expr) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a crosses above b", e.Cross(e.Direction.ABOVE, A, B)),
        ("a crosses below 35", e.Cross(e.Direction.BELOW, A, n(35))),
        ("a between b and c", e.Between(A, B, C)),
        ("a between b and c and d", e.All((e.Between(A, B, C), D))),
        ("a in [b, c, 3]", e.In(A, (B, C, n(3)))),
        ("a near b within 10", e.Near(A, B, n(10), e.ToleranceKind.ABSOLUTE)),
        ("a near b within 0.5%", e.Near(A, B, e.Percent(0.5), e.ToleranceKind.PERCENT)),
        ("a near b within =t%", e.Near(A, B, e.ParamRef("t"), e.ToleranceKind.PERCENT)),
        ("a is missing", e.IsMissing(A)),
        ("a is not missing", e.IsMissing(A, True)),
        ("a within last 5 bars", e.Window(OCCURRED, FIVE_BARS, A)),
        ("a within last 1 bar", e.Window(OCCURRED, e.Length(n(1)), A)),
        ("a for 2h", e.Window(HOLDS, e.Length(None, "2h"), A)),
        ("a for =n bars", e.Window(HOLDS, e.Length(e.ParamRef("n")), A)),
        ("a at least 2 of last 5 bars", e.Window(COUNT, FIVE_BARS, A, n(2))),
        (
            "a near b within 10 within last 5 bars",
            e.Window(OCCURRED, FIVE_BARS, e.Near(A, B, n(10), e.ToleranceKind.ABSOLUTE)),
        ),
        (
            "a for 5 bars within last 5 bars",
            e.Window(OCCURRED, FIVE_BARS, e.Window(HOLDS, FIVE_BARS, A)),
        ),
        ("min(a, b, 3)", e.Call("min", (A, B, n(3)))),
        ("true", e.Bool(True)),
        ("=fast", e.ParamRef("fast")),
        ("= fast", e.ParamRef("fast")),
        ("a > =fast", e.Compare(GT, A, e.ParamRef("fast"))),
        ('a == "flat"', e.Compare(e.CompareOp.EQ, A, name("flat"))),
        ("order_pending(scale_2)", e.Name("order_pending", "scale_2")),
        ("order_pending('scale-2')", e.BuiltinRef("order_pending", "scale-2")),
    ],
)
def test_every_form_has_its_node(text: str, expected: e.Expr) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fib.level_0.618", e.Name("fib", "level_0.618")),
        ("fib.level[0.618]", e.Name("fib", "level[0.618]")),
        ("fib.level[1]", e.Offset(e.Name("fib", "level"), 1)),
        ("ema@4h", e.Name("ema", None, "4h")),
        ("fib.level_0.618@4h[3]", e.Offset(e.Name("fib", "level_0.618", "4h"), 3)),
        ("demand.zone1_upper*0.999", e.Arith(MUL, name("demand.zone1_upper"), n(0.999))),
        ("barz", name("barz")),
        ("forward", name("forward")),
        ("in1", name("in1")),
    ],
)
def test_a_name_is_one_word(text: str, expected: e.Expr) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "value", "is_int"),
    [
        ("5", 5.0, True),
        ("1_000", 1000.0, True),
        ("-7", -7.0, True),
        ("0.5", 0.5, False),
        (".5", 0.5, False),
        ("5.", 5.0, False),
        ("1e5", 1e5, False),
        ("2.5E-3", 0.0025, False),
    ],
)
def test_numbers_are_those_of_the_rest_of_the_card(text: str, value: float, is_int: bool) -> None:
    assert tree(text) == e.Number(value, is_int)


def test_text_may_run_over_lines() -> None:
    assert tree("a\n  and b\n\tand c") == e.All((A, B, C))


def test_spans_cover_what_was_written() -> None:
    text = "close > (ema[1] + 2) and not x.y@4h"
    found = {type(x).__name__: text[x.span.start : x.span.end] for x in subexpressions(tree(text))}
    assert found == {
        "All": text,
        "Compare": "close > (ema[1] + 2)",
        "Arith": "ema[1] + 2",
        "Offset": "ema[1]",
        "Number": "2",
        "Not": "not x.y@4h",
        "Name": "x.y@4h",
    }


def test_small_spans_are_exact() -> None:
    text = "a >= b and min(c, d) near d within 0.5%"
    all_of = tree(text)
    assert isinstance(all_of, e.All)
    compare, near = all_of.items
    assert isinstance(compare, e.Compare)
    assert isinstance(near, e.Near)
    assert isinstance(near.left, e.Call)
    spans = (compare.op_span, near.tolerance_span, near.left.name_span)
    assert [text[s.start : s.end] for s in spans] == [">=", "0.5%", "min"]


def test_nodes_stand_where_the_caller_says() -> None:
    parsed = parse_expression("a > b", lambda start, end: Span(100 + start, 100 + end))
    assert isinstance(parsed.expr, e.Compare)
    assert (parsed.expr.span, parsed.expr.right.span) == (Span(100, 105), Span(104, 105))


def test_reserved_words_are_those_of_the_grammar() -> None:
    assert {word for word in spellings().values() if word.isalpha()} == RESERVED_WORDS


@pytest.mark.parametrize("opening", ["(", "not ", "-", "abs(", "a + (", "a ?? (", "((a) + "])
def test_nesting_is_bounded(opening: str) -> None:
    text = opening * (MAX_DEPTH + 1) + "a"
    text += ")" * (text.count("(") - text.count(")"))
    parsed = parse_expression(text)
    assert parsed.expr is None
    assert f"more than {MAX_DEPTH}" in parsed.errors[0].message


def test_long_chains_are_bounded_too() -> None:
    assert parse_expression(" + ".join("a" * 3000)).expr is None
    wide = tree(" and ".join("a" * 3000))
    assert isinstance(wide, e.All)
    assert len(wide.items) == 3000


def test_longest_text_is_read_in_time_proportional_to_it() -> None:
    def seconds(count: int) -> float:
        text = " and ".join(["a > 1"] * count)
        start = time.perf_counter()
        tree(text)
        return time.perf_counter() - start

    seconds(100)
    # A quadratic parser would need a hundred times as long.
    assert min(seconds(1900) for _ in range(3)) < 40 * max(1e-3, min(seconds(190) for _ in "abc"))


def test_a_text_longer_than_any_expression_is_refused() -> None:
    parsed = parse_expression("a" + " " * MAX_LENGTH + "b")
    assert parsed.expr is None
    assert str(MAX_LENGTH) in parsed.errors[0].message
