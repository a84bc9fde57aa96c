"""Which features may be below zero: an average of a difference is no price.

What the catalogue says of an output's sign holds where what it reads is never below zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compiler.catalog.operations import Op
from compiler.catalog.source_expressions import (
    COLUMN,
    CONSTANT,
    EXPRESSION,
    OPERATIONS,
    READ,
    output_of,
)
from compiler.graph.rule_graph import FeatureNode

_BOTH = {Op.ADD, Op.MUL, Op.DIV, Op.MIN, Op.MOD, Op.POW}  # of two that are not below zero
_OF_ONE = {Op.FLOOR, Op.CEIL, Op.ROUND, Op.SIGN}  # of one that is not
_ALWAYS = {Op.ABS, Op.SQRT, Op.EXP}


def may_be_negative(
    feature: FeatureNode,
    features: Sequence[FeatureNode],
    is_output_signed: Callable[[int, str], bool],
) -> bool:
    """Return whether an expression that a feature reads (or is) may be below zero.

    `is_output_signed(index, output)`: whether an output of another feature may be.
    """
    if feature.type == EXPRESSION.type:
        return _of_code(feature, is_output_signed)
    return feature.source == "funding_rate" or any(
        features[index].type == EXPRESSION.type and is_output_signed(index, "value")
        for _, index in feature.depends
    )


def _of_code(feature: FeatureNode, is_output_signed: Callable[[int, str], bool]) -> bool:
    """Return whether the value of postfix code may be below zero; columns never are."""
    code = dict(feature.params)["code"]
    assert isinstance(code, tuple)
    signed: list[bool] = []
    for kind, which, last in zip(code[::3], code[1::3], code[2::3], strict=True):
        if kind == CONSTANT:
            signed.append(which < 0)
        elif kind == COLUMN:
            signed.append(False)
        elif kind == READ:
            role, index = feature.depends[int(which)]
            signed.append(is_output_signed(index, output_of(role)))
        else:
            operands = [signed.pop() for _ in range(int(last))]
            signed.append(_of_operation(OPERATIONS[int(which)], operands))
    return signed[0]


def _of_operation(op: Op, operands: Sequence[bool]) -> bool:
    if op in _ALWAYS:
        return False
    if op is Op.MAX:
        return all(operands)
    if op in _BOTH or op in _OF_ONE:
        return any(operands)
    return True
