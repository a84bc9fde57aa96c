"""Choices, sequences, memory and inline indicators of the structured form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from compiler.catalog.builtins import OF_LAST_TRADES
from compiler.catalog.calls import INDICATORS, MEMORY_FUNCTIONS, TIMES_FUNCTIONS
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.types import Entry
from compiler.expressions.read import parse_expression
from compiler.findings.words import Place
from compiler.parse.context import Reader
from compiler.syntax import expr as e
from compiler.text.nodes import Mapping, Node, Scalar, Sequence

CONDITIONS = ("sequence",)  # keys that say: this is a condition
VALUES = (*MEMORY_FUNCTIONS, *OF_LAST_TRADES, "type")  # and: this is a value
_HEADS = (*CONDITIONS, *VALUES, "if")
STATES = {f"is_{state.value}": state for state in e.State}


@dataclass(frozen=True, slots=True)
class Forms:
    """How the rest of the structured form is read."""

    condition: Callable[[Reader, Node], e.Expr]
    operand: Callable[[Reader, Node], e.Expr]
    value: Callable[[Reader, Node], e.Expr]
    length: Callable[[Reader, Node], e.Length | None]


def head_of(node: Mapping) -> str | None:
    """Return the key that says which of these forms a mapping is, None if it is none."""
    return next((key for key in node.names() if key in _HEADS), None)


def worded(reader: Reader, node: Mapping, head: str, forms: Forms) -> e.Expr | None:
    """Read one of these forms; None if it was reported."""
    body = node.get(head)
    assert body is not None
    match head:
        case "if":
            return _choice(reader, node, body, forms)
        case "sequence":
            return _sequence(reader, node, body, forms)
        case "type":
            return _inline(reader, node, body, forms)
        case "bars_since":
            condition = forms.condition(reader, body)
            return e.Call(head, (condition,), span=node.span, name_span=body.span)
        case _ if head in OF_LAST_TRADES:
            count = reader.number(body, "how many trades")
            if count is None:
                return None
            return e.Call(head, (count,), span=node.span, name_span=body.span)
        case _:
            return _memory(reader, node, head, body, forms)


def _choice(reader: Reader, node: Mapping, body: Node, forms: Forms) -> e.Expr | None:
    value, other = node.get("then"), node.get("else")
    if value is None or other is None:
        reader.missing(node, "then" if value is None else "else")
        return None
    condition = forms.condition(reader, body)
    parts = forms.value(reader, value), forms.value(reader, other)
    return e.Choice(condition, *parts, span=node.span)


def _sequence(reader: Reader, node: Mapping, body: Node, forms: Forms) -> e.Expr | None:
    items = body.items if isinstance(body, Sequence) else ()
    if len(items) < 2:
        reader.wrong(body, "a list of two steps or more")
        return None
    found: e.Expr | None = None
    for index, item in enumerate(items):
        step = reader.mapping(item, "`{expr: …, bars: …}`")
        inner = None if step is None else step.get("expr")
        bars = None if step is None else step.get("bars")
        if step is None:
            return None
        if inner is None or (bars is None) is (index > 0):
            if inner is not None and index == 0:
                reader.wrong(step, "a first step without `bars`")
            else:
                reader.missing(step, "expr" if inner is None else "bars")
            return None
        condition = forms.condition(reader, inner)
        if found is None or bars is None:
            found = condition
            continue
        length = forms.length(reader, bars)
        if length is None:
            return None
        found = e.Sequence(found, condition, length, span=node.span)
    return found


def _memory(reader: Reader, node: Mapping, head: str, body: Node, forms: Forms) -> e.Expr | None:
    inner = reader.mapping(body, "`{when: …, expr: …}`")
    when = None if inner is None else inner.get("when")
    expr = None if inner is None else inner.get("expr")
    if inner is None:
        return None
    if when is None or expr is None:
        reader.missing(inner, "when" if when is None else "expr")
        return None
    read = forms.condition if head == "count_since" else forms.value
    args = [forms.condition(reader, when), read(reader, expr)]
    times = inner.get("n")
    what = "how many times" if head in TIMES_FUNCTIONS else "how many times back"
    number = None if times is None else reader.number(times, what)
    if number is not None:
        args.append(number)
    return e.Call(head, tuple(args), span=node.span, name_span=node.head)


def clock_span(reader: Reader, left: e.Expr, node: Node, whole: Mapping) -> e.Expr | None:
    """Read `rhs: "13:30-20:00"`; None where it is no text."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return None
    parsed = parse_expression(f"x in {node.text}").expr
    if isinstance(parsed, e.InClock):
        return e.InClock(left, parsed.start, parsed.end, span=whole.span)
    reader.wrong(node, "a list of values or a span of the day like `13:30-20:00`")
    return e.Bool(False, span=node.span)


