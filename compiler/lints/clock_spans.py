"""Spans of the day written with `between`, as the card writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.findings.diagnostics import Edit, Fix
from compiler.findings.source import Source, Span
from compiler.syntax import tree as s
from compiler.syntax.printer import clock_text
from compiler.syntax.walker import subexpressions


@dataclass(frozen=True, slots=True)
class ClockSpan:
    """`time_utc between 13:30 and 20:00`; `begin` and `end` in minutes since 00:00."""

    name: str
    begin: int
    end: int
    span: Span

    @property
    def half_open(self) -> str:
        """The span without its end, which may lie on the next day."""
        return f"{self.name} in {clock_text(self.begin)}-{clock_text(self.end)}"

    def fix(self, source: Source) -> Fix | None:
        """Return the edit that writes it half-open; None where it is written as a tree."""
        if not source.slice(self.span).startswith(self.name):
            return None
        return Fix(f"write `{self.half_open}`", (Edit(self.span, self.half_open),), safe=False)


def clock_spans(root: s.Expr) -> Iterator[ClockSpan]:
    """Yield the spans between two times of day of an expression."""
    for node in subexpressions(root):
        if not isinstance(node, s.Between) or not isinstance(node.operand, s.Name):
            continue
        if isinstance(node.low, s.Clock) and isinstance(node.high, s.Clock):
            yield ClockSpan(node.operand.head, node.low.minutes, node.high.minutes, node.span)
