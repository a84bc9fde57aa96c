"""What the parts of the type checker ask of the whole."""

from __future__ import annotations

from typing import Protocol

from compiler.catalog.typing_rules import Inferred
from compiler.findings.collected import Findings
from compiler.resolve.scope import Resolved
from compiler.syntax import tree as s


class Infers(Protocol):
    """None stands for what was already reported."""

    resolved: Resolved
    findings: Findings

    def infer(self, expr: s.Expr) -> Inferred | None: ...

    def number(self, expr: s.Expr, what: str = "a number") -> Inferred | None: ...

    def condition(self, expr: s.Expr) -> None: ...

    def one_unit(self, *exprs: s.Expr) -> Inferred | None: ...

    def is_token(self, word: str, expr: s.Expr, known: Inferred) -> bool: ...
