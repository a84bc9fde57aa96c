"""Rows of the venue as domain values: with `bodies` and `vocabulary` all that knows its spellings.

Strict about types (numbers arrive as strings and become ticks and lots through the instrument),
tolerant of extra fields, loud about unknown words: who reads a stream puts a row that is refused here
aside and goes on. An order message carries status only; fills come from executions alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from runtime.backends.bybit.fees import Fee, fee_in, fee_of_order
from runtime.backends.bybit.vocabulary import (
    CANCEL_REASONS,
    CREATE_TYPES,
    EXECUTION_KINDS,
    FOK_REASONS,
    IOC_REASONS,
    POST_ONLY_CROSSED,
    SIDES,
    STATUSES,
    STOP_ORDER_TYPES,
    TIME_IN_FORCE,
    ExecutionKind,
    Status,
    order_type,
    word,
)
from runtime.errors import BackendError
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import OrderType, Role, Side, TimeInForce

Wire = Mapping[str, Any]


class MalformedMessage(BackendError):
    """A message lacks a field or holds something that is not what the venue documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUpdate:
    """One row of the order stream or of an order query."""

    exchange_order_id: str
    order_id: str  # our orderLinkId; "" for orders the venue made itself
    parent_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    post_only: bool
    reduce_only: bool
    status: Status
    role: Role | None  # set for orders the venue made: stop, target, liquidation
    quantity: int  # lots
    filled: int  # lots; a lower bound for what executions must account for
    limit_price: float | None
    trigger_price: float | None
    average_price: float | None
    cancel_reason: str
    reject_reason: str
    created_at: int
    updated_at: int
    made_by: str = ""  # the venue's word for who made it
    position_index: int = 0  # not 0: a side of a hedged position
    closed_pnl: float | None = None
    fee: Fee = Fee()  # of all it has filled
    trigger_direction: int = 0  # the venue's word: 1 rises to its trigger, 2 falls, 0 not said


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One row of the execution stream or query.

    `order_quantity` is the total of its order at that moment, in lots, `order_price` where it stood (of one at market its
    bound); `closed` what it took off the position; `rate` the fee rate, or of a funding row the funding rate.
    """

    kind: ExecutionKind
    execution_id: str
    exchange_order_id: str
    order_id: str
    symbol: str
    side: Side
    quantity: int
    price: float
    fee: Fee  # not said on the fast stream
    is_maker: bool
    ts: int
    role: Role | None
    sequence: int | None
    order_quantity: int | None = None
    order_price: float | None = None
    closed: int | None = None
    rate: float | None = None
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionUpdate:
    """One position row; `quantity` is signed lots, 0 when flat."""

    symbol: str
    quantity: int
    average_price: float | None
    stop_loss: float | None
    take_profit: float | None
    liquidation_price: float | None
    leverage: float | None
    mark_price: float | None
    updated_at: int
    position_index: int = 0
    status: str = ""  # Normal, Liq or Adl
    is_reduce_only: bool = False
    adl_rank: int = 0
    sequence: int = 0
    adds_margin: bool = False
    protection_mode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KlineUpdate:
    """One public kline; only `is_closed` ones are bars."""

    interval: str
    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletUpdate:
    """The USDT part of the account."""

    equity: float
    balance: float
    position_margin: float
    order_margin: float
    locked: float = 0.0
    bonus: float = 0.0


# ---------------------------------------------------------------- fields


def _field(row: Wire, name: str) -> Any:
    if name not in row:
        raise MalformedMessage(f"a message lacks `{name}`: it has {', '.join(sorted(row))}")
    return row[name]


def _text(row: Wire, name: str, default: str | None = None) -> str:
    value = row.get(name, default) if default is not None else _field(row, name)
    if not isinstance(value, str):
        raise MalformedMessage(f"`{name}` should be text, found {value!r}")
    return value


def _number(row: Wire, name: str) -> float:
    value = _field(row, name)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise MalformedMessage(f"`{name}` should be a number, found {value!r}") from None
    if isinstance(value, bool) or not math.isfinite(number):
        raise MalformedMessage(f"`{name}` should be a number, found {value!r}")
    return number


def _optional_number(row: Wire, *names: str) -> float | None:
    """Return the first present number; empty text means none."""
    for name in names:
        if row.get(name) not in (None, ""):
            return _number(row, name)
    return None


def _price(row: Wire, name: str) -> float | None:
    """Return a price; the venue writes none as "", "0" or "0.00"."""
    value = _optional_number(row, name)
    return None if value is None or value == 0.0 else value


def _time(row: Wire, *names: str) -> int:
    for name in names:
        if row.get(name) not in (None, ""):
            return int(_number(row, name))
    return 0


def _lots(row: Wire, name: str, instrument: Instrument) -> int:
    _number(row, name)
    try:
        lots = Decimal(str(row[name])) / Decimal(repr(instrument.lot))
    except InvalidOperation:
        raise MalformedMessage(f"`{name}` should be a number, found {row[name]!r}") from None
    whole = round(lots)
    if abs(whole - lots) > Decimal("1e-6"):
        raise MalformedMessage(
            f"`{name}` {row[name]} is no multiple of the lot {instrument.lot} of {instrument.symbol}"
        )
    return whole


def _whole(row: Wire, name: str) -> int:
    return int(_optional_number(row, name) or 0)


def _flag(row: Wire, name: str) -> bool:
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise MalformedMessage(f"`{name}` should be true or false, found {value!r}")
    return value


# ---------------------------------------------------------------- rows


def concerns(row: Wire, symbol: str) -> bool:
    """Return whether a row of an all-in-one topic is of a symbol of ours, before it is parsed."""
    return row.get("symbol") == symbol and row.get("category", "linear") == "linear"


def parse_order(row: Wire, instrument: Instrument) -> OrderUpdate:
    """Return an order row; UnknownWord or MalformedMessage when it is not as documented."""
    trigger = _price(row, "triggerPrice")
    force, post_only = word(TIME_IN_FORCE, "timeInForce", _text(row, "timeInForce"))
    stop_type = _text(row, "stopOrderType", "")
    role = word(STOP_ORDER_TYPES, "stopOrderType", stop_type)
    role = role or CREATE_TYPES.get(_text(row, "createType", ""))
    reject = _text(row, "rejectReason", "")
    return OrderUpdate(
        exchange_order_id=_text(row, "orderId"),
        order_id=_text(row, "orderLinkId", ""),
        parent_order_id=_text(row, "parentOrderLinkId", ""),
        symbol=_text(row, "symbol"),
        side=word(SIDES, "side", _text(row, "side")),
        order_type=order_type(_text(row, "orderType"), trigger is not None),
        time_in_force=force,
        post_only=post_only,
        reduce_only=_flag(row, "reduceOnly"),
        status=word(STATUSES, "orderStatus", _text(row, "orderStatus")),
        role=role,
        quantity=_lots(row, "qty", instrument),
        filled=_lots(row, "cumExecQty", instrument),
        limit_price=_price(row, "price") if row.get("orderType") == "Limit" else None,
        trigger_price=trigger,
        average_price=_price(row, "avgPrice"),
        cancel_reason=_cancel_reason(row, reject),
        reject_reason="" if reject == "EC_NoError" else reject,
        created_at=_time(row, "createdTime"),
        updated_at=_time(row, "updatedTime", "createdTime"),
        made_by=_text(row, "createType", ""),
        position_index=_whole(row, "positionIdx"),
        closed_pnl=_optional_number(row, "closedPnl"),
        fee=fee_of_order(row, _optional_number(row, "cumExecFee")),
        trigger_direction=_whole(row, "triggerDirection"),
    )


def _cancel_reason(row: Wire, reject: str) -> str:
    if reject == POST_ONLY_CROSSED:
        return "post_only_would_cross"
    if reject in IOC_REASONS:
        return "ioc_remainder"
    if reject in FOK_REASONS:
        return "fok_unfillable"
    cancel = _text(row, "cancelType", "")
    if cancel in ("", "UNKNOWN"):
        return ""
    # New kinds of cancellation appear; the order is cancelled either way, and we say by what.
    return CANCEL_REASONS.get(cancel, cancel)


def parse_execution(row: Wire, instrument: Instrument) -> Execution:
    """Return an execution row of the full or the fast stream, or of the query."""
    kind = word(EXECUTION_KINDS, "execType", _text(row, "execType", "Trade"))
    stop_type = _text(row, "stopOrderType", "")
    role = word(STOP_ORDER_TYPES, "stopOrderType", stop_type)
    role = role or CREATE_TYPES.get(_text(row, "createType", ""))
    sequence = _optional_number(row, "seq")
    return Execution(
        kind=kind,
        execution_id=_text(row, "execId"),
        exchange_order_id=_text(row, "orderId"),
        order_id=_text(row, "orderLinkId", ""),
        symbol=_text(row, "symbol"),
        side=word(SIDES, "side", _text(row, "side")),
        quantity=_lots(row, "execQty", instrument),
        price=_number(row, "execPrice"),
        fee=fee_in(_optional_number(row, "execFee"), _text(row, "feeCurrency", "")),
        is_maker=_flag(row, "isMaker"),
        ts=_time(row, "execTime"),
        role=role,
        sequence=None if sequence is None else int(sequence),
        order_quantity=_lots(row, "orderQty", instrument) or None if row.get("orderQty") else None,
        order_price=_price(row, "orderPrice"),
        closed=_lots(row, "closedSize", instrument) if row.get("closedSize") else None,
        rate=_optional_number(row, "feeRate"),
        made_by=_text(row, "createType", ""),
    )


def parse_position(row: Wire, instrument: Instrument) -> PositionUpdate:
    """Return a position row; a flat one has side "" (or "None" in old messages) and size 0."""
    side = _text(row, "side")
    lots = _lots(row, "size", instrument)
    sign = 0 if side in ("", "None") else word(SIDES, "side", side).sign
    if sign == 0 and lots:
        raise MalformedMessage(f"a position of {row['size']} {row.get('symbol')} has no side")
    return PositionUpdate(
        symbol=_text(row, "symbol"),
        quantity=sign * lots,
        # VENUE: docs/v5/websocket/private/position — the stream says entryPrice, the query avgPrice.
        average_price=_price(row, "avgPrice") or _price(row, "entryPrice"),
        stop_loss=_price(row, "stopLoss"),
        take_profit=_price(row, "takeProfit"),
        liquidation_price=_price(row, "liqPrice"),
        leverage=_optional_number(row, "leverage"),
        mark_price=_price(row, "markPrice"),
        updated_at=_time(row, "updatedTime", "createdTime"),
        position_index=_whole(row, "positionIdx"),
        status=_text(row, "positionStatus", ""),
        is_reduce_only=_flag(row, "isReduceOnly"),
        adl_rank=_whole(row, "adlRankIndicator"),
        sequence=_whole(row, "seq"),
        adds_margin=bool(_whole(row, "autoAddMargin")),
        protection_mode=_text(row, "tpslMode", ""),
    )


def parse_kline(message: Wire) -> Iterator[KlineUpdate]:
    """Yield the rows of a public kline message."""
    for row in _field(message, "data"):
        yield KlineUpdate(
            interval=_text(row, "interval"),
            start=int(_number(row, "start")),
            open=_number(row, "open"),
            high=_number(row, "high"),
            low=_number(row, "low"),
            close=_number(row, "close"),
            volume=_number(row, "volume"),
            is_closed=_flag(row, "confirm"),
        )


def parse_wallet(row: Wire) -> WalletUpdate | None:
    """Return the USDT part of a wallet row, None when the account holds none."""
    for coin in _field(row, "coin"):
        if coin.get("coin") == "USDT":
            return WalletUpdate(
                # Some answers carry the cash alone.
                equity=_optional_number(coin, "equity", "walletBalance") or 0.0,
                balance=_number(coin, "walletBalance"),
                position_margin=_optional_number(coin, "totalPositionIM") or 0.0,
                order_margin=_optional_number(coin, "totalOrderIM") or 0.0,
                locked=_optional_number(coin, "locked") or 0.0,
                bonus=_optional_number(coin, "bonus") or 0.0,
            )
    return None


def parse_funding(row: Wire) -> tuple[int, float]:
    """Return when a row of the funding history was settled (ms UTC), and its rate as a fraction."""
    return int(_number(row, "fundingRateTimestamp")), _number(row, "fundingRate")


def parse_kline_row(row: object, interval: str) -> KlineUpdate:
    """Return a row of a kline query, which is a list; it does not say whether it has closed."""
    if not isinstance(row, list) or len(row) < 6:
        raise MalformedMessage(f"a kline row should be a list of 7, found {row!r}")
    named = dict(zip(("start", "open", "high", "low", "close", "volume"), row, strict=False))
    return KlineUpdate(
        interval=interval,
        start=int(_number(named, "start")),
        open=_number(named, "open"),
        high=_number(named, "high"),
        low=_number(named, "low"),
        close=_number(named, "close"),
        volume=_number(named, "volume"),
        is_closed=False,
    )
