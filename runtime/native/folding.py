"""Known values put into a tree, and the branches that they decide."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from runtime.native.source import Constant

_COMPARED: Mapping[type[ast.cmpop], Callable[[Constant, Constant], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_COUNTED: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fold:
    """Puts `fixed` in the place of names; whole numbers and bools are computed, floats are not."""

    fixed: Mapping[str, Constant]

    def body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [kept for s in statements for kept in self.statement(s)]

    def statement(self, s: ast.stmt) -> list[ast.stmt]:
        for name, value in ast.iter_fields(s):
            if isinstance(value, ast.expr):
                setattr(s, name, self.of(value))
        match s:
            case ast.Assign():
                s.targets = [self.of(target) for target in s.targets]
            case ast.If(test=ast.Constant(value=bool() as known)):
                return self.body(s.body if known else s.orelse)
            case ast.While(test=ast.Constant(value=False)):
                return []
            case ast.If():
                s.body, s.orelse = self.body(s.body), self.body(s.orelse)
                s.body = s.body or [ast.copy_location(ast.Pass(), s)]
            case ast.For() | ast.While():
                s.body = self.body(s.body) or [ast.copy_location(ast.Pass(), s)]
        return [s]

    def of(self, e: ast.expr) -> ast.expr:
        """Return an expression with its parts folded."""
        for name, value in ast.iter_fields(e):
            if isinstance(value, ast.expr) and not (isinstance(e, ast.Call) and name == "func"):
                setattr(e, name, self.of(value))
            elif isinstance(value, list):
                parts = [self.of(v) if isinstance(v, ast.expr) else v for v in value]
                setattr(e, name, parts)
        known = self.known(e)
        return e if known is None else known

    def known(self, e: ast.expr) -> ast.expr | None:
        match e:
            case ast.Name(id=name, ctx=ast.Load()) if name in self.fixed:
                return _constant(self.fixed[name], e)
            case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=bool() as value)):
                return _constant(not value, e)
            case ast.Compare(
                left=ast.Constant(value=bool() | int() | float() as left),
                ops=[op],
                comparators=[ast.Constant(value=bool() | int() | float() as right)],
            ):
                return _constant(_COMPARED[type(op)](left, right), e)
            case ast.BinOp(
                left=ast.Constant(value=int() as left),
                op=op,
                right=ast.Constant(value=int() as right),
            ):
                return _count(left, op, right, e)
            case ast.IfExp(test=ast.Constant(value=bool() as value)):
                return e.body if value else e.orelse
            case ast.BoolOp():
                return _junction(e)
        return None


def _constant(value: Constant, at: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Constant(value), at)


def _count(left: int, op: ast.operator, right: int, at: ast.expr) -> ast.expr | None:
    """Return the whole number, or None where there is none or none of 64 bits."""
    if type(op) not in _COUNTED or bool in (type(left), type(right)):
        return None
    if right == 0 and isinstance(op, ast.FloorDiv | ast.Mod):
        return None
    value = _COUNTED[type(op)](left, right)
    return _constant(value, at) if -(2**63) <= value < 2**63 else None


def _junction(e: ast.BoolOp) -> ast.expr | None:
    """Return `and` or `or` without what is known: what stands before a deciding part stays."""
    decides = isinstance(e.op, ast.Or)
    parts: list[ast.expr] = []
    for part in e.values:
        if isinstance(part, ast.Constant) and isinstance(part.value, bool):
            if part.value is not decides:
                continue
            parts.append(part)
            break
        parts.append(part)
    if not parts:
        return _constant(not decides, e)
    if len(parts) == 1:
        return parts[0]
    e.values = parts
    return None


def ends(s: ast.stmt) -> bool:
    """Return whether no way leads beyond a statement."""
    if isinstance(s, ast.Return | ast.Break | ast.Continue):
        return True
    return (
        isinstance(s, ast.If)
        and bool(s.body)
        and bool(s.orelse)
        and ends(s.body[-1])
        and ends(s.orelse[-1])
    )


def trim(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return statements without those that no way leads to any more; never none."""
    kept: list[ast.stmt] = []
    for s in body:
        if isinstance(s, ast.If):
            s.body, s.orelse = trim(s.body), trim(s.orelse) if s.orelse else []
        elif isinstance(s, ast.For | ast.While):
            s.body = trim(s.body)
        kept.append(s)
        if ends(s):
            break
    return kept or [ast.Pass()]
