"""Formatting: the text of a card spliced, its meaning never changed.

`format_card` is the one entry. Every step is a list of independent changes; a change after which the
card would compile to another graph is not made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from compiler.findings.diagnostics import CompileFailed, Edit
from compiler.findings.source import Source
from compiler.formatting.forms import names_of, to_expressions, to_trees
from compiler.formatting.spacing import spacing
from compiler.formatting.upgrade import cannot, upgrade, upgrade_clocks
from compiler.graph.difference import difference
from compiler.graph.rule_graph import RuleGraph
from compiler.graph.serde import graph_hash
from compiler.parse.card import NEWEST, OLD_VERSION, VERSION, is_old_card
from compiler.pipeline import check
from compiler.text.load import load
from compiler.text.nodes import Mapping, Scalar

Form = Literal["expr", "tree"]


@dataclass(frozen=True, slots=True)
class Formatted:
    """The text, and notes on what was left as it was and why."""

    text: str
    notes: tuple[str, ...] = ()


def format_card(source: Source, *, to: Form | None = None, upgraded: bool = False) -> Formatted:
    """Return a card formatted; `CompileFailed` with all findings if it has mistakes.

    `to` rewrites conditions as expressions or as trees, `upgraded` moves an older card to the newest version.
    """
    meaning = _meaning(source)
    root = _root(source)
    notes: list[str] = []
    version = _version(root)
    if upgraded and version is not None:
        reason = cannot(root)
        edits = upgrade if version == OLD_VERSION else upgrade_clocks
        moved = source if reason else _spliced(source, list(edits(source.text, root)))
        if reason is None and not _is_same(moved, meaning):
            reason = f"left in {version}: in {NEWEST} this card would mean something else"
        if reason is not None:
            notes.append(reason)
        else:
            source, root, meaning = moved, _root(moved), _meaning(moved)
    if to is not None:
        changes = (
            to_expressions(source, root) if to == "expr" else to_trees(source, root, names_of(root))
        )
        source = _applied(source, changes, meaning, notes, f"--to {to}")
    for _ in range(2):  # a change of white space may free another
        source = _applied(source, spacing(source.text, _root(source)), meaning, notes, "spacing")
    return Formatted(source.text, tuple(notes))


def _version(root: Mapping) -> str | None:
    """Return the version of a card that is older than the newest, None for any other."""
    if is_old_card(root):
        return OLD_VERSION
    written = root.get("version")
    return VERSION if isinstance(written, Scalar) and written.text == VERSION else None


def _root(source: Source) -> Mapping:
    node, _ = load(source)
    assert isinstance(node, Mapping)
    return node


def _meaning(source: Source) -> RuleGraph:
    checked = check(source, lints=False)
    if checked.graph is None or checked.has_errors:
        raise CompileFailed(source, checked.diagnostics)
    return checked.graph


def _is_same(upgraded: Source, meaning: RuleGraph) -> bool:
    """Return whether a moved card does what it did; the order of its features is free."""
    checked = check(upgraded, lints=False)
    if checked.graph is None or checked.has_errors:
        return False
    version = checked.graph.card_version
    return not difference(replace(meaning, card_version=version), checked.graph)


def _means(source: Source, wanted: str) -> bool:
    checked = check(source, lints=False)
    if checked.graph is None or checked.has_errors:
        return False
    return graph_hash(checked.graph) == wanted


def _applied(
    source: Source,
    changes: Iterable[tuple[Edit, ...]],
    meaning: RuleGraph,
    notes: list[str],
    step: str,
) -> Source:
    """Apply changes: all at once where that keeps the meaning, else those that do, one by one."""
    todo = [change for change in dict.fromkeys(changes) if change]
    if not todo:
        return source
    wanted = graph_hash(meaning)
    whole = _spliced(source, [edit for change in todo for edit in change])
    if _means(whole, wanted):
        return whole
    kept: list[Edit] = []
    for change in todo:
        if _means(_spliced(source, [*kept, *change]), wanted):
            kept += change
        else:
            line = source.location(change[-1].span.start).line
            notes.append(f"line {line}: left as it is, {step} would change what the card means")
    return _spliced(source, kept) if kept else source


def _spliced(source: Source, edits: list[Edit]) -> Source:
    text = source.text
    order = sorted(enumerate(edits), key=lambda x: (x[1].span.start, x[1].span.end, x[0]))
    for _, edit in reversed(order):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return Source(source.path, text)
