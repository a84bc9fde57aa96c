"""Price walks through one bar and meets orders: who fills, how much, and what follows from it.

Segments are walked in order; within one, orders are met in price order along the direction of travel
(ties: protective stops, stop entries, limits by age). Each order has its turn once per bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compiler.catalog.settings import Attached, RestingGap
from runtime.account.ledger import Ledger
from runtime.backends.base import Emit
from runtime.backends.sim.liquidation import bounded, liquidation_level, take_over
from runtime.backends.sim.path import Path, rest_of
from runtime.backends.sim.rules import Numbering, Rules, Used
from runtime.consequences import after
from runtime.formulas.fills import UNLIMITED, fillable, marketable, slipped
from runtime.formulas.sums import whole
from runtime.market.frame import Bar
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection, SubmitOrder
from runtime.orders.events import (
    EXPIRIES,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderSubmitted,
    OrderTriggered,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType, Role, Side, TimeInForce


@dataclass(slots=True)
class Walk:
    """One (finer) bar of one run. `bar_index` is the exec bar; times are ms UTC."""

    rules: Rules
    ledger: Ledger
    emit: Emit
    numbering: Numbering
    used: Used
    bar: Bar
    path: Path
    bar_index: int
    ts: int
    interval_ms: int
    low_shift: float = 0.0
    high_shift: float = 0.0
    at: float = 0.0  # position along the path
    price: float = 0.0
    is_open: bool = True

    # ------------------------------------------------------------ the walk

    def run(self) -> None:
        """Walk the whole path."""
        self.price, self.at, self.is_open = self.path[0], 0.0, True
        self._meet(self.price, self.price, 0)
        self.is_open = False
        for segment in range(3):
            start, end = self.path[segment], self.path[segment + 1]
            if start != end:
                self._meet(start, end, segment)
            self.price, self.at = end, float(segment + 1)

    def _meet(self, start: float, end: float, segment: int) -> None:
        """Let every order between two prices have its turn, in order of price, then of kind."""
        self.price = start
        while True:
            candidate = self._next(end)
            if candidate is None:
                return
            level, order = candidate
            if start != end:
                self.price = level
                self.at = segment + abs(level - start) / abs(end - start)
            if order is None:
                take_over(self)
            else:
                self.turn(order)

    def _next(self, end: float) -> tuple[float, Order | None] | None:
        """Return the nearest order on the way from the current price to `end`, with its level."""
        best: tuple[float, int, int] | None = None
        found: Order | None = None
        for order in self.ledger.book:
            if order.order_id in self.used.done or not order.is_accepted:
                continue
            level = self._level(order, end)
            if level is None:
                continue
            rank = (abs(level - self.price), _kind(order), self.ledger.book.arrival(order.order_id))
            if best is None or rank < best:
                best, found = rank, order
        liquidation = liquidation_level(self, end)
        if liquidation is not None and (best is None or abs(liquidation - self.price) < best[0]):
            return liquidation, None
        if found is None:
            return None
        level = self._level(found, end)
        assert level is not None
        return level, found

    def _level(self, order: Order, end: float) -> float | None:
        """Return the price at which the walk meets an order before `end`, None if it does not."""
        armed = order.is_armed_stop and not order.is_target
        price = order.trigger_price if order.is_armed_stop else order.limit_price
        if price is None:
            return None
        met_from_above = (order.side is Side.BUY) != armed  # falling prices reach it
        if met_from_above:
            if self.price <= price:
                return self.price
            return price if end <= price else None
        if self.price >= price:
            return self.price
        return price if end >= price else None

    # ------------------------------------------------------------ one order's turn

    def turn(self, order: Order) -> None:
        """Give one order what the bar has for it at the current price.

        A stop is met at its trigger, or at the open when the bar opened beyond it.
        """
        if not order.is_armed_stop:
            self._rest(order)
            return
        # VENUE: a stop takes margin when it triggers, and is cancelled when that is short.
        price = order.limit_price or self.price
        if self.ledger.missing_margin(order, price, order.remaining) is not None:
            self.cancel(order, "no_margin")
            return
        self._trigger(order)
        if order.is_target or order.spec.order_type is OrderType.STOP_MARKET:
            self._market(order, self.price)
        else:
            self.used.since[order.order_id] = self.at
            self.enter_market(order)

    def enter_market(self, order: Order) -> None:
        """Decide a limit at the moment it arrives: it crosses, rests, or (ioc, fok) is gone."""
        limit = order.limit_price
        assert limit is not None
        crosses = order.side.sign * (limit - self.price) >= 0
        force = order.spec.time_in_force
        if crosses and order.spec.post_only:
            self.cancel(order, "post_only_would_cross")
            return
        if force is TimeInForce.FOK and (not crosses or self._takeable(order) < order.remaining):
            self.expire(order, "fok_unfillable")
            return
        if crosses:
            self.cross(order)
        if force in (TimeInForce.IOC, TimeInForce.FOK) and order.order_id in self.ledger.book:
            self.expire(order, "ioc_remainder")

    def _trigger(self, order: Order) -> None:
        self.emit(
            OrderTriggered(
                order_id=order.order_id, price=self.price, bar=self.bar_index, ts=self.now
            )
        )

    def _rest(self, order: Order) -> None:
        """Fill a resting limit by the fill model, at its limit."""
        self.used.done.add(order.order_id)
        limit = order.limit_price
        assert limit is not None
        bar = self._bar_left(order)
        lots = fillable(
            order.side, limit, order.remaining, bar, self.rules.instrument, self.rules.fills
        )
        if self.rules.fills.uses_volume:
            lots = min(lots, self._left_of_budget(order, limit, bar))
        price = limit
        gap = self.rules.settings.execution.resting_gap == RestingGap.OPEN
        if gap and self.is_open and order.side.sign * (limit - self.price) > 0:
            price = self.price  # session markets: the auction improves the price
        self._fill(order, lots, price, is_maker=True)

    def _bar_left(self, order: Order) -> Bar:
        """Return the part of the bar that an order sees: all of it, or what came after it."""
        since = self.used.since.get(order.order_id)
        return self.bar if since is None else rest_of(self.bar, self.path, since)

    def _left_of_budget(self, order: Order, limit: float, bar: Bar) -> int:
        """Return what better-priced, then earlier, orders of this side leave of the bar's volume."""
        full = fillable(order.side, limit, UNLIMITED, bar, self.rules.instrument, self.rules.fills)
        mine = self.ledger.book.arrival(order.order_id)
        sign = order.side.sign
        taken = whole(
            lots
            for side, price, arrival, lots in self.used.fills
            if side == order.side
            and (sign * (price - limit) > 0 or (price == limit and arrival < mine))
        )
        return max(0, full - taken)

    def _takeable(self, order: Order) -> int:
        """Return the lots a crossing limit may take: what limits of its side leave of the cap."""
        fills = self.rules.fills
        if not fills.uses_volume:
            return order.remaining
        cap = marketable(UNLIMITED, self._bar_left(order), self.rules.instrument, fills)
        taken = whole(lots for side, _, _, lots in self.used.fills if side == order.side)
        return min(order.remaining, max(0, cap - taken))

    def cross(self, order: Order) -> None:
        """Fill a limit that is marketable when it arrives: taker at the current price."""
        self.used.done.add(order.order_id)
        self._fill(order, self._takeable(order), self.price, is_maker=False)

    def _market(self, order: Order, reference: float) -> None:
        """Fill a market or triggered order in full at a reference price and slippage."""
        self.used.done.add(order.order_id)
        lots = self._capped(order, order.remaining)
        if lots <= 0:
            return
        price = slipped(
            order.side, reference, lots, self.bar, self.rules.instrument,
            self.rules.settings.account.slippage_bps, self.rules.impact,
        )  # fmt: skip
        price = bounded(self.ledger, order.side, price)
        self._fill(order, lots, price, is_maker=False, reference=reference)

    def market(self, order: Order) -> None:
        """Fill a market order at the current price."""
        self._market(order, self.price)

    def _capped(self, order: Order, lots: int) -> int:
        """Return the lots a reduction may still take: never more than the position or its layer."""
        if order.spec.effect is Effect.OPEN:
            return lots
        position = self.ledger.position
        if position is None or position.side is order.side:
            return 0
        layer = None if order.spec.layer is None else position.layer(order.spec.layer)
        return min(lots, position.quantity if layer is None else layer.quantity)

    @property
    def now(self) -> int:
        """Return the time of the current path position: the path takes the whole bar evenly."""
        return self.ts + int(self.interval_ms * min(self.at / 3.0, 1.0))

    def _fill(
        self,
        order: Order,
        lots: int,
        price: float,
        *,
        is_maker: bool,
        reference: float | None = None,
    ) -> None:
        lots = self._capped(order, lots)
        if lots <= 0:
            return
        base = price if reference is None else reference
        self._assert_price(order, base, is_maker=is_maker)
        rate = self.rules.maker if is_maker else self.rules.taker
        if order.limit_price is not None:
            arrival = self.ledger.book.arrival(order.order_id)
            self.used.fills.append((order.side, order.limit_price, arrival, lots))
        reason = order.spec.reason
        if order.spec.role is Role.STOP_LOSS and order.order_id in self.used.breached:
            reason = "sl_on_entry"
        self.tell(
            OrderFilled(
                order_id=order.order_id,
                execution_id=self.numbering.execution(),
                quantity=lots,
                price=price,
                fee=self.rules.instrument.notional(lots, price) * rate,
                is_maker=is_maker,
                bar=self.bar_index,
                ts=self.now,
                path=self.at,
                slippage=max(0.0, order.side.sign * (price - base)),
                reason=reason,
            )
        )

    def _assert_price(self, order: Order, reference: float, *, is_maker: bool) -> None:
        """Hold a fill, before slippage, to its bar and to the order's own price."""
        slack = self.rules.instrument.tick * 1e-6
        limit, trigger, sign = order.limit_price, order.trigger_price, order.side.sign
        inside = self.bar.low - slack <= reference <= self.bar.high + slack
        gapped = self.is_open and limit is not None and reference == limit
        assert inside or gapped, f"fill of {order.order_id} at {reference} outside {self.bar}"
        if limit is not None:
            better = sign * (limit - reference)
            assert better >= -slack, f"fill of {order.order_id} at {reference} beyond {limit}"
            assert better <= slack or self.is_open or not is_maker, "a maker got a better price"
        elif trigger is not None and not order.is_target:
            assert sign * (reference - trigger) >= -slack, "a stop got a better price"

    # ------------------------------------------------------------ what follows

    def tell(self, event: Event) -> None:
        """Tell what happened, and carry out at once what it demands."""
        self.emit(event)
        brought = self.ledger.brought(event)
        if brought is not None:
            self.emit(brought)
        self._carry_out(after(event, self.ledger))

    def _carry_out(self, commands: Sequence[Command]) -> None:
        """Do what an event demands; protection that is breached when it is made acts at once."""
        made = []
        for command in commands:
            match command:
                case CancelOrder():
                    self.emit(ended(command, self.bar_index, self.now))
                case AmendOrder():
                    self._amend(command)
                case SubmitOrder(spec=spec):
                    order_id, bar, ts = spec.order_id, self.bar_index, self.now
                    self.emit(OrderSubmitted(spec=spec, bar=bar, ts=ts))
                    self.emit(
                        OrderAccepted(order_id=order_id, exchange_order_id=order_id, bar=bar, ts=ts)
                    )
                    made.append(order_id)
                case SetProtection():
                    raise AssertionError("an event changes protection by what it brings")
        postponed = self.rules.settings.execution.attached == Attached.NEXT_BAR
        for order_id in made:
            if postponed:
                self.used.done.add(order_id)
                self.used.postponed.add(order_id)
            elif order_id in self.ledger.book:
                self._act_if_breached(self.ledger.orders[order_id])

    def _amend(self, command: AmendOrder) -> None:
        self.emit(
            OrderAmended(
                order_id=command.order_id, bar=self.bar_index, ts=self.now,
                quantity=command.quantity, limit_price=command.limit_price,
                trigger_price=command.trigger_price,
            )
        )  # fmt: skip
        if command.limit_price is not None or command.trigger_price is not None:
            # What the bar did before it stood there is not its.
            self.used.since[command.order_id] = self.at

    def _act_if_breached(self, order: Order) -> None:
        level = order.trigger_price if order.trigger_price is not None else order.limit_price
        assert level is not None
        self.used.since[order.order_id] = self.at
        sign = order.side.sign  # of the exit: a sell closes a long
        is_stop = order.spec.role is Role.STOP_LOSS
        if sign * (self.price - level) >= 0 if is_stop else sign * (level - self.price) >= 0:
            self.used.breached.add(order.order_id)
            if order.spec.order_type is OrderType.LIMIT:
                self.cross(order)
            else:
                self.turn(order)

    def cancel(self, order: Order, reason: str) -> None:
        self.emit(
            OrderCancelled(order_id=order.order_id, reason=reason, bar=self.bar_index, ts=self.now)
        )

    def expire(self, order: Order, reason: str) -> None:
        self.emit(
            OrderExpired(order_id=order.order_id, reason=reason, bar=self.bar_index, ts=self.now)
        )


def ended(command: CancelOrder, bar: int, ts: int) -> OrderCancelled | OrderExpired:
    """Return the event of a cancel that was carried out: a time to live ends as an expiry."""
    end = OrderExpired if command.reason in EXPIRIES else OrderCancelled
    return end(order_id=command.order_id, reason=command.reason, bar=bar, ts=ts)


def _kind(order: Order) -> int:
    """Return the rank of an order among those at one price: stops that protect come first."""
    if order.spec.role is Role.STOP_LOSS:
        return 0
    if order.is_armed_stop and not order.is_target:
        return 1
    return 2
