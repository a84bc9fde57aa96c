"""Funding times of a session that has no account: their rates come from the venue's public history.

The law: a bar with a funding time in it is lived through when the rate is known, so that who holds at that time
pays it, as in a back-test. What nobody tells within a minute is not counted, and said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.backends.base import Loudness, Notice, Tell
from runtime.backends.bybit.intake import Intake
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.worker import Worker

_MINUTE_MS = 60_000
_AGAIN_MS = 2_000
_PATIENCE_MS = 60_000
_AT_ONCE = 200  # VENUE: docs/v5/market/history-fund-rate: rows of an answer at most

Then = Callable[[], None]
Rates = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What is let through when the rates of its funding times in (start, end] are known."""

    start: int
    end: int
    then: Then


class FundingFirst:
    """Lets bars through in order, each after its rates. `told`: takes a funding time and its rate; ms UTC."""

    def __init__(
        self,
        intake: Intake,
        rest: Rest,
        asking: Worker,
        *,
        now: Callable[[], int],
        tell: Tell,
        told: Callable[[int, float], None],
    ) -> None:
        self._intake = intake
        self._rest = rest
        self._asking = asking
        self._now = now
        self._tell = tell
        self._told = told
        self._span = intake.instrument.funding_interval_minutes * _MINUTE_MS
        self._waiting: deque[_Waiting] = deque()
        self._known = 0  # funding times up to here were told, or given up
        self._since: int | None = None  # when the first one that is missing was first asked for
        self._again_at = 0
        self._is_asking = False

    def let(self, start: int, end: int, then: Then) -> None:
        """Call `then` once every rate in (start, end] is known, after all that came before."""
        self._waiting.append(_Waiting(start, end, then))
        self.look()

    def look(self) -> None:
        """Let through what waits no more; ask for what it waits for."""
        while self._waiting and self._first_due(self._waiting[0]) is None:
            self._waiting.popleft().then()
        if not self._waiting or self._is_asking or self._now() < self._again_at:
            return
        first = self._first_due(self._waiting[0])
        assert first is not None
        last = min(self._waiting[0].end, first + (_AT_ONCE - 1) * self._span)
        self._since = self._now() if self._since is None else self._since
        self._is_asking = True
        symbol = self._intake.instrument.symbol
        self._asking.do(
            lambda: self._rest.funding(symbol, first, last),
            lambda rows: self._answered(first, last, rows),
        )

    def _first_due(self, waiting: _Waiting) -> int | None:
        """Return the first funding time of a bar that was not told, None where there is none.

        VENUE: funding is exchanged on the grid of its interval, counted from midnight UTC.
        """
        due = (max(waiting.start, self._known) // self._span + 1) * self._span
        return due if due <= waiting.end else None

    def _answered(self, first: int, last: int, rows: list[Any] | None) -> None:
        self._is_asking = False
        rates = {} if rows is None else self._intake.funding(rows)
        for due in sorted({*range(first, last + 1, self._span), *rates}):
            if due not in rates:
                break
            self._told(due, rates[due])
            self._known, self._since = due, None
        else:
            self.look()
            return
        self._again_at = self._now() + _AGAIN_MS
        if self._since is not None and self._now() - self._since >= _PATIENCE_MS:
            self._give_up()

    def _give_up(self) -> None:
        """Go on without the first rate that is missing."""
        due = self._first_due(self._waiting[0])
        if due is not None:
            text = f"the venue tells no funding rate of {due} (ms UTC): it is not counted"
            self._known, self._since = due, None
            self._tell(Notice(kind="no_funding_rate", loudness=Loudness.ALARM, text=text))
        self.look()
