"""The one mutable trading state: orders, working book, position, protection and account.

INVARIANT: it changes only by `apply(event)`, so a list of events restores it.
"""

from __future__ import annotations

import math
from dataclasses import replace

from compiler.graph.rule_graph import Settings
from runtime.account import absence, repeats, standing
from runtime.account.absence import Absences
from runtime.account.booking import Booking, book, protection_of
from runtime.account.course import Closed, Course, after_close, after_transfer, begun
from runtime.account.dismissal import dismiss
from runtime.account.layers import PositionLayer, ScaledPosition
from runtime.account.money import Account
from runtime.account.protection import Protection, stop_price, target_price
from runtime.account.results import Counters, Results, after_fill, after_funding
from runtime.formulas import margin
from runtime.market.instrument_facts import Instrument
from runtime.orders.book import PendingOrderBook
from runtime.orders.events import (
    BalanceAdjusted,
    BarClosed,
    Event,
    FundingPaid,
    OrderAccepted,
    OrderAmended,
    OrderFilled,
    OrderRenewed,
    OrderSubmitted,
    ProtectionChanged,
    TrailMoved,
)
from runtime.orders.naming import Naming
from runtime.orders.order import Order
from runtime.orders.order_spec import TOO_FAR, Role
from runtime.orders.table import OrderTable


