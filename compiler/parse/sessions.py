"""The section `sessions`: spans of the day in a zone of the world, read as features of the card."""

from __future__ import annotations

import re

from compiler.catalog.bar_clock import WEEKDAYS
from compiler.catalog.timeframes import MINUTE_MS, interval_ms, normalise
from compiler.expressions.tree_builder import days_of, minutes_of
from compiler.findings.collected import rename
from compiler.findings.source import Span
from compiler.parse.context import Reader, entries_of
from compiler.syntax import expr as e
from compiler.syntax.tree import Argument, EntryKind, Feature
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar, Sequence

_HOURS = re.compile(r"\s*(\d{1,2}:[0-5]\d)\s*-\s*(\d{1,2}:[0-5]\d)\s*\Z")
_ROUGH = re.compile(r"\s*(\d{1,2})(?::?([0-5]\d))?\s*(?:-|–|to)\s*(\d{1,2})(?::?([0-5]\d))?\s*\Z")
_DAY = 24 * 60


def sessions(reader: Reader, node: Node | None, timeframe: str) -> tuple[Feature, ...]:
    """Return a feature for each session."""
    section = reader.mapping(node, "a mapping of sessions")
    word = normalise(timeframe)
    minutes = 1 if word is None else interval_ms(word) // MINUTE_MS
    return tuple(_session(reader, entry, minutes) for entry in entries_of(section))


def _session(reader: Reader, entry: KeyValue, minutes: int) -> Feature:
    """Return a session; what is wrong in it is reported, and stands for the whole day: rules may name it."""
    body = reader.mapping(entry.value, "`{tz: …, hours: …}`")
    if body is None:
        body = Mapping((), entry.value.span)
        hours = None
    else:
        hours = _hours(reader, body)
    days, tz = _days(reader, body.get("days")), body.get("tz")
    zone, closed = _zone(reader, tz), _closed(reader, body.get("except"))
    begin, end = hours or (0, _DAY)
    values: dict[str, float | tuple[float, ...]] = {
        "begin": begin, "end": end, "minutes": minutes,
        "days": days or tuple(map(float, range(7))), "closed": closed or (-1.0,), "zone": zone or (0.0, 0.0),
    }  # fmt: skip
    span = entry.value.span
    return Feature(
        entry.key.text,
        EntryKind.INDICATOR,
        "session",
        params=tuple(_argument(name, value, span) for name, value in values.items()),
        tz=tz.text if isinstance(tz, Scalar) else "",
        span=entry.key.span.cover(span),
        id_span=entry.key.span,
        type_span=span,
        timeframe_span=span,
        source_span=span,
    )


def _argument(name: str, value: float | tuple[float, ...], span: Span) -> Argument:
    if isinstance(value, tuple):
        return Argument(name, tuple(e.Number(v, span=span) for v in value), span=span)
    return Argument(name, e.Number(float(value), True, span=span), span=span)


def _hours(reader: Reader, body: Mapping) -> tuple[int, int] | None:
    node = body.get("hours")
    if node is None:
        reader.missing(body, "hours")
        return None
    found = _HOURS.match(node.text) if isinstance(node, Scalar) else None
    ends = None if found is None else (minutes_of(found[1]), minutes_of(found[2]))
    if ends is None or max(ends) > _DAY or ends[0] == ends[1]:
        near = _as_clocks(node.text) if isinstance(node, Scalar) else None
        help = f"write `{near or '09:30-16:00'}`; 00:00-24:00 is the whole day"
        reader.wrong(node, "a span of the day", help)
        return None
    return ends


def _as_clocks(text: str) -> str | None:
    """Return `00:00-07:00` for `0-7`, `9:30 to 16` and the like, None for anything else."""
    found = _ROUGH.match(text)
    if found is None:
        return None
    ends = [
        (int(hour), int(minute or 0)) for hour, minute in (found.group(1, 2), found.group(3, 4))
    ]
    if ends[0] == ends[1] or any(hour * 60 + minute > _DAY for hour, minute in ends):
        return None
    return "-".join(f"{hour:02}:{minute:02}" for hour, minute in ends)


def _days(reader: Reader, node: Node | None) -> tuple[float, ...] | None:
    if node is None:
        return tuple(map(float, range(7)))
    items = node.items if isinstance(node, Sequence) else (node,)
    found: list[int] = []
    for item in items:
        text = item.text.lower() if isinstance(item, Scalar) else ""
        first, _, last = text.partition("-")
        if text == "all":
            found += range(7)
        elif first in WEEKDAYS and (last in WEEKDAYS or not last):
            begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
            found += [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]
        else:
            reader.wrong(item, "weekdays", "write `mon-fri`, `[mon, wed]` or `all`")
            return None
    return tuple(map(float, sorted(set(found))))


def _zone(reader: Reader, node: Node | None) -> tuple[float, ...] | None:
    if node is None:
        return (0.0, 0.0)
    name = reader.text(node, "a zone of the world")
    # COST: with them all of `zoneinfo`
    from compiler.catalog.zones import zone_called, zone_names, zone_offsets

    zone = None if name is None else zone_offsets(name)
    if name is not None and zone is None:
        message, near = f"`{name}` is no zone like `America/New_York`", zone_called(name)
        if near is None:
            reader.findings.unknown_word("IC304", message, node.span, name, zone_names())
        else:
            fix = rename(node.span, near, safe=False, word=name)
            reader.findings.add(
                "IC304", message, node.span, help=f"did you mean `{near}`?", fix=fix
            )
    return zone


def _closed(reader: Reader, node: Node | None) -> tuple[float, ...] | None:
    """Return the days on which no session begins."""
    found: list[float] = []
    for item in reader.items(node, "a list of days"):
        day = days_of(item.text) if isinstance(item, Scalar) else None
        if day is None:
            reader.wrong(item, "a day like `2025-12-25`")
            return None
        found.append(float(day))
    return tuple(found)
