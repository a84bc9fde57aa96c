"""The outline of a card: its sections, and in them what the card names.

The law: a symbol's range holds the ranges of what is below it, as editors demand.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lsprotocol import types as lsp

from compiler.findings.source import NOWHERE, Span
from compiler.syntax import tree as s
from compiler.text.nodes import Mapping
from tools.lsp.document import Document

_LONGEST = 60  # characters of a condition that an outline shows


def outline(document: Document) -> list[lsp.DocumentSymbol]:
    """Return the sections of a card in file order; nothing while the text is not YAML."""
    if not isinstance(document.node, Mapping):
        return []
    inside = [] if document.resolved is None else list(_named(document, document.resolved.card))
    entries = list(document.node)
    # A section reaches to the start of the next: what stands in it is then always within it.
    ends = [after.key.span.start for _, after in pairwise(entries)] + [len(document.text)]
    found = []
    for entry, end in zip(entries, ends, strict=True):
        whole = Span(entry.key.span.start, end)
        children = [symbol for span, symbol in inside if whole.start < span.start < whole.end]
        found.append(
            _symbol(
                document, entry.key.text, "", lsp.SymbolKind.Namespace, whole, entry.key.span,
                children,
            )
        )  # fmt: skip
    return found


def _named(document: Document, card: s.Card) -> Iterator[tuple[Span, lsp.DocumentSymbol]]:
    kinds = lsp.SymbolKind
    for param in card.params:
        detail = f"{param.default:g}"
        yield _leaf(document, param.name, detail, kinds.Constant, param.span, param.name_span)
    for feature in card.features:
        clock = "" if feature.timeframe is None else f" on {feature.timeframe}"
        detail = f"{feature.type}{clock}"
        yield _leaf(document, feature.id, detail, kinds.Class, feature.span, feature.id_span)
    for variable in card.variables:
        detail = _short(document, variable.value.span)
        yield _leaf(
            document, variable.name, detail, kinds.Variable, variable.span, variable.name_span
        )
    for block in card.blocks:
        yield (
            block.span,
            _symbol(
                document, block.id, "", kinds.Module, block.span, block.id_span,
                [_case(document, case) for case in block.cases],
            ),
        )  # fmt: skip
    for promise in card.invariants:
        name = promise.name or _short(document, promise.span)
        yield _leaf(document, name, "", kinds.Boolean, promise.span, promise.span)


def _case(document: Document, case: s.Case) -> lsp.DocumentSymbol:
    actions = ", ".join(action.kind for action in case.emit)
    name = _short(document, case.when.span)
    return _symbol(document, name, actions, lsp.SymbolKind.Event, case.span, case.when.span, [])


def _leaf(
    document: Document, name: str, detail: str, kind: lsp.SymbolKind, span: Span, at: Span
) -> tuple[Span, lsp.DocumentSymbol]:
    return span, _symbol(document, name, detail, kind, span, at, [])


def _symbol(  # every part of a symbol as the protocol has it
    document: Document,
    name: str,
    detail: str,
    kind: lsp.SymbolKind,
    span: Span,
    at: Span,
    children: list[lsp.DocumentSymbol],
) -> lsp.DocumentSymbol:
    at = span if at == NOWHERE else at
    whole = Span(min(span.start, at.start), max(span.end, at.end))
    places = document.positions
    return lsp.DocumentSymbol(
        name=name or "?",
        kind=kind,
        range=places.range(whole),
        selection_range=places.range(at),
        detail=detail or None,
        children=children or None,
    )


def _short(document: Document, span: Span) -> str:
    """Return a piece of the card on one line, cut where it is long."""
    text = " ".join(document.text[span.start : span.end].split()).lstrip(">| ").strip("\"'")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
