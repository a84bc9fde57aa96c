"""Layers and trades from fills: what each entry became, and every trip from flat to flat.

The law: what an execution did to the position is what the ledger booked. Layers of a closed trade sum to
its gross profit, by their own entries and by the average alike; trades and what is open to the change of
equity. A fill that crosses flat closes one trade and opens the next, its fee shared by quantity.
Excursions take what price did while the trade was held: of the entry's bar what came after it, of the
exit's what came before it, and never more than the exit's own price. Each price is held against the
average entry as it stood then: an entry that moves it ends one stretch of the path and begins another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from runtime.account.booking import Booking
from runtime.account.layers import Slice
from runtime.account.ledger import Ledger
from runtime.account.results import at_risk
from runtime.formulas.path import SEGMENTS, highest_between, lowest_between
from runtime.formulas.pnl import excursion_pct, profit
from runtime.market.frame import Frame
from runtime.orders.events import OrderFilled, ProtectionChanged
from runtime.orders.order_spec import Effect, OrderSpec, Role, Side
from runtime.records.rows import LayerRow, TradeRow

# The paths of the equally long parts of an exec bar, in order of time: four corners each.
PathsOf = Callable[[int], Sequence[tuple[float, float, float, float]]]
Place = tuple[int, float]  # the part of a bar, and the place on its path
_START: Place = (0, 0.0)


@dataclass(slots=True)
class _Layer:
    layer_id: str
    order_id: str
    order_ref: str | None
    entry_bar: int
    entry_ts: int
    trade_id: int
    side: Side
    entered: int = 0
    entered_value: float = 0.0  # lots * price
    exited: int = 0
    exited_value: float = 0.0
    exit_bar: int | None = None
    exit_ts: int | None = None
    pnl_layer: float = 0.0
    pnl_account: float = 0.0


@dataclass(slots=True)
class _Trade:
    trade_id: int
    side: Side
    entry_bar: int
    entry_ts: int
    # The stretch of its path that one average entry holds for: where it began, its extremes so far.
    since_bar: int
    since: Place
    low: float
    high: float
    average: float  # the venue's
    is_moved: bool = False  # there was another average before
    worst: float = 0.0  # percent, of the stretches before
    best: float = 0.0
    entered: int = 0
    entered_value: float = 0.0
    exited: int = 0
    exited_value: float = 0.0
    most: int = 0
    realized: float = 0.0
    fees: float = 0.0
    funding: float = 0.0
    layers: int = 0
    exits: set[str] = field(default_factory=set)
    initial_risk: float | None = None


class RoundTrips:
    """Follows the position of a ledger from fill to fill."""

    def __init__(self, ledger: Ledger, frame: Frame, paths_of: PathsOf) -> None:
        self._ledger = ledger
        self._frame = frame
        self._paths_of = paths_of
        self._base = ledger.instrument.base
        self._layers: list[_Layer] = []
        self._held: dict[str, _Layer] = {}
        self._trade: _Trade | None = None
        self._trades: list[TradeRow] = []

    # ------------------------------------------------------------ what happens

    def fill(self, booking: Booking, spec: OrderSpec) -> None:
        """Take in one execution as the ledger has booked it."""
        trade, event = self._trade, booking.event
        if trade is not None and booking.closed_lots:
            for part in booking.closed:
                self._exit(self._held[part.layer_id], part, booking)
            trade.exited += booking.closed_lots
            trade.exited_value += booking.closed_lots * event.price
            trade.realized += booking.realized
            trade.fees += event.fee * booking.closed_lots / event.quantity
            trade.exits.add(event.order_id)
            if booking.has_ended:
                self._end(event, spec)
        if booking.opened is not None:
            self._enter(booking, spec)

    def close_bars(self, start: int, stop: int) -> None:
        """Take in the extremes of the closed bars [start, stop), if a trade was open on them."""
        trade = self._trade
        if trade is None:
            return
        if trade.since_bar == start:
            self._see(trade, start, (len(self._paths_of(start)), 0.0))
            start += 1
        if start < stop:
            trade.low = min(trade.low, *self._frame.low[start:stop])
            trade.high = max(trade.high, *self._frame.high[start:stop])

    def protect(self, event: ProtectionChanged) -> None:
        """Note the first stop of a trade: what was at risk."""
        trade, position = self._trade, self._ledger.position
        if trade is None or position is None or trade.initial_risk is not None:
            return
        stop, booking = self._ledger.stop_price(event.layer), self._ledger.booking
        if stop is None or event.stop_loss is None:
            return
        average, lots = position.avg_entry_price, position.quantity
        distance = position.side.sign * (average - stop)
        if booking is not None and booking.brought == event:
            order = self._ledger.orders[booking.event.order_id]
            lots = order.remaining + booking.opened_lots  # the whole order, had it been filled
            distance = at_risk(order, average, stop, self._ledger.close)
        trade.initial_risk = max(0.0, distance) * self._base(lots)

    def fund(self, amount: float) -> None:
        if self._trade is not None:
            self._trade.funding += amount

    # ------------------------------------------------------------ rows

    def rows(self) -> tuple[list[LayerRow], list[TradeRow]]:
        """Return all layers and trades; an open trade is valued at the last close."""
        trades = list(self._trades)
        if self._trade is not None:
            trades.append(self._open_row(self._trade))
        return [self._layer_row(layer) for layer in self._layers], trades

    # ------------------------------------------------------------ inside

    def _see(self, trade: _Trade, bar: int, until: Place) -> None:
        """Take in what price did in a bar while the trade was held, up to a place of it."""
        since = trade.since if trade.since_bar == bar else _START
        for part, path in enumerate(self._paths_of(bar)):
            start = since[1] if part == since[0] else 0.0
            end = until[1] if part == until[0] else SEGMENTS + 1.0
            if since[0] <= part <= until[0] and start < end:
                trade.low = min(trade.low, lowest_between(*path, start, end))
                trade.high = max(trade.high, highest_between(*path, start, end))

    def _reach(self, trade: _Trade, event: OrderFilled) -> Place:
        """Take in the path up to an execution, and its own price; return where it was."""
        trade.low, trade.high = min(trade.low, event.price), max(trade.high, event.price)
        place = self._place_of(event)
        self._see(trade, event.bar, place)
        return place

    def _move(self, trade: _Trade, event: OrderFilled, average: float) -> None:
        """End the stretch of the old average with an entry that moves it, and begin that of the new one."""
        trade.since = self._reach(trade, event)
        trade.since_bar = event.bar
        trade.worst, trade.best = _excursions(trade, trade.average)
        trade.low = trade.high = event.price
        trade.average, trade.is_moved = average, True

    def _place_of(self, event: OrderFilled) -> Place:
        """Return where in its bar an execution was; the end of a part is the start of no other."""
        parts = len(self._paths_of(event.bar))
        elapsed = event.ts - self._frame.ts[event.bar]
        part = elapsed * parts // self._frame.interval_ms
        return part - (event.path >= SEGMENTS), event.path

    def _enter(self, booking: Booking, spec: OrderSpec) -> None:
        trade, event, lots = self._trade, booking.event, booking.opened_lots
        position, name = booking.position, booking.opened
        assert position is not None
        assert name is not None
        if trade is None:
            number = len(self._trades) + 1
            place = self._place_of(event)
            trade = _Trade(
                number, position.side, event.bar, event.ts, event.bar, place, event.price, event.price,
                position.avg_entry_price,
            )  # fmt: skip
            self._trade = trade
        elif position.avg_entry_price != trade.average:
            self._move(trade, event, position.avg_entry_price)
        layer = self._held.get(name)
        if layer is None:
            layer = _Layer(
                name,
                event.order_id,
                spec.order_ref,
                event.bar,
                event.ts,
                trade.trade_id,
                position.side,
            )
            self._held[name] = layer
            self._layers.append(layer)
            trade.layers += 1
        layer.entered += lots
        layer.entered_value += lots * event.price
        trade.entered += lots
        trade.entered_value += lots * event.price
        trade.fees += event.fee * lots / event.quantity
        trade.most = max(trade.most, booking.held_lots)

    def _exit(self, layer: _Layer, part: Slice, booking: Booking) -> None:
        base, sign, event = self._base(part.quantity), layer.side.sign, booking.event
        layer.exited += part.quantity
        layer.exited_value += part.quantity * event.price
        layer.pnl_layer += profit(sign, base, part.entry_price, event.price)
        layer.pnl_account += profit(sign, base, booking.average, event.price)
        if part.is_last:
            layer.exit_bar, layer.exit_ts = event.bar, event.ts
            del self._held[part.layer_id]

    def _end(self, event: OrderFilled, spec: OrderSpec) -> None:
        trade = self._trade
        assert trade is not None
        self._reach(trade, event)
        row = self._trade_row(trade, trade.realized, event.bar - trade.entry_bar)
        row.exit_bar, row.exit_ts = event.bar, event.ts
        row.exit_price = trade.exited_value / trade.exited
        row.partial_exits = len(trade.exits) - 1
        # An entry of the other side closed it, with its own reason to be.
        row.exit_reason = "flip" if spec.effect is Effect.OPEN else event.reason
        row.is_open = False
        row.at_end = spec.role is Role.CLOSE_AT_END
        self._trades.append(row)
        self._trade = None

    def _open_row(self, trade: _Trade) -> TradeRow:
        held = self._ledger.bar - trade.entry_bar
        return self._trade_row(trade, trade.realized + self._ledger.unrealized, held)

    def _trade_row(self, trade: _Trade, gross: float, bars_held: int) -> TradeRow:
        entry = trade.entered_value / trade.entered
        quantity = self._base(trade.entered)
        net = gross - trade.fees - trade.funding
        sign = trade.side.sign
        # Of one average: from the entry that the row shows.
        worst, best = _excursions(trade, trade.average if trade.is_moved else entry)
        return TradeRow(
            trade_id=trade.trade_id,
            side="long" if sign > 0 else "short",
            entry_bar=trade.entry_bar,
            entry_ts=trade.entry_ts,
            exit_bar=None,
            exit_ts=None,
            entry_price=entry,
            exit_price=None,
            quantity=quantity,
            max_quantity=self._base(trade.most),
            layers=trade.layers,
            partial_exits=len(trade.exits),
            gross_pnl=gross,
            fees=trade.fees,
            funding=trade.funding,
            net_pnl=net,
            return_pct=net / (quantity * entry) * 100,
            mae_pct=worst,
            mfe_pct=best,
            bars_held=bars_held,
            exit_reason="",
            is_open=True,
            at_end=False,
            initial_risk_usdt=trade.initial_risk,
        )

    def _layer_row(self, layer: _Layer) -> LayerRow:
        return LayerRow(
            layer_id=layer.layer_id,
            trade_id=layer.trade_id,
            order_id=layer.order_id,
            order_ref=layer.order_ref,
            side="long" if layer.side is Side.BUY else "short",
            quantity=self._base(layer.entered),
            entry_price=layer.entered_value / layer.entered,
            entry_bar=layer.entry_bar,
            entry_ts=layer.entry_ts,
            exit_bar=layer.exit_bar,
            exit_ts=layer.exit_ts,
            exit_price=layer.exited_value / layer.exited if layer.exited else None,
            pnl_layer=layer.pnl_layer,
            pnl_account=layer.pnl_account,
        )


def _excursions(trade: _Trade, average: float) -> tuple[float, float]:
    """Return the worst and the best of a trade, its stretch so far by an average entry."""
    sign = trade.side.sign
    low, high = (excursion_pct(sign, average, price) for price in (trade.low, trade.high))
    return min(trade.worst, low, high), max(trade.best, low, high)
