"""Where a card has conditions and expressions, and where its comments stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.catalog.calls import MEMORY_FUNCTIONS
from compiler.catalog.orders import TRAIL_KEYS, LadderKey, OptionName
from compiler.catalog.promises import PROMISES, Promise, Takes
from compiler.findings.source import Span
from compiler.parse.actions import PRICE_NUMBERS
from compiler.text.nodes import Mapping, Node, Scalar, Sequence
from compiler.text.places import Style

_NUMBERS = PRICE_NUMBERS | {key.value for key in TRAIL_KEYS}
_WINDOWS = ("holds_for", "occurred_within", "count_true")


@dataclass(frozen=True, slots=True)
class ExpressionPlace:
    """A condition of a card.

    `start` is where its text may begin: behind the colon of its key, or the item itself. `head` is the
    key or the item: comments that lose their place go above its line.
    """

    node: Node
    start: int
    head: int
    is_item: bool
    in_flow: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` begins with `#`; `span` leaves out the white space in front."""

    text: str
    span: Span


def conditions(text: str, root: Mapping) -> Iterator[ExpressionPlace]:
    """Yield every whole condition: of cases, of variables, of promises."""
    in_flow = _is_flow(text, root)
    for block in _items(root.get("blocks")):
        flow = in_flow or any(_is_flow(text, x) for x in (root.get("blocks"), block) if x)
        for case in _items(block.get("cases") if isinstance(block, Mapping) else None):
            if isinstance(case, Mapping):
                inner = flow or _is_flow(text, case) or _is_flow(text, block.get("cases"))  # type: ignore[union-attr]
                yield from _under(text, case, "when", inner)
    variables = root.get("variables")
    if isinstance(variables, Mapping) and root.get("execution_tf") is None:
        for entry in variables:
            yield from _under(text, variables, entry.key.text, _is_flow(text, variables))
    promises = root.get("invariants")
    for item in _items(promises):
        yield from _promise(text, item, _is_flow(text, promises))


def _promise(text: str, item: Node, in_flow: bool) -> Iterator[ExpressionPlace]:
    if isinstance(item, Scalar):
        if PROMISES.get(item.text.strip()) is not Takes.NOTHING:
            yield ExpressionPlace(item, item.span.start, item.span.start, True, in_flow)
    elif isinstance(item, Mapping) and item.entry(Promise.NO_ENTRY_WHILE):
        yield from _under(text, item, Promise.NO_ENTRY_WHILE, in_flow or _is_flow(text, item))
    elif isinstance(item, Sequence) or not PROMISES.keys() & {*item.names()}:
        yield ExpressionPlace(item, item.span.start, item.span.start, True, in_flow)


def _under(text: str, parent: Mapping, key: str, in_flow: bool) -> Iterator[ExpressionPlace]:
    entry = parent.entry(key)
    if entry is not None:
        start = text.index(":", entry.key.span.end) + 1
        yield ExpressionPlace(entry.value, start, entry.key.span.start, False, in_flow)


def expressions(text: str, root: Mapping) -> Iterator[Scalar]:
    """Yield every scalar that is read as an expression."""
    for place in conditions(text, root):
        yield from _of_condition(place.node)
    for block in _items(root.get("blocks")):
        if isinstance(block, Mapping):
            emits = [c.get("emit") for c in _items(block.get("cases")) if isinstance(c, Mapping)]
            otherwise = block.get("else")
            if isinstance(otherwise, Mapping):
                emits.append(otherwise.get("emit"))
            for emit in emits:
                yield from _of_actions(emit)


_HOLDS_CONDITIONS = frozenset(
    (
        *("all", "any", "not", "expr", "if", "then", "else", "when", "sequence"),
        *_WINDOWS,
        *MEMORY_FUNCTIONS,
    )
)


def _of_condition(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            yield node
    elif isinstance(node, Sequence):
        for item in node:
            yield from _of_condition(item)
    else:
        for entry in node:
            if entry.key.text in _HOLDS_CONDITIONS:
                yield from _of_condition(entry.value)
            elif entry.key.text in ("lhs", "rhs", "tolerance"):
                yield from _of_operand(entry.value)


def _of_operand(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            yield node
    elif isinstance(node, Sequence):
        for item in node:
            yield from _of_operand(item)
    else:
        for key in ("low", "high"):
            end = node.get(key)
            if end is not None:
                yield from _of_operand(end)
        if any(key in _HOLDS_CONDITIONS for key in node.names()):
            yield from _of_condition(node)


def _of_actions(node: Node | None) -> Iterator[Scalar]:
    for action in _items(node):
        metadata = action.get("metadata") if isinstance(action, Mapping) else None
        if not isinstance(metadata, Mapping):
            continue
        for entry in metadata:
            value = entry.value
            if entry.key.text in _NUMBERS and isinstance(value, Scalar):
                if isinstance(value.value, str):
                    yield value
            elif entry.key.text == OptionName.LADDER and isinstance(value, Mapping):
                step = value.get(LadderKey.STEP)
                if isinstance(step, Scalar) and isinstance(step.value, str):
                    yield step
            elif entry.key.text == OptionName.TRAIL and isinstance(value, Mapping):
                parts = [part for key in TRAIL_KEYS if (part := value.get(key)) is not None]
                yield from (x for x in parts if isinstance(x, Scalar) and isinstance(x.value, str))
            elif entry.key.text == "on_fill":
                yield from _of_actions(value)


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def _is_flow(text: str, node: Node | None) -> bool:
    return node is not None and text[node.span.start : node.span.start + 1] in ("{", "[")


# ---------------------------------------------------------------- comments


def scalars(node: Node) -> Iterator[Scalar]:
    """Yield every key and value, in writing order."""
    todo: list[Node] = [node]
    while todo:
        match todo.pop():
            case Scalar() as scalar:
                yield scalar
            case Sequence(items=items):
                todo.extend(reversed(items))
            case Mapping(entries=entries):
                for entry in reversed(entries):
                    todo += (entry.value, entry.key)


def comments(text: str, root: Node) -> list[Comment]:
    """Return the comments of a card, in writing order."""
    covered = sorted((_hidden(s) for s in scalars(root)), key=lambda span: span.start)
    found: list[Comment] = []
    at = turn = 0
    while (at := text.find("#", at)) >= 0:
        while turn < len(covered) and covered[turn].end <= at:
            turn += 1
        if turn < len(covered) and covered[turn].start <= at:
            at = covered[turn].end
            continue
        if at == 0 or text[at - 1] in " \t\r\n\ufeff":
            end = min(i for i in (text.find("\n", at), len(text)) if i >= 0)
            written = text[at:end].rstrip()
            found.append(Comment(written, Span(at, at + len(written))))
            at = end
        else:
            at += 1
    return found


def _hidden(scalar: Scalar) -> Span:
    """Return the part of a scalar in which `#` is no comment: not the first line of a block text."""
    if scalar.style in (Style.FOLDED, Style.LITERAL):
        return Span(scalar.span.start + len(scalar.raw.partition("\n")[0]), scalar.span.end)
    return scalar.span
