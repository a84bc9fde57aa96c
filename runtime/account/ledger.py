"""The one mutable trading state: orders, working book, position, protection and account.

INVARIANT: it changes only by `apply(event)`, so a list of events restores it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from compiler.graph.rule_graph import Settings
from runtime.account.layers import PositionLayer, ScaledPosition
from runtime.account.money import Account
from runtime.account.protection import stop_price, target_price
from runtime.formulas import margin
from runtime.market.instrument_facts import Instrument
from runtime.orders.book import PendingOrderBook
from runtime.orders.events import (
    BarClosed,
    Event,
    FundingPaid,
    OrderAmended,
    OrderFilled,
    OrderRenewed,
    OrderSubmitted,
    ProtectionChanged,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    Effect,
    Level,
    OnFlat,
    OrderType,
    Protect,
    Role,
    TakeProfitType,
)


@dataclass(slots=True)
class Protection:
    """Stop and target of the position or of one layer, before they are anchored."""

    stop_loss: Level | None = None
    take_profit: Level | None = None
    take_profit_type: TakeProfitType = TakeProfitType.MARKET


@dataclass(slots=True)
class Counters:
    """What the builtins remember of entries and exits; bars are exec bar numbers."""

    entry_bar: int | None = None
    exit_bar: int | None = None
    entries: set[str] = field(default_factory=set)
    exits: set[str] = field(default_factory=set)


class Ledger:
    """State of one account on one symbol."""

    def __init__(self, instrument: Instrument, settings: Settings) -> None:
        self.instrument = instrument
        self.settings = settings
        self.orders: dict[str, Order] = {}
        self.book = PendingOrderBook()
        self.newest_by_ref: dict[str, str] = {}
        self.position: ScaledPosition | None = None
        self.protection: dict[str | None, Protection] = {}
        self.account: Account = Account(settings.account.starting_equity_usdt)
        self.counters: Counters = Counters()
        self.bar: int = -1
        self.ts = 0
        self.close: float = math.nan
        self.mark: float = math.nan
        self.has_overfill = False
        self.made = 0  # orders that no card asked for: protection, liquidation, the end of the data

    # ------------------------------------------------------------ applying

    def apply(self, event: Event) -> bool:
        """Change by one event; returns False for one that was no news (an execution told again)."""
        match event:
            case OrderSubmitted(spec=spec):
                order = Order(spec)
                self.orders[spec.order_id] = order
                self.book.add_order(order)
                self.made += not order.is_own
                if spec.order_ref is not None and order.is_own:
                    self.newest_by_ref[spec.order_ref] = spec.order_id
            case BarClosed():
                self.bar, self.ts = event.bar, event.ts
                self.close, self.mark = event.close, event.mark
                self.book.age_all()
            case FundingPaid():
                self.account.funding += event.amount
            case ProtectionChanged():
                return self._protect(event)
            case OrderFilled():
                order = self.orders[event.order_id]
                if not order.apply(event):
                    return False
                self._book_fill(order, event)
                self._refile(order)
                brought = self.brought(event)
                if brought is not None:
                    self._protect(brought)
                self._dismiss(order, event)
            case OrderRenewed() | OrderAmended():
                order = self.orders[event.order_id]
                before = order.quantity
                order.apply(event)
                self._refile(order)
                restarts = isinstance(event, OrderRenewed) and event.restarts_age
                if (restarts or order.quantity > before) and order.order_id in self.book:
                    self.book.requeue(order)  # VENUE: an order that grows goes behind the others
            case _:
                order = self.orders[event.order_id]
                lots, limit, trigger = order.quantity, order.limit_price, order.trigger_price
                order.apply(event)
                moved = (limit, trigger) != (order.limit_price, order.trigger_price)
                self._refile(order, ages_anew=moved or order.quantity > lots)
        return True

    def _refile(self, order: Order, *, ages_anew: bool = False) -> None:
        if order.order_id in self.book:
            if order.is_terminal:
                self.book.remove(order.order_id)
            else:
                self.book.resort(order, ages_anew=ages_anew)

    def _protect(self, event: ProtectionChanged) -> bool:
        if event.layer is not None:
            layer = None if self.position is None else self.position.layer(event.layer)
            if layer is None:
                return False  # the layer was closed before the word about it came
            layer.layer_stop, layer.layer_target = event.stop_loss, event.take_profit
        self.protection[event.layer] = Protection(
            event.stop_loss, event.take_profit, event.take_profit_type
        )
        return True

    def _dismiss(self, order: Order, event: OrderFilled) -> None:
        """Decide which orders a fill sends away: the rest of its oco group, what needed the position.

        The entry that turned the position belongs to the new one.
        """
        if order.spec.oco and order.spec.order_group is not None:
            for member in self.book.by_group(order.spec.order_group):
                if member is not order:
                    member.leave("oco")
        position = self.position
        if position is not None:
            layer = position.layer(order.order_id)
            # A fill that turned the position: a part of it closed the old side, less has entered.
            if layer is None or layer.entered >= event.quantity:
                return
        for other in self.book:
            if other is order:
                continue
            if other.spec.role is Role.EXIT:
                other.leave("position_closed")
            elif other.spec.on_flat == OnFlat.CANCEL and _worked_before(other, order):
                other.leave("on_flat")

    def brought(self, event: Event) -> ProtectionChanged | None:
        """Return the protection that an applied fill brought with it, to be told to listeners.

        It is a part of applying the fill: a journal that ends with a fill has its stop. An order brings
        its stop and target once, with the first fill of its layer: later fills of it must not undo
        what was moved since. An entry that only nets an opposite position brings nothing.
        """
        position = self.position
        if not isinstance(event, OrderFilled) or position is None:
            return None
        order = self.orders[event.order_id]
        layer = position.layer(order.order_id)
        if layer is None or layer.entered > event.quantity or position.side is not order.side:
            return None
        if order.spec.effect is not Effect.OPEN:
            return None
        if order.stop_loss is None and order.take_profit is None:
            return None
        scope = order.order_id if order.spec.protect == Protect.LAYER else None
        held = self.protection.get(scope)
        kind = order.spec.take_profit_type
        if held is not None and order.take_profit is None:
            kind = held.take_profit_type
        return ProtectionChanged(
            stop_loss=order.stop_loss or (held.stop_loss if held else None),
            take_profit=order.take_profit or (held.take_profit if held else None),
            layer=scope,
            bar=event.bar,
            ts=event.ts,
            take_profit_type=kind,
        )

    def _book_fill(self, order: Order, event: OrderFilled) -> None:
        self.account.fees += event.fee
        self.has_overfill = self.has_overfill or order.is_overfilled
        position = self.position
        opens = position is None or position.side is order.side
        if opens:
            self._enter(order, event, event.quantity)
            return
        assert position is not None
        closing = min(event.quantity, position.quantity)
        self._reduce(order, event, closing)
        if event.quantity > closing:
            # VENUE: on a netted account what exceeds the position opens the other side.
            self._enter(order, event, event.quantity - closing)

    def _enter(self, order: Order, event: OrderFilled, lots: int) -> None:
        if self.position is None:
            self.position = ScaledPosition(
                order.spec.symbol, order.side, self.instrument, event.bar, event.ts
            )
            self.counters = Counters(event.bar, self.counters.exit_bar)
        self.position.add_layer(
            PositionLayer(
                layer_id=order.order_id,
                order_id=order.order_id,
                order_ref=order.spec.order_ref,
                quantity=lots,
                entry_bar_index=event.bar,
                entry_time=event.ts,
                entered=lots,
                entered_value=lots * event.price,
            )
        )
        order.opened += lots
        self.counters.entries.add(order.order_id)

    def _reduce(self, order: Order, event: OrderFilled, lots: int) -> None:
        position = self.position
        assert position is not None
        for part in position.remove(lots, order.spec.method, order.spec.layer):
            base = self.instrument.base(part.quantity)
            self.account.realized += position.side.sign * base * (event.price - part.entry_price)
        self.counters.exits.add(order.order_id)
        kept = {layer.layer_id for layer in position.layers}
        for layer in [key for key in self.protection if key is not None and key not in kept]:
            del self.protection[layer]
        if not position.layers:
            self.position = None
            self.protection = {}
            self.counters = Counters(None, event.bar)

    # ------------------------------------------------------------ money

    @property
    def leverage(self) -> float:
        return self.settings.account.max_leverage

    @property
    def unrealized(self) -> float:
        """Return the open profit at the last close."""
        return 0.0 if self.position is None else self.position.unrealized(self.close)

    @property
    def equity(self) -> float:
        return self.account.equity(self.unrealized)

    @property
    def taker_rate(self) -> float:
        return self.settings.account.taker_bps / 10_000

    @property
    def position_margin(self) -> float:
        if self.position is None:
            return 0.0
        position = self.position
        return margin.initial_margin(
            position.side.sign, position.total_size_usdt, self.leverage, self.taker_rate
        )

    @property
    def bankruptcy_price(self) -> float:
        """Return the price at which the margin of the open position is used up."""
        position = self.position
        assert position is not None
        return margin.bankruptcy_price(position.side.sign, position.avg_entry_price, self.leverage)

    @property
    def liquidation_mark(self) -> float | None:
        """Return the mark price that liquidates the open position, None where no price can."""
        position = self.position
        if position is None:
            return None
        value, sign = position.total_size_usdt, position.side.sign
        rate = self.settings.account.maintenance_margin_rate
        if self.instrument.tiers:  # the card's rate is used only where there are none
            tier = self.instrument.tier(value)
            rate = margin.maintenance_rate(tier.maintenance_margin_rate, tier.deduction_usdt, value)
        price = margin.liquidation_price(sign, position.avg_entry_price, self.leverage, rate, 0.0)
        return price if price > 0.0 else None

    def order_notional(self, order: Order) -> float:
        """Return the notional a working entry would still add (at its limit, trigger or close)."""
        return self.instrument.notional(order.to_open, order.reference_price(self.close))

    @property
    def max_position_usdt(self) -> float:
        limit = self.settings.account.max_position_usdt
        return max(0.0, self.equity * self.leverage) if limit is None else limit

    # ------------------------------------------------------------ protection

    def made_id(self, ahead: int = 0) -> str:
        """Return the id of the next order that no card asked for, or of one after it.

        It follows from the orders there are, so a replayed journal and a trial on a copy give it again.
        """
        return f"v{self.made + 1 + ahead}"

    def stop_price(self, layer: str | None = None) -> float | None:
        """Return where the stop of the position or of a layer stands, None without one."""
        held = self.protection.get(layer)
        if self.position is None or held is None:
            return None
        return stop_price(self.position, held.stop_loss)

    def target_price(self, layer: str | None = None) -> float | None:
        """Return where the target of the position or of a layer stands, None without one."""
        held = self.protection.get(layer)
        if self.position is None or held is None:
            return None
        return target_price(self.position, held.take_profit, self.stop_price(layer))

    def protective(self, role: Role, layer: str | None = None) -> Order | None:
        """Return the working stop or target of the position or of a layer."""
        for order in self.book:
            if order.spec.role is role and order.spec.layer == layer:
                return order
        return None

    # ------------------------------------------------------------ reading

    def is_leaving(self, order: Order) -> bool:
        """Return whether decisions at this close take an order as gone: its cancel was just sent.

        One without an answer since an earlier bar counts as working: something is wrong with it.
        """
        return order.is_going and order.cancel_bar == self.bar

    def clone(self) -> Ledger:
        """Return an independent copy of everything that can still change.

        COST: closed orders are shared, there may be thousands. A copy tries a path of one bar, on
        which the simulator reports no execution of a closed order.
        """
        twin = object.__new__(Ledger)
        twin.__dict__.update(self.__dict__)
        twin.orders = dict(self.orders)
        twin.book = self.book.clone()
        twin.orders |= twin.book.orders
        twin.newest_by_ref = dict(self.newest_by_ref)
        twin.position = None if self.position is None else self.position.clone()
        twin.protection = {key: replace(value) for key, value in self.protection.items()}
        twin.account = self.account.clone()
        counters = self.counters
        twin.counters = Counters(
            counters.entry_bar, counters.exit_bar, set(counters.entries), set(counters.exits)
        )
        return twin

    def state(self) -> tuple[object, ...]:
        """Return everything that makes two ledgers equal, for replay tests."""
        position = self.position
        return (
            tuple(order.snapshot() for order in self.orders.values()),
            tuple(order.order_id for order in self.book),
            None if position is None else repr(position),
            tuple(sorted(self.protection.items(), key=lambda item: item[0] or "")).__repr__(),
            repr(self.account),
            (self.bar, self.ts, repr(self.close), repr(self.mark)),
            (self.counters.entry_bar, self.counters.exit_bar, self.has_overfill),
            tuple(self.newest_by_ref.items()),
            tuple(sorted(self.counters.entries)),
            tuple(sorted(self.counters.exits)),
        )


def _worked_before(entry: Order, closing: Order) -> bool:
    """Return whether an entry was working before an order closed the position.

    What was placed at the close that decided the closing market order comes after it, however the two
    arrive.
    """
    if entry.spec.role is not Role.ENTRY or not entry.is_accepted:
        return False
    is_together = entry.spec.created_bar == closing.spec.created_bar
    return not (closing.spec.order_type is OrderType.MARKET and is_together)