class Ledger:
    """State of one account on one symbol.

    `absences`: stops and targets, by role and scope, that no event demands again; a timer does.
    """

    def __init__(self, instrument: Instrument, settings: Settings) -> None:
        self.instrument = instrument
        self.settings = settings
        self.orders = OrderTable()
        self.book = PendingOrderBook()
        self.newest_by_ref: dict[str, str] = {}
        self.position: ScaledPosition | None = None
        self.positions = 0  # how many there were, the open one included
        self.booking: Booking | None = None  # the last execution as it was booked; not a state
        self.account: Account = Account(settings.account.starting_equity_usdt)
        self.counters: Counters = Counters()
        self.results: Results = Results()
        self.course: Course | None = None  # None: nobody asks
        self.due: frozenset[str] = frozenset()  # refs that this close will place; not a state
        self.kept: frozenset[str] = frozenset()  # orders that have still to leave; not a state
        self.bar: int = -1
        self.ts = 0
        self.close, self.mark = math.nan, math.nan
        self.has_overfill = False
        self.changes = 0  # events applied, closes aside: while it stands, nothing but time goes on
        self.absences: Absences = {}
        self._liquidation: tuple[int, Instrument | None, float | None] = (-1, None, None)
        self.in_pieces = False  # a stop is no larger than the largest market order: so a live venue
        self.made = 0  # orders that no card asked for: protection, liquidation, the end of the data
        self.naming = Naming()

    # ------------------------------------------------------------ applying

    def apply(self, event: Event) -> bool:
        """Change by one event; returns False for one that was no news (an execution told again)."""
        if isinstance(event, BarClosed):
            self.close_bar(event.bar, event.ts, event.close, event.mark)
            self.follow_close(event.high, event.low)
            return True
        self.changes += 1
        match event:
            case OrderSubmitted(spec=spec):
                waited = repeats.bars_waited(spec, self.orders, self.bar)
                order = Order(spec, self.orders.asked + 1, bars_pending=waited)
                self.orders[spec.order_id] = order
                self.book.add_order(order)
                self.made += not order.is_own
                if spec.order_ref is not None and order.is_own:
                    self.newest_by_ref[spec.order_ref] = spec.order_id
            case FundingPaid():
                self.account.funding += event.amount
                self.results, is_over = after_funding(self.results, event)
                self.counters.fundings += self.position is not None and not is_over
            case BalanceAdjusted():
                self.account.adjusted += event.amount
                if self.course is not None:
                    self.course = after_transfer(self.course, event.amount)
            case ProtectionChanged():
                return self._protect(event)
            case TrailMoved():
                return self._follow_price(event)
            case OrderFilled():
                return self._fill(event)
            case OrderRenewed() | OrderAmended():
                order = self.orders[event.order_id]
                before = order.quantity
                order.apply(event)
                self._refile(order)
                absence.note(self.absences, order, event, self.position)
                restarts = isinstance(event, OrderRenewed) and event.restarts_age
                if (restarts or order.quantity > before) and order.order_id in self.book:
                    self.book.requeue(order)  # VENUE: an order that grows goes behind the others
            case _:
                order = self.orders[event.order_id]
                lots, limit, trigger = order.quantity, order.limit_price, order.trigger_price
                order.apply(event)
                moved = (limit, trigger) != (order.limit_price, order.trigger_price)
                arrives = isinstance(event, OrderAccepted)  # behind what was there or amended
                self._refile(order, ages_anew=arrives or moved or order.quantity > lots)
                absence.note(self.absences, order, event, self.position)
        return True

    def close_bar(self, bar: int, ts: int, close: float, mark: float, *, bars: int = 1) -> None:
        """Mark to market and age the working orders: what `BarClosed` says, where nobody is told.

        `bars` closed since the last event, this one included, that were not told either.
        """
        self.bar, self.ts, self.close, self.mark = bar, ts, close, mark
        if self.book.orders:
            self.book.age_all(bars)

    def follow(self, interval_ms: int) -> None:
        """Keep the course of the account, and judge the card's limits, from here on."""
        self.course = self.course or begun(self.equity, interval_ms, self.settings.limits)

    def follow_close(self, high: float, low: float) -> None:
        """Take the bar that has just closed into the course, where it is followed."""
        if self.course is None:
            return
        closed = Closed(
            bar=self.bar,
            ts=self.ts,
            high=high,
            low=low,
            close=self.close,
            equity=self.equity,
            position=None if self.position is None else self.position.number,
            positions=self.positions,
        )
        self.course = after_close(self.course, closed, self.results, self.counters.exit_bar)

    def _refile(self, order: Order, *, ages_anew: bool = False) -> None:
        if order.order_id in self.book:
            if order.is_terminal:
                self.book.remove(order.order_id)
            else:
                self.book.resort(order, ages_anew=ages_anew)

    def _fill(self, event: OrderFilled) -> bool:
        """Book an execution, and what it decides once: protection it brings, orders it sends away."""
        self.booking = None
        order = self.orders[event.order_id]
        carried = order.remaining - order.to_open
        is_trailed = standing.is_trailed(self, order, event.bar)
        if not order.apply(event):
            return False
        booking = book(self.position, order, event, self.instrument, self.positions)
        order.netted += max(0, booking.closed_lots - carried)
        self._count(order, booking)
        self.account.fees += event.fee
        self.account.realized += booking.realized
        self.has_overfill = self.has_overfill or order.is_overfilled
        self.position = booking.position
        self._refile(order)
        if booking.has_ended:
            self.absences.clear()
        else:
            absence.note(self.absences, order, event, self.position)
        booking = replace(booking, is_trailed=is_trailed)
        brought = protection_of(booking, order)
        self.booking = replace(booking, brought=brought)
        if brought is not None:
            self._protect(brought)
        stop = self.stop_price(booking.opened) or self.stop_price()
        self.results = after_fill(
            self.results, order, booking, stop, close=self.close, lot=self.instrument.base(1)
        )
        dismiss(self.book, order, booking, self.bar)
        return True

    def _count(self, order: Order, booking: Booking) -> None:
        """Count an order that entered or reduced, once in each position."""
        counters, before = self.counters, self.position
        if booking.closed_lots and before is not None:
            counters.exits += order.spec.reason != TOO_FAR and order.counted_in != before.number
            order.counted_in = before.number
        if booking.has_ended:
            counters = self.counters = Counters(None, booking.event.bar)
        after = booking.position
        if booking.opened_lots and after is not None:
            if before is None or booking.has_ended:
                counters = self.counters = self.results.entered(booking.event, counters.exit_bar)
                self.positions = after.number
            counters.entries += booking.is_first_entry
            order.counted_in = after.number
            order.opened += booking.opened_lots

    def _holder(self, layer: str | None) -> ScaledPosition | PositionLayer | None:
        """Return who has the protection of a scope, None where it was closed before the word about it came."""
        position = self.position
        return position if position is None or layer is None else position.layer(layer)

    def _protect(self, event: ProtectionChanged) -> bool:
        holder = self._holder(event.layer)
        if holder is None:
            return False
        if event.take_profit != holder.protection.take_profit:  # another target, another order
            self.absences.pop((Role.TAKE_PROFIT, event.layer), None)
        made = Protection(event.stop_loss, event.take_profit, event.take_profit_type)
        holder.protection = replace(made, trail=event.trail)
        return True

    def _follow_price(self, event: TrailMoved) -> bool:
        holder, position = self._holder(event.layer), self.position
        if position is None or holder is None or holder.protection.trail is None:
            return False
        trail = holder.protection.trail.after(position.side.sign, event.price)
        holder.protection = replace(holder.protection, trail=trail)
        return True

    def brought(self, event: Event) -> ProtectionChanged | None:
        """Return the protection that the execution applied last brought with it, for listeners.

        It is a part of applying the fill: a journal that ends with a fill has its stop.
        """
        booking = self.booking
        return None if booking is None or booking.event is not event else booking.brought

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
        position = self.position
        if position is None:
            return 0.0
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
        if self._liquidation[:2] != (self.changes, self.instrument):
            # COST: asked for at every move of price, changed by events and by new facts alone.
            self._liquidation = (self.changes, self.instrument, self._liquidation_mark())
        return self._liquidation[2]

    def _liquidation_mark(self) -> float | None:
        position = self.position
        if position is None:
            return None
        value, sign = position.total_size_usdt, position.side.sign
        rate = self.settings.account.maintenance_margin_rate
        if self.instrument.tiers:  # the card's rate is used only where there are none
            tier = self.instrument.tier(value)
            rate = margin.maintenance_rate(tier.maintenance_margin_rate, tier.deduction_usdt, value)
        price = margin.liquidation_price(sign, position.avg_entry_price, self.leverage, rate, 0.0)
        return self.instrument.on_grid(price) if price > 0.0 else None

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
        return self.naming.of("v", self.made + 1 + ahead)

    @property
    def protection(self) -> dict[str | None, Protection]:
        """Return what protects: layers in the order of their orders, then the position (None)."""
        position = self.position
        if position is None:
            return {}
        layers = sorted(position.layers, key=lambda layer: layer.number)
        found: dict[str | None, Protection] = {x.layer_id: x.protection for x in layers}
        found[None] = position.protection
        return {scope: held for scope, held in found.items() if held}

    def stop_price(self, layer: str | None = None) -> float | None:
        """Return where the stop of the position or of a layer stands, None without one."""
        return self._level_price(Role.STOP_LOSS, layer)

    def target_price(self, layer: str | None = None) -> float | None:
        """Return where the target of the position or of a layer stands, None without one."""
        return self._level_price(Role.TAKE_PROFIT, layer)

    def _level_price(self, role: Role, scope: str | None) -> float | None:
        position = self.position
        layer = None if position is None or scope is None else position.layer(scope)
        if position is None or (scope is not None and layer is None):
            return None
        held, entry = position.protection, position.avg_entry_price
        if layer is not None:
            held, entry = layer.protection, layer.entry_price
        where = stop_price if role is Role.STOP_LOSS else target_price
        return where(held.level(role), position.side.sign, entry, self.instrument.tick)

    def protective(self, role: Role, layer: str | None = None) -> Order | None:
        """Return the working stop or target of the position or of a layer."""
        return next((o for o in self.book if o.spec.role is role and o.spec.layer == layer), None)

    # ------------------------------------------------------------ reading

    def archive(self, before: int) -> list[str]:
        """Take out orders that ended before a time (ms UTC) and that nothing can ask for; return their ids.

        An order stays while a ref names it last, a layer of the position is its own, or an exit that came again is read with it.
        """
        named = set(self.newest_by_ref.values())
        if self.position is not None:
            named.update(layer.order_id for layer in self.position.layers)
        named.update(repeats.needed(self.orders, before, named))
        return self.orders.archive(before, named)

    def is_leaving(self, order: Order) -> bool:
        """Return whether decisions at this close take an order as gone: its cancel was just sent.

        One without an answer since an earlier bar counts as working: something is wrong with it.
        """
        return order.is_going and order.cancel_bar == self.bar

    def clone(self) -> Ledger:
        """Return an independent copy of everything that can still change.

        COST: closed orders are seen through it, not copied, there may be thousands. A copy tries a
        path of one bar, on which the simulator reports no execution of a closed order; meanwhile
        the original stands still.
        """
        twin = object.__new__(Ledger)
        twin.__dict__.update(self.__dict__)
        twin.book = self.book.clone()
        twin.orders = self.orders.over(twin.book.orders)
        twin.newest_by_ref = dict(self.newest_by_ref)
        twin.position = None if self.position is None else self.position.clone()
        twin.account = self.account.clone()
        twin.counters = replace(self.counters)
        twin.absences = dict(self.absences)
        twin.booking = None
        return twin

    def state(self) -> tuple[object, ...]:
        """Return everything that makes two ledgers equal, for replay tests."""
        position = self.position
        return (
            tuple(order.snapshot() for order in self.orders.values()),
            tuple(order.order_id for order in self.book),
            None if position is None else repr(position),
            repr(self.account),
            (self.bar, self.ts, repr(self.close), repr(self.mark), self.has_overfill),
            (repr(self.counters), repr(self.results), repr(self.course), self.positions),
            tuple(self.newest_by_ref.items()),
            tuple(self.absences.items()),
        )
