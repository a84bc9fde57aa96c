"""Features and variables that no rule reads, with the edit that deletes them."""

from __future__ import annotations

from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.source import NOWHERE, Source, Span
from compiler.resolve.scope import Resolved


def unused(resolved: Resolved, source: Source | None = None) -> list[Diagnostic]:
    """Report what no rule reads; ask only where every name resolved."""
    findings = Findings()
    card = resolved.card
    # A section must not be left empty, so its last items are for the author to delete.
    features_stay = len(card.features) > len(resolved.unused_features)
    variables_stay = len(card.variables) > len(resolved.unused_variables)
    for feature in resolved.unused_features:
        span = feature.id_span if feature.id_span != NOWHERE else feature.span
        fix = _deletion(source, feature.span, feature.id) if features_stay else None
        findings.add(
            "IC202",
            f"no rule reads the feature `{feature.id}`",
            span,
            help="use it in a condition, a price or a size, or delete it",
            fix=fix,
        )
    for variable in resolved.unused_variables:
        span = variable.name_span if variable.name_span != NOWHERE else variable.span
        whole = variable.name_span.cover(variable.span)
        fix = _deletion(source, whole, variable.name) if variables_stay else None
        findings.add(
            "IC203",
            f"no rule reads the variable `{variable.name}`",
            span,
            help="use it in a case, or delete it",
            fix=fix,
        )
    return findings.all()


def _deletion(source: Source | None, span: Span, name: str) -> Fix | None:
    """Return the edit that deletes the lines of an item, None if it shares them with others."""
    if source is None or span.end <= span.start:
        return None
    text = source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = span.start + len(text[span.start : span.end].rstrip())
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop + 1
    before, behind = text[start : span.start].strip(), text[end:stop].strip()
    if before not in ("", "-") or (behind and not behind.startswith("#")):
        return None
    return Fix(f"delete `{name}`", (Edit(Span(start, stop), ""),), safe=False)