# ---------------------------------------------------------------- inline indicators


def _inline(reader: Reader, node: Mapping, body: Node, forms: Forms) -> e.Expr | None:
    type_ = (reader.text(body, "the type of an indicator") or "").lower()
    if type_ not in INDICATORS:
        reader.findings.unknown_word(
            "IC201", f"no indicator is called `{type_}`", body.span, type_, INDICATORS,
            place=Place.TYPE,
        )  # fmt: skip
        return None
    source = node.get("source")
    args = _params(reader, node.get("params"), CATALOGUE[type_])
    if args is None:
        return None
    if source is not None:
        args = (forms.operand(reader, source), *args)
    texts = [node.get(key) for key in ("field", "tf")]
    field, timeframe = (None if n is None else reader.text(n, "a name") for n in texts)
    call = e.Call(type_, args, field, timeframe, span=node.span, name_span=body.span)
    offset = node.get("offset")
    if not isinstance(offset, Scalar) or not isinstance(offset.value, int):
        return call
    return e.Offset(call, offset.value, span=node.span) if offset.value else call


def _params(reader: Reader, node: Node | None, entry: Entry) -> tuple[e.Expr, ...] | None:
    """Return parameters by name in the order of the catalogue; those behind the last are left out."""
    given = reader.mapping(node, "a mapping of parameters")
    if given is None:
        return ()
    names = {spec.name: spec.name for spec in entry.params}
    names |= {alias: spec.name for spec in entry.params for alias in spec.aliases}
    found: dict[str, e.Expr] = {}
    for entry_ in given.entries:
        name = names.get(entry_.key.text)
        if name is None:
            reader.findings.unknown_word(
                "IC107", f"`{entry.type}` has no parameter `{entry_.key.text}`", entry_.key.span,
                entry_.key.text, tuple(names), place=Place.PARAMS,
            )  # fmt: skip
            return None
        value = reader.number(entry_.value, "a number") if _is_number(entry_.value) else None
        found[name] = value or e.Name(
            str(getattr(entry_.value, "text", "")), span=entry_.value.span
        )
    args: list[e.Expr] = []
    for spec in entry.params[: _last(entry, found)]:
        default = spec.default
        if spec.name in found:
            args.append(found[spec.name])
        elif isinstance(default, int | float) and not isinstance(default, bool):
            args.append(e.Number(float(default), isinstance(default, int), span=given.span))
        else:
            args.append(e.Name(str(default), span=given.span))
    return tuple(args)


def _last(entry: Entry, found: dict[str, e.Expr]) -> int:
    # By name each stands for itself: one that would follow another by its place is written out.
    last = max(
        (i for i, spec in enumerate(entry.params, 1) if spec.name in found or spec.like in found),
        default=0,
    )
    return last + 1 if last and entry.params[last - 1].not_last else last


def _is_number(node: Node) -> bool:
    if isinstance(node, Mapping):
        return True
    if not isinstance(node, Scalar):
        return False
    return isinstance(node.value, int | float) or node.text.strip().startswith("=")
