"""What the closes have made of the account so far: its highest equity, its day, the extremes of its
position, and which limits of the card stand.

INVARIANT: changed by closes, executions and transfers only, so a list of events restores it. It is followed
only for programs that ask: a run may pass by closes that nobody asks about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from compiler.graph.rule_graph import LimitSettings
from runtime.account.limits import Judged, Standing
from runtime.account.results import Results

DAY_MS = 86_400_000
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Equity in usdt; transfers move all of it, for they are no profit.

    A day begins `limits.day_starts` minutes after 00:00 UTC; a bar of `interval_ms` belongs to the day
    of its open. `peak` is the highest equity at a close, `equity`, `positions` and `lost` (how many there were, and of
    them with a loss) those of the newest one, `day_equity`, `day_positions` and `day_lost` those of the last one before the day. `high` and
    `low` are of position number `held`, none while flat. `stopped` is the last bar at whose close a limit stood.
    """

    interval_ms: int
    peak: float
    equity: float
    day_equity: float
    standing: Standing = Standing()
    day: int | None = None
    positions: int = 0
    day_positions: int = 0
    lost: int = 0
    day_lost: int = 0
    held: int = 0
    high: float | None = None
    low: float | None = None
    stopped: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """One close: the bar's prices, and what the account is worth then. `position` is None while flat."""

    bar: int
    ts: int  # ms UTC
    high: float
    low: float
    close: float
    equity: float
    position: int | None
    positions: int


def begun(equity: float, interval_ms: int, limits: LimitSettings) -> Course:
    return Course(
        interval_ms=interval_ms,
        peak=equity,
        equity=equity,
        day_equity=equity,
        standing=Standing(limits=limits),
    )


def after_close(before: Course, closed: Closed, results: Results, exit_bar: int | None) -> Course:
    """Return the course after a close; `results` and the bar of the last exit to flat are those of then."""
    starts = before.standing.limits.day_starts * MINUTE_MS
    day = (closed.ts - before.interval_ms - starts) // DAY_MS
    is_new = day != before.day
    high, low = _extremes(before, closed, results)
    peak = max(before.peak, closed.equity)
    day_equity = before.equity if is_new else before.day_equity
    day_positions = before.positions if is_new else before.day_positions
    day_lost = before.lost if is_new else before.day_lost
    judged = Judged(
        is_new_day=is_new,
        equity=closed.equity,
        day_equity=day_equity,
        peak=peak,
        trades=closed.positions - day_positions,
        day_losses=results.lost - day_lost,
        losses=results.losses,
        since_exit=None if exit_bar is None else closed.bar - exit_bar,
    )
    standing = before.standing.after(judged)
    return replace(
        before,
        standing=standing,
        stopped=closed.bar if standing.hit else before.stopped,
        peak=peak,
        equity=closed.equity,
        positions=closed.positions,
        day=day,
        day_equity=day_equity,
        day_positions=day_positions,
        lost=results.lost,
        day_lost=day_lost,
        held=closed.position or 0,
        high=high,
        low=low,
    )


def after_transfer(before: Course, amount: float) -> Course:
    return replace(
        before,
        peak=before.peak + amount,
        equity=before.equity + amount,
        day_equity=before.day_equity + amount,
    )


def _extremes(
    before: Course, closed: Closed, results: Results
) -> tuple[float | None, float | None]:
    """Return the highest and lowest price since the position's first fill, none while flat.

    A bar does not tell which of its extremes came before a fill within it. So the bar on which a
    resting order opened the position counts from its fill to its close; one that began with the
    position, as with a market entry at its open, counts whole.
    """
    entry = results.first_entry
    if closed.position is None or entry is None:
        return None, None
    high, low = closed.high, closed.low
    if closed.position != before.held:
        if not results.at_open:
            high = low = closed.close
        return _wider(entry, entry, high, low)
    was_high, was_low = before.high, before.low
    return _wider(
        entry if was_high is None else was_high, entry if was_low is None else was_low, high, low
    )


def _wider(top: float, bottom: float, high: float, low: float) -> tuple[float, float]:
    """Return the extremes of both; an unknown price (NaN) changes nothing."""
    return (high if high > top else top), (low if low < bottom else bottom)
