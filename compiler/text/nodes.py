"""Card text as a tree of nodes that know where they stand in the file.

INVARIANT: every span is in characters of the file, whatever quoting or folding lies between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum

from compiler.classes import dataclass
from compiler.findings.source import Span
from compiler.text.places import Style, character_places

ScalarValue = str | bool | int | float | None


class ValueKind(StrEnum):
    """What a person calls a value."""

    TEXT = "text"
    NUMBER = "number"
    BOOL = "truth value"
    NOTHING = "nothing"
    MAPPING = "mapping"
    SEQUENCE = "list"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. `text` is what was written, unquoted and unfolded; `value` what it means.

    `style` is GIVEN for values that come from the command line: they have no place of their own.
    """

    value: ScalarValue
    text: str
    style: Style = Style.PLAIN
    span: Span = field(default=Span(0, 0), compare=False)
    raw: str = field(default="", compare=False, repr=False)

    def place(self, start: int, end: int) -> Span:
        """Return where characters [start, end) of `text` stand in the file."""
        if self.style is Style.GIVEN:
            return self.span
        first, last = character_places(self.raw, self.text, self.style, start, end)
        return Span(self.span.start + first, self.span.start + last)

    @property
    def kind(self) -> ValueKind:
        match self.value:
            case bool():
                return ValueKind.BOOL
            case int() | float():
                return ValueKind.NUMBER
            case None:
                return ValueKind.NOTHING
            case _:
                return ValueKind.TEXT


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    span: Span = field(default=Span(0, 0), compare=False)

    @property
    def kind(self) -> ValueKind:
        return ValueKind.SEQUENCE

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class KeyValue:
    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys are unique (a duplicate is reported and dropped) and in the order of the file."""

    entries: tuple[KeyValue, ...]
    span: Span = field(default=Span(0, 0), compare=False)
    _by_name: dict[str, KeyValue] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        by_name = {entry.key.text: entry for entry in reversed(self.entries)}
        object.__setattr__(self, "_by_name", by_name)

    @property
    def kind(self) -> ValueKind:
        return ValueKind.MAPPING

    @property
    def head(self) -> Span:
        """The first key, or the whole of an empty mapping: where to say that a key is missing."""
        return self.entries[0].key.span if self.entries else self.span

    def entry(self, name: str) -> KeyValue | None:
        """Return the entry of a key, None if absent."""
        return self._by_name.get(name)

    def get(self, name: str) -> Node | None:
        """Return the value of a key, None if absent."""
        entry = self.entry(name)
        return entry.value if entry else None

    def names(self) -> tuple[str, ...]:
        return tuple(entry.key.text for entry in self.entries)

    def __iter__(self) -> Iterator[KeyValue]:
        return iter(self.entries)


Node = Scalar | Sequence | Mapping


def plain_data(node: Node) -> object:
    """Return the node as plain dicts, lists and values."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain_data(item) for item in node.items]
        case Mapping():
            return {entry.key.text: plain_data(entry.value) for entry in node.entries}
