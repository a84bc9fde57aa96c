"""What came of positions and entries so far: what the builtins remember when orders are long gone.

INVARIANT: changed by executions and funding only, so a list of events restores it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from compiler.catalog.builtins import EXIT_REASONS, MOST_TRADES
from runtime.account.booking import Booking
from runtime.orders.order import Order
from runtime.orders.order_spec import TOO_FAR, OrderType, Role


@dataclass(slots=True)
class Counters:
    """What the builtins remember of entries and exits; bars are exec bar numbers."""

    entry_bar: int | None = None
    exit_bar: int | None = None
    entries: int = 0  # orders that entered since flat
    exits: int = 0  # orders that reduced since the entry
    fundings: int = 0  # funding times settled since the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Prices of the newest fills, the last trade from flat to flat, and how many of a kind came in a row.

    `lost` counts trades with a loss from the start, `last_pnls` are what the newest `MOST_TRADES` of all came to, oldest
    first. `net` is what the open trade has come to: profit realized less its fees and funding (quote).
    Of the open position: `first_entry` and `initial_stop`, prices as its first fill left them; `risk`, what
    its first order would have lost at that stop (quote); `at_open`, whether that was a market order, which
    fills at a bar's open. Of orders placed up to the close of bar `rearms_ended` no entry comes again. `last_r` is the last trade's result in units of its risk.
    """

    last_entry: float | None = None
    last_exit: float | None = None
    exit_reason: str = "none"
    last_pnl: float | None = None
    last_pnls: tuple[float, ...] = ()
    last_r: float | None = None
    wins: int = 0
    losses: int = 0
    lost: int = 0
    net: float = 0.0
    position_entry: float | None = None
    first_entry: float | None = None
    initial_stop: float | None = None
    risk: float | None = None
    at_open: bool = False
    rearms_ended: int = -1


def after_fill(
    before: Results,
    order: Order,
    booking: Booking,
    stop: float | None,
    *,
    close: float,
    lot: float,
) -> Results:
    """Return the results after an execution that was booked; `stop` is where the position's stands then.

    `close` is the last one, `lot` the base quantity of a lot.
    """
    event, found = booking.event, before
    share = event.fee / event.quantity if event.quantity else 0.0
    if booking.closed_lots:
        net = found.net + booking.realized - share * booking.closed_lots
        found = replace(found, net=net)
        if order.spec.reason != TOO_FAR:  # no rule, stop or target has asked for it
            found = replace(found, last_exit=event.price, exit_reason=_reason(order, booking))
    if booking.has_ended:
        found = _ended(found)
        if order.spec.role is not Role.EXIT or order.spec.rearm is None:
            found = replace(found, rearms_ended=event.bar - 1)
    if booking.opened_lots:
        net = found.net - share * booking.opened_lots
        found = replace(found, net=net, last_entry=event.price, position_entry=event.price)
        if found.first_entry is None:
            planned = None if stop is None else at_risk(order, event.price, stop, close)
            lots = order.remaining + booking.opened_lots  # the whole order, had it been filled
            lots = min(lots, order.opens)
            found = replace(
                found,
                first_entry=event.price,
                initial_stop=stop,
                risk=None if planned is None else planned * (lots * lot),
                at_open=order.spec.order_type is OrderType.MARKET,
            )
    return found


def at_risk(order: Order, entry: float, stop: float, close: float) -> float:
    """Return what an entry risks per unit to its stop.

    One that the price had passed when it was filled was planned from the price the order was meant for.
    """
    distance = order.side.sign * (entry - stop)
    if distance <= 0:
        distance = abs(order.reference_price(order.spec.decision_price or close) - stop)
    return distance


def after_funding(before: Results, paid: float) -> Results:
    """Return the results after funding of the open position was paid (negative: received)."""
    return replace(before, net=before.net - paid)


def _ended(before: Results) -> Results:
    """Close the trade; one of exactly nothing ends both rows."""
    return replace(
        before,
        last_pnl=before.net,
        last_pnls=(*before.last_pnls[1 - MOST_TRADES :], before.net),
        last_r=before.net / before.risk if before.risk else None,
        wins=before.wins + 1 if before.net > 0 else 0,
        losses=before.losses + 1 if before.net < 0 else 0,
        lost=before.lost + (before.net < 0),
        net=0.0,
        position_entry=None,
        first_entry=None,
        initial_stop=None,
        risk=None,
        at_open=False,
    )


def _reason(order: Order, booking: Booking) -> str:
    """Return why an order reduced, in a word of `last_exit_reason`."""
    match order.spec.role:
        case Role.STOP_LOSS:
            return "trail" if booking.is_trailed else "stop"
        case Role.TAKE_PROFIT:
            return "target"
        case Role.LIQUIDATION:
            return "liquidation"
        case Role.EXIT if order.spec.order_type is OrderType.LIMIT:
            return "limit"
        case _:
            return "signal"


def reason_number(results: Results) -> float:
    return float(EXIT_REASONS.index(results.exit_reason))


def in_units_of_risk(results: Results, sign: int, average: float, close: float) -> float | None:
    """Return the open profit per unit in units of what the first entry risked, None without a stop."""
    if results.first_entry is None or results.initial_stop is None:
        return None
    risk = abs(results.first_entry - results.initial_stop)
    return sign * (close - average) / risk if risk else None
