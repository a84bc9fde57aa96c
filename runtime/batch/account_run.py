"""One account over one history by the kernel: memories, room for rows, calls, and what comes of it.

The law: whoever asks gets all of a run or the reason why there is none; rows become objects elsewhere.
"""

from __future__ import annotations

import ctypes
import math
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Protocol

from compiler.findings.errors import IdeaCardError
from compiler.graph.program import Program
from runtime.backends.sim.marks import Marks, marks_for
from runtime.batch import layout as at
from runtime.batch.loop import SLACK, has_room
from runtime.batch.tables import Lowered
from runtime.formulas.path import place_of
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.rules.machine import Columns

# table: where its whole numbers and floats begin, how many rows it has room for, widths of a row, rows
_TABLES = (
    (at.ORDERS_ROW, at.ORDERS_F, at.ORDERS_MOST, at.ORDER_INTS, at.ORDER_FLOATS, at.ASKED),
    (at.FILLS_ROW, at.FILLS_F, at.FILLS_MOST, at.FILL_INTS, at.FILL_FLOATS, at.FILLS),
    (at.LAYERS_ROW, at.LAYERS_F, at.LAYERS_MOST, at.LAYER_INTS, at.LAYER_FLOATS, at.LAYER_ROWS),
    (at.TRADES_ROW, at.TRADES_F, at.TRADES_MOST, at.TRADE_INTS, at.TRADE_FLOATS, at.TRADE_ROWS),
    (at.NOTES_ROW, at.NOTES_F, at.NOTES_MOST, at.NOTE_INTS, at.NOTE_FLOATS, at.NOTES),
)
# COST: rows of a table at first, beyond what a bar may write: zeroing them is most of a short run.
_FIRST_ROOM, _LEAST_ROOM, _BARS_PER_ROW = 3072, 128, 8
_WHY = {
    at.TOO_MANY_ORDERS: f"more than {at.MOST_ORDERS} orders work at once",
    at.TOO_MANY_LAYERS: f"more than {at.MOST_LAYERS} layers are held at once",
    at.TOO_MANY_SERVED: f"more than {at.MOST_SERVED} limits share a bar's volume",
    at.TOO_MANY_FIRED: f"more than {at.MOST_FIRED} actions at one close",
    at.UNDECIDED: "two ways through a bar differ in a digit that only decimal rounding decides",
}


class Kernels(Protocol):
    """The entries of the kernel, as machine code or as Python; `GivenUp` where it stops."""

    def run(self, *arguments: object) -> int: ...

    def finish(self, *arguments: object) -> None: ...

    def measure(self, *arguments: object) -> None: ...


class Kept(IntEnum):
    """What a run keeps of the account at each close: so many columns, one behind the other."""

    EQUITY = 1
    POSITION = 2  # and the position, signed base units
    ALL = 6  # and balance, unrealized profit, used margin, working orders


class GivenUp(IdeaCardError):
    """A run that has to be made by the readable engine, and why."""


@dataclass(frozen=True, slots=True)
class Due:
    """A funding time: in which bar or before it (negative place), when (ms UTC), the rate, the mark.

    An unknown mark is that of the place on the path.
    """

    bar: int
    ts: int
    place: float
    rate: float
    mark: float


@dataclass(slots=True)
class Feed:
    """The market as the loop takes it: the same for every account over it."""

    frame: Frame
    first: int
    series: tuple[array[float], ...]
    columns: array[float]
    dues: list[Due]

    @classmethod
    def of(
        cls, program: Program, data: MarketData, market: Columns, memory: Memory | None = None
    ) -> Feed:
        """Return a market for a program; in `memory` it stands until the next one is made there."""
        frame, marks = data.exec, marks_for(data.exec, data.mark)
        series = (
            frame.open, frame.high, frame.low, frame.close, frame.volume,
            marks.open, marks.high, marks.low, marks.close,
        )  # fmt: skip
        dues = list(_dues(data, marks))
        columns = _laid_out(program, market, len(frame), memory or Memory())
        return cls(frame, data.first, series, columns, dues)

    def read_by(self, program: Program, market: Columns) -> Feed:
        """Return the same market for a program that reads other columns of it."""
        return replace(self, columns=_laid_out(program, market, len(self.frame), Memory()))


