"""One order: what was asked for and what became of it. It changes only by applying events."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter

from runtime.orders.commands import AmendOrder, CancelOrder
from runtime.orders.events import (
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderRenewed,
    OrderTriggered,
    RequestEnded,
    RequestRefused,
    RequestSent,
    RequestUncertain,
)
from runtime.orders.lifecycle import TERMINAL, OrderStatus, fire
from runtime.orders.order_spec import (
    OWN,
    Level,
    OrderSpec,
    OrderType,
    Role,
    Side,
    reference_price,
)

OrderEvent = (
    OrderAccepted
    | OrderTriggered
    | OrderFilled
    | OrderAmended
    | OrderRenewed
    | OrderCancelled
    | OrderExpired
    | OrderRejected
    | RequestSent
    | RequestEnded
    | RequestRefused
    | RequestUncertain
)

Asked = AmendOrder | CancelOrder
_NONE: frozenset[str] = frozenset()
SILENT_MS = 1_000  # after which what was not carried out has failed; before, it never left
_STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT})


@dataclass(slots=True, eq=False)
class Order:
    """A request (`spec`) and its life. Quantities in whole lots, prices on the tick grid.

    `state` is the field the life-cycle machine writes. `in_flight` holds the requests without a
    verdict, at most one of a kind (submit, amend, cancel), with what was asked; `doubts` are those of
    which nobody knows what became; `refused` is the last change or cancel that was refused, or lost, as asked,
    `refusals` how often in a row, `unsent` are the kinds of request that never left.
    `most` is the total it may have since siblings of its group filled, None while that is all of it.
    `opens` are the lots an entry is to open in all, `opened` those it has, `netted` those of them that
    closed an opposite position instead; the rest of `quantity` is an opposite position that it carries.
    """

    spec: OrderSpec
    number: int = 0  # its place among all orders of the ledger
    state: str = OrderStatus.PENDING.value
    quantity: int = 0
    opens: int = 0
    opened: int = 0
    netted: int = 0
    limit_price: float | None = None
    trigger_price: float | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None
    filled: int = 0
    fill_value: float = 0.0  # sum of lots * price
    fills: list[OrderFilled] = field(default_factory=list)  # as they arrived, each once
    executions: set[str] = field(default_factory=set)
    counted_in: int = 0  # number of the position that it changed last
    layers: int = 0  # that its fills have opened: one, unless what it filled was closed meanwhile
    first_fill_bar: int | None = None
    last_fill_bar: int | None = None
    exchange_order_id: str | None = None
    is_accepted: bool = False
    triggered_at: int | None = None
    bars_pending: int = 0
    expires_bar: int | None = None  # the last bar it may fill on
    in_flight: dict[str, Asked | None] = field(default_factory=lambda: {"submit": None})
    doubts: frozenset[str] = frozenset()
    refused: Asked | None = None
    refusals: int = 0
    uncut: int = 0  # refusals in a row of what would only have made it smaller
    refused_at: int = 0  # ms UTC
    asked_at: int = 0  # when its newest change or cancel was asked for, ms UTC
    wanted_at: int = 0  # since when, where those of its kind before it were not carried out
    unsent: frozenset[str] = frozenset()
    most: int | None = None
    totals: tuple[tuple[int, int], ...] = ()  # the newest that were asked for, with their `opens`
    leaving: CancelOrder | None = None  # decided, and it stays decided until the order has ended
    dismissed: str = ""  # why an event sends it away, also where its cancel is on the way already
    cancel_bar: int | None = None  # bar whose close, or in which something, asked for the cancel
    is_overfilled: bool = False
    is_last: bool = False  # the entry that it leaves does not come again
    reason: str = ""
    end_bar: int | None = None
    end_ts: int | None = None

    def __post_init__(self) -> None:
        spec = self.spec
        self.quantity = spec.quantity
        self.opens = spec.quantity - spec.carries
        self.expires_bar = None if spec.ttl_bars is None else spec.created_bar + spec.ttl_bars
        self.limit_price = self.spec.limit_price
        self.trigger_price = self.spec.trigger_price
        self.stop_loss, self.take_profit = self.spec.stop_loss, self.spec.take_profit

    # ------------------------------------------------------------ reading

    @property
    def order_id(self) -> str:
        return self.spec.order_id

    @property
    def side(self) -> Side:
        return self.spec.side

    @property
    def status(self) -> OrderStatus:
        return OrderStatus(self.state)

    @property
    def is_terminal(self) -> bool:
        return self.state in TERMINAL

    @property
    def remaining(self) -> int:
        return max(0, self.quantity - self.filled)

    @property
    def avg_fill_price(self) -> float | None:
        """Return the quantity-weighted price of the executions, None before the first."""
        return self.fill_value / self.filled if self.filled else None

    @property
    def is_own(self) -> bool:
        """Return whether the card asked for it (protective orders are not pending orders)."""
        return self.spec.role in OWN

    @property
    def is_target(self) -> bool:
        """Return whether it takes profit: it is met like a limit, from the winning side."""
        return self.spec.role is Role.TAKE_PROFIT

    @property
    def is_armed_stop(self) -> bool:
        """Return whether it is a stop that has not been triggered yet."""
        return self.triggered_at is None and self.spec.order_type in _STOPS

    @property
    def request(self) -> str:
        """Return the request in flight that matters most: a cancel, an amend, a submit, none."""
        kinds = ("cancel", "amend", "submit")
        return next((kind for kind in kinds if kind in self.in_flight), "none")

    @property
    def uncertain(self) -> bool:
        """Return whether a request went out and nobody knows what became of it."""
        return bool(self.doubts)

    @property
    def is_going(self) -> bool:
        """Return whether its cancel is on the way."""
        return "cancel" in self.in_flight

    @property
    def amending(self) -> AmendOrder | None:
        """Return what an amend in flight asks for."""
        asked = self.in_flight.get("amend")
        return asked if isinstance(asked, AmendOrder) else None

    @property
    def stands(self) -> int:
        """Return the lots that it has at the venue whatever becomes of what was asked of it and not answered.

        A change that is lost leaves it where and as large as it was; a cancel may have taken it.
        """
        if not self.is_accepted or self.is_going:
            return 0
        asked = self.amending
        if asked is None or asked.quantity is None:
            return self.remaining
        return min(self.remaining, max(0, asked.quantity - self.filled))

    @property
    def is_uncut(self) -> bool:
        """Return whether what was refused last would only have made it smaller: it covers what it should."""
        return isinstance(self.refused, AmendOrder) and self.refused.only_cuts(self.quantity)

    @property
    def to_open(self) -> int:
        """Return the lots an entry is still to open, without those that close an opposite position."""
        return max(0, min(self.remaining, self.opens - self.done))

    @property
    def done(self) -> int:
        """Return the lots of an entry's own total that are filled: what it only carries is not of it."""
        return self.opened + self.netted

    def total_with(self, carries: int) -> int:
        """Return the total of an entry that still opens what it is to open and closes so many lots besides."""
        return self.filled + max(0, self.opens - self.done) + carries

    def reference_price(self, close: float) -> float:
        """Return the price the order is sized and valued at; an order at market is valued at the close."""
        return reference_price(self.limit_price, self.trigger_price, close)

    # ------------------------------------------------------------ changing

    def apply(self, event: OrderEvent) -> bool:
        """Change by one event; returns False for an execution that was already counted.

        IllegalTransition for what the life cycle does not allow.
        """
        match event:
            case OrderFilled():
                return self._fill(event)
            case OrderAccepted():
                fire(self, "accept")
                self.is_accepted = True
                self.exchange_order_id = event.exchange_order_id
                self.refused = None  # it may have been refused because the order was not there yet
                self._settle("submit")
            case OrderTriggered():
                fire(self, "activate")
                self.triggered_at = event.ts
            case OrderAmended():
                self._amend(event)
            case OrderRenewed():
                self.expires_bar = event.expires_bar
                self.is_last = self.is_last or event.ends_rearm
                if event.restarts_age:
                    self.bars_pending = 0
            case OrderCancelled():
                fire(self, "cancel")
                self._end(event.reason, event.bar, event.ts)
            case OrderExpired():
                fire(self, "expire")
                self._end(event.reason, event.bar, event.ts)
            case OrderRejected():
                fire(self, "reject")
                self._end(event.code, event.bar, event.ts)
            case RequestSent(asked=asked):
                if not self.is_terminal:
                    self._ask(asked, event)
            case RequestEnded():
                if event.outcome == "not_sent" and event.request in self.in_flight:
                    self.unsent |= {event.request}
                    if event.ts - self.wanted_at >= SILENT_MS:  # it left, or is tried in vain
                        self._refuse(event)
                self._settle(event.request)
            case RequestRefused():
                self._refuse(event)
                self._settle(event.request)
            case RequestUncertain():
                self.in_flight.setdefault(event.request, None)
                self.doubts |= {event.request}
        return True

    def leave(self, reason: str) -> None:
        """Decide that the order is to be cancelled; what was decided first stays the reason."""
        self.dismissed = self.dismissed or reason
        if self.leaving is None:
            self.leaving = CancelOrder(order_id=self.order_id, reason=reason)

    def give_way(self, lots: int) -> None:
        """Shrink by what a sibling of its group has filled; a total the card asks for meanwhile stands."""
        if self.most is None:
            if self.amending is not None and self.amending.quantity is not None:
                return
            self.most = self.quantity
        self.most -= lots
        if self.most <= self.filled:
            self.leave("oco")

    def _ask(self, asked: Asked, event: RequestSent) -> None:
        self.wanted_at = self.wanted_at if event.request in self.unsent else event.ts
        self.in_flight[event.request], self.asked_at = asked, event.ts
        self.unsent -= {event.request}
        if isinstance(asked, CancelOrder):
            self.leaving, self.cancel_bar = asked, event.bar
        elif asked.quantity is not None:
            self.totals = (*self.totals[-9:], (asked.quantity, asked.opens or asked.quantity))
            self.most = self.most if asked.quantity == self.most else None  # a total of its own

    def _refuse(self, event: RequestRefused | RequestEnded) -> None:
        what, before = self.in_flight.get(event.request), self.refused
        self.refused, self.refused_at = what, event.ts
        self.refusals = self.refusals + 1 if what == before else 1
        self.uncut += self.is_uncut

    def _settle(self, request: str) -> None:
        self.in_flight.pop(request, None)
        if self.doubts:
            self.doubts -= {request}

    def _end(self, reason: str, bar: int, ts: int) -> None:
        self.in_flight, self.doubts, self.unsent = {}, _NONE, _NONE
        self.reason, self.end_bar, self.end_ts = reason, bar, ts

    def _fill(self, event: OrderFilled) -> bool:
        if event.execution_id in self.executions:
            return False
        after = self.filled + event.quantity
        # INVARIANT: filled == sum of distinct executions; more than asked is booked and flagged.
        is_filled = self.state == OrderStatus.FILLED
        if self.is_terminal and not is_filled:
            fire(self, "fill_late")
        elif is_filled:
            self.is_overfilled = True
        else:
            fire(self, "fill_all" if after >= self.quantity else "fill_part")
        self.is_overfilled = self.is_overfilled or after > self.quantity
        self.refused = None
        self._settle("submit")  # an execution proves that the order arrived
        self.executions.add(event.execution_id)
        self.fills.append(event)
        self.filled = after
        self.fill_value += event.quantity * event.price
        self.first_fill_bar = event.bar if self.first_fill_bar is None else self.first_fill_bar
        self.last_fill_bar = event.bar
        if self.state == OrderStatus.FILLED and self.end_bar is None:
            self._end(event.reason or self.spec.reason, event.bar, event.ts)
        return True

    def _amend(self, event: OrderAmended) -> None:
        fire(self, "amend")
        if event.quantity is not None:
            self.opens = self._opens_now(event.quantity, event.opens)
            self.quantity = max(event.quantity, self.filled)
            if self.most is not None and self.quantity <= self.most:
                self.most = None
        if event.limit_price is not None:
            self.limit_price = event.limit_price
        if event.trigger_price is not None:
            self.trigger_price = event.trigger_price
        if event.stop_loss is not None:
            self.stop_loss = event.stop_loss
        if event.take_profit is not None:
            self.take_profit = event.take_profit
        self.refused, self.uncut = None, self.uncut if self.leaving else 0
        if not event.before_leaving:
            self._settle("submit")
        if self._is_as_asked():
            self._settle("amend")
        if self.filled and not self.remaining:
            # VENUE: a reduction of the total that raced its last execution leaves nothing to fill.
            fire(self, "fill_all")
            self._end(self.spec.reason, event.bar, event.ts)

    def _opens_now(self, total: int, told: int | None) -> int:
        """Return what of a new total is to open: as told, or as was asked for, late or not, else what is not carried."""
        as_asked = dict(self.totals).get(total, max(0, total - self.quantity + self.opens))
        return as_asked if told is None else told

    def _is_as_asked(self) -> bool:
        """Return whether an amend in flight, if there is one, has come true: another may overtake it."""
        asked = self.amending
        return asked is None or (
            asked.quantity in (None, self.quantity)
            and asked.limit_price in (None, self.limit_price)
            and asked.trigger_price in (None, self.trigger_price)
            and asked.stop_loss in (None, self.stop_loss)
            and asked.take_profit in (None, self.take_profit)
        )

    def clone(self) -> Order:
        """Return an independent copy (for trying the other path of a bar)."""
        twin = object.__new__(Order)
        for name, value in zip(Order.__slots__, _FIELDS(self), strict=True):
            setattr(twin, name, value)
        twin.executions, twin.fills = set(self.executions), list(self.fills)
        twin.in_flight = dict(self.in_flight)
        return twin

    def snapshot(self) -> tuple[object, ...]:
        """Return everything that makes two orders equal, for replay tests."""
        return tuple(
            tuple(sorted(value) if name == "executions" else value)
            if name in ("executions", "fills")
            else value
            for name in Order.__slots__
            for value in (getattr(self, name),)
        )


_FIELDS = attrgetter(*Order.__slots__)  # COST: an order is copied for every way of a contested bar
