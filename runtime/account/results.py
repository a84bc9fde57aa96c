"""What came of positions and entries so far: what the builtins remember when orders are long gone.

INVARIANT: changed by executions and funding only, so a list of events restores it. A venue tells funding later
or sooner than the fills around it: it belongs to the trade that was open at its time, whatever is open when it is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from compiler.catalog.builtins import EXIT_REASONS, MOST_TRADES
from runtime.account.booking import Booking
from runtime.formulas.sums import total, whole
from runtime.orders.events import FundingPaid, OrderFilled
from runtime.orders.order import Order
from runtime.orders.order_spec import TOO_FAR, OrderType, Role

# Trades, and funding times, that what is told in another order than it happened may concern.
_TOLD_LATE = 8


@dataclass(slots=True)
class Counters:
    """What the builtins remember of entries and exits; bars are exec bar numbers."""

    entry_bar: int | None = None
    exit_bar: int | None = None
    entries: int = 0  # orders that entered since flat
    exits: int = 0  # orders that reduced since the entry
    fundings: int = 0  # funding times settled since the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A trade that is over: from when to when (ms UTC), what it risked, and what came in a row before it."""

    began: int
    at: int
    risk: float | None
    wins: int
    losses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Prices of the newest fills, the last trade from flat to flat, and how many of a kind came in a row.

    `lost` counts trades with a loss from the start, `last_pnls` are what the newest `MOST_TRADES` of all came to, oldest
    first. `net` is what the open trade has come to: profit realized less its fees and funding (quote).
    Of the open position: `first_entry` and `initial_stop`, prices as its first fill left them; `risk`, what
    its first order would have lost at that stop (quote); `at_open`, whether that was a market order, which
    fills at a bar's open. Of orders placed up to the close of bar `rearms_ended` no entry comes again. `last_r` is the last trade's result in units of its risk.
    `began` is when the open trade did, `ended` are the newest that are over, `fundings` what a venue has told of the
    open trade, or the next one (ms UTC, paid), oldest first.
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
    began: int = 0
    ended: tuple[Ended, ...] = ()
    fundings: tuple[tuple[int, float], ...] = ()

    def entered(self, event: OrderFilled, exit_bar: int | None) -> Counters:
        """Return the counters of a position that an execution opens; funding of later may have been told already."""
        told = whole(ts >= event.ts for ts, _ in self.fundings)
        return Counters(event.bar, exit_bar, fundings=told)


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
        found = _ended(found, event.ts)
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
                began=event.ts,
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


def after_funding(before: Results, event: FundingPaid) -> tuple[Results, bool]:
    """Return the results after funding (negative: received), and whether its trade is over.

    A simulator, which gives its funding no id, tells everything in the order in which it happens.
    """
    if event.execution_id:
        for back, trade in zip(range(len(before.ended), 0, -1), before.ended, strict=True):
            if trade.began <= event.ts <= trade.at:
                return _corrected(before, back, event.amount), True
        told = (*before.fundings[1 - _TOLD_LATE :], (event.ts, event.amount))
        before = replace(before, fundings=told)
    return replace(before, net=before.net - event.amount), False


def _corrected(before: Results, back: int, paid: float) -> Results:
    """Return the results with less for the trade `back` trades ago (1: the last), and all that follows of it."""
    newest = before.last_pnls[-back:]
    changed = (newest[0] - paid, *newest[1:])
    first = before.ended[-back]
    wins, losses, ended = first.wins, first.losses, list(before.ended[:-back])
    for trade, net in zip(before.ended[-back:], changed, strict=True):
        ended.append(replace(trade, wins=wins, losses=losses))
        wins, losses = _in_a_row(wins, losses, net)
    risk = before.ended[-1].risk
    return replace(
        before,
        last_pnl=changed[-1],
        last_pnls=(*before.last_pnls[:-back], *changed),
        last_r=changed[-1] / risk if risk else None,
        wins=wins,
        losses=losses,
        lost=before.lost + (changed[0] < 0) - (newest[0] < 0),
        ended=tuple(ended),
    )


def _in_a_row(wins: int, losses: int, net: float) -> tuple[int, int]:
    """Return both rows after one more trade; one of exactly nothing ends both."""
    return (wins + 1 if net > 0 else 0), (losses + 1 if net < 0 else 0)


def _ended(before: Results, at: int) -> Results:
    """Close the trade at a time (ms UTC); funding of later that was told already is not its own."""
    later = tuple(one for one in before.fundings if one[0] > at)
    over = total(paid for _, paid in later)
    net = before.net + over
    wins, losses = _in_a_row(before.wins, before.losses, net)
    trade = Ended(
        began=before.began, at=at, risk=before.risk, wins=before.wins, losses=before.losses
    )
    return replace(
        before,
        last_pnl=net,
        last_pnls=(*before.last_pnls[1 - MOST_TRADES :], net),
        last_r=net / before.risk if before.risk else None,
        wins=wins,
        losses=losses,
        lost=before.lost + (net < 0),
        ended=(*before.ended[1 - _TOLD_LATE :], trade),
        fundings=later,
        net=0.0 - over,
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
