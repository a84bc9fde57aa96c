"""A length of time where a number of bars belongs: how many bars of the card's timeframe it is."""

from __future__ import annotations

import re

from compiler.catalog.timeframes import TIMEFRAMES, UNIT_MS
from compiler.text.nodes import Mapping, Node, Scalar

_TIME = re.compile(r"([1-9][0-9]{0,6})([mhdw])\Z")


def told_in_bars(node: Node, key: str, root: Node) -> str | None:
    """Return what to write for `cooldown_bars: 2h`; None where a value is no time, or its key no number of bars."""
    found = _TIME.match(node.text.strip().lower()) if isinstance(node, Scalar) else None
    if found is None or not key.endswith("_bars"):
        return None
    entry = root.entry("tf") if isinstance(root, Mapping) else None
    timeframe = entry.value.text if entry is not None and isinstance(entry.value, Scalar) else ""
    if timeframe not in TIMEFRAMES:
        return f"`{key}` is a number of bars of the card's timeframe"
    span, count, unit = found[0], int(found[1]), found[2]
    bars, rest = divmod(count * UNIT_MS[unit], TIMEFRAMES[timeframe])
    if not rest:
        return f"`{key}` is a number of bars: {span} is `{bars}` of {timeframe}"
    near = [f"`{n}`" for n in (bars, bars + 1) if n]
    return f"`{key}` is a number of bars: {span} is no whole number of {timeframe} bars, write {' or '.join(near)}"