def _laid_out(program: Program, market: Columns, bars: int, memory: Memory) -> array[float]:
    """Return the columns that a program reads, one behind the other."""
    columns: array[float] = memory.room("market", bars * len(program.columns))
    for slot in range(len(program.columns)):
        column = market.column(slot)
        assert len(column) == bars
        columns[slot * bars : (slot + 1) * bars] = (
            column if isinstance(column, array) else array("d", column)
        )
    return columns


def _dues(data: MarketData, marks: Marks) -> Iterator[Due]:
    """Yield the funding times of the traded bars and of the holes between them, in order."""
    series, frame = data.funding, data.exec
    if series is None:
        return
    for ts, rate in zip(series.ts, series.rate, strict=True):
        # The first bar that is not closed before that time.
        bar = bisect_left(frame.ts, ts - frame.interval_ms, lo=data.first)
        if bar == len(frame):
            return
        if ts > frame.ts[bar]:
            place = place_of(float(ts), float(frame.ts[bar]), float(frame.interval_ms))
            mark = marks.starting_at(ts)
            yield Due(bar, ts, place, rate, math.nan if mark is None else mark)
        elif bar and ts > frame.close_time(bar - 1):
            mark = marks.known_at(ts, frame.close_time(bar - 1))
            yield Due(bar, ts, -1.0, rate, marks.close[bar - 1] if mark is None else mark)


@dataclass(slots=True)
class AccountRun:
    """What a run left: memories, rows of whole numbers and of floats, and columns of the account."""

    lowered: Lowered
    f: array[float]
    z: array[int]
    rows_f: array[float] = field(default_factory=lambda: array("d"))
    rows_z: array[int] = field(default_factory=lambda: array("q"))
    columns: array[float] = field(default_factory=lambda: array("d"))

    def table(self, number: int) -> tuple[int, int, int]:
        """Return where the rows of a table begin, whole numbers and floats, and how many there are."""
        ints, floats, _, _, _, count = _TABLES[number]
        return self.z[ints], self.z[floats], self.z[count]


@dataclass(slots=True)
class Memory:
    """Room that one run after another uses, on one thread: a run in it stands until the next one begins.

    COST: arrays of megabytes made anew are pages that the machine maps anew, a third of the time of a short run;
    nor is cleared what no run has written.
    """

    columns: array[float] = field(default_factory=lambda: array("d"))
    market: array[float] = field(default_factory=lambda: array("d"))
    ints: array[int] = field(default_factory=lambda: array("q"))
    floats: array[float] = field(default_factory=lambda: array("d"))
    _written: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def room(self, name: str, count: int) -> Any:
        """Return an array of so many numbers, whatever they are: the one of the last run where it is as long."""
        known = getattr(self, name)
        if len(known) != count:
            known = array(known.typecode, [0]) * count
            setattr(self, name, known)
            self._written[name] = []
        return known

    def cleared(self, name: str, count: int) -> Any:
        """Return an array of so many zeros."""
        known = self.room(name, count)
        for start, stop in self._written.get(name, [(0, count)]):
            _clear(known, start, stop)
        # Until somebody says what of it a run has written, it is all.
        self._written.pop(name, None)
        return known

    def rows(self, kept: Kept, bars: int, first: int) -> Any:
        """Return room for columns of a run that writes each bar from `first` on; zeros before."""
        known = self.room("columns", bars * kept)
        for column in range(kept):
            _clear(known, column * bars, column * bars + first)
        return known

    def note(self, made: AccountRun) -> None:
        """Take in how far a run that has ended wrote its tables: no bar writes more than `SLACK` rows that go again."""
        if made.rows_z is not self.ints or made.rows_f is not self.floats:
            return
        written: dict[str, list[tuple[int, int]]] = {"ints": [], "floats": []}
        for row, row_f, most, width, width_f, count in _TABLES:
            rows = min(made.z[count] + SLACK, made.z[most])
            written["ints"].append((made.z[row], made.z[row] + rows * width))
            written["floats"].append((made.z[row_f], made.z[row_f] + rows * width_f))
        self._written.update(written)


