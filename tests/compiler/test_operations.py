"""Every operation has its row, and every function of the table can be called."""

from __future__ import annotations

import pytest

from compiler.catalog.operations import NARY_FUNCTIONS, OPERATIONS, RESERVED_FUNCTIONS, Op
from compiler.expressions.read import parse_expression
from compiler.syntax import tree as s


def test_every_operation_has_a_row() -> None:
    assert list(OPERATIONS) == list(Op)


@pytest.mark.parametrize("name", RESERVED_FUNCTIONS)
def test_a_function_of_the_table_is_one_of_the_grammar(name: str) -> None:
    arguments = "close, open" if name in NARY_FUNCTIONS else "close"
    assert isinstance(parse_expression(f"{name}({arguments})").expr, s.Call)
