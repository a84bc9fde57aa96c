"""What an exit that came to nothing leaves: which lots are owed, since which attempt, and what they wait for.

The law: owed is what an exit of the card, or a person's `reduce`, was to close and has not, of the position that it was
to close and of no other; a close of everything is asked for by who closes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from runtime.account.layers import ScaledPosition
from runtime.account.ledger import Ledger
from runtime.account.repeats import is_partly_over
from runtime.account.turning import lots_to_close, turns
from runtime.backends.bybit.given_up import REDUCE, VANISHED
from runtime.live.same_exit import resting_ref
from runtime.orders.commands import AmendOrder, Command, SubmitOrder
from runtime.orders.events import EXPIRIES, Event, OrderCancelled, OrderExpired, OrderRejected
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Effect, OrderSpec, OrderType, Role

OVER_LARGEST = "over_largest"  # it leaves in pieces
IN_DOUBT = "in_doubt"  # an older exit may still do what it is to do
DETOURS = frozenset({OVER_LARGEST, IN_DOUBT})  # why an exit does not leave as it is; no failures
PROTECTED = "protected"  # a stop or target has closed lots of it: it is cancelled, and what is left is asked for
# Why a venue ends an order that nobody asked it to end, or has it no more; a word of its own that is new is one, too.
BY_VENUE = frozenset({"venue", "self_match", "disconnect", "liquidation", VANISHED})
_NEW_WORDS = ("Cancel", "EC_")
_BY_A_PERSON = "EC_PerCancelRequest"
_SHORT = EXPIRIES - {"ttl"}  # nobody was in the book for what is left of an order at market
CROSSES = "post_only_would_cross"  # the market's word on an order that is there, and the card's own condition


def too_large(command: Command, ledger: Ledger) -> bool:
    """Return whether a command is an exit of the card that the venue takes only in pieces."""
    if not isinstance(command, SubmitOrder):
        return False
    spec = command.spec
    is_of_card = spec.role is Role.EXIT and spec.order_type is OrderType.MARKET
    return is_of_card and spec.quantity > ledger.instrument.max_market_lots


def is_exit(spec: OrderSpec) -> bool:
    """Return whether an order is an exit of the card, or what a person's `reduce` closes.

    A close of everything is asked for until nothing is held, by who closes.
    """
    return spec.role is Role.EXIT or (spec.role is Role.CLOSE_AT_END and spec.reason == REDUCE)


def position_number(ledger: Ledger) -> int:
    """Return the number of the position that is held, 0 where none is."""
    return 0 if ledger.position is None else ledger.position.number


def closes_everything(spec: OrderSpec) -> bool:
    """Return whether an order closes the whole position: for a person's word, or because it is not safe."""
    return spec.role is Role.CLOSE_AT_END and spec.reason != REDUCE


def came_to_nothing(event: Event, ledger: Ledger) -> Order | None:
    """Return the exit that an applied event ends although nobody asked for its end, None for all else.

    A resting one counts only where it was refused, or where the venue has ended it: a person who did knows.
    """
    if not isinstance(event, OrderRejected | OrderCancelled | OrderExpired):
        return None
    order, position = ledger.orders[event.order_id], ledger.position
    if not is_exit(order.spec) or order.leaving is not None or order.dismissed:
        return None
    if position is None or order.side is position.side or not order.remaining:
        return None
    is_at_market = order.spec.order_type is OrderType.MARKET
    is_refused = isinstance(event, OrderRejected)
    return order if is_at_market or is_refused or ended_by_venue(order) else None


def ended_by_venue(order: Order) -> bool:
    """Return whether the venue has ended an order for reasons of its own, such as administrators or self-match."""
    is_asked = _is_taken_back(order) or order.reason == _BY_A_PERSON
    if is_asked or order.status is OrderStatus.REJECTED:
        return False
    return order.reason in BY_VENUE or order.reason.startswith(_NEW_WORDS)


def fell_short(order: Order) -> bool:
    """Return whether an order that has ended was given less than its size, although nobody took it back.

    What the card itself lets take at once or go (`time_in_force`) has done so, as in a back-test.
    """
    is_of_card = order.spec.time_in_force.is_immediate
    return order.reason in _SHORT and not _is_taken_back(order) and not is_of_card


