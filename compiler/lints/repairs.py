"""Edits of a card's text that a lint rule proposes: a guard, an option.

None of them is safe: each changes what the card does.
"""

from __future__ import annotations

import re

from compiler.findings.diagnostics import Edit, Fix
from compiler.findings.source import Source, Span
from compiler.lints.context import CaseView, Placed
from compiler.syntax import tree as s

_PLAIN = re.compile(r"[^\n{}\[\],#]*\Z")


def with_guard(source: Source, view: CaseView, guard: str) -> Fix | None:
    """Return the fix that asks for one more thing; None where the condition is not one line of text."""
    if view.case is None:
        return None
    when, span = view.case.when, view.case.when.span
    if not _PLAIN.match(source.slice(span)) or isinstance(when, s.Bool):
        return None
    title = f"add `{guard}`"
    behind = Edit(Span(span.end, span.end), f" and {guard}")
    if not isinstance(when, s.Any):
        return Fix(title, (behind,), safe=False)
    return Fix(
        title,
        (
            Edit(Span(span.start, span.start), "("),
            Edit(behind.span, f") and {guard}"),
        ),
        safe=False,
    )


def with_option(source: Source, action: Placed, option: str) -> Fix | None:
    """Return the fix that writes one more entry in front of the first price of an action."""
    keys = [price.key_span.start for price in action.written.prices]
    if not keys:
        return None
    at = min(keys)
    line = source.text.rfind("\n", 0, at) + 1
    before = source.text[line:at]
    if before.strip() in ("", "-"):
        text = f"{option}\n{' ' * len(before)}"
    elif before.rstrip().endswith(("{", ",")):
        text = f"{option}, "
    else:
        return None
    return Fix(f"add `{option}`", (Edit(Span(at, at), text),), safe=False)
