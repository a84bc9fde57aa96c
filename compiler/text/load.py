"""Card text to nodes with places: the only module that knows YAML.

INVARIANT: any text gives nodes or findings, never an exception and never a hang. The tree is built
straight from the parser's events, so depth, size and aliases are bounded before anything is built
(libyaml's own composer crashes the process on deep nesting).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import cache, lru_cache
from typing import Any

from compiler.classes import dataclass
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label, Severity
from compiler.findings.source import Source, Span
from compiler.text.cut_expressions import rejoin_entries, rejoin_items
from compiler.text.folded import check_comments
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar, ValueKind, plain_data
from compiler.text.nodes import Sequence as SequenceNode
from compiler.text.overrides import apply_overrides
from compiler.text.places import Style
from compiler.text.scalars import ambiguity, resolve_plain
from compiler.text.yaml_errors import yaml_finding

__all__ = ["KeyValue", "Mapping", "Node", "Scalar", "SequenceNode", "Style", "ValueKind", "load"]
__all__ += ["decode", "plain_data"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 60
MAX_NODES = 100_000

_TIMES = frozenset({"except", "day_starts"})  # keys under which a day or a time needs no quotes
_STYLES = {
    None: Style.PLAIN,
    "": Style.PLAIN,
    "'": Style.SINGLE,
    '"': Style.DOUBLE,
    "|": Style.LITERAL,
    ">": Style.FOLDED,
}
# COST: the second takes 10 ms to compile, and nearly every card is written in ASCII.
_UNREADABLE_ASCII = re.compile("[^\t\n\r\x20-\x7e]")
_UNREADABLE = (
    "[^\t\n\r\x20-\x7e\x85\xa0-\u2027\u202a-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufffd"
    "\U00010000-\U0010ffff\u2028\u2029]"
)
# libyaml looks 1,024 characters ahead for the `:` of a key, and from 1,000 open brackets on it gives
# up in these words: before the first event, so before the depth can be counted here.
_TOO_DEEP = "nesting depth"
# Anchors and tags stand in front of a value; so may comments and line ends after them.
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*|\s+|#[^\n]*)*")


def decode(path: str, data: bytes) -> tuple[Source, list[Diagnostic]]:
    """Return the text of a card file; bytes that are not UTF-8 are reported and replaced."""
    if len(data) > MAX_BYTES:
        return Source(path, ""), [_too_large(Span(0, 0))]
    try:
        return Source(path, data.decode("utf-8")), []
    except UnicodeDecodeError as error:
        source = Source(path, data.decode("utf-8", errors="replace"))
        start = len(data[: error.start].decode("utf-8", errors="replace"))
        message = f"byte {data[error.start]:#04x} is not UTF-8"
        return source, [finding("IC100", message, Span(start, start + 1), help="save as UTF-8")]


def load(
    source: Source, overrides: Sequence[tuple[str, str]] = ()
) -> tuple[Node | None, list[Diagnostic]]:
    """Return the node tree of a card, with `overrides` (dotted path, text) put into it.

    The tree is None only where nothing can be read. Findings are in file order.
    """
    if not overrides:
        root, found = _composed(source)
    else:
        root, found = _composed_before(source)
        if root is not None:
            root, problems = apply_overrides(root, overrides)
            found = (*found, *problems)
    return root, sorted(found, key=lambda d: (d.span.start, d.code))


def _composed(source: Source) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Return the node tree of a card as it stands in its file, and what was found."""
    refused = _refusal(source)
    if refused:
        return None, (refused,)
    composer = _Composer(source)
    root: Node | None
    try:
        root = composer.document()
    except _Unreadable as refusal:
        root = None
        composer.found.append(refusal.diagnostic)
    return root, tuple(composer.found)


# COST: who puts one set of parameters after another into a card reads its text once: a third of compiling a set.
_composed_before = lru_cache(maxsize=1)(_composed)


def _too_large(span: Span) -> Diagnostic:
    return finding("IC112", "the file is larger than 1 MiB", span, help="split the card")


def _refusal(source: Source) -> Diagnostic | None:
    """What makes the text unfit even for the YAML parser."""
    text = source.text
    if len(text) > MAX_BYTES or len(text.encode("utf-8", errors="replace")) > MAX_BYTES:
        return _too_large(Span(0, 0))
    pattern = _UNREADABLE_ASCII if text.isascii() else re.compile(_UNREADABLE)
    found = pattern.search(text, 1 if text.startswith("\ufeff") else 0)
    if found:
        return finding(
            "IC100",
            f"character U+{ord(found.group()):04X} cannot stand in a YAML file",
            Span(found.start(), found.end()),
            help="delete it; it may have come from copying out of a document",
        )
    return None


