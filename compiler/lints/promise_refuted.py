"""IC609 promise-refuted: a promise that the card's own rules do not keep."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import LintContext
from compiler.lints.promises import Verdict, judged


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield the promises that the card alone refutes."""
    for found in judged(context):
        if found.is_entry_refused or found.verdict is not Verdict.REFUTED:
            continue  # an entry that is always refused is said by entry-never-placed
        if found.at is not None:
            here = found.at == found.span
            yield finding(
                "IC609",
                f"the rules of this card break its promise: {found.why}"
                if here
                else "the rules of this card break this promise",
                found.span,
                labels=[] if here else [Label(found.at, found.why)],
                help="change the rules or the promise; a run refuses what would break it, and "
                "counts it",
            )
