"""A card as it was meant: what was reported with a repair, repaired, so that the rest is looked at too.

INVARIANT: places stay those of the file; what was mended has no text of its own, so no later finding
offers to edit it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Mapping as Table
from dataclasses import replace
from itertools import accumulate

from compiler.findings.collected import GUESS
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Span
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar, ScalarValue, Sequence
from compiler.text.places import Style

Repairs = Table[Span, "str | Node"]


def mended(node: Node, repairs: Repairs) -> Node:
    """Return the tree with the nodes and keys at some places replaced; itself where none is."""
    if not repairs:
        return node
    found = repairs.get(node.span)
    if found is not None and not isinstance(found, str):
        return found
    match node:
        case Scalar():
            return _scalar(node, repairs)
        case Sequence():
            return replace(node, items=tuple(mended(item, repairs) for item in node.items))
        case Mapping():
            entries = [
                KeyValue(_scalar(entry.key, repairs), mended(entry.value, repairs))
                for entry in node.entries
            ]
            return Mapping(tuple(entries), node.span)


def says_the_same(one: Node, other: Node) -> bool:
    """Return whether two trees say the same in the same order, wherever and in whatever quotes it stands."""
    match one, other:
        case Scalar(), Scalar():
            return (
                one.text == other.text
                and one.value == other.value
                and type(one.value) is type(other.value)
            )
        case Sequence(), Sequence():
            return len(one.items) == len(other.items) and all(
                map(says_the_same, one.items, other.items)
            )
        case Mapping(), Mapping():
            return one.names() == other.names() and all(
                says_the_same(mine.value, theirs.value)
                for mine, theirs in zip(one.entries, other.entries, strict=True)
            )
        case _:
            return False


def _entries(node: Node) -> Iterator[KeyValue]:
    """Yield every key with its value, from the outside in."""
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield entry
            yield from _entries(entry.value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _entries(item)


def _scalar(scalar: Scalar, repairs: Repairs) -> Scalar:
    if scalar.style is Style.GIVEN:
        return scalar
    text = repairs.get(scalar.span)
    if text is None:
        text = repairs.get(scalar.place(0, len(scalar.text)))
    return given(text, scalar.span) if isinstance(text, str) else scalar


def given(text: str, span: Span) -> Scalar:
    """Return a scalar that says something at a place where something else is written."""
    return Scalar(_value(text), text, Style.GIVEN, span)


def _value(text: str) -> ScalarValue:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return {"true": True, "false": False}.get(text, text)


def as_sure_as_their_values(found: Collection[Diagnostic], root: Node) -> list[Diagnostic]:
    """Return what is said, of keys too; one written anew over a value that is wrong there is a guess.

    `time_in_force: PostOnly` is no `ttl_type: PostOnly`: who means something else by the value may mean
    something else by the key.
    """
    values: dict[Span, Span] = {}
    for entry in _entries(root):
        values.setdefault(entry.key.span, entry.value.span)
    ordered = sorted(found, key=lambda d: d.span.start)
    starts = [d.span.start for d in ordered]
    made = []
    for said in found:
        fix, value = said.fix, values.get(said.span)
        if fix is not None and fix.safe and value is not None:
            wrong = ordered[bisect_left(starts, value.start) : bisect_left(starts, value.end)]
            if not all(d.fix is not None and d.fix.safe for d in wrong):
                said = replace(said, fix=replace(fix, title=fix.title + GUESS, safe=False))
        made.append(said)
    return made


def covering(spans: Iterable[Span]) -> Callable[[int], bool]:
    """Return what says whether a place lies in one of some spans."""
    ordered = sorted(spans)
    starts = [span.start for span in ordered]
    ends = list(accumulate((span.end for span in ordered), max))

    def covers(place: int) -> bool:
        before = bisect_right(starts, place)
        return before > 0 and place < ends[before - 1]

    return covers
