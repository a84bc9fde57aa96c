"""Entries whose time is up while the bars that would say so do not come.

The law: a close decides, and ends what its `ttl` says. Where bars are overdue and cannot be had nobody sees the market,
and an entry must not rest past its last bar: the clock says that the bar is over, and what rests is asked to go. Nothing
else is done by the clock: an exit stays, which only reduces.
"""

from __future__ import annotations

from runtime.account.ledger import Ledger
from runtime.backends.base import NO_BARS
from runtime.live.guard import Guard
from runtime.market.frame import Frame
from runtime.orders.commands import CancelOrder, Decided
from runtime.orders.order_spec import Effect

_LATE_MS = 5_000  # what a clock may be wrong by, and a bar may be late


def timed_out(ledger: Ledger, bars: Frame, guard: Guard, ts: int) -> list[Decided]:
    """Return the cancels of entries whose last bar is over by the clock, while bars are said to be overdue."""
    if not guard.warns_of(NO_BARS, ts) or not len(bars):
        return []
    since = ts - _LATE_MS - bars.close_time(len(bars) - 1)
    last = ledger.bar + max(0, since // bars.interval_ms)
    return [
        CancelOrder(order_id=order.order_id, reason="ttl")
        for order in ledger.book
        if order.is_own and order.spec.effect is Effect.OPEN and order.leaving is None
        if order.expires_bar is not None and order.expires_bar <= last
    ]
