"""Which limits of the card stand: judged at each close.

INVARIANT: changed by closes only, from what the course of the account and its results say then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from compiler.catalog.limits import Limit
from compiler.graph.rule_graph import NO_LIMITS, LimitSettings

_SLACK = 1e-9  # a loss of exactly the limit reaches it, whatever its last bit
_OF_A_DAY = frozenset({Limit.DAILY_LOSS, Limit.LOSSES})  # once reached they stand until it ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What limits are judged by at one close; `since_exit` counts bars since the last close to flat."""

    is_new_day: bool
    equity: float  # quote
    day_equity: float
    peak: float
    trades: int
    day_losses: int
    losses: int
    since_exit: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The limits that stand, in the order of `Limit`.

    `losses` are those in a row at the last close; of them `forgiven` do not count any more.
    """

    limits: LimitSettings = NO_LIMITS
    hit: tuple[Limit, ...] = ()
    losses: int = 0
    forgiven: int = 0

    @property
    def closing(self) -> Limit | None:
        """Return the limit that closes the position, None where none does."""
        if not self.limits.on_breach.closes:
            return None
        return next((limit for limit in self.hit if limit.may_flatten), None)

    def after(self, at: Judged) -> Standing:
        """Return what stands at a close."""
        if self.limits == NO_LIMITS:
            return self
        forgiven = self.forgiven
        if at.is_new_day and Limit.LOSSES in self.hit:
            forgiven = self.losses
        if at.losses < forgiven:  # a trade that was not lost began the row anew
            forgiven = 0
        now = replace(self, losses=at.losses, forgiven=forgiven)
        kept = {Limit.DRAWDOWN} | (set() if at.is_new_day else _OF_A_DAY)
        hit = (
            limit
            for limit in Limit
            if (limit in self.hit and limit in kept) or now._reaches(limit, at)
        )
        return replace(now, hit=tuple(hit))

    def _reaches(self, limit: Limit, at: Judged) -> bool:
        limits = self.limits
        match limit:
            case Limit.DAILY_LOSS:
                return _is_lost(limits.max_daily_loss_pct, at.day_equity, at.equity)
            case Limit.DRAWDOWN:
                return _is_lost(limits.max_drawdown_pct, at.peak, at.equity)
            case Limit.TRADES:
                most = limits.max_trades_per_day
                return most is not None and at.trades >= most
            case Limit.DAY_LOSSES:
                most = limits.max_losses_per_day
                return most is not None and at.day_losses >= most
            case Limit.LOSSES:
                most = limits.max_consecutive_losses
                return most is not None and self.losses - self.forgiven >= most
            case Limit.COOLDOWN:
                bars = limits.cooldown_bars
                return bars is not None and at.since_exit is not None and at.since_exit <= bars


def _is_lost(percent: float | None, before: float, now: float) -> bool:
    if percent is None or before <= 0:
        return False
    return (before - now) * 100 >= percent * before * (1 - _SLACK)
