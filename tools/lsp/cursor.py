"""Where the cursor stands in a card that is being typed.

The trick: a made-up word is put at the cursor and the text is read as YAML; where the word turns up
is where the cursor is. If the text is not YAML as it stands, the word may be the start of a key, or
what follows the cursor may be broken: then the text up to the cursor alone is read, with its open
brackets closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compiler.findings.source import Source
from compiler.text.load import load
from compiler.text.nodes import Mapping, Node, Scalar, Sequence

MARK = "cursor0stands0here"
Path = tuple[str | int, ...]
_WORD_BEFORE = re.compile(r"[A-Za-z0-9_]*\Z")
_WORD_AFTER = re.compile(r"[A-Za-z0-9_]*")
_LINE_START = re.compile(r"(?:\A|\n)[ -]*\Z")
_CLOSING = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the tree of a card: `path` leads to the value (or the mapping of a key).

    `before` is the text of the value up to the word being typed, `typed` that word up to the cursor.
    `root` is the tree that has `MARK` at the cursor.
    """

    root: Node
    path: Path
    is_key: bool
    before: str
    typed: str
    source: Source
    alone: bool  # nothing else is written in this value
    fresh: bool  # nothing else is written on this line, but perhaps a `-`
    whole: bool  # the text after the cursor could be read too

    def node(self, path: Path) -> Node | None:
        """Return what stands at a path."""
        node: Node | None = self.root
        for step in path:
            if isinstance(node, Mapping):
                node = node.get(str(step))
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                return None
        return node

    def text(self, *path: str | int) -> str | None:
        """Return the text of the scalar at a path, None if there is none."""
        node = self.node(path)
        return node.text if isinstance(node, Scalar) and MARK not in node.text else None


def find(path: str, text: str, offset: int) -> Cursor | None:
    """Return where character `offset` of a card stands; None in comments and where none can say."""
    before = _WORD_BEFORE.search(text, 0, offset)
    after = _WORD_AFTER.match(text, offset)
    assert before is not None
    assert after is not None
    head, typed, tail = text[: before.start()], before[0], text[after.end() :]
    for attempt, whole in _attempts(head, tail):
        source = Source(path, attempt)
        root = load(source)[0]
        found = None if root is None else next(_marked(root, ()), None)
        if root is not None and found is not None:
            place, scalar, is_key = found
            at = scalar.text.index(MARK)
            alone = scalar.text.strip() == MARK
            fresh = _LINE_START.search(head) is not None
            return Cursor(root, place, is_key, scalar.text[:at], typed, source, alone, fresh, whole)
    return None


def _attempts(head: str, tail: str) -> Iterator[tuple[str, bool]]:
    """Yield the texts to try, the most telling first, and whether they hold all of the card."""
    closers = _closers(head)
    yield head + MARK + tail, True
    yield head + MARK + ": 0" + tail, True
    yield head + MARK + closers, False
    yield head + MARK + ": 0" + closers, False


def _marked(node: Node, path: Path) -> Iterator[tuple[Path, Scalar, bool]]:
    """Yield the scalar that holds the mark, the path to it, and whether it is a key."""
    match node:
        case Scalar():
            if MARK in node.text:
                yield path, node, False
        case Sequence():
            for index, item in enumerate(node):
                yield from _marked(item, (*path, index))
        case Mapping():
            for entry in node:
                if MARK in entry.key.text:
                    yield path, entry.key, True
                yield from _marked(entry.value, (*path, entry.key.text))


def _closers(text: str) -> str:
    """Return what closes the quotes and brackets that are open at the end of a text."""
    open_: list[str] = []
    quote = ""
    comment = False
    starts = True  # whether a value may start here
    for at, char in enumerate(text):
        if char == "\n":
            comment, starts = False, not quote or starts
        elif comment:
            continue
        elif quote:
            quote = "" if char == quote and text[at - 1] != "\\" else quote
        elif char == "#" and (at == 0 or text[at - 1] in " \n\t"):
            comment = True
        elif char in "\"'" and starts:
            quote, starts = char, False
        elif char in "{[" and (starts or open_):
            open_.append(char)
            starts = True
        elif char in "}]" and open_:
            open_.pop()
            starts = False
        elif char != " ":
            starts = char in ":-,"
    return quote + "".join(_CLOSING[bracket] for bracket in reversed(open_))
