"""Closed bars in order, once each, without holes, whatever the stream does.

The law: one bar per start. After a hole the older bars only advance the state and the newest decides, and
it only while it is the last closed one: nothing trades the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.backends.bybit.messages import KlineUpdate
from runtime.backends.bybit.pace import Pace
from runtime.live.items import BarArrived


@dataclass(slots=True)
class BarGate:
    """Lets bars through. `last`: the start of the newest one; times in ms UTC.

    `pace`: how long a bar may be late; one that two answers a settle time apart lack, and that has a later
    one, does not exist.
    """

    interval_ms: int
    last: int
    pace: Pace = Pace()
    revised: int = 0  # bars told twice and differently: the first word counts
    lacking: int = 0  # bars that the venue does not have
    began: int = 0  # when this process did, by the venue's clock
    _lacked: tuple[int, int] | None = (
        None  # start of the bar an answer lacked, and when it did first
    )
    _first: tuple[float, ...] = ()

    def streamed(self, row: KlineUpdate, now: int) -> BarArrived | None:
        """Return the bar of a stream's row, None for one that is open, known, or not the next."""
        if not row.is_closed:
            return None
        if row.start <= self.last:
            if row.start == self.last and _values(row) != self._first:
                self.revised += 1
            return None
        if row.start != self.last + self.interval_ms:
            return None  # a hole: `missing` has it asked for
        is_newest = row.start + 2 * self.interval_ms > now  # it may have waited in the socket
        return self._through(row, "stream", now, decides=is_newest)

    def newest(self, now: int) -> int:
        """Return the start of the newest bar that has closed by `now`, the venue's time."""
        return (
            self.last + (now - self.last) // self.interval_ms * self.interval_ms - self.interval_ms
        )

    def is_past(self, start: int) -> bool:
        """Return whether a bar had closed when this process began: the one before it may have decided on it."""
        return start + self.interval_ms <= self.began

    def missing(self, now: int) -> int | None:
        """Return from which start on bars are overdue, None while none is."""
        following = self.last + self.interval_ms
        return following if now >= following + self.interval_ms + self.pace.bar_ms else None

    def fetched(self, rows: Sequence[KlineUpdate], now: int) -> list[BarArrived]:
        """Return the bars of a query that are new and closed by `now`, the venue's time.

        A hole of the venue's own is passed over, as a back-test passes it over, once two looks have shown it.
        """
        closed = [
            row for row in rows if row.start > self.last and row.start + self.interval_ms <= now
        ]
        found: list[BarArrived] = []
        for row in closed:
            if row.start != self.last + self.interval_ms and not self._is_lacking(now):
                break  # a hole in the answer itself: asked for again
            self.lacking += (row.start - self.last) // self.interval_ms - 1 if self.last else 0
            is_newest = row.start + 2 * self.interval_ms > now
            found.append(self._through(row, "rest", now, decides=is_newest))
        return found

    def _is_lacking(self, now: int) -> bool:
        """Return whether the next bar was not there in a look long enough ago; this is another such look."""
        following = self.last + self.interval_ms
        if self._lacked is None or self._lacked[0] != following:
            self._lacked = (following, now)
        return now - self._lacked[1] >= self.pace.settle_ms

    def _through(self, row: KlineUpdate, source: str, now: int, *, decides: bool) -> BarArrived:
        self.last, self._first = row.start, _values(row)
        return BarArrived(
            start=row.start,
            open=row.open,
            high=row.high,
            low=row.low,
            close=row.close,
            volume=row.volume,
            mark=row.close,
            source=source,
            received=now,
            decides=decides,
        )


def _values(row: KlineUpdate) -> tuple[float, ...]:
    return (row.open, row.high, row.low, row.close, row.volume)
