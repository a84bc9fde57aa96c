"""Node tree to syntax tree: the one place that knows there are two card versions.

The law: total. A card that is not valid gives findings and as much of a tree as can be read.
"""

from __future__ import annotations

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source, Span
from compiler.parse.actions import blocks
from compiler.parse.conditions import value
from compiler.parse.context import Reader, entries_of
from compiler.parse.features import features, old_features, structures
from compiler.parse.sessions import sessions
from compiler.parse.settings import invariants, settings, tunables
from compiler.syntax.tree import Card, ParamDecl, Variable
from compiler.text.nodes import Mapping, Node, Scalar, Sequence

OLD_VERSION = "3.0.0"
VERSION = "3.1"
NEWEST = "3.2"


def parse(source: Source, node: Node) -> tuple[Card | None, list[Diagnostic]]:
    """Return the card that a node tree says, and every mistake in its expressions and shapes.

    The card is None only where the whole is not a mapping. What has been reported is left out or
    replaced by a stand-in that stands at the place of the finding.
    """
    if not isinstance(node, Mapping):
        reader = Reader(source)
        reader.wrong(node, "a card", "a card is a mapping: `name: …`, `symbol: …`, `blocks: …`")
        return None, reader.findings.all()
    is_old = is_old_card(node)
    reader = Reader(source, is_old)
    params = tunables(reader, None if is_old else node.get("params"))
    for param in params:
        reader.params.setdefault(param.name, param)
    card = _old_card(reader, node) if is_old else _card(reader, node, params)
    return card, reader.findings.all()


def is_old_card(node: Mapping) -> bool:
    """Return whether a card is of version 3.0.0: by its keys, never by guess."""
    version = node.get("version")
    says_old = isinstance(version, Scalar) and version.text == OLD_VERSION
    return says_old or node.entry("execution_tf") is not None


def _card(reader: Reader, node: Mapping, params: tuple[ParamDecl, ...]) -> Card:
    name, _ = reader.required_text(node, "name")
    symbol, _ = reader.required_text(node, "symbol")
    timeframe, timeframe_span = reader.required_text(node, "tf")
    higher = _texts(reader, node.get("htf"), "a timeframe or a list of them")
    names = tuple(text for text, _ in higher)
    if node.get("blocks") is None:
        reader.missing(node, "blocks")
    version = node.get("version")
    written = version.text if isinstance(version, Scalar) else None
    return Card(
        version=VERSION if written == VERSION else NEWEST,
        clocks_of_close=None if written is None else written != NEWEST,
        name=name,
        symbols=(symbol,) if symbol else (),
        timeframe=timeframe,
        higher_timeframes=names,
        description=_description(reader, node),
        params=params,
        features=(
            *features(reader, node.get("features")),
            *structures(reader, node.get("structures"), names),
            *sessions(reader, node.get("sessions"), timeframe),
        ),
        variables=_variables(reader, node.get("variables")),
        blocks=blocks(reader, node.get("blocks")),
        settings=settings(reader, node),
        invariants=invariants(reader, node.get("invariants")),
        span=node.span,
        timeframe_span=timeframe_span,
        higher_timeframe_spans=tuple(span for _, span in higher),
    )


def _old_card(reader: Reader, node: Mapping) -> Card:
    """Read a 3.0.0 card; its `variables` are read by nothing (`validate` says so)."""
    name = node.get("id") or node.get("name")
    timeframe, timeframe_span = reader.required_text(node, "execution_tf")
    universe = node.get("symbol_universe")
    if universe is None:
        reader.missing(node, "symbol_universe")
    if node.get("blocks") is None:
        reader.missing(node, "blocks")
    symbols = _texts(reader, universe, "a symbol or a list of them")
    return Card(
        version=OLD_VERSION,
        clocks_of_close=True,
        name=reader.text(name, "an id") or "",
        symbols=tuple(symbol for symbol, _ in symbols),
        timeframe=timeframe,
        description=_description(reader, node),
        features=tuple(old_features(reader, node.get("features"))),
        blocks=blocks(reader, node.get("blocks")),
        settings=settings(reader, node),
        invariants=invariants(reader, node.get("invariants")),
        span=node.span,
        timeframe_span=timeframe_span,
    )


def _texts(reader: Reader, node: Node | None, wanted: str) -> tuple[tuple[str, Span], ...]:
    """Read a text or a list of texts, with their places."""
    if node is None:
        return ()
    items = node.items if isinstance(node, Sequence) else (node,)
    read = [(reader.text(item, wanted), item.span) for item in items]
    return tuple((text, span) for text, span in read if text is not None)


def _description(reader: Reader, node: Mapping) -> str:
    written = node.get("description")
    return "" if written is None else reader.text(written, "a text") or ""


def _variables(reader: Reader, node: Node | None) -> tuple[Variable, ...]:
    section = reader.mapping(node, "a mapping of named values")
    return tuple(
        Variable(
            entry.key.text,
            value(reader, entry.value),
            span=entry.value.span,
            name_span=entry.key.span,
        )
        for entry in entries_of(section)
    )
