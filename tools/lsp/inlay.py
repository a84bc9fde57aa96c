"""What a card does not write and a reader wants to know: types with units, and warm-up.

The law: a hint says what the compiler found, never what the text might mean; where it found nothing
(a card with errors has no warm-up) nothing is shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from compiler.check.card import value_types
from compiler.findings.source import Span
from compiler.graph.rule_graph import FeatureNode
from compiler.resolve.scope import Resolved
from tools.lsp.document import Document
from tools.lsp.hover import type_text


def inlay_hints(document: Document, wanted: Span) -> list[lsp.InlayHint]:
    """Return the hints whose place lies in a part of the card, in file order."""
    if document.resolved is None:
        return []
    graph = document.checked.graph
    nodes = {} if graph is None else {node.id: node for node in graph.features}
    hints = [*_of_features(document.resolved, nodes), *_of_values(document.resolved)]
    return [
        lsp.InlayHint(
            position=document.positions.position(at),
            label=label,
            kind=lsp.InlayHintKind.Type,
            padding_left=True,
            tooltip=tooltip,
        )
        for at, label, tooltip in sorted(hints)
        if wanted.start <= at <= wanted.end
    ]


def _of_features(
    resolved: Resolved, nodes: dict[str, FeatureNode]
) -> Iterator[tuple[int, str, str]]:
    for feature in resolved.card.features:
        instance = resolved.by_id.get(feature.id)
        node = nodes.get(feature.id)
        if instance is None or node is None or feature.id_span.end == 0:
            continue
        output = next((o for o in instance.outputs if o.primary), instance.outputs[0])
        bars = f"{node.warmup_bars} bars" if node.warmup_bars != 1 else "1 bar"
        known = f"known after {bars} of {node.timeframe}"
        yield feature.id_span.end, f"{type_text(output.value)}; {known}", known


def _of_values(resolved: Resolved) -> Iterator[tuple[int, str, str]]:
    types = value_types(resolved)
    for variable in resolved.card.variables:
        if variable.name in types:
            text = type_text(types[variable.name])
            yield variable.name_span.end, text, f"`{variable.name}` is {text}"
