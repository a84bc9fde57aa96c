"""Account-stage builtins, read from the ledger at the last close. NaN is unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from compiler.catalog.builtins import (
    OF_LAST_TRADES,
    OF_THE_FILLED,
    ORDER_PRICE,
    PER_LOSS,
    is_steady,
)
from compiler.catalog.limits import Limit
from runtime.account.course import Course
from runtime.account.ledger import Ledger
from runtime.account.margin import used_margin
from runtime.account.repeats import filled_part
from runtime.account.results import in_units_of_risk, reason_number
from runtime.account.standing import trail_price
from runtime.account.trade_figures import figure
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderType, Side

FLAT, LONG, SHORT = 0.0, 1.0, 2.0


def _side(ledger: Ledger) -> float:
    if ledger.position is None:
        return FLAT
    return LONG if ledger.position.side is Side.BUY else SHORT


def _quantity(ledger: Ledger) -> float:
    position = ledger.position
    return 0.0 if position is None else ledger.instrument.base(position.quantity)


def _unrealized_pct(ledger: Ledger) -> float:
    position = ledger.position
    if position is None:
        return math.nan
    entry = position.avg_entry_price
    return position.side.sign * (ledger.close - entry) / entry * 100


def _since(ledger: Ledger, bar: int | None, never: float = math.nan) -> float:
    return never if bar is None else float(ledger.bar - bar)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _count(ledger: Ledger, stops: bool | None, side: Side | None) -> float:
    return float(
        sum(
            1
            for order in ledger.book
            if _is_pending(ledger, order)
            and (side is None or order.side is side)
            and (stops is None or _is_stop(order.spec.order_type) is stops)
            and (stops is None or order.spec.order_type is not OrderType.MARKET)
        )
    )


def _is_pending(ledger: Ledger, order: Order) -> bool:
    return order.is_own and not ledger.is_leaving(order)


def _is_stop(kind: OrderType) -> bool:
    return kind in (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)


def _oldest(ledger: Ledger) -> float:
    ages = [order.bars_pending for order in ledger.book if _is_pending(ledger, order)]
    return float(max(ages)) if ages else math.nan


def _capacity(ledger: Ledger) -> float:
    held = 0.0 if ledger.position is None else ledger.position.total_size_usdt
    return max(0.0, ledger.max_position_usdt - held)


def _free_fraction(ledger: Ledger) -> float:
    equity = ledger.equity
    if equity <= 0 or ledger.position is None:
        return 1.0 if equity > 0 else 0.0
    return 1.0 - ledger.position.total_size_usdt / ledger.leverage / equity


def _free_margin(ledger: Ledger) -> float:
    return max(0.0, ledger.account.balance - used_margin(ledger))


def _waits_at(order: Order | None) -> float:
    """Return the price that a working order waits for, NaN for none and for one at market."""
    if order is None:
        return math.nan
    # A stop-limit has two prices: the market is to come to its trigger first.
    is_limit = order.limit_price is not None and not order.is_armed_stop
    return _or_nan(order.limit_price if is_limit else order.trigger_price)


def _in_r(ledger: Ledger) -> float:
    position = ledger.position
    if position is None:
        return math.nan
    sign, average = position.side.sign, position.avg_entry_price
    return _or_nan(in_units_of_risk(ledger.results, sign, average, ledger.close))


_READERS: dict[str, Callable[[Ledger], float]] = {
    "position_side": _side,
    "position_size_usdt": lambda s: 0.0 if s.position is None else s.position.total_size_usdt,
    "position_qty": _quantity,
    "position_avg_entry": lambda s: math.nan if s.position is None else s.position.avg_entry_price,
    "position_layers": lambda s: 0.0 if s.position is None else float(s.position.layer_count),
    "position_unrealized_pnl": lambda s: s.unrealized,
    "position_unrealized_pct": _unrealized_pct,
    "position_stop": lambda s: _or_nan(s.stop_price()),
    "position_target": lambda s: _or_nan(s.target_price()),
    "bars_since_entry": lambda s: _since(s, s.counters.entry_bar),
    "bars_since_exit": lambda s: _since(s, s.counters.exit_bar, never=math.inf),
    "entries_since_flat": lambda s: float(s.counters.entries),
    "exits_since_entry": lambda s: float(s.counters.exits),
    "fundings_since_entry": lambda s: float(s.counters.fundings),
    "pending_order_count": lambda s: _count(s, None, None),
    "pending_limit_buy_count": lambda s: _count(s, False, Side.BUY),
    "pending_limit_sell_count": lambda s: _count(s, False, Side.SELL),
    "pending_stop_buy_count": lambda s: _count(s, True, Side.BUY),
    "pending_stop_sell_count": lambda s: _count(s, True, Side.SELL),
    "oldest_pending_age_bars": _oldest,
    "position_last_entry": lambda s: _or_nan(s.results.position_entry),
    "position_initial_stop": lambda s: _or_nan(s.results.initial_stop),
    "position_trail": lambda s: _or_nan(trail_price(s)),
    "position_r": _in_r,
    "last_entry_price": lambda s: _or_nan(s.results.last_entry),
    "last_exit_price": lambda s: _or_nan(s.results.last_exit),
    "last_exit_reason": lambda s: reason_number(s.results),
    "last_trade_pnl": lambda s: _or_nan(s.results.last_pnl),
    "last_trade_r": lambda s: _or_nan(s.results.last_r),
    "win_streak": lambda s: float(s.results.wins),
    "loss_streak": lambda s: float(s.results.losses),
    "free_margin": _free_margin,
    "leverage": lambda s: s.leverage,
    "tick": lambda s: s.instrument.tick,
    "free_usdt": lambda s: _free_margin(s) * s.leverage,
    "equity": lambda s: s.equity,
    "balance": lambda s: s.account.balance,
    "remaining_position_capacity": _capacity,
    "remaining_equity_pct": _free_fraction,
    "max_position_usdt": lambda s: s.max_position_usdt,
    PER_LOSS: lambda _: math.nan,  # known when an order is priced, by `runtime.decide.sizes`
    # Known where `on_fill` of an order is decided, by `BlocksExecutor`.
    **dict.fromkeys(OF_THE_FILLED, lambda _: math.nan),
}

# What is read of the account's course: a ledger follows it where a program asks.
COURSE: dict[str, Callable[[Course, Ledger], float]] = {
    "position_high": lambda c, s: math.nan if s.position is None else _or_nan(c.high),
    "position_low": lambda c, s: math.nan if s.position is None else _or_nan(c.low),
    "trades_today": lambda c, s: float(s.positions - c.day_positions),
    "losses_today": lambda c, _: float(c.lost - c.day_lost),
    "pnl_today": lambda c, s: s.equity - c.day_equity,
    "equity_peak": lambda c, s: c.peak,
    "entries_allowed": lambda c, s: float(not c.standing.hit),
    "limit_hit": lambda c, s: float(
        1 + tuple(Limit).index(c.standing.hit[0]) if c.standing.hit else 0
    ),
    "drawdown_pct": lambda c, s: max(0.0, c.peak - s.equity) / c.peak * 100 if c.peak > 0 else 0.0,
}


Named = tuple[str, str, tuple[str, ...]]  # builtin, order ref, the words of one that is a word


class Snapshot:
    """Some builtins as they are at each close.

    COST: what only events move is read again only at the two closes after an event.
    """

    def __init__(self, names: Sequence[Named]) -> None:
        self._names = names
        self._moving = [(i, name) for i, name in enumerate(names) if not is_steady(name[0])]
        self._values: list[float] = []
        self._changes = -1
        self._is_settled = False

    def settled(self, ledger: Ledger) -> Sequence[float] | None:
        """Return the values of this close and all to come until an event, None where they may differ."""
        is_known = self._is_settled and ledger.changes == self._changes and not self._moving
        return self._values if is_known else None

    def at_close(self, ledger: Ledger) -> Sequence[float]:
        """Return the values at the close that the ledger has just taken in, in the order of names."""
        if not self._is_settled or ledger.changes != self._changes:
            self._is_settled = ledger.changes == self._changes
            self._changes = ledger.changes
            self._values = [read(ledger, *name) for name in self._names]
        elif self._moving:
            self._values = self._values.copy()  # those of an earlier close may be held
            for index, name in self._moving:
                self._values[index] = read(ledger, *name)
        return self._values


def read(ledger: Ledger, name: str, ref: str = "", words: tuple[str, ...] = ()) -> float:
    """Return one builtin; KeyError for a name that is not in the catalogue.

    `words` are those of a builtin whose value is a word: it is read as the place of the word.
    """
    reader = _READERS.get(name)
    if reader is not None:
        return reader(ledger)
    followed = COURSE.get(name)
    if followed is not None:
        assert ledger.course is not None, "nobody has followed the course"
        return followed(ledger.course, ledger)
    if name in OF_LAST_TRADES:
        return figure(name, ledger.results.last_pnls, int(ref))
    if name in ("order_pending", ORDER_PRICE):
        order = ledger.book.by_ref(ref)
        is_working = order is not None and not ledger.is_leaving(order)
        return (
            float(is_working) if name != ORDER_PRICE else _waits_at(order if is_working else None)
        )
    if name == "order_due":
        return float(ref in ledger.due)
    if name == "order_filled_pct":
        newest = ledger.newest_by_ref.get(ref)
        if newest is None:
            return math.nan
        return filled_part(ledger.orders[newest], ledger.orders)
    return _layer(ledger, name, words)


def _layer(ledger: Ledger, name: str, words: tuple[str, ...]) -> float:
    """Return `position_layer_{i}_entry/_size/_age_bars/_ref`."""
    prefix, number, field = "position_layer_", *name[len("position_layer_") :].split("_", 1)
    if not name.startswith(prefix):
        raise KeyError(name)
    layers = () if ledger.position is None else ledger.position.layers
    index = int(number)
    if index >= len(layers):
        return math.nan
    layer = layers[index]
    match field:
        case "entry":
            return layer.entry_price
        case "size":
            return layer.size_usdt(ledger.instrument)
        case "age_bars":
            return float(ledger.bar - layer.entry_bar_index)
        case "ref":
            ref = layer.order_ref
            return float(words.index(ref)) if ref in words else math.nan
        case _:
            raise KeyError(name)
