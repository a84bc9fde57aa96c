"""Values given on the command line (`--set account.max_leverage=3`), put into the node tree.

A path is dotted; list items are named by their `id` or `key`, or by number from 0. Missing mappings
are made. Whether the key makes sense is for validation to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Span
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar
from compiler.text.nodes import Sequence as SequenceNode
from compiler.text.places import Style
from compiler.text.scalars import resolve_plain


class _Unusable(Exception):
    """An override that has no place in this card."""


def apply_overrides(
    root: Node, overrides: Sequence[tuple[str, str]]
) -> tuple[Node, list[Diagnostic]]:
    """Return the tree with the values put in, in order, and what could not be."""
    found: list[Diagnostic] = []
    for path, text in overrides:
        steps = path.split(".")
        try:
            if "" in steps:
                raise _Unusable("a path is words with dots between them")
            root = _put(root, steps, text, ())
        except _Unusable as problem:
            found.append(finding("IC110", f"--set {path}: {problem}", Span(0, 0)))
    return root, found


def _put(node: Node, steps: Sequence[str], text: str, above: tuple[str, ...]) -> Node:
    if not steps:
        return _replace(node, text, above)
    name, rest = steps[0], steps[1:]
    here = (*above, name)
    match node:
        case Scalar(value=None):
            return Mapping((_made(name, rest, text, node.span),), node.span)
        case Scalar():
            raise _Unusable(f"`{'.'.join(above)}` is a value, it has no `{name}`")
        case SequenceNode():
            index = _item(node, name, above)
            changed = _put(node.items[index], rest, text, here)
            return SequenceNode((*node.items[:index], changed, *node.items[index + 1 :]), node.span)
        case Mapping():
            return _put_key(node, name, rest, text, here)


def _put_key(
    node: Mapping, name: str, rest: Sequence[str], text: str, here: tuple[str, ...]
) -> Mapping:
    if node.entry(name) is None:
        at = Span(node.span.start, node.span.start)
        return Mapping((*node.entries, _made(name, rest, text, at)), node.span)
    entries = tuple(
        KeyValue(entry.key, _put(entry.value, rest, text, here))
        if entry.key.text == name
        else entry
        for entry in node.entries
    )
    return Mapping(entries, node.span)


def _replace(node: Node, text: str, path: tuple[str, ...]) -> Node:
    # `params.fast=21` sets the tunable, it does not throw its bounds away.
    if len(path) == 2 and path[0] == "params" and isinstance(node, Mapping):
        return _put_key(node, "default", (), text, (*path, "default"))
    return _given(text, node.span)


def _item(node: SequenceNode, name: str, above: tuple[str, ...]) -> int:
    for index, item in enumerate(node.items):
        if not isinstance(item, Mapping):
            continue
        for key in ("id", "key"):
            found = item.get(key)
            if isinstance(found, Scalar) and found.text == name:
                return index
    if name.isascii() and name.isdigit() and len(name) < 8 and int(name) < len(node.items):
        return int(name)
    raise _Unusable(f"`{'.'.join(above)}` has no item `{name}`")


def _made(name: str, rest: Sequence[str], text: str, at: Span) -> KeyValue:
    key = Scalar(name, name, Style.GIVEN, at)
    if not rest:
        return KeyValue(key, _given(text, at))
    return KeyValue(key, Mapping((_made(rest[0], rest[1:], text, at),), at))


def _given(text: str, at: Span) -> Scalar:
    words = text.strip()
    if len(words) >= 2 and words[0] == words[-1] and words[0] in "'\"":
        return Scalar(words[1:-1], words[1:-1], Style.GIVEN, at)
    value, problem = resolve_plain(words, at)
    if problem is not None and problem.is_error:
        raise _Unusable(problem.message)
    return Scalar(value, words, Style.GIVEN, at)