def _clear(numbers: Any, start: int, stop: int) -> None:
    size = numbers.itemsize
    ctypes.memset(numbers.buffer_info()[0] + start * size, 0, (stop - start) * size)


ORDER_TABLE, FILL_TABLE, LAYER_TABLE, TRADE_TABLE, NOTE_TABLE = range(5)


def run_account(
    lowered: Lowered,
    feed: Feed,
    kernels: Kernels,
    *,
    flipped: Collection[int] = (),
    kept: Kept = Kept.ALL,
    memory: Memory | None = None,
) -> AccountRun:
    """Run an account over a feed; `GivenUp` where only the readable engine can.

    `flipped` are bars that are told the other way. `memory` is used
    instead of new room.
    """
    bars, memory = len(feed.frame), memory or Memory()
    made = AccountRun(lowered, lowered.floats[:], lowered.ints[:])
    f, z = made.f, made.z
    z[at.ROWS], z[at.KEPT_COLUMNS], z[at.INTERVAL] = bars, int(kept), feed.frame.interval_ms
    z[at.WATCHES] = z[at.WATCHES] if kept is Kept.ALL else 0
    z[at.FUNDING_AT], z[at.FUNDING_TIMES] = len(z), len(feed.dues)
    z.extend(number for due in feed.dues for number in (due.bar, due.ts, 0))
    f.extend(number for due in feed.dues for number in (due.place, due.rate, due.mark))
    made.columns = memory.rows(kept, bars, feed.first)
    flips = array("b", bytes(bars))
    for bar in flipped:
        flips[bar] = 1
    bar = feed.first
    while bar < bars:
        _make_room(made, bars, memory)
        bar = kernels.run(
            feed.frame.ts, *feed.series, flips, feed.columns, f, z, made.rows_f, made.rows_z, made.columns,
            bar, bars,
        )  # fmt: skip
        if z[at.BAIL]:
            raise GivenUp(_WHY[z[at.BAIL]])
    if not has_room(z):
        _make_room(made, bars, memory)
    kernels.finish(f, z, made.rows_f, made.rows_z, made.columns, bars - 1)
    if z[at.BAIL]:
        raise GivenUp(_WHY[z[at.BAIL]])
    memory.note(made)
    return made


def _make_room(made: AccountRun, bars: int, memory: Memory) -> None:
    """Lay the tables out anew, each with twice the room that it has used, or what a short history needs."""
    z, old, at_int, at_float = made.z, [], 0, 0
    least = SLACK + min(_FIRST_ROOM, _LEAST_ROOM + bars // _BARS_PER_ROW)
    for row, row_f, most, width, width_f, count in _TABLES:
        old.append((z[row], z[row_f]))
        z[row], z[row_f], z[most] = at_int, at_float, 2 * z[count] + least
        at_int, at_float = at_int + z[most] * width, at_float + z[most] * width_f
    if made.rows_z:  # what is there is copied: never into itself
        ints, floats = array("q", [0]) * at_int, array("d", [0.0]) * at_float
    else:
        ints, floats = memory.cleared("ints", at_int), memory.cleared("floats", at_float)
    for (row, row_f, _, width, width_f, count), (was, was_f) in zip(_TABLES, old, strict=True):
        rows, rows_f = z[count] * width, z[count] * width_f
        ints[z[row] : z[row] + rows] = made.rows_z[was : was + rows]
        floats[z[row_f] : z[row_f] + rows_f] = made.rows_f[was_f : was_f + rows_f]
    made.rows_z, made.rows_f = ints, floats
