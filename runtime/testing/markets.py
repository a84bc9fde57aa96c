"""Hypothesis strategies for markets: moves, bars, frames. They shrink towards bars that stand still.

The law: whatever is drawn is an honest market: prices on the tick grid, low <= open, close <= high.
"""

from __future__ import annotations

from hypothesis import strategies as st

from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.testing.paths import VOLUMES, WARMUPS, Move, Path, PathShape, frame_of

Row = tuple[float, float, float, float]  # open, high, low, close
_NEAR, _FAR = 15, 120  # steps of 0.1 %


def moves(levels: int = 0) -> st.SearchStrategy[Move]:
    """Draw one bar's move; with `levels` of the card a third of the bars close at or beside one."""
    size = st.just(0) | st.integers(-_NEAR, _NEAR) | st.integers(-_FAR, _FAR)
    wick = st.just(0) | st.integers(0, _NEAR) | st.integers(0, _FAR)
    volume = st.just(0) | st.just(0) | st.integers(0, len(VOLUMES) - 1)
    # Every field is given: hypothesis would make up those with defaults, too.
    none = st.just(0)
    free = st.builds(
        Move, gap=size, body=size, up=wick, down=wick, volume=volume, level=none, beside=none
    )
    if not levels:
        return free
    to_level = st.builds(
        Move,
        gap=size,
        body=none,
        up=wick,
        down=wick,
        volume=volume,
        level=st.integers(1, levels),
        beside=st.integers(-1, 1),
    )
    return free | free | to_level


def paths(shape: PathShape, min_bars: int = 2, max_bars: int = 12) -> st.SearchStrategy[Path]:
    """Draw a kind of warm-up, the moves after it and how much later they begin, for `paths.frame_of`."""
    listed = st.lists(moves(len(shape.levels)), min_size=min_bars, max_size=max_bars).map(tuple)
    warmup = st.sampled_from(WARMUPS) if shape.warmup_bars else st.just("flat")
    later = st.sampled_from((0, *shape.later)) if shape.later else st.just(0)
    return st.builds(Path, warmup, listed, later)


def frames(shape: PathShape, min_bars: int = 2, max_bars: int = 12) -> st.SearchStrategy[Frame]:
    """Draw frames of `shape.warmup_bars` (and one of `shape.later`) and between `min_bars` and `max_bars` rows."""
    return paths(shape, min_bars, max_bars).map(
        lambda p: frame_of(p.moves, shape, p.warmup, p.later)
    )


def market_data(
    shape: PathShape, min_bars: int = 2, max_bars: int = 12
) -> st.SearchStrategy[MarketData]:
    """Draw what a run needs to know about the market, marked as made up."""
    return frames(shape, min_bars, max_bars).map(
        lambda frame: MarketData(exec=frame, synthetic=True)
    )


@st.composite
def bars(
    draw: st.DrawFn,
    count: int,
    *,
    start: float = 100.0,
    tick: float = 0.1,
    gap_ticks: int = 10,
    body_ticks: int = 20,
    wick_ticks: int = 12,
    floor: float | None = None,
) -> list[Row]:
    """Draw `count` rows of (open, high, low, close) on the tick grid; no price below `floor`.

    Half of the bars open where the last one closed. `floor` is one tick unless given.
    """
    grid = Instrument(
        symbol="",
        tick=tick,
        lot=1.0,
        min_lots=1,
        max_lots=1,
        max_market_lots=1,
        min_notional_usdt=0.0,
        max_leverage=1.0,
        funding_interval_minutes=480,
        tiers=(),
        as_of="",
    )
    least = 1 if floor is None else grid.ticks(floor)
    rows: list[Row] = []
    close = grid.ticks(start)
    for _ in range(count):
        gap = 0 if draw(st.booleans()) else draw(st.integers(-gap_ticks, gap_ticks))
        open_ = max(least, close + gap)
        close = max(least, open_ + draw(st.integers(-body_ticks, body_ticks)))
        high = max(open_, close) + draw(st.integers(0, wick_ticks))
        low = max(least, min(open_, close) - draw(st.integers(0, wick_ticks)))
        row = [grid.price_of(ticks) for ticks in (open_, high, low, close)]
        rows.append((row[0], row[1], row[2], row[3]))
    return rows
