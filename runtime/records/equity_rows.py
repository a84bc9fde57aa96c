"""The account at every close, as columns.

The law: bars that pass by get the rows that `mark` would have written one by one: between two events only
what a close says moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

from runtime.account.ledger import Ledger
from runtime.account.margin import used_margin
from runtime.market.frame import Frame
from runtime.records.rows import EquityColumns


@dataclass(frozen=True, slots=True)
class _State:
    """What only events change. `held` in signed base units, `average` is what it was entered at."""

    balance: float
    held: float
    average: float
    margin: float
    working: int

    @classmethod
    def of(cls, ledger: Ledger) -> _State:
        position, balance = ledger.position, ledger.account.balance
        # COST: most bars are flat and idle; nothing needs to be worked out on them.
        if position is None and not len(ledger.book):
            return cls(balance, 0.0, 0.0, 0.0, 0)
        working = sum(1 for order in ledger.book if order.is_own)
        margin = used_margin(ledger)
        if position is None:
            return cls(balance, 0.0, 0.0, margin, working)
        held = position.side.sign * ledger.instrument.base(position.quantity)
        return cls(balance, held, position.avg_entry_price, margin, working)


class EquityRows:
    """Writes `columns` from a ledger. `frame` holds the bars of the run."""

    def __init__(self, ledger: Ledger, frame: Frame, columns: EquityColumns) -> None:
        self._ledger = ledger
        self._frame = frame
        self._columns = columns
        self._state: _State | None = None
        self._changes = -1  # of the ledger when it stood so

    def _state_now(self) -> _State:
        """Return what stands now. COST: as before, while no event came; but what waits at market is
        valued at each close."""
        ledger = self._ledger
        if self._state is None or ledger.changes != self._changes or ledger.book.has_market:
            self._state, self._changes = _State.of(ledger), ledger.changes
        return self._state

    def pass_by(self, start: int, stop: int) -> None:
        """Write the rows of the bars [start, stop), on which nothing but their closes happened."""
        frame, state = self._frame, self._state_now()
        held, average = state.held, state.average
        unrealized = [0.0] * (stop - start)
        if held:
            unrealized = [held * (close - average) for close in frame.close[start:stop]]
        times = [ts + frame.interval_ms for ts in frame.ts[start:stop]]
        self._write(times, unrealized, state)

    def mark(self, ts: int) -> None:
        """Write the row of a close (ms)."""
        self._write([ts], [self._ledger.unrealized], self._state_now())

    def mark_again(self) -> None:
        """Write the last row anew: what happened after the last close belongs to it."""
        columns = self._columns
        if not columns.ts:
            return
        ts = columns.ts[-1]
        for column in (
            columns.ts,
            columns.equity,
            columns.balance,
            columns.unrealized,
            columns.position,
            columns.used_margin,
            columns.working_orders,
        ):
            column.pop()
        self.mark(ts)

    def _write(self, ts: list[int], unrealized: list[float], state: _State) -> None:
        columns, rows, balance = self._columns, len(ts), state.balance
        columns.ts.extend(ts)
        columns.balance.extend(repeat(balance, rows))
        columns.equity.extend([balance + value for value in unrealized])
        columns.unrealized.extend(unrealized)
        columns.position.extend(repeat(state.held, rows))
        columns.used_margin.extend(repeat(state.margin, rows))
        columns.working_orders.extend(repeat(state.working, rows))
