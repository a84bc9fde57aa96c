"""Bars for the tests of indicators: recorded ones, and random ones of every temper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from hypothesis import strategies as st

from compiler.catalog.indicators import INDICATORS
from compiler.catalog.reference import defaults
from compiler.catalog.types import Params, ParamValue
from runtime.market.bar_files import load_bars, slice_frame
from runtime.market.frame import Frame
from tests.data_files import shared

HOUR = 3_600_000
ENTRIES = {entry.type: entry for entry in INDICATORS}
TYPES = sorted(ENTRIES)
# Short windows of unlike lengths, so that few bars hold many of them.
SHORT: dict[str, ParamValue] = {
    "length": 4, "lower_length": 3, "upper_length": 5, "bb_length": 5, "kc_length": 3,
    "mom_length": 3, "mom_smooth": 2, "fast": 2, "medium": 3, "slow": 5, "signal": 3, "k": 4,
    "d": 2, "smooth_k": 3, "rsi_length": 3, "lookback": 6, "buckets": 7,
    "conversion": 2, "base": 4, "span_b": 6, "displacement": 3, "atr_length": 5, "bars": 3,
}  # fmt: skip


def short_params(type_: str) -> dict[str, ParamValue]:
    return {p.name: SHORT[p.name] for p in ENTRIES[type_].params if p.name in SHORT}


def _turned(type_: str) -> dict[str, ParamValue]:
    """Return short windows of which each is as long as its opposite is short."""
    least = {p.name: int(p.low or 1) for p in ENTRIES[type_].params}
    return {n: max(least[n], 8 - int(v)) for n, v in short_params(type_).items()}  # type: ignore[arg-type]


def _complete(chosen: Callable[[str], Mapping[str, ParamValue]]) -> Callable[[str], Params]:
    return lambda type_: {**defaults(ENTRIES[type_]), **chosen(type_)}


# Parameters under which a law is to hold: what decides a warm-up is another one in each.
WAYS: dict[str, Callable[[str], Params]] = {
    "defaults": _complete(lambda _type: {}),
    "short": _complete(short_params),
    "turned": _complete(_turned),
}


@cache
def recorded(rows: int = 3_000) -> Frame:
    """Return the first bars of BTCUSDT, 15m."""
    path = shared("data/bybit_perp_BTCUSDT_15m_20250924_20260721.parquet")
    frame = load_bars(path, "BTCUSDT").frame
    return slice_frame(frame, None, frame.ts[rows])


@st.composite
def markets(draw: st.DrawFn, least: int = 1, most: int = 90) -> Frame:
    """Draw bars with ties, flat stretches, jumps and bars nobody traded in.

    They begin at any hour and are some hours long, so days, weeks and months end among them.
    """
    hours = draw(st.sampled_from((1, 4, 12, 24)))
    # Tiny steps on a large price are what loses digits.
    base, tick = draw(st.sampled_from(((100.0, 1.0), (100_000.0, 0.1), (0.0002, 0.0000001))))
    start = draw(st.integers(0, 3_000)) * HOUR * hours
    frame = Frame("X", f"{hours}h", hours * HOUR)
    steps = 0
    for index in range(draw(st.integers(least, most))):
        opening = steps + draw(st.sampled_from((0, 0, 0, -2, 1)))
        steps = opening + draw(st.sampled_from((0, 0, 0, 1, -1, 2, -3, 40, -45)))
        top = max(opening, steps) + draw(st.sampled_from((0, 0, 1, 4)))
        bottom = min(opening, steps) - draw(st.sampled_from((0, 0, 1, 3)))
        o, h, low, c = (max(tick, base + tick * n) for n in (opening, top, bottom, steps))
        volume = draw(st.sampled_from((0.0, 0.0, 1.0, 2.5, 1_000.25)))
        frame.append(start + index * frame.interval_ms, o, h, low, c, volume)
    return frame


def flat(rows: int, price: float = 0.1, volume: float = 3.0, *, is_uneven: bool = False) -> Frame:
    """Return bars that all trade at one price, which no binary fraction is; of as much each, or unevenly."""
    frame = Frame("X", "1h", HOUR)
    for index in range(rows):
        traded = volume * (1.0 + index * 37 % 11 / 7.0) if is_uneven else volume
        frame.append(index * HOUR, price, price, price, price, traded)
    return frame
