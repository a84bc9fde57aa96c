"""Printing expressions: canonical, minimal, and read back as the same tree."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from compiler.expressions.read import parse_expression
from compiler.syntax import expr as e
from compiler.syntax.printer import print_expression, to_names
from tests.strategies.expressions import expressions

NEGATIVE_ZERO = e.Number(-0.0)


@given(expressions)
@example(NEGATIVE_ZERO)
@example(e.Negate(e.Negate(e.Number(0.0, True))))
@example(e.Default(e.Number(-1.0, True), e.Negate(e.Name("x"))))
def test_printed_trees_read_back_as_their_normal_form(expr: e.Expr) -> None:
    printed = print_expression(expr)
    parsed = parse_expression(printed)
    assert parsed.errors == ()
    assert parsed.expr == to_names(expr)
    assert print_expression(to_names(expr)) == printed


@given(expressions)
@example(e.Default(e.Name("x"), e.Offset(e.Name("y"), 1)))
@example(e.Default(e.Name("x"), e.Negate(e.Offset(e.Name("y"), 1))))
def test_no_parenthesis_can_be_left_out(expr: e.Expr) -> None:
    printed = print_expression(expr)
    normal = to_names(expr)
    for start, end in _pairs(printed):
        without = printed[:start] + " " + printed[start + 1 : end] + " " + printed[end + 1 :]
        parsed = parse_expression(without)
        assert parsed.errors or parsed.expr != normal, without


def _pairs(text: str) -> list[tuple[int, int]]:
    """Matching parentheses of `text`, those inside quotes aside."""
    opened: list[int] = []
    pairs: list[tuple[int, int]] = []
    quote = ""
    for i, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "(":
            opened.append(i)
        elif char == ")":
            pairs.append((opened.pop(), i))
    return pairs


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a)) and ((b or c))", "a and (b or c)"),
        ("(not a) for 1 bars", "(not a) for 1 bar"),
        ("a  ==\n'flat'", "a == flat"),
        ("a == 'above'", 'a == "above"'),
        ("1_000 + .5", "1000 + 0.5"),
        ("a near b within (2 * c)", "a near b within 2 * c"),
        ("(a + b) * c - (d / e)", "(a + b) * c - d / e"),
        ("order_pending(scale_2)", "order_pending.scale_2"),
        ("a for 4H", "a for 4h"),
    ],
)
def test_text_is_made_canonical_once(text: str, canonical: str) -> None:
    parsed = parse_expression(text)
    assert parsed.expr is not None
    printed = print_expression(parsed.expr)
    assert printed == canonical
    assert print_expression(parse_expression(printed).expr or e.Bool(False)) == canonical


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (e.FeatureRef("bb", "upper"), "bb.upper"),
        (e.FeatureRef("ema@4h"), "ema@4h"),
        (e.BuiltinRef("position_side"), "position_side"),
        (e.BuiltinRef("order_pending", "scale_2"), "order_pending.scale_2"),
        (e.BuiltinRef("order_pending", "scale-2"), 'order_pending("scale-2")'),
        (e.VarRef("is_flat"), "is_flat"),
        (e.ParamRef("fast"), "=fast"),
    ],
)
def test_structured_references_print_as_their_names(reference: e.Expr, text: str) -> None:
    assert print_expression(reference) == text
