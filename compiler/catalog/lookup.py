"""Finding an entry of the catalogue by type."""

from __future__ import annotations

from compiler.catalog.indicators import INDICATORS
from compiler.catalog.session import SESSION
from compiler.catalog.session_anchors import BY_SESSION
from compiler.catalog.source_expressions import EXPRESSION
from compiler.catalog.structures import STRUCTURES
from compiler.catalog.types import Entry
from compiler.findings.suggest import closest

CATALOGUE: dict[str, Entry] = {e.type: e for e in (*INDICATORS, *STRUCTURES)}
# What instances may be of: also those that sections of a card make, and nobody declares by type.
SIGNATURES: dict[str, Entry] = CATALOGUE | {
    e.type: e for e in (SESSION, *BY_SESSION.values(), EXPRESSION)
}


def entry(type_: str) -> Entry | None:
    """Return the entry of a type, None if there is none."""
    return CATALOGUE.get(type_.lower())


def suggest(type_: str) -> str | None:
    """Return the type that a misspelt one probably means."""
    return closest(type_, CATALOGUE)
