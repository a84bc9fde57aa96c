"""One order: what was asked for and what became of it. It changes only by applying events."""

from __future__ import annotations

from dataclasses import dataclass, field

from runtime.orders.events import (
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    RequestRefused,
    RequestUncertain,
)
from runtime.orders.lifecycle import TERMINAL, OrderStatus, fire
from runtime.orders.order_spec import Level, OrderSpec, OrderType, Role, Side

OrderEvent = (
    OrderAccepted
    | OrderTriggered
    | OrderFilled
    | OrderAmended
    | OrderCancelled
    | OrderExpired
    | OrderRejected
    | RequestRefused
    | RequestUncertain
)


@dataclass(slots=True, eq=False)
class Order:
    """A request (`spec`) and its life. Quantities in whole lots, prices on the tick grid.

    `state` is the field the life-cycle machine writes. `request` is what is in flight (none, submit,
    amend, cancel); `uncertain` says that a request went out and nobody knows what became of it.
    """

    spec: OrderSpec
    state: str = OrderStatus.PENDING.value
    quantity: int = 0
    limit_price: float | None = None
    trigger_price: float | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None
    filled: int = 0
    fill_value: float = 0.0  # sum of lots * price
    fills: list[OrderFilled] = field(default_factory=list)  # as they arrived, each once
    executions: set[str] = field(default_factory=set)
    first_fill_bar: int | None = None
    last_fill_bar: int | None = None
    exchange_order_id: str | None = None
    is_accepted: bool = False
    triggered_at: int | None = None
    bars_pending: int = 0
    request: str = "submit"
    uncertain: bool = False
    is_overfilled: bool = False
    reason: str = ""
    end_bar: int | None = None
    end_ts: int | None = None

    def __post_init__(self) -> None:
        self.quantity = self.spec.quantity
        self.limit_price = self.spec.limit_price
        self.trigger_price = self.spec.trigger_price
        self.stop_loss = self.spec.stop_loss
        self.take_profit = self.spec.take_profit

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
        return self.status in TERMINAL

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
        return self.spec.role in (Role.ENTRY, Role.EXIT)

    @property
    def is_target(self) -> bool:
        """Return whether it takes profit: it is met like a limit, from the winning side."""
        return self.spec.role is Role.TAKE_PROFIT

    @property
    def is_armed_stop(self) -> bool:
        """Return whether it is a stop that has not been triggered yet."""
        stops = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
        return self.spec.order_type in stops and self.triggered_at is None

    @property
    def expires_bar(self) -> int | None:
        ttl = self.spec.ttl_bars
        return None if ttl is None else self.spec.created_bar + ttl

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
                self._settled()
            case OrderTriggered():
                fire(self, "activate")
                self.triggered_at = event.ts
            case OrderAmended():
                self._amend(event)
            case OrderCancelled():
                fire(self, "cancel")
                self._end(event.reason, event.bar, event.ts)
            case OrderExpired():
                fire(self, "expire")
                self._end(event.reason, event.bar, event.ts)
            case OrderRejected():
                fire(self, "reject")
                self._end(event.code, event.bar, event.ts)
            case RequestRefused():
                self._settled()
            case RequestUncertain():
                self.request, self.uncertain = event.request, True
        return True

    def _settled(self) -> None:
        self.request = "none"
        self.uncertain = False

    def _end(self, reason: str, bar: int, ts: int) -> None:
        self._settled()
        self.reason, self.end_bar, self.end_ts = reason, bar, ts

    def _fill(self, event: OrderFilled) -> bool:
        if event.execution_id in self.executions:
            return False
        after = self.filled + event.quantity
        # INVARIANT: filled == sum of distinct executions; more than asked is booked and flagged.
        if self.is_terminal and self.status is not OrderStatus.FILLED:
            fire(self, "fill_late")
        elif self.status is OrderStatus.FILLED:
            self.is_overfilled = True
        else:
            fire(self, "fill_all" if after >= self.quantity else "fill_part")
        self.is_overfilled = self.is_overfilled or after > self.quantity
        if self.request == "submit":
            self._settled()  # an execution proves that the order arrived
        self.executions.add(event.execution_id)
        self.fills.append(event)
        self.filled = after
        self.fill_value += event.quantity * event.price
        self.first_fill_bar = event.bar if self.first_fill_bar is None else self.first_fill_bar
        self.last_fill_bar = event.bar
        if self.status is OrderStatus.FILLED and self.end_bar is None:
            self._end(event.reason or self.spec.reason, event.bar, event.ts)
        return True

    def _amend(self, event: OrderAmended) -> None:
        fire(self, "amend")
        if event.quantity is not None:
            self.quantity = max(event.quantity, self.filled)
        if event.limit_price is not None:
            self.limit_price = event.limit_price
        if event.trigger_price is not None:
            self.trigger_price = event.trigger_price
        if event.stop_loss is not None:
            self.stop_loss = event.stop_loss
        if event.take_profit is not None:
            self.take_profit = event.take_profit
        self._settled()
        if self.filled and not self.remaining:
            # VENUE: a reduction of the total that raced its last execution leaves nothing to fill.
            fire(self, "fill_all")
            self._end(self.spec.reason, event.bar, event.ts)

    def clone(self) -> Order:
        """Return an independent copy (for trying the other path of a bar)."""
        twin = object.__new__(Order)
        for name in Order.__slots__:
            object.__setattr__(twin, name, getattr(self, name))
        twin.executions, twin.fills = set(self.executions), list(self.fills)
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
