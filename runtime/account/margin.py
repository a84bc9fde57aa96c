"""What margin is tied up and what is free, and whether one more entry fits.

The law: isolated margin. A position ties up its entry notional / leverage and the fee to close it; a
limit entry reserves the same for what it would open, and the fee to open it, from placement; an armed stop
reserves nothing and is judged when it triggers. The two sides of an account never need margin at once (what opens one has
closed the other): the side that needs more counts. Open profit is not lent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from runtime.account.ledger import Ledger
from runtime.formulas.fills import slipped
from runtime.formulas.margin import initial_margin
from runtime.formulas.pnl import profit
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType, Side

_AT_MARKET = frozenset({OrderType.MARKET, OrderType.STOP_MARKET})


def margin_of(ledger: Ledger, side: Side, notional: float) -> float:
    """Return what a position, or a resting entry, of a notional ties up (quote)."""
    return initial_margin(side.sign, notional, ledger.leverage, ledger.taker_rate)


def order_margin(ledger: Ledger, side: Side, notional: float) -> float:
    """Return what the opening part of a resting entry reserves: what a position would, and the fee to open.

    VENUE: order cost = initial margin + fee to open + fee to close, both at the taker's rate, whoever the
    order will meet (help centre, "Order cost", 2024-10-30).
    """
    return margin_of(ledger, side, notional) + notional * ledger.taker_rate


def expected_price(ledger: Ledger, side: Side, price: float) -> float:
    """Return what a market execution at a price is expected to pay: slippage included, impact not."""
    relative = ledger.settings.account.slippage_bps / 10_000
    return slipped(side.sign, price, relative, ledger.instrument.tick)


def entry_cost(ledger: Ledger, side: Side, kind: OrderType, price: float) -> float:
    """Return what one base unit of an entry at a price takes of free margin (quote).

    At market it is priced with slippage.
    """
    if kind in _AT_MARKET:
        price = expected_price(ledger, side, price)
    return order_margin(ledger, side, price)


def entries(ledger: Ledger) -> list[Order]:
    """Return the working entries in the order in which they meet a position of the other side.

    Those at market act before any that rests.
    """
    found = [order for order in ledger.book if order.spec.effect is Effect.OPEN]
    return sorted(found, key=lambda order: order.spec.order_type is not OrderType.MARKET)


def own_entries(ledger: Ledger) -> list[Order]:
    """Return the working entries of the card: those of others are nobody's here to wait for."""
    return [order for order in entries(ledger) if order.is_own]


def opening(ledger: Ledger, without: Collection[str] = ()) -> Iterator[tuple[Order, int]]:
    """Yield the working entries with the lots that each would open: what closes a position opens none."""
    position = ledger.position
    to_close = 0 if position is None else position.quantity
    for order in entries(ledger):
        if order.order_id in without:
            continue
        closes = 0
        if position is not None and order.side is not position.side:
            closes = min(order.remaining, to_close)
            to_close -= closes
        yield order, order.remaining - closes


def reserves(ledger: Ledger, without: Collection[str] = ()) -> Iterator[tuple[Order, float]]:
    """Yield the working entries with what each reserves (quote)."""
    for order, lots in opening(ledger, without):
        reserved = 0.0
        if not order.is_armed_stop and lots:
            price = order.reference_price(ledger.close)
            reserved = order_margin(ledger, order.side, ledger.instrument.notional(lots, price))
        yield order, reserved


def used_by_side(ledger: Ledger, without: Collection[str] = ()) -> dict[Side, float]:
    """Return the margin that position and working entries of each side tie up."""
    used = {Side.BUY: 0.0, Side.SELL: 0.0}
    position = ledger.position
    if position is not None:
        used[position.side] = margin_of(ledger, position.side, position.total_size_usdt)
    for order, reserved in reserves(ledger, without):
        used[order.side] += reserved
    return used


def used_margin(ledger: Ledger) -> float:
    """Return the margin tied up: that of the side which needs more."""
    return max(used_by_side(ledger).values())


def free_margin(ledger: Ledger, side: Side, without: Collection[str] = ()) -> float:
    """Return what new entries of a side may use."""
    return ledger.account.balance - used_by_side(ledger, without)[side]


def missing_margin(ledger: Ledger, order: Order, price: float, lots: int) -> str | None:
    """Return why `lots` of an entry cannot be carried at a price, None when they can.

    What closes an opposite position needs none, and gives back the profit or loss it realizes.
    """
    if order.spec.effect is not Effect.OPEN:
        return None
    free = free_margin(ledger, order.side, without=(order.order_id,))
    position = ledger.position
    if position is not None and position.side is not order.side:
        closes = min(lots, position.quantity)
        lots -= closes
        free += closing_gain(ledger, position.side, position.avg_entry_price, closes, price)
    if not lots:
        return None
    kind = order.spec.order_type
    need = ledger.instrument.base(lots) * entry_cost(ledger, order.side, kind, price)
    if need <= free + 1e-9:
        return None
    return f"needs {need:.2f} USDT of margin, {free:.2f} are free"


def only_closing(ledger: Ledger, order: Order, price: float, lots: int) -> int | None:
    """Return the lots that close, where margin is short for those that would turn the position.

    What rests is judged again when it first opens; a market order was judged at the close.
    """
    position = ledger.position
    if order.spec.order_type is OrderType.MARKET or order.opened or position is None:
        return None
    if order.side is position.side or lots <= position.quantity:
        return None
    return None if missing_margin(ledger, order, price, lots) is None else position.quantity


def closing_gain(ledger: Ledger, side: Side, average: float, lots: int, price: float) -> float:
    """Return what the balance gains when lots of a position close at a price, the taker fee paid."""
    base = ledger.instrument.base(lots)
    return profit(side.sign, base, average, price) - base * price * ledger.taker_rate