class _Unreadable(Exception):
    """Nothing more can be read; carries the finding out of the recursion."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def _too_deep(at: int) -> _Unreadable:
    message = f"nested deeper than {MAX_DEPTH} levels"
    advice = "no card needs that; is a bracket missing further up?"
    return _Unreadable(finding("IC112", message, Span(at, at + 1), help=advice))


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    nodes: int
    height: int


@dataclass(slots=True)
class _Event:
    """One event of the YAML parser; `name` is the class name without `Event`."""

    name: str
    start: int
    end: int
    raw: Any

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass
class _Composer:
    """Builds nodes from events, keeping count."""

    source: Source
    found: list[Diagnostic] = field(default_factory=list)
    _events: Iterator[_Event] = field(init=False)
    _anchors: dict[str, _Anchored] = field(default_factory=dict)
    _nodes: int = 0
    _height: int = 0  # of the collection composed last
    _brackets: int = 0  # how many `{` and `[` are open
    _last_plain: Span | None = None

    def __post_init__(self) -> None:
        self._events = self._read()

    def document(self) -> Node | None:
        """Return the first document; a second one is reported."""
        self._next()  # stream start
        event = self._next()
        if event.name == "StreamEnd":
            self.found.append(finding("IC110", "the card is empty", Span(0, 0)))
            return None
        root = self._node(self._next(), depth=1)
        self._next()  # document end
        event = self._next()
        if event.name == "DocumentStart":
            self.found.append(
                finding(
                    "IC114",
                    "a second document starts here: a file holds one card",
                    event.span if event.end > event.start else Span(event.start, event.start + 1),
                    help="move it to a file of its own",
                )
            )
        return root

    # ------------------------------------------------------------ events

    def _read(self) -> Iterator[_Event]:
        import yaml  # COST: 15 ms of start-up, paid only by commands that read a card

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        text = self.source.text
        shift = 1 if text.startswith("\ufeff") else 0
        try:
            event: Any
            for event in yaml.parse(text[shift:], Loader=loader):
                start, end = event.start_mark.index + shift, event.end_mark.index + shift
                yield _Event(_name_of(event.__class__), start, end, event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = mark.index + shift if mark else 0
            if _TOO_DEEP in (error.problem or ""):
                raise _too_deep(min(at, len(text) - 1)) from error
            context = error.context_mark.index + shift if error.context_mark else None
            open_text = self._last_plain if self._brackets else None
            raise _Unreadable(
                yaml_finding(self.source, error.problem or "", at, context, open_text)
            ) from error
        except RecursionError as error:  # the parser written in Python recurses into `[` and `{`
            raise _too_deep(0) from error
        except (yaml.YAMLError, ValueError) as error:
            raise _Unreadable(
                finding("IC100", f"not valid YAML: {error}".splitlines()[0], Span(0, 0))
            ) from error

    def _next(self) -> _Event:
        event = next(self._events, None)
        return event or _Event("StreamEnd", len(self.source.text), len(self.source.text), None)

    # ------------------------------------------------------------ nodes

    def _count(self, nodes: int, event: _Event) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise _Unreadable(
                finding(
                    "IC112",
                    f"the card has more than {MAX_NODES:,} values, aliases counted as copies",
                    event.span,
                )
            )

    def _node(self, event: _Event, depth: int, name: str = "") -> Node:
        if event.name == "Alias":
            return self._alias(event, depth)
        if depth > MAX_DEPTH:
            raise _too_deep(event.start)
        self._count(1, event)
        anchor, before = event.raw.anchor, self._nodes
        start = self._properties(event)
        node: Node
        if event.name == "Scalar":
            self._height = 0
            node = self._scalar(event, start, name)
        else:
            is_flow = bool(event.raw.flow_style)
            self._brackets += is_flow
            if event.name == "SequenceStart":
                node = self._sequence(start, is_flow, depth, name)
            else:
                node = self._mapping(start, is_flow, depth)
            self._brackets -= is_flow
            self._height += 1
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node, self._nodes - before + 1, self._height)
        return node

    def _properties(self, event: _Event) -> int:
        """Report an anchor or a tag; return where the value itself starts."""
        raw = event.raw
        if raw.anchor is None and raw.tag is None:
            return event.start
        found = _PROPERTIES.match(self.source.text, event.start, max(event.start, event.end))
        start = found.end() if found else event.start
        span = Span(event.start, max(event.start + 1, event.start + self._width(event.start)))
        if raw.anchor is not None:
            message = f"anchor `&{raw.anchor}`: findings in a copy are shown at the original"
            help = "give the shared condition a name under `variables`"
            self.found.append(finding("IC106", message, span, help=help))
        if raw.tag is not None:
            message, help = "a card has no tags", "delete the `!…`"
            error = Severity.ERROR
            self.found.append(finding("IC106", message, span, help=help, severity=error))
        return start

    def _width(self, start: int) -> int:
        found = re.match(r"\S+", self.source.text[start : start + 200])
        return found.end() if found else 1

    def _alias(self, event: _Event, depth: int) -> Node:
        name = event.raw.anchor
        anchored = self._anchors.get(name)
        if anchored is None:
            message = f"alias `*{name}` has no anchor `&{name}` before it"
            help = "an expression that starts with `*` must be quoted"
            self.found.append(finding("IC100", message, event.span, help=help))
            return Scalar(None, "", Style.PLAIN, event.span, "")
        if depth + anchored.height > MAX_DEPTH:
            message = f"alias `*{name}` nests deeper than {MAX_DEPTH} levels"
            raise _Unreadable(finding("IC112", message, event.span))
        self._count(anchored.nodes, event)
        self._height = anchored.height
        return anchored.node

    def _scalar(self, event: _Event, start: int, name: str) -> Scalar:
        text, style = event.raw.value, _STYLES[event.raw.style]
        end = max(event.end, start)
        if style in (Style.LITERAL, Style.FOLDED):
            end = start + len(self.source.text[start:end].rstrip())
        span = Span(start, end)
        raw = self.source.text[start:end]
        if style is not Style.PLAIN:
            scalar = Scalar(text, text, style, span, raw)
            return check_comments(scalar, name, self.found)
        self._last_plain = span
        # A tag is an error; the text goes on as text, which is what `!!str` asks for.
        is_text = name == _KEY or event.raw.tag is not None
        value, problem = (text, None) if is_text else resolve_plain(text, span)
        if problem is not None and name not in _TIMES:
            self.found.append(problem)
        return Scalar(value, text, style, span, raw)

    def _sequence(self, start: int, is_flow: bool, depth: int, name: str) -> SequenceNode:
        items: list[Node] = []
        height = 0
        while (event := self._next()).name not in ("SequenceEnd", "StreamEnd"):
            items.append(self._node(event, depth + 1, name))
            height = max(height, self._height)
        self._height = height
        if is_flow:
            items = rejoin_items(self.source, items, self.found)
        end = event.end if is_flow or not items else max(start, items[-1].span.end)
        return SequenceNode(tuple(items), Span(start, end))

    def _mapping(self, start: int, is_flow: bool, depth: int) -> Mapping:
        entries: list[KeyValue] = []
        height = 0
        while (event := self._next()).name not in ("MappingEnd", "StreamEnd"):
            key = self._key(event, depth)
            value = self._node(self._next(), depth + 1, key.text)
            height = max(height, self._height)
            entries.append(KeyValue(key, value))
        self._height = height
        if is_flow:
            entries = rejoin_entries(self.source, entries, self.found)
        end = event.end
        if not is_flow and entries:
            end = max(entries[-1].key.span.end, entries[-1].value.span.end)
        return Mapping(self._unique(entries), Span(start, max(start, end)))

    def _key(self, event: _Event, depth: int) -> Scalar:
        node = self._node(event, depth + 1, _KEY)
        if not isinstance(node, Scalar):
            message = f"a key must be a word, found a {node.kind}"
            help = "a text that starts with `{` or `[` must be quoted"
            raise _Unreadable(finding("IC100", message, node.span, help=help))
        if node.style is Style.PLAIN:
            warning = ambiguity(node.text, node.span)
            if warning:
                self.found.append(warning)
        return Scalar(node.text, node.text, node.style, node.span, node.raw)

    def _unique(self, entries: list[KeyValue]) -> tuple[KeyValue, ...]:
        """Report duplicate and merge keys, keep the first of each."""
        kept: dict[str, KeyValue] = {}
        for entry in entries:
            key = entry.key
            if key.text == "<<" and key.style is Style.PLAIN:
                message, help = "a card has no merge keys", "write the keys out"
                error = Severity.ERROR
                self.found.append(finding("IC106", message, key.span, help=help, severity=error))
            elif key.text in kept:
                first = Label(kept[key.text].key.span, "first given here")
                message = f"`{key.text}` is given twice"
                help = "delete one of the two"
                self.found.append(finding("IC101", message, key.span, labels=[first], help=help))
            else:
                kept[key.text] = entry
        return tuple(kept.values())


@cache
def _name_of(kind: type[Any]) -> str:
    return kind.__name__.removesuffix("Event")


_KEY = "\0key"
