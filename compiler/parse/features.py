"""Indicators and structures, in the spellings of both card versions."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.session import SESSION
from compiler.findings.source import Span
from compiler.parse.context import Reader, entries_of, is_param_mapping, literal, tunable
from compiler.syntax import expr as e
from compiler.syntax.tree import Argument, ArgValue, Dependency, EntryKind, Feature
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar, Sequence


def features(reader: Reader, node: Node | None) -> Iterator[Feature]:
    """Read `features` of a 3.1 card."""
    for item in reader.items(node, "a list of features"):
        body = reader.mapping(item, "a feature")
        if body is not None:
            yield _feature(reader, body, EntryKind.INDICATOR, type_key="type")


def structures(reader: Reader, node: Node | None, htf: tuple[str, ...]) -> Iterator[Feature]:
    """Read `structures: {exec: […], htf: […] or {"4h": […]}}` of a 3.1 card."""
    section = reader.mapping(node, "`{exec: […], htf: […]}`")
    for entry in entries_of(section):
        scope = entry.key.text
        if scope == "htf" and isinstance(entry.value, Mapping):
            for inner in entry.value:
                yield from _scope(reader, inner.value, inner.key.text)
        elif scope == "htf":
            if not htf:
                reader.findings.add(
                    "IC109",
                    "structures under `htf` need a higher timeframe",
                    entry.key.span,
                    help="add `htf: 4h` to the card, or name one here: `htf: {4h: […]}`",
                )
            yield from _scope(reader, entry.value, htf[0] if htf else None)
        elif scope == "exec":
            yield from _scope(reader, entry.value, None)


def _scope(reader: Reader, node: Node, timeframe: str | None) -> Iterator[Feature]:
    for item in reader.items(node, "a list of structures"):
        body = reader.mapping(item, "a structure")
        if body is not None:
            yield _feature(
                reader,
                body,
                EntryKind.STRUCTURE,
                type_key="type",
                id_key="key",
                timeframe=timeframe,
            )


def old_features(reader: Reader, node: Node | None) -> Iterator[Feature]:
    """Read `features` of a 3.0.0 card: indicators and structures in one list."""
    for item in reader.items(node, "a list of features"):
        body = reader.mapping(item, "a feature")
        if body is None:
            continue
        if _is_structure(body):
            yield _feature(reader, body, EntryKind.STRUCTURE, type_key="structure_type")
        else:
            yield _feature(reader, body, EntryKind.INDICATOR, type_key="indicator_type")


def _is_structure(body: Mapping) -> bool:
    kind = body.get("type")
    if isinstance(kind, Scalar) and kind.text.lower() in ("structure", "indicator"):
        return kind.text.lower() == "structure"
    return body.get("structure_type") is not None


def _feature(
    reader: Reader,
    body: Mapping,
    kind: EntryKind,
    *,
    type_key: str,
    id_key: str = "id",
    timeframe: str | None = None,
) -> Feature:
    name, name_span = reader.required_text(body, id_key)
    type_, type_span = reader.required_text(body, type_key)
    if type_.lower() == SESSION.type:
        reader.wrong(body, "a feature of the catalogue", "sessions stand under `sessions`")
    own = body.get("tf")
    source = body.get("source") or body.get("input_source")
    symbol = body.get("symbol")
    return Feature(
        name,
        kind,
        type_,
        timeframe=timeframe if own is None else reader.text(own, "a timeframe"),
        symbol=None if symbol is None else reader.text(symbol, "a symbol"),
        source=None if source is None else reader.text(source, "a column of a bar"),
        params=_arguments(reader, body.get("params")),
        depends_on=_dependencies(reader, body.get("depends_on")),
        span=body.span,
        id_span=name_span,
        type_span=type_span,
        timeframe_span=name_span if own is None else own.span,
        source_span=name_span if source is None else source.span,
    )


def _dependencies(reader: Reader, node: Node | None) -> tuple[Dependency, ...]:
    section = reader.mapping(node, "a mapping from role to id")
    found: list[Dependency] = []
    for entry in entries_of(section):
        target = reader.text(entry.value, "the id of a structure")
        if target is not None:
            found.append(Dependency(entry.key.text, target, span=entry.value.span))
    return tuple(found)


# ---------------------------------------------------------------- arguments


def _arguments(reader: Reader, node: Node | None) -> tuple[Argument, ...]:
    section = reader.mapping(node, "a mapping of parameters")
    found: list[Argument] = []
    for entry in entries_of(section):
        value = _argument(reader, entry)
        if value is not None:
            found.append(
                Argument(entry.key.text, value, span=entry.value.span, name_span=_key(entry))
            )
    return tuple(found)


def _key(entry: KeyValue) -> Span:
    return entry.key.span


def _argument(reader: Reader, entry: KeyValue) -> ArgValue | None:
    node = entry.value
    if isinstance(node, Sequence):
        items = [_value(reader, item, "a number") for item in node.items]
        if any(isinstance(item, str) for item in items):
            reader.wrong(node, "a list of numbers")
            return None
        return tuple(item for item in items if item is not None and not isinstance(item, str))
    return _value(reader, node, "a number, a word, `true`, `false` or a list of numbers")


def _value(reader: Reader, node: Node, wanted: str) -> e.Expr | str | None:
    """A number, a truth value, a tunable, or the text of a word."""
    if isinstance(node, Mapping) and is_param_mapping(node):
        return reader.param(node)
    match node:
        case Scalar(value=bool()):
            return e.Bool(bool(node.value), span=node.span)
        case Scalar(value=int() | float()):
            return literal(node)
        case Scalar(value=str()):
            name = tunable(node.text)
            return node.text if name is None else e.ParamRef(name, span=node.span)
        case _:
            reader.wrong(node, wanted)
            return None
