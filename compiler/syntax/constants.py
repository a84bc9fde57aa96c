"""Values a card fixes before any bar is read: literals, tunables and sums of them."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.syntax import tree as s


def constant(expr: s.Expr, params: Mapping[str, s.ParamDecl]) -> float | bool | None:
    """Return the value of a constant expression; None if it is not one (or divides by zero)."""
    match expr:
        case s.Number() | s.Bool():
            return expr.value
        case s.ParamRef():
            return _param(expr.name, params)
        case s.Name(field=None, timeframe=None):
            return _param(expr.head, params)
        case s.Negate():
            value = constant(expr.operand, params)
            return None if value is None else -value
        case s.Arith():
            return _arith(expr, params)
        case _:
            return None


def _param(name: str, params: Mapping[str, s.ParamDecl]) -> float | None:
    return params[name].default if name in params else None


def _arith(expr: s.Arith, params: Mapping[str, s.ParamDecl]) -> float | None:
    left, right = constant(expr.left, params), constant(expr.right, params)
    if left is None or right is None:
        return None
    match expr.op:
        case s.ArithOp.ADD:
            return left + right
        case s.ArithOp.SUB:
            return left - right
        case s.ArithOp.MUL:
            return left * right
        case s.ArithOp.DIV:
            return left / right if right else None


def whole(expr: s.Expr, params: Mapping[str, s.ParamDecl]) -> int | None:
    """Return the value of a constant expression that is a whole number, else None."""
    value = constant(expr, params)
    if value is None or isinstance(value, bool) or not float(value).is_integer():
        return None
    return int(value)
