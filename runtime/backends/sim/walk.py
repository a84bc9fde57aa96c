"""Price walks through one bar and meets orders: who fills, how much, and what follows from it.

Segments are walked in order; within one, orders are met in price order along the direction of travel
(ties: protective stops, stop entries, limits by age). Each order has its turn once per bar.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.backends.base import Emit
from runtime.backends.sim.liquidation import liquidation_level, take_over
from runtime.backends.sim.path import Path, rest_of
from runtime.backends.sim.protection import sync
from runtime.backends.sim.rules import Numbering, Rules, Used
from runtime.fills import fillable, marketable, slipped
from runtime.ledger import Ledger
from runtime.market.frame import Bar
from runtime.orders.events import (
    OrderAmended,
    OrderCancelled,
    OrderFilled,
    OrderTriggered,
    ProtectionChanged,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType, Role, Side


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
        """Give one order what the bar has for it at the current price."""
        if (
            order.is_target and order.is_armed_stop
        ) or order.spec.order_type is OrderType.STOP_MARKET:
            self._trigger(order)
            self._market(order, self._stop_reference(order))
        elif order.is_armed_stop:
            self._trigger(order)
            self.used.since[order.order_id] = self.at
            limit = order.limit_price
            assert limit is not None
            if order.side.sign * (limit - self.price) >= 0:
                self.cross(order)
        else:
            self._rest(order)

    def _stop_reference(self, order: Order) -> float:
        """Return the price before slippage: the trigger, or the open when the bar opened beyond."""
        trigger = order.trigger_price
        assert trigger is not None
        return self.price if self.is_open or order.order_id in self.used.since else trigger

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
        since = self.used.since.get(order.order_id)
        bar = self.bar if since is None else rest_of(self.bar, self.path, since)
        lots = fillable(
            order.side, limit, order.remaining, bar, self.rules.instrument, self.rules.fills
        )
        if self.rules.fills.uses_volume:
            lots = min(lots, self._left_of_budget(order, limit, bar))
        price = limit
        gap = self.rules.settings.execution.resting_gap == "open"
        if gap and self.is_open and order.side.sign * (limit - self.price) > 0:
            price = self.price  # session markets: the auction improves the price
        self._fill(order, lots, price, is_maker=True)

    def _left_of_budget(self, order: Order, limit: float, bar: Bar) -> int:
        """Return what better-priced, then earlier, orders of this side leave of the bar's volume."""
        whole = fillable(order.side, limit, 2**62, bar, self.rules.instrument, self.rules.fills)
        mine = self.ledger.book.arrival(order.order_id)
        sign = order.side.sign
        taken = sum(
            lots
            for side, price, arrival, lots in self.used.fills
            if side == order.side
            and (sign * (price - limit) > 0 or (price == limit and arrival < mine))
        )
        return max(0, whole - taken)

    def cross(self, order: Order) -> None:
        """Fill a limit that is marketable when it arrives: taker at the current price."""
        self.used.done.add(order.order_id)
        lots = marketable(order.remaining, self.bar, self.rules.instrument, self.rules.fills)
        self._fill(order, lots, self.price, is_maker=False)

    def _market(self, order: Order, reference: float) -> None:
        """Fill a market or triggered order in full at a reference price and slippage."""
        self.used.done.add(order.order_id)
        lots = self._capped(order, order.remaining)
        price = slipped(
            order.side, reference, lots, self.bar, self.rules.instrument,
            self.rules.settings.account.slippage_bps, self.rules.impact,
        )  # fmt: skip
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
        self._assert_inside(order, base)
        rate = self.rules.maker if is_maker else self.rules.taker
        if is_maker:
            arrival = self.ledger.book.arrival(order.order_id)
            self.used.fills.append((order.side, price, arrival, lots))
        reason = order.spec.reason
        if order.spec.role is Role.STOP_LOSS and order.order_id in self.used.since:
            reason = "sl_on_entry"
        self.emit(
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
                slippage=order.side.sign * (price - base),
                reason=reason,
            )
        )
        self._follow_up(order)

    def _assert_inside(self, order: Order, reference: float) -> None:
        slack = self.rules.instrument.tick * 1e-6
        inside = self.bar.low - slack <= reference <= self.bar.high + slack
        limit = order.limit_price
        gapped = self.is_open and limit is not None and reference == limit
        assert inside or gapped, f"fill of {order.order_id} at {reference} outside {self.bar}"

    # ------------------------------------------------------------ what follows from a fill

    def _follow_up(self, order: Order) -> None:
        ledger = self.ledger
        if order.spec.effect is Effect.OPEN and ledger.position is not None:
            self._protect(order)
        if order.spec.oco and order.spec.order_group is not None:
            for member in ledger.book.by_group(order.spec.order_group):
                if member is not order:
                    self.cancel(member, "oco")
        if ledger.position is None:
            self.closed()
        self.refresh()

    def _protect(self, order: Order) -> None:
        if order.stop_loss is None and order.take_profit is None:
            return
        scope = order.order_id if order.spec.protect == "layer" else None
        held = self.ledger.protection.get(scope)
        self.emit(
            ProtectionChanged(
                stop_loss=order.stop_loss or (held.stop_loss if held else None),
                take_profit=order.take_profit or (held.take_profit if held else None),
                layer=scope,
                bar=self.bar_index,
                ts=self.now,
                take_profit_type=order.spec.take_profit_type,
            )
        )

    def closed(self) -> None:
        """Cancel what only makes sense with a position: exits, and entries with on_flat: cancel."""
        for order in list(self.ledger.book):
            if order.spec.role is Role.EXIT:
                self.cancel(order, "position_closed")
            elif order.spec.role is Role.ENTRY and order.spec.on_flat == "cancel":
                self.cancel(order, "on_flat")

    def cancel(self, order: Order, reason: str) -> None:
        self.emit(
            OrderCancelled(order_id=order.order_id, reason=reason, bar=self.bar_index, ts=self.now)
        )

    def refresh(self) -> None:
        """Bring protection in line with the position; what is breached already acts at once."""
        created = sync(self.ledger, self.emit, self.numbering, self.bar_index, self.now)
        self._cap_exits()
        postponed = self.rules.settings.execution.attached == "next_bar"
        for order_id in created:
            if postponed:
                self.used.done.add(order_id)
            elif order_id in self.ledger.book:
                self._act_if_breached(self.ledger.orders[order_id])

    def _act_if_breached(self, order: Order) -> None:
        level = order.trigger_price if order.trigger_price is not None else order.limit_price
        assert level is not None
        sign = order.side.sign  # of the exit: a sell closes a long
        is_stop = order.spec.role is Role.STOP_LOSS
        breached = sign * (self.price - level) >= 0 if is_stop else sign * (level - self.price) >= 0
        if breached:
            self.used.since[order.order_id] = self.at
            if order.spec.order_type is OrderType.LIMIT:
                self.cross(order)
            else:
                self.turn(order)
        elif order.spec.order_type is OrderType.LIMIT:
            self.used.since[order.order_id] = self.at

    def _cap_exits(self) -> None:
        """Shrink the card's own resting exits, newest first, to what the position still holds."""
        position = self.ledger.position
        room = 0 if position is None else position.quantity
        for order in [o for o in self.ledger.book if o.spec.role is Role.EXIT]:
            if order.spec.order_type is OrderType.MARKET:
                continue
            if room <= 0:
                self.cancel(order, "position_closed")
            elif order.remaining > room:
                quantity = order.filled + room
                self.emit(
                    OrderAmended(
                        order_id=order.order_id, bar=self.bar_index, ts=self.now, quantity=quantity
                    )
                )
                room = 0
            else:
                room -= order.remaining


def _kind(order: Order) -> int:
    """Return the rank of an order among those at one price: stops that protect come first."""
    if order.spec.role is Role.STOP_LOSS:
        return 0
    if order.is_armed_stop and not order.is_target:
        return 1
    return 2
