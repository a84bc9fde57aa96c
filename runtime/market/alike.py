"""Are these prices of one instrument, on one clock, in one scale? What two series, or two bars, tell.

The law: what a name says of a series, its prices have to bear out. A leap from one bar's close to the next
one's open, finer bars that do not make the coarser, times that fit better when they are moved: each is
told with the first place, its numbers and what to type; nothing is moved or scaled to fit.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from runtime.errors import DataError
from runtime.market.checks import utc
from runtime.market.frame import Frame
from runtime.market.plausible import check_mark, price_step
from runtime.market.whole_columns import arrow_of, pieces

# A market that trades all day opens near its last close; even the fall of a coin happens inside bars.
LEAP = 1.5
_LEAP_STEPS = 5  # of the price step: a coin worth three ticks may double between two trades
_WANDER = 9.0  # usual moves of a bar, times the root of the bars that are missing
_SAMPLE = 500
_DAY = 86_400_000
# Of the bars that finer ones make up: more that differ are no slips of a feed.
_FEW_OFF = 0.01
_SLIPS = 2
_SAME_VOLUME = 1e-3
_MOVED_BARS, _MOVED_SHARE = 20, 0.9
_SCALES = (2, 3, 4, 5, 8, 10, 20, 50, 100, 1000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Leap:
    """Two neighbours that cannot be of one series: `row` is the later one, prices quote per base."""

    row: int
    ts: int
    close: float
    open: float

    @property
    def factor(self) -> float:
        """Return how many times the larger price is the smaller."""
        return max(self.open / self.close, self.close / self.open)

    def __str__(self) -> str:
        sign = "×" if self.open > self.close else "÷"
        return (
            f"at {utc(self.ts)} the price leaps from a close of {self.close:g} to an open of "
            f"{self.open:g} ({sign}{self.factor:.4g}): {scale_of(self.factor)}"
        )


def scale_of(factor: float) -> str:
    """Return what a ratio of two prices looks like, in words."""
    near = min(_SCALES, key=lambda scale: max(factor / scale, scale / factor))
    if abs(factor / near - 1.0) > 0.05:
        return "another instrument?"
    if near >= 100:
        return f"another unit (as 1000PEPE is to PEPE, cents are to dollars), here {near:,}?"
    return f"a split or a new unit of {near} to 1 that only one part is adjusted for?"


def find_leaps(frame: Frame) -> list[Leap]:
    """Return the bars that open too far from the close before them to follow it, by time."""
    if len(frame) < 2:
        return []
    import pyarrow.compute as pc

    far = _far(arrow_of(frame.open)[1:], arrow_of(frame.close)[:-1])
    rows = pc.indices_nonzero(far).to_pylist()
    if not rows:
        return []
    step, usual = step_of(frame), _usual_move(frame)
    found = (Leap(i + 1, frame.ts[i + 1], frame.close[i], frame.open[i + 1]) for i in rows)
    return [leap for leap in found if _is_leap(frame, leap, step, usual)]


def _far(opens: Any, closes: Any) -> Any:
    """Return of which bars (Arrow) the open lies far from the close before it."""
    import pyarrow.compute as pc

    ratios = pc.divide(opens, closes)
    return pc.or_(pc.greater(ratios, LEAP), pc.less(ratios, 1.0 / LEAP))


def may_leap(table: Any) -> bool:
    """Return whether an Arrow table of bars has any that `find_leaps` would look at. COST: no column is copied."""
    import pyarrow.compute as pc

    opens, closes = table.column("open"), table.column("close")
    pairs = zip(pieces(opens), pieces(closes), strict=True)
    return any(pc.any(_far(after[1:], before[:-1])).as_py() for after, before in pairs)


def _is_leap(frame: Frame, leap: Leap, step: float, usual: float) -> bool:
    if abs(leap.open - leap.close) <= _LEAP_STEPS * step:
        return False
    missing = (leap.ts - frame.ts[leap.row - 1]) // frame.interval_ms - 1
    return leap.factor > LEAP * (1.0 + _WANDER * usual * math.sqrt(missing))


def _usual_move(frame: Frame) -> float:
    """Return the median of how far bars close from their open, either way, at most 10 %."""
    rows = _spread(len(frame))
    ratios = (frame.close[i] / frame.open[i] for i in rows)
    return min(0.1, median(max(ratio, 1.0 / ratio) for ratio in ratios) - 1.0)


def _spread(count: int) -> range:
    return range(0, count, max(1, count // _SAMPLE))


def step_of(frame: Frame) -> float:
    """Return the step of the prices by some of the bars. COST: decimals of a million prices take seconds."""
    rows = _spread(len(frame))
    some = Frame(frame.symbol, frame.timeframe, frame.interval_ms)
    for i in rows:
        bar = (frame.open[i], frame.high[i], frame.low[i], frame.close[i], frame.volume[i])
        some.append(frame.ts[i], *bar)
    return price_step(some)


# ---------------------------------------------------------------- where one part ends and the next begins


def seam_fault(before: Frame, after: Frame) -> str | None:
    """Return why bars do not continue others, None where they may: by a habit that both parts have.

    Venues whose bars always open at the close before do so across the end of a file as well.
    """
    if after.ts[0] != before.ts[-1] + before.interval_ms or after.open[0] == before.close[-1]:
        return None
    if not (_opens_at_close(before) and _opens_at_close(after)):
        return None
    return (
        f"at {utc(after.ts[0])} the bars go on with an open of {after.open[0]:g} after a close of "
        f"{before.close[-1]:g}; in both parts every other bar opens where the one before closed: "
        "another venue's or market's bars?"
    )


def _opens_at_close(frame: Frame) -> bool:
    step = frame.interval_ms
    rows = range(max(1, len(frame) - 2 * _SAMPLE), len(frame))
    near = [i for i in rows if frame.ts[i] - frame.ts[i - 1] == step]
    return len(near) >= _SAMPLE // 5 and all(frame.open[i] == frame.close[i - 1] for i in near)


def seam_notes(before: Frame, after: Frame) -> tuple[str, ...]:
    """Return what is another way in bars than in those they continue: the price step, the volume."""
    notes = []
    steps = step_of(before), step_of(after)
    if min(len(before), len(after)) >= _SAMPLE // 5 and steps[0] != steps[1]:
        notes.append(
            f"prices step by {steps[0]:g} before {utc(after.ts[0])}, by {steps[1]:g} after"
        )
    sizes = median(before.volume[-_SAMPLE:]), median(after.volume[:_SAMPLE])
    if min(sizes) > 0.0 and max(sizes) / min(sizes) > 100.0:
        notes.append(
            f"a bar's usual volume is {sizes[0]:g} before {utc(after.ts[0])}, {sizes[1]:g} after: "
            "another unit (contracts, quote) or another market?"
        )
    return tuple(notes)


# ---------------------------------------------------------------- finer bars and the bars they make


@dataclass(frozen=True, slots=True)
class _Made:
    """Rows of `bars` that finer bars lie in, what the finer make of them, and which are made whole."""

    rows: Sequence[int]
    columns: Mapping[str, Sequence[float]]
    is_whole: Sequence[bool]


def check_fine(fine: Frame, bars: Frame, path: str) -> tuple[str, ...]:
    """Hold finer bars against the bars they are to refine; return what is odd, in sentences.

    DataError where they make other bars: of another symbol or market, or on another clock. A bar of
    which finer ones are missing has to hold those that there are.
    """
    made = _make(fine, bars)
    if not made.rows:
        return ("no finer bar lies in a bar: whether they belong together is not known",)
    slack = step_of(bars) * (1.0 + 1e-6)
    off = [place for place in range(len(made.rows)) if _differs(made, place, bars, slack)]
    if not off:
        return _volume_notes(made, fine, bars)
    row, place = made.rows[off[0]], off[0]
    what = (
        f"{len(off):,} of {len(made.rows):,} {bars.timeframe} bars are not what the {fine.timeframe} bars "
        f"of {path} make (first: {utc(bars.ts[row])}, open high low close {_shown(bars, row)} against "
        f"{' '.join(f'{made.columns[name][place]:g}' for name in _PRICES)})"
    )
    if len(off) <= max(_SLIPS, _FEW_OFF * len(made.rows)) and len(off) < len(made.rows):
        return (what, *_volume_notes(made, fine, bars))
    raise DataError(f"{what}. {_why_off(fine, bars, slack)}")


_PRICES = ("open", "high", "low", "close")


def _shown(frame: Frame, row: int) -> str:
    return " ".join(f"{frame.column(name)[row]:g}" for name in _PRICES)


def _make(fine: Frame, bars: Frame) -> _Made:
    import pyarrow as pa
    import pyarrow.compute as pc

    width = bars.interval_ms
    ts = arrow_of(fine.ts)
    phase = bars.ts[0] % width
    since = pc.subtract(ts, phase)
    bucket = pc.add(pc.multiply(pc.divide(since, width), width), phase)
    table = pa.table({name: arrow_of(fine.column(name)) for name in (*_PRICES, "volume")})
    grouped = table.append_column("bucket", bucket).group_by("bucket", use_threads=False)
    how = (("open", "first"), ("high", "max"), ("low", "min"), ("close", "last"), ("volume", "sum"))
    made = grouped.aggregate([*how, ("open", "count")])
    at = pc.index_in(made.column("bucket"), value_set=arrow_of(bars.ts))
    made = made.append_column("row", at).filter(pc.is_valid(at)).sort_by("row")
    return _Made(
        made.column("row").to_pylist(),
        {name: made.column(f"{name}_{by}").to_pylist() for name, by in how},
        pc.equal(made.column("open_count"), width // fine.interval_ms).to_pylist(),
    )


def _differs(made: _Made, place: int, bars: Frame, slack: float) -> bool:
    row = made.rows[place]
    if made.is_whole[place]:
        return any(
            abs(made.columns[name][place] - bars.column(name)[row]) > slack for name in _PRICES
        )
    above = made.columns["high"][place] - bars.high[row]
    below = bars.low[row] - made.columns["low"][place]
    return max(above, below) > slack


def _volume_notes(made: _Made, fine: Frame, bars: Frame) -> tuple[str, ...]:
    if not any(fine.volume) or not any(bars.volume):
        return ()
    whole = [place for place, is_whole in enumerate(made.is_whole) if is_whole]
    off = [
        place
        for place in whole
        if abs(made.columns["volume"][place] - bars.volume[made.rows[place]])
        > _SAME_VOLUME * bars.volume[made.rows[place]]
    ]
    if len(off) <= _FEW_OFF * len(whole):
        return ()
    row = made.rows[off[0]]
    return (
        f"the volumes of the finer bars are not those of {len(off):,} of {len(whole):,} bars (first: "
        f"{utc(bars.ts[row])}, {bars.volume[row]:g} against {made.columns['volume'][off[0]]:g}): "
        "another unit, or trades of another venue",
    )


def _why_off(fine: Frame, bars: Frame, slack: float) -> str:
    closes = {fine.close_time(i): fine.close[i] for i in range(len(fine))}
    rows = _spread(len(bars))
    ends = [bars.close_time(i) for i in rows]
    step = fine.interval_ms
    for moved in _moves(step, _DAY + 2 * bars.interval_ms):
        pairs = [
            (closes[end - moved], bars.close[i])
            for i, end in zip(rows, ends, strict=True)
            if end - moved in closes
        ]
        equal = sum(1 for ours, theirs in pairs if abs(ours - theirs) <= slack)
        if equal >= _MOVED_BARS and equal >= _MOVED_SHARE * len(pairs):
            return moved_words(moved)
    return (
        "They are of another symbol, venue or market, or adjusted otherwise: give the finer bars of this "
        "very series, or leave them out"
    )


# ---------------------------------------------------------------- one clock


def moved_words(moved: int) -> str:
    """Return what it means that a series fits when it is moved by so many ms."""
    minutes = moved / 60_000
    span = f"{minutes / 60:+g} h" if moved % 3_600_000 == 0 else f"{minutes:+g} min"
    return (
        f"They fit when moved by {span}: their times are of another zone, or those at which bars close. "
        "`ideacard data import` reads such a file (--tz, --stamp close)"
    )


def _moves(step: int, most: int) -> Iterable[int]:
    for distance in range(step, most + 1, step):
        yield from (-distance, distance)


def check_marks(mark: Frame, bars: Frame, path: str) -> bool:
    """Raise DataError where mark prices stray from the bars, or follow them at another time.

    Return whether there was anything to compare.
    """
    closes = {bars.close_time(i): bars.close[i] for i in range(len(bars))}
    ends = [mark.close_time(i) for i in range(len(mark))]
    moved = better_clock(ends, mark.close, closes, bars.interval_ms)
    if moved:
        raise DataError(
            f"{path}: these mark prices follow the bars at another time. {moved_words(moved)}"
        )
    return check_mark(mark, bars, path)


def better_clock(
    times: Sequence[int], prices: Sequence[float], closes: Mapping[int, float], step: int
) -> int:
    """Return by how many ms a series of closes has to be moved to lie on others, 0 if it lies there.

    `times` are close times of `prices`, `closes` prices by close time; `step` is how far two of those
    are apart. Moves are tried up to a day, by quarters of an hour or `step` if that is more.
    """
    rows = _spread(len(times))
    here = _apart(times, prices, closes, rows, 0)
    if here is None or here <= _CLOSE_ENOUGH:
        return 0
    best, where = here, 0
    for moved in _moves(max(step, 900_000), _DAY):
        apart = _apart(times, prices, closes, rows, moved)
        if apart is not None and apart < best:
            best, where = apart, moved
    return where if best < here / _MUCH_BETTER else 0


_CLOSE_ENOUGH = 5e-5
_MUCH_BETTER = 5.0


def _apart(
    times: Sequence[int],
    prices: Sequence[float],
    closes: Mapping[int, float],
    rows: Iterable[int],
    moved: int,
) -> float | None:
    """Return the median distance, as a fraction, of what can be compared; None for too little."""
    shares = [abs(prices[i] / last - 1.0) for i in rows if (last := closes.get(times[i] + moved))]
    return median(shares) if len(shares) >= _MOVED_BARS else None


def are_one(one: Frame, other: Frame) -> bool:
    """Return whether two series of different symbols are the same bars: equal wherever both have one."""
    row_of = {ts: row for row, ts in enumerate(one.ts)}
    both = [(row_of[ts], i) for i, ts in enumerate(other.ts) if ts in row_of][: 4 * _SAMPLE]
    return len(both) >= _MOVED_BARS and all(
        one.close[i] == other.close[j] and one.high[i] == other.high[j] for i, j in both
    )


def check_trades(prices: array[float], name: str) -> None:
    """Raise DataError where trades in order of time go to and fro between two price levels."""
    import pyarrow.compute as pc

    if len(prices) < _MOVED_BARS:
        return
    column = arrow_of(prices)
    ratios = pc.divide(column[1:], column[:-1])
    far = pc.or_(pc.greater(ratios, LEAP), pc.less(ratios, 1.0 / LEAP))
    rows: list[Any] = pc.indices_nonzero(far).to_pylist()
    if len(rows) <= max(_SLIPS, 1e-4 * len(prices)):
        return
    first = rows[0]
    raise DataError(
        f"{name}: {len(rows):,} of {len(prices):,} trades leap by half or more from the one before (first: "
        f"{prices[first]:g} to {prices[first + 1]:g}): trades of two instruments in one file? A column that "
        "names the symbol, and --symbol, tell them apart"
    )
