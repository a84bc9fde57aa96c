"""Builtins of §6 of the language: values frozen at the bar's close."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.catalog.types import Stage, Type, Unit, ValueType


@dataclass(frozen=True, slots=True)
class Builtin:
    """`always_known` builtins never give unknown (after the first bar)."""

    name: str
    value: ValueType
    stage: Stage
    doc: str
    always_known: bool = False
    takes_ref: bool = False


def _num(unit: Unit, low: float | None = None, high: float | None = None) -> ValueType:
    return ValueType(Type.NUMBER, unit, low=low, high=high)


def _int(unit: Unit, low: float | None = 0, high: float | None = None) -> ValueType:
    return ValueType(Type.INT, unit, low=low, high=high)


_PRICE = _num(Unit.PRICE, 0)
SIDES = ("flat", "long", "short")
M, A = Stage.MARKET, Stage.ACCOUNT

_MARKET = (
    Builtin("open", _PRICE, M, "open of the closed bar", True),
    Builtin("high", _PRICE, M, "high of the closed bar", True),
    Builtin("low", _PRICE, M, "low of the closed bar", True),
    Builtin("close", _PRICE, M, "close of the closed bar", True),
    Builtin("volume", _num(Unit.QTY, 0), M, "volume of the closed bar, base units", True),
    Builtin("mark_price", _PRICE, M, "mark price at the close; unknown without a mark series"),
    Builtin("hl2", _PRICE, M, "(high + low) / 2", True),
    Builtin("hlc3", _PRICE, M, "(high + low + close) / 3", True),
    Builtin("ohlc4", _PRICE, M, "(open + high + low + close) / 4", True),
    Builtin("funding_rate", _num(Unit.FRACTION), M, "last funding rate; unknown without a series"),
    Builtin("bar_index", _int(Unit.INDEX), M, "number of the bar, from 0", True),
    Builtin("hour_utc", _int(Unit.PLAIN, 0, 23), M, "hour of the bar's close, UTC", True),
    Builtin("weekday_utc", _int(Unit.PLAIN, 0, 6), M, "weekday of the close, Monday = 0", True),
)
_POSITION = (
    Builtin("position_side", ValueType(Type.ENUM, enum=SIDES), A, "flat, long or short", True),
    Builtin("position_size_usdt", _num(Unit.USDT, 0), A, "entry notional; 0 when flat", True),
    Builtin("position_qty", _num(Unit.QTY, 0), A, "base units; 0 when flat", True),
    Builtin("position_avg_entry", _PRICE, A, "quantity-weighted entry; unknown when flat"),
    Builtin("position_layers", _int(Unit.PLAIN), A, "number of entry layers", True),
    Builtin("position_unrealized_pnl", _num(Unit.USDT), A, "at the close; 0 when flat", True),
    Builtin("position_unrealized_pct", _num(Unit.PCT), A, "of the entry; unknown when flat"),
    Builtin("position_stop", _PRICE, A, "stop level; unknown without one"),
    Builtin("position_target", _PRICE, A, "target level; unknown without one"),
    Builtin("bars_since_entry", _int(Unit.BARS), A, "since the position opened; unknown when flat"),
    Builtin("bars_since_exit", _int(Unit.BARS), A, "since the last close to flat; unknown before"),
    Builtin("entries_since_flat", _int(Unit.PLAIN), A, "entry orders filled, this position", True),
    Builtin("exits_since_entry", _int(Unit.PLAIN), A, "partial exits of this position", True),
)
_ORDERS = (
    Builtin("pending_order_count", _int(Unit.PLAIN), A, "working orders", True),
    Builtin("pending_limit_buy_count", _int(Unit.PLAIN), A, "working limit buys", True),
    Builtin("pending_limit_sell_count", _int(Unit.PLAIN), A, "working limit sells", True),
    Builtin("pending_stop_buy_count", _int(Unit.PLAIN), A, "working stop buys", True),
    Builtin("pending_stop_sell_count", _int(Unit.PLAIN), A, "working stop sells", True),
    Builtin("oldest_pending_age_bars", _int(Unit.BARS), A, "oldest working order; unknown if none"),
    Builtin(
        "order_pending", ValueType(Type.BOOL), A, "is an order with this ref working", True, True
    ),
    Builtin(
        "order_filled_pct",
        _num(Unit.FRACTION, 0, 1),
        A,
        "filled part of the newest order with this ref; unknown before it exists",
        False,
        True,
    ),
)
_CAPACITY = (
    Builtin("equity", _num(Unit.USDT), A, "balance + unrealized", True),
    Builtin("balance", _num(Unit.USDT), A, "realized money", True),
    Builtin(
        "remaining_position_capacity",
        _num(Unit.USDT, 0),
        A,
        "maximum position less position",
        True,
    ),
    Builtin("remaining_equity_pct", _num(Unit.FRACTION), A, "equity not in positions", True),
    Builtin("max_position_usdt", _num(Unit.USDT, 0), A, "maximum position", True),
)
MAX_LAYER_BUILTINS = 20
_LAYERS = tuple(
    builtin
    for i in range(MAX_LAYER_BUILTINS)
    for builtin in (
        Builtin(f"position_layer_{i}_entry", _PRICE, A, f"entry of layer {i}; unknown if absent"),
        Builtin(f"position_layer_{i}_size", _num(Unit.USDT, 0), A, f"notional of layer {i}"),
        Builtin(f"position_layer_{i}_age_bars", _int(Unit.BARS), A, f"age of layer {i}"),
    )
)

BUILTINS: dict[str, Builtin] = {
    b.name: b for b in (*_MARKET, *_POSITION, *_LAYERS, *_ORDERS, *_CAPACITY)
}
SCALING_BUILTINS: dict[str, str] = {
    b.name: b.doc for b in (*_POSITION, *_LAYERS, *_ORDERS, *_CAPACITY)
}
