"""Lengths of windows and of looks back, in bars of the execution timeframe."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compiler.catalog.timeframes import UNIT_MS, interval_ms
from compiler.syntax import tree as s
from compiler.syntax.constants import whole

MAX_WINDOW = 500
MAX_OFFSET = 500
_DURATION = re.compile(r"\s*(\d+)\s*([mhdw])\s*", re.IGNORECASE)


def window_bars(length: s.Length, timeframe: str, params: Mapping[str, s.ParamDecl]) -> int | str:
    """Return a window's length in bars, or what is wrong with it."""
    if length.duration is not None:
        bars = _duration_bars(length.duration, timeframe)
    elif length.bars is None:
        return "a window needs a length"
    else:
        written = whole(length.bars, params)
        bars = "a window is a whole number of bars long" if written is None else written
    if isinstance(bars, str):
        return bars
    if not 1 <= bars <= MAX_WINDOW:
        return f"a window is 1 to {MAX_WINDOW} bars long, found {bars}"
    return bars


def _duration_bars(text: str, timeframe: str) -> int | str:
    found = _DURATION.fullmatch(text)
    if found is None:
        return f"`{text}` is not a duration; write `30m`, `2h` or `1d`"
    length, bar = int(found[1]) * UNIT_MS[found[2].lower()], interval_ms(timeframe)
    if length % bar:
        return f"`{text.strip()}` is not a whole number of {timeframe} bars"
    return length // bar


def bars_in(text: str, timeframe: str) -> int | str | None:
    """Return how many bars a span of time is, or that it is no whole number of them; None for no span."""
    return _duration_bars(text, timeframe) if _DURATION.fullmatch(text) else None


def bars_of(time: s.Amount, timeframe: str, params: Mapping[str, s.ParamDecl]) -> int | str:
    """Return how many bars a span of time such as `2h` is, or what is wrong with it."""
    count = whole(time.value, params)
    return _duration_bars(f"{count or 0}{time.unit}", timeframe)


def near_times(time: s.Amount, timeframe: str) -> str:
    """Return the numbers of bars on either side of a span of time that is no whole number of them."""
    count = time.value.value if isinstance(time.value, s.Number) else 1.0
    below = int(count * UNIT_MS[time.unit]) // interval_ms(timeframe)
    near = [f"`{n} bar{'' if n == 1 else 's'}`" for n in (below, below + 1) if n]
    return f"write {' or '.join(near)}"


def min_true(window: s.Window, params: Mapping[str, s.ParamDecl], bars: int) -> int | str:
    """Return how many bars of a counting window must be true, or what is wrong with it."""
    if window.min_true is None:
        return "a counting window needs `min_true`"
    count = whole(window.min_true, params)
    if count is None or not 1 <= count <= bars:
        return f"`min_true` is a whole number from 1 to {bars}, the length of the window"
    return count
