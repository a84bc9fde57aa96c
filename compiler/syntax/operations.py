"""Which operation stands behind each sign and word of the syntax."""

from __future__ import annotations

from compiler.catalog.operations import Op
from compiler.syntax import expr as s

ARITH = {
    s.ArithOp.ADD: Op.ADD,
    s.ArithOp.SUB: Op.SUB,
    s.ArithOp.MUL: Op.MUL,
    s.ArithOp.DIV: Op.DIV,
}
COMPARE = {
    s.CompareOp.GT: Op.GT,
    s.CompareOp.GTE: Op.GTE,
    s.CompareOp.LT: Op.LT,
    s.CompareOp.LTE: Op.LTE,
    s.CompareOp.EQ: Op.EQ,
    s.CompareOp.NE: Op.NE,
}
WINDOW = {
    s.WindowKind.HOLDS: Op.HOLDS,
    s.WindowKind.OCCURRED: Op.OCCURRED,
    s.WindowKind.COUNT: Op.COUNT,
}
