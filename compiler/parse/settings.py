"""Tunables, money and execution settings, and promises."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.promises import PROMISES, Takes
from compiler.catalog.settings import PositionMode
from compiler.parse.conditions import condition
from compiler.parse.context import (
    Reader,
    entries_of,
    is_nothing,
    is_param_mapping,
    literal,
    tunable,
)
from compiler.syntax import expr as e
from compiler.syntax.tree import Invariant, ParamDecl, Setting
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar

SECTIONS = ("account", "position_policy", "risk_model", "limits", "execution")


def tunables(reader: Reader, node: Node | None) -> tuple[ParamDecl, ...]:
    """Read `params`: `name: 9` or `name: {default: 9, low: 5, high: 20, step: 1}`."""
    section = reader.mapping(node, "a mapping of tunables")
    read = (_tunable(reader, entry) for entry in entries_of(section))
    return tuple(decl for decl in read if decl is not None)


def _tunable(reader: Reader, entry: KeyValue) -> ParamDecl | None:
    node = entry.value
    if not isinstance(node, Mapping):
        default = _plain_number(reader, node)
        if default is None:
            return None
        return ParamDecl(entry.key.text, default, span=node.span, name_span=entry.key.span)
    written = node.get("default")
    if written is None:
        reader.missing(node, "default")
        return None
    default = _plain_number(reader, written)
    bounds = {
        key: None if (bound := node.get(key)) is None else _plain_number(reader, bound)
        for key in ("low", "high", "step")
    }
    if default is None:
        return None
    return ParamDecl(entry.key.text, default, **bounds, span=node.span, name_span=entry.key.span)


def _plain_number(reader: Reader, node: Node) -> float | None:
    if isinstance(node, Scalar) and isinstance(node.value, int | float):
        if not isinstance(node.value, bool):
            return float(node.value)
    reader.wrong(node, "a number")
    return None


# ---------------------------------------------------------------- settings


def settings(reader: Reader, root: Mapping) -> tuple[Setting, ...]:
    """Read the leaves of the money and execution sections, in writing order."""
    found: list[Setting] = []
    for entry in root.entries:
        if entry.key.text in SECTIONS:
            section = reader.mapping(entry.value, f"the {entry.key.text} section")
            found += _leaves(reader, section, entry.key.text)
    if reader.is_old:
        found += _old_defaults(root, {setting.path: setting for setting in found})
    return tuple(found)


def _leaves(reader: Reader, section: Mapping | None, above: str) -> Iterator[Setting]:
    for entry in entries_of(section):
        path, node = f"{above}.{entry.key.text}", entry.value
        if isinstance(node, Mapping) and not is_param_mapping(node):
            yield from _leaves(reader, node, path)
            continue
        value = _setting(reader, node)
        if value is not None:
            yield Setting(path, value, span=node.span, key_span=entry.key.span)


def _setting(reader: Reader, node: Node) -> str | bool | e.Expr | None:
    if isinstance(node, Mapping):
        return reader.param(node)
    match node:
        case Scalar(value=bool()):
            return bool(node.value)
        case Scalar(value=int() | float()):
            return literal(node)
        case Scalar(value=str()):
            name = tunable(node.text)
            return node.text if name is None else e.ParamRef(name, span=node.span)
        case _:
            if not is_nothing(node):
                reader.wrong(node, "a number, a word, `true` or `false`")
            else:
                reader.wrong(node, "a value")
            return None


def _old_defaults(root: Mapping, given: dict[str, Setting]) -> Iterator[Setting]:
    """What a 3.0.0 card means by leaving it out: long only, one layer unless it may scale in."""
    policy = root.entry("position_policy")
    span = policy.key.span if policy else root.head
    if "position_policy.mode" not in given:
        yield Setting("position_policy.mode", PositionMode.LONG_ONLY, span=span, key_span=span)
    scales = given.get("position_policy.allow_scale_in")
    if "position_policy.max_layers" not in given and (scales is None or scales.value is not True):
        one = e.Number(1.0, True, span=span)
        yield Setting("position_policy.max_layers", one, span=span, key_span=span)


# ---------------------------------------------------------------- promises


def invariants(reader: Reader, node: Node | None) -> tuple[Invariant, ...]:
    """Read the promises of a card: named ones, and conditions."""
    read = (_invariant(reader, item) for item in reader.items(node, "a list of promises"))
    return tuple(promise for promise in read if promise is not None)


def _invariant(reader: Reader, node: Node) -> Invariant | None:
    if isinstance(node, Scalar) and PROMISES.get(node.text.strip()) is Takes.NOTHING:
        return Invariant(node.text.strip(), span=node.span)
    if isinstance(node, Mapping) and len(node.entries) == 1:
        entry = node.entries[0]
        name = entry.key.text
        takes = PROMISES.get(name)
        if takes is Takes.NUMBER:
            argument = reader.number(entry.value)
            if argument is None:
                return None
            return Invariant(name, argument=argument, span=node.span)
        if takes is Takes.CONDITION:
            return Invariant(name, condition(reader, entry.value), span=node.span)
        if takes is Takes.NOTHING and _is_true(entry.value):
            return Invariant(name, span=node.span)
    return Invariant(None, condition(reader, node), span=node.span)


def _is_true(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is True
