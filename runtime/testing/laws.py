"""Laws that hold on every bar of every run, whatever the card: money, positions, orders.

The law of the laws: each is computed from the events alone, not by the code it judges.
"""

from __future__ import annotations

from collections.abc import Iterator

from runtime.account.ledger import Ledger
from runtime.formulas.sums import whole
from runtime.market.instrument_facts import Instrument
from runtime.orders.events import Event, FundingPaid, OrderFilled
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Role
from runtime.testing.tape import LAWS

BUILT_IN: dict[str, str] = {
    "runs_without_error": "no card and no market makes the engine raise",
    "money_adds_up": "equity = start + realized + unrealized - fees - funding",
    "position_is_its_fills": "the position is the signed sum of the fills, and of its layers",
    "fills_within_orders": "no order fills more than it asked for",
    "exits_within_position": "no exit is larger than the position, nor turns it around",
    "never_naked": "what was entered with a stop has a working stop for as long as it is held",
    "orders_end": "no order outlives its time, and none the data",
    "within_max_position": "what was entered stays within max_position_usdt at the decided prices",
    **LAWS,
}
_SLACK = 1 + 1e-9


class Books:
    """A second bookkeeping, from fills and funding alone: cash, signed lots, value at entry.

    `cash` is in quote; `lots` positive for a long. `entered` is what the open position cost at the
    better of decided and filled prices.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._instrument: Instrument = ledger.instrument
        self.cash = ledger.account.starting_equity
        self.lots = 0
        self.turned: str | None = None
        self._cheapest: dict[str, tuple[int, float]] = {}  # order -> lots and their value
        self._most_equity = ledger.account.starting_equity

    def seen(self, event: Event) -> None:
        """Book one event, after the ledger did."""
        if isinstance(event, FundingPaid):
            self.cash -= event.amount
        if not isinstance(event, OrderFilled):
            return
        order = self._ledger.orders[event.order_id]
        before, sign = self.lots, order.side.sign
        self.lots += sign * event.quantity
        self.cash -= event.fee + sign * self._instrument.base(event.quantity) * event.price
        if order.spec.effect is Effect.REDUCE:
            if before * sign >= 0 or self.lots * before < 0:
                self.turned = f"{event.order_id} took {event.quantity} lots of {abs(before)}"
            return
        price = min(event.price, _decided(order, event.price))
        lots, value = self._cheapest.get(event.order_id, (0, 0.0))
        added = self._instrument.notional(event.quantity, price)
        self._cheapest[event.order_id] = (lots + event.quantity, value + added)

    def most_allowed(self) -> float:
        """Return the bound of the position in USDT: the card's, or leverage times the best equity."""
        ledger = self._ledger
        self._most_equity = max(self._most_equity, ledger.equity)
        limit = ledger.settings.account.max_position_usdt
        return self._most_equity * ledger.leverage if limit is None else limit

    def entered(self) -> float:
        position = self._ledger.position
        total = 0.0
        for layer in position.layers if position is not None else ():
            lots, value = self._cheapest.get(layer.order_id, (0, 0.0))
            total += value * layer.quantity / lots if lots else 0.0
        return total


def broken_laws(ledger: Ledger, books: Books) -> Iterator[tuple[str, str]]:
    """Yield (law, what is wrong) at a close, before anything is decided on it."""
    yield from _money(ledger, books)
    yield from _position(ledger, books)
    yield from _orders(ledger)
    most, entered = books.most_allowed(), books.entered()
    if entered > most * _SLACK:
        yield "within_max_position", f"entered for {entered:.2f} USDT of {most:.2f}"


def _money(ledger: Ledger, books: Books) -> Iterator[tuple[str, str]]:
    # Lots of a flat account times an unknown close would be unknown, not zero.
    held = ledger.instrument.base(abs(books.lots)) * ledger.close if books.lots else 0.0
    expected = books.cash + (held if books.lots > 0 else -held)
    if not abs(ledger.equity - expected) <= 1e-6 + 1e-9 * abs(expected):
        yield "money_adds_up", f"equity is {ledger.equity:.8f}, the fills say {expected:.8f}"


def _position(ledger: Ledger, books: Books) -> Iterator[tuple[str, str]]:
    position = ledger.position
    held = 0 if position is None else position.quantity
    signed = 0 if position is None else position.side.sign * position.quantity
    layers = 0 if position is None else whole(layer.quantity for layer in position.layers)
    if signed != books.lots or layers != held:
        yield (
            "position_is_its_fills",
            f"position {signed} lots, fills {books.lots}, layers {layers}",
        )
    if books.turned is not None:
        yield "exits_within_position", books.turned
    yield from _stops(ledger)
    for role in (Role.STOP_LOSS, Role.TAKE_PROFIT):
        covered = whole(order.remaining for order in ledger.book if order.spec.role is role)
        if covered > held:
            yield "exits_within_position", f"{role.value} orders of {covered} lots on {held}"


def _stops(ledger: Ledger) -> Iterator[tuple[str, str]]:
    position = ledger.position
    wanted = whole(
        layer.quantity
        for layer in (position.layers if position is not None else ())
        if ledger.orders[layer.order_id].spec.stop_loss is not None
    )
    stops = whole(order.remaining for order in ledger.book if order.spec.role is Role.STOP_LOSS)
    if stops < wanted:
        yield "never_naked", f"stops of {stops} lots under {wanted} that were entered with one"


def _orders(ledger: Ledger) -> Iterator[tuple[str, str]]:
    for order in ledger.orders.values():
        if not 0 <= order.filled <= order.quantity:
            yield (
                "fills_within_orders",
                f"{order.order_id} filled {order.filled} of {order.quantity}",
            )
        if order.is_terminal == (order.order_id in ledger.book):
            yield "orders_end", f"{order.order_id} is {order.status.value} and not where it belongs"
    for order in ledger.book:
        last = order.expires_bar
        if last is not None and last <= ledger.bar:
            yield "orders_end", f"{order.order_id} works on bar {ledger.bar}, its last was {last}"
        at_once = order.spec.time_in_force.is_immediate
        if at_once and order.spec.created_bar < ledger.bar and not order.is_armed_stop:
            yield "orders_end", f"{order.order_id} rests although it is {order.spec.time_in_force}"


def _decided(order: Order, otherwise: float) -> float:
    decided = order.spec.decision_price
    return order.reference_price(otherwise if decided is None else decided)
