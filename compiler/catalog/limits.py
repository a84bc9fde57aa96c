"""The limits of a card: what may stop its entries, and what is done when one is reached.

The law: limits act, promises (`invariants`) hold: a limit is judged at closes, before any block, on what the
account has come to.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never


class Limit(StrEnum):
    """What is limited; the names are the keys of `limits`, in the order in which they are told."""

    DAILY_LOSS = "max_daily_loss_pct"
    DRAWDOWN = "max_drawdown_pct"
    TRADES = "max_trades_per_day"
    DAY_LOSSES = "max_losses_per_day"
    LOSSES = "max_consecutive_losses"
    COOLDOWN = "cooldown_bars"

    @property
    def may_flatten(self) -> bool:
        """Return whether `on_breach: flatten` closes the position when it is reached."""
        match self:
            case Limit.DAILY_LOSS | Limit.DRAWDOWN:
                return True
            case Limit.TRADES | Limit.DAY_LOSSES | Limit.LOSSES | Limit.COOLDOWN:
                return False
            case _:
                assert_never(self)

    @property
    def lifted(self) -> str:
        """Return when entries are accepted again, in words."""
        match self:
            case Limit.DAILY_LOSS | Limit.TRADES | Limit.DAY_LOSSES | Limit.LOSSES:
                return "at the first close of the next day"
            case Limit.DRAWDOWN:
                return "never"
            case Limit.COOLDOWN:
                return "after that many closes"
            case _:
                assert_never(self)


class OnBreach(StrEnum):
    """What a limit does when it is reached."""

    STOP_ENTRIES = "stop_entries"
    FLATTEN = "flatten"

    @property
    def closes(self) -> bool:
        """Return whether an open position is closed, too."""
        match self:
            case OnBreach.FLATTEN:
                return True
            case OnBreach.STOP_ENTRIES:
                return False
            case _:
                assert_never(self)
