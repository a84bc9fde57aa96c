"""An engine above a wire: a test says what the venue tells, and reads what is asked of it.

What a close decides is not of interest here: the card does nothing, orders are placed by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runtime.account.ledger import Ledger
from runtime.consequences import upkeep
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SubmitOrder
from runtime.orders.events import (
    BarClosed,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
    ProtectionChanged,
    RequestEnded,
    RequestRefused,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    Effect,
    Level,
    LevelKind,
    OrderSpec,
    OrderType,
    Role,
    Side,
)
from tests.strategies.runs import MINUTE, SMALL, Run, at_bar, card_text
from tests.strategies.words import worded

_IDLE = at_bar(1_000_000, "exit_all")


def level(price: float) -> Level:
    return Level(LevelKind.LEVEL, price)


class Wire:
    """`told` are all events in order, `asked` the demands that nobody has read yet."""

    def __init__(self, **settings: str) -> None:
        run = Run(card_text(_IDLE, **settings), [])
        self.engine = run.engine
        self.ledger: Ledger = run.ledger
        self.settings = run.program.graph.settings
        self.told: list[Event] = []
        self.asked: list[Command] = []
        self.engine.listeners.append(self.told.append)
        self._fills = 0
        self._waited = 0  # ms that timers have taken

    @property
    def now(self) -> dict[str, Any]:
        bar = self.ledger.bar + 1
        return {"bar": bar, "ts": bar * MINUTE + self._waited}

    def tell(self, event: Event) -> list[Command]:
        """Tell an event; returns what it demands, which counts as given."""
        demanded = self.engine.react(event)
        self.asked += demanded
        return demanded

    def timer(self) -> list[Command]:
        """Let a timer, a second later, ask for what did not get through."""
        self._waited += 1_000
        return self._give(list(upkeep(self.ledger, **self.now, again=True)))

    def start(self) -> list[Command]:
        """Ask as after a start: nothing is asked that an event would not ask."""
        return self._give(list(upkeep(self.ledger, **self.now)))

    def _give(self, commands: Sequence[Command]) -> list[Command]:
        given = self.engine.give(commands, **self.now)
        self.asked += given
        return given

    # ------------------------------------------------------------ orders by hand

    def place(self, order_id: str, side: str, lots: int, **more: Any) -> Order:
        """Place an order of the card and have it accepted."""
        spec: dict[str, Any] = {
            "order_id": order_id, "symbol": SMALL.symbol, "side": Side(side),
            "effect": Effect.OPEN, "order_type": OrderType.LIMIT, "quantity": lots,
            "limit_price": 100.0, "created_bar": self.ledger.bar,
        }  # fmt: skip
        if more.get("effect") is Effect.REDUCE:
            spec |= {"role": Role.EXIT, "reduce_only": True}
        self.engine.apply(OrderSubmitted(spec=OrderSpec(**worded(spec | more)), **self.now))
        self.accept(order_id)
        return self.ledger.orders[order_id]

    def exit(self, order_id: str, lots: int, price: float = 105.0, **more: Any) -> Order:
        """Place a limit exit of a long position and have it accepted."""
        return self.place(order_id, "sell", lots, effect=Effect.REDUCE, limit_price=price, **more)

    def hold(self, lots: int, stop: float | None = None, **more: Any) -> Order:
        """Enter a long position, with a stop that has been accepted; what else it asks is in `asked`."""
        if stop is not None:
            more["stop_loss"] = level(stop)
        order = self.place("in", "buy", lots, **more)
        asked = self.fill("in", lots)
        for spec in specs(asked):
            self.accept(spec.order_id)
        self.asked = [command for command in asked if not isinstance(command, SubmitOrder)]
        return order

    # ------------------------------------------------------------ what the venue tells

    def accept(self, order_id: str) -> list[Command]:
        return self.tell(OrderAccepted(order_id=order_id, exchange_order_id="e", **self.now))

    def executed(self, order_id: str, lots: int, price: float = 100.0) -> OrderFilled:
        """Return an execution that was not told before."""
        self._fills += 1
        return OrderFilled(
            order_id=order_id, execution_id=f"x{self._fills}", quantity=lots, price=price,
            fee=0.0, is_maker=True, **self.now,
        )  # fmt: skip

    def fill(self, order_id: str, lots: int, price: float = 100.0) -> list[Command]:
        return self.tell(self.executed(order_id, lots, price))

    def moved(self, stop: float, target: float | None = None) -> list[Command]:
        """Tell that the position's stop, and its target, are to stand elsewhere."""
        goal = None if target is None else level(target)
        return self.tell(
            ProtectionChanged(stop_loss=level(stop), take_profit=goal, layer=None, **self.now)
        )

    def amended(self, order_id: str, **values: Any) -> list[Command]:
        return self.tell(OrderAmended(order_id=order_id, **values, **self.now))

    def ended(self, order_id: str, reason: str = "venue") -> list[Command]:
        return self.tell(OrderCancelled(order_id=order_id, reason=reason, **self.now))

    def rejected(self, order_id: str, code: str = "venue_busy") -> list[Command]:
        return self.tell(OrderRejected(order_id=order_id, code=code, text=code, **self.now))

    def refused(self, order_id: str, request: str, code: str = "venue_busy") -> list[Command]:
        return self.tell(RequestRefused(order_id=order_id, request=request, code=code, **self.now))

    def unsent(self, order_id: str, request: str) -> list[Command]:
        return self.tell(
            RequestEnded(order_id=order_id, request=request, outcome="not_sent", **self.now)
        )

    def close(self, price: float = 100.0) -> list[Command]:
        bar = self.ledger.bar + 1
        return self.tell(BarClosed(bar=bar, ts=(bar + 1) * MINUTE, close=price, mark=price))

    # ------------------------------------------------------------ looking

    def working(self, role: Role) -> list[Order]:
        return [order for order in self.ledger.book if order.spec.role is role]

    def replayed(self, upto: int | None = None) -> Ledger:
        """Return a ledger that was told the same events, or the first of them."""
        ledger = Ledger(SMALL, self.settings)
        for event in self.told[:upto]:
            ledger.apply(event)
        return ledger


def specs(commands: Sequence[Command]) -> list[OrderSpec]:
    """Return the orders among commands."""
    return [command.spec for command in commands if isinstance(command, SubmitOrder)]


def cancels(commands: Sequence[Command]) -> list[tuple[str, str]]:
    """Return id and reason of the cancels among commands."""
    return [(c.order_id, c.reason) for c in commands if isinstance(c, CancelOrder)]


def amends(commands: Sequence[Command]) -> list[AmendOrder]:
    return [command for command in commands if isinstance(command, AmendOrder)]


def market_exit(wire: Wire, order_id: str, lots: int) -> Order:
    return wire.place(
        order_id, "sell", lots, effect=Effect.REDUCE, order_type=OrderType.MARKET, limit_price=None
    )
