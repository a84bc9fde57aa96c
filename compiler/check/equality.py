"""`==`, `!=` and `in`: truth values, whole numbers and words, never measured numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compiler.catalog.types import Type
from compiler.findings.collected import listed, rename
from compiler.findings.diagnostics import Edit, Fix
from compiler.findings.suggest import closest
from compiler.graph.typing_rules import Inferred, token_index
from compiler.graph.units import Mismatch, same
from compiler.syntax import tree as s

if TYPE_CHECKING:
    from compiler.check.types import TypeChecker


class Equality:
    """The part of the type checker that knows what may be equal to what."""

    def __init__(self, checker: TypeChecker) -> None:
        self._checker = checker
        self._findings = checker.findings

    def compare(self, expr: s.Compare) -> None:
        """Check `left == right` or `left != right`."""
        left, right = expr.left, expr.right
        word = self._checker.resolved.word
        if word(left, right) is not None and word(right, left) is None:
            left, right = right, left
        known = self._checker.infer(left)
        self._pair(left, known, right, expr)
        if known is not None and known.type is Type.BOOL:
            self._bool_compare(expr, left, right)

    def membership(self, expr: s.In) -> None:
        """Check `operand in [items]`."""
        known = self._checker.infer(expr.operand)
        for item in expr.items:
            self._pair(expr.operand, known, item, item)

    def _pair(self, left: s.Expr, known: Inferred | None, right: s.Expr, whole: s.Expr) -> None:
        if known is None:
            return
        word = self._checker.resolved.word(right, left)
        if word is not None:
            self.token(word, right, known)
            return
        other = self._checker.infer(right)
        if other is None:
            return
        if known.is_numeric and other.is_numeric:
            self._numbers((left, known), (right, other), whole)
        elif _is_truth_pair(known, other) or _is_truth_pair(other, known):
            return
        elif known.value.enum != other.value.enum or known.type is not other.type:
            self._checker.mismatch("cannot be equal", (left, known), (right, other), whole)

    def _numbers(
        self,
        left: tuple[s.Expr, Inferred],
        right: tuple[s.Expr, Inferred],
        whole: s.Expr,
    ) -> None:
        try:
            same(left[1].unit, right[1].unit)
        except Mismatch:
            self._checker.mismatch("cannot be compared", left, right, whole)
            return
        if Type.NUMBER in (left[1].type, right[1].type):
            self._findings.add(
                "IC305",
                "two measured numbers are almost never exactly equal",
                whole.span,
                help="use `near`, `between` or an inequality",
            )

    def token(self, word: str, expr: s.Expr, known: Inferred) -> bool:
        """Check a bare word against the tokens of the other side."""
        if known.type is not Type.ENUM:
            names = self._checker.resolved.names
            self._findings.unknown_word(
                "IC201", f"nothing is called `{word}`", expr.span, word, names
            )
            return False
        if token_index(word, known.value) is not None:
            return True
        near = closest(word, known.value.enum)
        if near is None:
            near = closest(word, self._checker.resolved.names)
        self._findings.add(
            "IC304",
            f"`{word}` is neither a name of the card nor a value this can take",
            expr.span,
            help=f"did you mean `{near}`?" if near else listed(known.value.enum),
            fix=rename(expr.span, near) if near else None,
        )
        return False

    def _bool_compare(self, expr: s.Compare, left: s.Expr, right: s.Expr) -> None:
        """Note `x == true` of the string form, where the shorter form reads better."""
        source = self._checker.source
        if source is None or not isinstance(right, s.Bool) or left is not expr.left:
            return
        between = source.text[left.span.end : right.span.start].strip()
        if between != expr.op.value:
            return
        text = source.slice(left.span)
        same_truth = right.value is (expr.op is s.CompareOp.EQ)
        shorter = text if same_truth else f"not {text}"
        self._findings.add(
            "IC303",
            f"`{text}` is a truth value already",
            expr.span,
            fix=Fix(f"write `{shorter}`", (Edit(expr.span, shorter),)),
        )


def _is_truth_pair(known: Inferred, other: Inferred) -> bool:
    if known.type is not Type.BOOL:
        return False
    return other.type is Type.BOOL or other.constant in (0, 1)
