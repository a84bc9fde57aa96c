"""Made-up markets are honest: on the grid, open and close within low and high, moving on in time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.market.checks import find_problems
from runtime.market.frame import Frame
from runtime.market.instrument_table import INSTRUMENTS
from runtime.testing.markets import Row, bars, frames
from runtime.testing.paths import Move, PathShape, frame_of

BTC = INSTRUMENTS["BTCUSDT"]


def shape(start: int = 10_000, levels: tuple[int, ...] = (), warmup: int = 0) -> PathShape:
    return PathShape(
        symbol="BTCUSDT", timeframe="15m", instrument=BTC, start_ticks=start, levels=levels,
        warmup_bars=warmup,
    )  # fmt: skip


shapes = st.builds(
    shape, st.integers(1, 700_000), st.lists(st.integers(1, 900_000), max_size=3).map(tuple),
    st.integers(0, 45),
)  # fmt: skip


@given(st.data())
def test_frames_are_fit_to_trade_on(data: st.DataObject) -> None:
    form = data.draw(shapes)
    made: Frame = data.draw(frames(form, max_bars=9))
    columns = [made.open, made.high, made.low, made.close, made.volume]
    assert find_problems(made.ts, columns, made.interval_ms) == []
    assert form.warmup_bars + 2 <= len(made) <= form.warmup_bars + 9
    for name in ("open", "high", "low", "close"):
        assert all(BTC.round_price(price) == price > 0 for price in made.column(name))


@given(bars(8, start=50.0, tick=0.5, floor=49.0))
def test_rows_keep_to_grid_and_floor(rows: list[Row]) -> None:
    assert len(rows) == 8
    for open_, high, low, close in rows:
        assert 49.0 <= low <= min(open_, close) <= max(open_, close) <= high
        assert all((price * 2).is_integer() for price in (open_, high, low, close))


def test_a_move_can_close_at_or_beside_a_level() -> None:
    form = shape(levels=(12_000, 15_000))
    made = frame_of([Move(level=2), Move(level=1, beside=-1)], form)
    assert list(made.close) == [1500.0, 1199.9]
    assert list(made.open) == [1000.0, 1500.0]


def test_moves_of_zeros_stand_still() -> None:
    made = frame_of([Move(), Move()], shape(warmup=2))
    assert {*made.open, *made.high, *made.low, *made.close} == {1000.0}
