"""The column that a feature reads in the place of `source`, and of which market it is known."""

from __future__ import annotations

from compiler.catalog.source_expressions import BESIDE_BARS
from compiler.catalog.types import Entry
from compiler.findings.collected import Findings
from compiler.resolve.outputs import SOURCES
from compiler.resolve.own_past import of_any_series
from compiler.syntax import tree as s


def of_traded_alone(column: str) -> str:
    """Say that a series that no bars hold is known of one market."""
    return f"`{column}` is known of the traded market alone"


def column_of(feature: s.Feature, entry: Entry, findings: Findings) -> str | None:
    """Return the column that stands for `source`; "" for entries without that choice, None if it is wrong (reported)."""
    if "source" not in entry.inputs:
        if feature.source is None or any(d.role == "source" for d in feature.depends_on):
            return ""
        findings.add(
            "IC107",
            f"`{feature.type}` has no choice of source",
            feature.source_span,
            help="it always reads " + ", ".join(entry.inputs) + of_any_series(entry.type),
        )
        return None
    source = feature.source or entry.default_source
    if source in BESIDE_BARS and feature.symbol is not None:
        message, helps = of_traded_alone(source), "leave `symbol` away"
        findings.add("IC304", message, feature.source_span, help=helps)
        return None
    if source in SOURCES:
        return source
    message = f"`{source}` is not a column of a bar"
    findings.unknown_word("IC304", message, feature.source_span, source, tuple(SOURCES))
    return None
