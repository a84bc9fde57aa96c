"""Liquidation: when mark reaches the venue's price, the position and its margin are gone.

INVARIANT: a position never loses more than its margin and the fee of the take-over, other fees and
funding aside, unless an order that turns it closed it beyond its bankruptcy.
"""

from __future__ import annotations

from runtime.account.ledger import Ledger
from runtime.formulas.margin import within_bankruptcy
from runtime.orders.order_spec import Side


def bounded(ledger: Ledger, side: Side, lots: int, price: float) -> float:
    """Return the price of a market execution of `lots` that only closes, no worse than bankruptcy.

    VENUE: beyond that price the position belongs to the venue, and its fund bears the rest.
    PESSIMISTIC: one that opens the other side as well is paid at the market's price, all of it: the
    fund gives nobody an entry.
    """
    position = ledger.position
    if position is None or position.side is side or lots > position.quantity:
        return price
    return within_bankruptcy(position.side.sign, price, ledger.bankruptcy_price)
