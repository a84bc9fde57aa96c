"""Keys that a card version reads past: said, and deleted where asked for."""

from __future__ import annotations

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.source import Source, Span
from compiler.text.nodes import Mapping, Node
from compiler.text.places import Style


def ignored(source: Source, root: Node) -> list[Diagnostic]:
    """Report the `variables` of a 3.0.0 card, which never meant anything."""
    if not isinstance(root, Mapping) or root.get("execution_tf") is None:
        return []
    entry = root.entry("variables")
    if entry is None or entry.key.style is Style.GIVEN:
        return []
    end = source.text.find("\n", max(entry.key.span.end, entry.value.span.end))
    whole = Span(entry.key.span.start, end + 1 if end >= 0 else len(source.text))
    starts_line = source.location(whole.start).column == 1
    return [
        finding(
            "IC116",
            "`variables` is ignored in a 3.0.0 card",
            entry.key.span,
            help="delete it, or move the card to 3.1, where `variables` names conditions",
            fix=Fix("delete `variables`", (Edit(whole, ""),)) if starts_line else None,
        )
    ]
