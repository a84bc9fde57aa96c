"""Older cards in the spelling of the newest version, with their comments, saying out loud what they took for granted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compiler.catalog.bar_clock import OF_THE_CLOSE
from compiler.catalog.settings import PositionMode
from compiler.findings.diagnostics import Edit
from compiler.findings.source import Span
from compiler.formatting.expression_places import comments, conditions, scalars
from compiler.formatting.yaml_text import scalar_text
from compiler.parse.card import NEWEST
from compiler.parse.sizes import hundredfold
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar, Sequence

_CLOSE = re.compile(rf"(?<![A-Za-z0-9_.])(?:{'|'.join(OF_THE_CLOSE)})(?![A-Za-z0-9_])")


def cannot(root: Mapping) -> str | None:
    """Return why a card has no 3.1 spelling, None if it has."""
    universe = root.get("symbol_universe")
    if isinstance(universe, Sequence) and len(universe.items) != 1:
        return "a 3.1 card trades one symbol; name one in `symbol_universe` first"
    return None


def upgrade(text: str, root: Mapping) -> tuple[Edit, ...]:
    """Return the edits that move a 3.0.0 card to the newest version."""
    edits = [*_identity(text, root), *_features(text, root), *_policy(text, root)]
    for place in conditions(text, root):
        edits += _tolerances(place.node)
    variables = root.entry("variables")
    if variables is not None:
        edits.append(_commented(text, variables))
    unread = Span(0, 0) if variables is None else variables.key.span.cover(variables.value.span)
    edits += (edit for edit in _clocks(text, root) if not _is_inside(edit.span, unread))
    return tuple(edits)


def upgrade_clocks(text: str, root: Mapping) -> tuple[Edit, ...]:
    """Return the edits that move a card that says 3.1 to the newest version."""
    version = root.get("version")
    assert isinstance(version, Scalar)
    return (Edit(version.span, f'"{NEWEST}"'), *_clocks(text, root))


def _clocks(text: str, root: Mapping) -> Iterator[Edit]:
    """Name the close where an older card means it: `hour_utc` is `now_hour_utc`."""
    for scalar in scalars(root):
        for found in _CLOSE.finditer(text, scalar.span.start, scalar.span.end):
            yield Edit(Span(*found.span()), OF_THE_CLOSE[found[0]])


def _is_inside(span: Span, outer: Span) -> bool:
    return outer.start <= span.start < outer.end


# ---------------------------------------------------------------- who it is, what it trades


def _identity(text: str, root: Mapping) -> Iterator[Edit]:
    version, symbols = root.get("version"), root.entry("symbol_universe")
    if isinstance(version, Scalar):
        yield Edit(version.span, f'"{NEWEST}"')
    frame = root.entry("execution_tf")
    if frame is not None:
        yield Edit(frame.key.span, "tf")
    if symbols is not None:
        yield Edit(symbols.key.span, "symbol")
        value = symbols.value
        only = value.items[0] if isinstance(value, Sequence) else value
        if isinstance(only, Scalar) and only is not value:
            start = text.index(":", symbols.key.span.end) + 1
            line = text.rfind("\n", 0, symbols.key.span.start) + 1
            for comment in comments(text, root):  # they lose their lines: up, in their order
                if start <= comment.span.start < value.span.end:
                    yield Edit(Span(line, line), comment.text + "\n")
            yield Edit(Span(start, value.span.end), f" {text[only.span.start : only.span.end]}")
    yield from _names(text, root)


def _names(text: str, root: Mapping) -> Iterator[Edit]:
    """`id` is the name of a 3.1 card; the title of a 3.0.0 card goes on as its description."""
    own, title = root.entry("id"), root.entry("name")
    if own is None:
        return
    yield Edit(own.key.span, "name")
    if title is None:
        return
    if root.entry("description") is None:
        yield Edit(title.key.span, "description")
    else:
        yield _commented(text, title)


def _commented(text: str, entry: KeyValue) -> Edit:
    """Turn the lines of an entry into comments: nothing reads it, nothing is lost."""
    start = text.rfind("\n", 0, entry.key.span.start) + 1
    end = text.find("\n", entry.value.span.end)
    end = len(text) if end < 0 else end
    lines = text[start:end].split("\n")
    kept = [line if not line.strip() or line.lstrip()[0] == "#" else f"# {line}" for line in lines]
    return Edit(Span(start, end), "\n".join(kept))


# ---------------------------------------------------------------- features and structures


def _features(text: str, root: Mapping) -> Iterator[Edit]:
    """Indicators stay; structures move to a section of their own behind the features."""
    section = root.entry("features")
    if section is None or not isinstance(section.value, Sequence) or not section.value.items:
        return
    moved = []
    items = section.value.items
    last = section.value.span.end
    for index, item in enumerate(items):
        if not isinstance(item, Mapping):
            continue
        inner = list(_renamed(text, item))
        if not _is_structure(item):
            yield from inner
            continue
        start = _item_start(
            text, items[index - 1].span.end if index else section.key.span.end, item
        )
        end = _line_end(text, item.span.end)
        moved.append(_shifted(_applied(text, start, end, inner)))
        yield Edit(Span(start, end), "")
    if not moved:
        return
    at = _line_end(text, last)
    lead = "" if text[at - 1 : at] == "\n" else "\n"
    if len(moved) == len(items):
        yield Edit(section.key.span, "structures")
        yield Edit(Span(at, at), lead + "  exec:\n" + "".join(moved))
    else:
        yield Edit(Span(at, at), f"{lead}\nstructures:\n  exec:\n{''.join(moved)}")


def _renamed(text: str, item: Mapping) -> Iterator[Edit]:
    kind, structure = item.entry("type"), _is_structure(item)
    if kind is not None and item.entry("structure_type" if structure else "indicator_type"):
        yield _without(text, item, kind)
    names = {"input_source": "source"}
    names |= {"id": "key", "structure_type": "type"} if structure else {"indicator_type": "type"}
    for entry in item:
        if entry.key.text in names:
            yield Edit(entry.key.span, names[entry.key.text])


def _is_structure(item: Mapping) -> bool:
    kind = item.get("type")
    if isinstance(kind, Scalar) and kind.text.lower() in ("structure", "indicator"):
        return kind.text.lower() == "structure"
    return item.get("structure_type") is not None


def _without(text: str, item: Mapping, entry: KeyValue) -> Edit:
    """Delete an entry: up to the next one, or from the one before if it is the last."""
    place = [e.key.text for e in item].index(entry.key.text)
    if place + 1 < len(item.entries):
        following = item.entries[place + 1].key.span.start
        between = text[entry.value.span.end : following]
        if "#" in between:  # its comment stays in its line
            return Edit(Span(entry.key.span.start, entry.value.span.end + _gap(between)), "")
        return Edit(Span(entry.key.span.start, following), "")
    before = item.entries[place - 1].value.span.end
    return Edit(Span(before, entry.value.span.end), "")


def _gap(between: str) -> int:
    return between.index("#")


def _item_start(text: str, before: int, item: Mapping) -> int:
    """Return where an item begins, the comment lines right above it included."""
    dash = text.rfind("\n", 0, text.rindex("-", 0, item.span.start)) + 1
    while dash > 0:
        above = text.rfind("\n", 0, dash - 1) + 1
        if above < before or not text[above:dash].lstrip().startswith("#"):
            break
        dash = above
    return dash


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _applied(text: str, start: int, end: int, edits: list[Edit]) -> str:
    part = text[start:end]
    for edit in sorted(edits, key=lambda e: e.span.start, reverse=True):
        part = part[: edit.span.start - start] + edit.text + part[edit.span.end - start :]
    return part if part.endswith("\n") else part + "\n"


def _shifted(part: str) -> str:
    """Indent an item so that its dash stands in column 4."""
    lines = part.splitlines(keepends=True)
    dash = next(line for line in lines if line.lstrip().startswith("-"))
    least = len(dash) - len(dash.lstrip(" "))
    made = []
    for line in lines:
        own = len(line) - len(line.lstrip(" "))  # a comment may stand further left than its item
        made.append(" " * 4 + line[min(own, least) :] if line.strip() else line)
    return "".join(made)


# ---------------------------------------------------------------- what 3.0.0 took for granted


def _policy(text: str, root: Mapping) -> Iterator[Edit]:
    entry = root.entry("position_policy")
    policy = entry.value if entry is not None and isinstance(entry.value, Mapping) else None
    scales = None if policy is None else policy.get("allow_scale_in")
    missing = {}
    if policy is None or policy.get("mode") is None:
        missing["mode"] = PositionMode.LONG_ONLY.value
    is_single = not (isinstance(scales, Scalar) and scales.value is True)
    if is_single and (policy is None or policy.get("max_layers") is None):
        missing["max_layers"] = "1"
    if not missing:
        return
    pairs = [f"{key}: {value}" for key, value in missing.items()]
    if policy is None or not policy.entries:
        if entry is not None:
            yield Edit(
                Span(entry.key.span.end, entry.value.span.end), f": {{ {', '.join(pairs)} }}"
            )
            return
        at = root.head.start if (first := root.entry("blocks")) is None else first.key.span.start
        yield Edit(Span(at, at), f"position_policy: {{ {', '.join(pairs)} }}\n\n")
        return
    first_key = policy.entries[0].key.span.start
    if text[policy.span.start] == "{":
        joint = ", "
    else:
        joint = "\n" + " " * (first_key - (text.rfind("\n", 0, first_key) + 1))
    yield Edit(Span(first_key, first_key), "".join(pair + joint for pair in pairs))


def _tolerances(node: Node) -> Iterator[Edit]:
    """A `near_pct` tolerance was a fraction and is a percentage now."""
    if isinstance(node, Sequence):
        for item in node:
            yield from _tolerances(item)
    if not isinstance(node, Mapping):
        return
    op, tolerance = node.get("op"), node.get("tolerance")
    if isinstance(op, Scalar) and op.text.lower() == "near_pct" and isinstance(tolerance, Scalar):
        if isinstance(tolerance.value, int | float) and not isinstance(tolerance.value, bool):
            value = hundredfold(tolerance.value)
            short = int(value) if float(value).is_integer() and abs(value) < 1e15 else value
            yield Edit(tolerance.span, scalar_text(short, in_flow=True))
    for entry in node:
        yield from _tolerances(entry.value)
