"""What a fee is: an amount of a coin. The account is one of USDT; every other coin is another matter.

The law: an amount in another coin is never booked as USDT, and one that nobody says is not nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

QUOTE = "USDT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee, positive = paid: `usdt`, and `amount` of another `coin`. `usdt` None: nobody says what it was."""

    usdt: float | None = None
    coin: str = ""
    amount: float = 0.0

    def share(self, part: float) -> Fee:
        """Return a part of it, 1.0 = all."""
        usdt = None if self.usdt is None else self.usdt * part
        return Fee(usdt=usdt, coin=self.coin, amount=self.amount * part)


def fee_in(amount: float | None, coin: str) -> Fee:
    """Return the fee of one execution. VENUE: a linear execution of old names no coin: it is the quote."""
    if amount is None or coin in ("", QUOTE):
        return Fee(usdt=amount)
    return Fee(usdt=0.0, coin=coin, amount=amount)


def fee_of_order(row: Mapping[str, Any], total: float | None) -> Fee:
    """Return the fee of all fills of an order by its row; `total` is the amount that names no coin.

    VENUE: docs/v5/order/open-order: `cumFeeDetail`, amounts by coin; empty before the first fill. An amount
    that nobody can read counts as nothing here: that the coin is another is what halts.
    """
    detail = row.get("cumFeeDetail")
    if not isinstance(detail, Mapping) or set(detail) <= {QUOTE}:
        return Fee(usdt=total)
    # Two coins beside the quote in one order were never seen: the first is named, executions tell each.
    coin = min(str(name) for name in detail if name != QUOTE)
    return Fee(usdt=_number(detail.get(QUOTE)), coin=coin, amount=_number(detail[coin]))


def _number(said: object) -> float:
    try:
        told = float(str(said))
    except ValueError:
        return 0.0
    return told if math.isfinite(told) else 0.0