def _is_taken_back(order: Order) -> bool:
    """Return whether this session was to end an order."""
    return order.leaving is not None or bool(order.dismissed)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One order of what the card's own order `first` is to close.

    `owed_by` names the part of it, `failed` counts the attempts before that failed in a row, `tries` all of them, so
    that no two have one name; `position` is the number of the one that was held when the card asked: no other is closed
    by it. It waits until the orders `after` have ended. `closed` of its lots protection has closed meanwhile.
    """

    first: str
    owed_by: str
    position: int
    failed: int = 0
    tries: int = 0
    after: tuple[str, ...] = ()
    closed: int = 0


def still(order: Order, tried: Attempt | None) -> int:
    """Return the lots that an exit is to close yet, without those that protection has closed meanwhile."""
    return max(0, order.remaining - (0 if tried is None else tried.closed))


def comes_again(order: Order) -> bool:
    """Return whether an exit is cancelled only to be asked for again, for what protection leaves of it."""
    return order.leaving is not None and order.leaving.reason == PROTECTED


@dataclass(frozen=True, slots=True)
class Owed:
    """What an exit left open: lots, the attempt that ended last, and when it did (ms UTC).

    Of the attempt, `failed` counts that one, too.
    """

    spec: OrderSpec
    lots: int
    last: Attempt
    since: int

    def is_to_rest(self, ledger: Ledger) -> bool:
        """Return whether it comes again at a limit, for the position that is held."""
        is_of_held = self.last.position == position_number(ledger)
        rests = self.spec.order_type is not OrderType.MARKET
        return rests and is_of_held and not is_past(self.spec, ledger)


Wanted = Callable[[Order], AmendOrder]


def left_of(order: Order, wanted: AmendOrder, last: Attempt, since: int) -> Owed:
    """Return what an exit that has ended leaves, as it was moved last, or was to be: a change may end with its order."""
    price = order.limit_price if wanted.limit_price is None else wanted.limit_price
    total = order.quantity if wanted.quantity is None else wanted.quantity
    return Owed(
        replace(order.spec, limit_price=price), total - order.filled - last.closed, last, since
    )


def waits(one: Owed, ledger: Ledger, ts: int, patience_ms: int) -> bool:
    """Return whether what is owed waits for another exit, never for an entry: one that works under its ref, or one in doubt.

    One that the card still wants is sent again under its own name until it is found or given up: nothing else would
    arrive sooner. For the end of one that is being cancelled nobody waits longer than it is sought (`patience_ms`).
    """
    ref = resting_ref(one.spec)
    named = None if ref is None else ledger.book.by_ref(ref)
    if named is not None and named.spec.effect is Effect.REDUCE:
        return True
    is_patient = ts - one.spec.created_at < patience_ms
    older = (ledger.orders[order_id] for order_id in one.last.after)
    return any(is_patient or order.leaving is None for order in older)


def may_do(order: Order, ledger: Ledger) -> bool:
    """Return whether asking for an exit once more may help: a limit may be too large, or cross by its own condition."""
    if order.spec.order_type is OrderType.MARKET:
        return True
    return order.reason != CROSSES and order.remaining <= ledger.instrument.max_lots


def bars_left(spec: OrderSpec, ledger: Ledger) -> int | None:
    """Return the bars that an exit has left to live, None without an end."""
    return None if spec.ttl_bars is None else spec.ttl_bars - (ledger.bar - spec.created_bar)


def is_past(spec: OrderSpec, ledger: Ledger) -> bool:
    """Return whether the time that an exit has to live is up, or what it left was to go with a close that is over."""
    left = bars_left(spec, ledger)
    is_up = left is not None and left <= 0
    return is_up or is_partly_over(spec, ledger.orders, ledger.bar)


def still_closes(order: Order, ledger: Ledger) -> int:
    """Return the lots of what is held that an order at market may still close; protection is not counted."""
    if ledger.position is None:
        return 0
    if turns(order.spec):
        return lots_to_close(order, ledger)
    return order.remaining if is_way_out(order.spec, ledger.position) else 0


def is_way_out(spec: OrderSpec, position: ScaledPosition) -> bool:
    """Return whether an order is an exit of a position at market, and no protection of it."""
    closes = spec.effect is Effect.REDUCE and spec.side is not position.side
    return closes and spec.order_type is OrderType.MARKET and spec.role not in PROTECTIVE


def older_at_market(spec: OrderSpec, ledger: Ledger) -> list[Order]:
    """Return the exits of the card at market that older closes than an exit's asked for and that have not ended."""
    return [
        order
        for order in ledger.book
        if order.spec.role is Role.EXIT
        and order.spec.order_type is OrderType.MARKET
        and order.spec.created_bar < spec.created_bar
    ]
