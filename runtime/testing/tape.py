"""Executions against the bars they are said to have happened in: price, gifts, volume.

The law of the tape: it reads events and bars alone and shares no arithmetic with the simulator.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from compiler.catalog.settings import FillModel, Intrabar, RestingGap
from runtime.account.ledger import Ledger
from runtime.market.frame import Frame
from runtime.orders.events import BarClosed, Event, OrderAmended, OrderFilled, OrderTriggered
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, OrderType, Role, Side

LAWS: dict[str, str] = {
    "fills_where_price_was": "a fill's price before slippage lies in its bar, or on the jump to its open",
    "no_gifts": "no limit fills better than its own price unless it was marketable when it came",
    "one_volume_budget": "limits of one side never fill more than their part of a bar's volume",
}
_LIMITS = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_NEVER_MET = (Role.LIQUIDATION, Role.CLOSE_AT_END)  # not at prices of the bar


@dataclass(slots=True)
class _Now:
    """What one bar gave so far: lots of limits by side, and orders that came to stand somewhere."""

    bar: int
    taken: dict[Side, int]
    came: set[str]


class Tape:
    """Judges every execution by its bar. `bars` are the exec bars of the run."""

    def __init__(self, ledger: Ledger, bars: Frame) -> None:
        self._ledger = ledger
        self._bars = bars
        self._execution = ledger.settings.execution
        self._now = _Now(-1, {}, set())
        self._before: float | None = None  # the last traded close
        self._broken: list[tuple[str, str]] = []

    def seen(self, event: Event) -> None:
        """Judge one event, after the ledger applied it."""
        match event:
            case BarClosed():
                traded = self._bars.volume[event.bar] != 0.0
                if traded or self._before is None:
                    self._before = self._bars.close[event.bar]
            case OrderAmended() | OrderTriggered():
                self._at(event.bar).came.add(event.order_id)
            case OrderFilled():
                self._judge(event, self._ledger.orders[event.order_id])
            case _:
                pass

    def broken(self) -> Iterator[tuple[str, str]]:
        """Yield (law, what is wrong) of what was seen since the last call."""
        found, self._broken = self._broken, []
        yield from found

    def _at(self, bar: int) -> _Now:
        if self._now.bar != bar:
            self._now = _Now(bar, {}, set())
        return self._now

    def _judge(self, event: OrderFilled, order: Order) -> None:
        if order.spec.role in _NEVER_MET:
            return
        reference = event.price - order.side.sign * event.slippage
        self._judge_place(event, reference)
        if order.spec.order_type in _LIMITS:
            self._judge_gift(event, order)
            self._judge_volume(event, order)

    def _judge_place(self, event: OrderFilled, reference: float) -> None:
        bars, bar = self._bars, event.bar
        low, high = bars.low[bar], bars.high[bar]
        if event.path == 0.0 and self._before is not None:
            low, high = min(low, self._before), max(high, self._before)
        slack = self._ledger.instrument.tick * 1e-6
        if not low - slack <= reference <= high + slack:
            text = f"{event.order_id} filled at {reference:g} where prices went from {low:g} to {high:g}"
            self._broken.append(("fills_where_price_was", text))

    def _judge_gift(self, event: OrderFilled, order: Order) -> None:
        limit, sign = order.limit_price, order.side.sign
        assert limit is not None
        slack = self._ledger.instrument.tick * 1e-6
        better = sign * (limit - event.price)
        if better < -slack:
            text = f"{event.order_id} filled at {event.price:g}, beyond its limit {limit:g}"
            self._broken.append(("no_gifts", text))
        if better <= slack or self._may_gain(event, order, limit):
            return
        text = f"{event.order_id} filled at {event.price:g}, better than its limit {limit:g}"
        self._broken.append(("no_gifts", text))

    def _may_gain(self, event: OrderFilled, order: Order, limit: float) -> bool:
        if self._execution.resting_gap == RestingGap.OPEN:
            is_at_open = event.price == self._bars.open[event.bar]
            if event.is_maker or (order.spec.time_in_force.is_immediate and is_at_open):
                return True
        if self._execution.intrabar == Intrabar.MAGNIFY:
            return (
                not event.is_maker or order.spec.post_only
            )  # closes of finer bars are not seen here
        came = self._at(event.bar).came
        came_here = order.order_id in came or order.spec.created_bar == event.bar
        if came_here and (order.spec.role in PROTECTIVE or order.triggered_at is not None):
            return True
        before = self._before
        return before is None or order.side.sign * (limit - before) > 0

    def _judge_volume(self, event: OrderFilled, order: Order) -> None:
        model = self._execution.fill_model
        if model not in (FillModel.VOLUME_WEIGHTED, FillModel.QUEUE):
            return
        taken = self._at(event.bar).taken
        taken[order.side] = taken.get(order.side, 0) + event.quantity
        part = 1.0 if model is FillModel.QUEUE else self._execution.volume_participation_max
        most = math.floor(self._bars.volume[event.bar] * part / self._ledger.instrument.lot + 1e-6)
        if taken[order.side] > most:
            text = f"limits to {order.side.value} filled {taken[order.side]} lots of {most}"
            self._broken.append(("one_volume_budget", text))
