"""Requests as the venue wants them: the outgoing half of `messages`.

The law: a number leaves as decimal text made from whole ticks or lots, so it lies on the venue's grid; what
is not finite, zero or negative never leaves. (A quantity of zero means *everything* in `flatten`, the one
request that says so.)
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

from runtime.backends.bybit.names import LinkNames
from runtime.backends.bybit.vocabulary import SIDE_WORDS, TIF_WORDS
from runtime.errors import BackendError
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import AmendOrder
from runtime.orders.order_spec import OrderSpec, OrderType, Role, Side, TimeInForce

Body = dict[str, Any]
_LIMITS = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_OWN = LinkNames()


class NotSendable(BackendError):
    """A request that may not leave: the venue would refuse it, or understand something else."""


def decimal_text(steps: int, size: float) -> str:
    """Return a whole number of steps of `size` as decimal text: no exponent, no trailing zeros.

    `size` is read as the decimal it was written as: 0.1 is a tenth.
    """
    if steps <= 0 or not math.isfinite(size) or size <= 0:
        raise NotSendable(f"{steps} steps of {size} are no amount")
    return f"{(Decimal(repr(size)) * steps).normalize():f}"


def price_text(price: float, instrument: Instrument) -> str:
    """Return a price on the grid; NotSendable for one beside it."""
    if not math.isfinite(price) or price <= 0:
        raise NotSendable(f"{price} is no price")
    ticks = instrument.ticks(price)
    if ticks <= 0 or abs(instrument.price_of(ticks) - price) > instrument.tick * 1e-6:
        raise NotSendable(f"{price!r} is no multiple of the tick {instrument.tick}")
    return decimal_text(ticks, instrument.tick)


def quantity_text(lots: int, instrument: Instrument) -> str:
    """Return whole lots in base units."""
    return decimal_text(lots, instrument.lot)


def where(symbol: str) -> Body:
    """Return what every request about a contract starts with."""
    return {"category": "linear", "symbol": symbol}


def create(
    spec: OrderSpec,
    instrument: Instrument,
    names: LinkNames = _OWN,
    *,
    trigger_by: str = "LastPrice",
    attached: Body | None = None,
) -> Body:
    """Return the body of order/create for one of our orders.

    `attached`: what `attach` returned, for an order that brings its stop and target itself.
    """
    is_limit = spec.order_type in _LIMITS
    tif = "PostOnly" if spec.post_only else TIF_WORDS[spec.time_in_force]
    body = where(spec.symbol) | {
        "side": SIDE_WORDS[spec.side],
        "orderType": "Limit" if is_limit else "Market",
        "qty": quantity_text(spec.quantity, instrument),
        "timeInForce": tif if is_limit else "IOC",
        "positionIdx": 0,
        "orderLinkId": names.link(spec.order_id),
        "reduceOnly": spec.reduce_only,
    }
    if is_limit:
        body["price"] = price_text(_set(spec.limit_price, "a limit order", spec), instrument)
    if spec.order_type in (OrderType.STOP_MARKET, OrderType.STOP_LIMIT):
        trigger = _set(spec.trigger_price, "a stop", spec)
        body["triggerPrice"] = price_text(trigger, instrument)
        body["triggerDirection"] = 1 if rises(spec) else 2
        body["triggerBy"] = trigger_by
    if attached and spec.reduce_only:
        raise NotSendable(f"{spec.order_id} closes: it cannot bring a stop or target")
    return body | (attached or {})


def at_once(
    spec: OrderSpec, instrument: Instrument, names: LinkNames = _OWN, *, band_pct: float
) -> Body:
    """Return the body of a stop entry that the market has passed on its way: it acts at once, under its own id.

    A stop-limit is in the book at its limit. One at market is an IOC limit order that pays no more than
    `band_pct` percent beyond its trigger: what is not there at that price is not bought or sold.
    """
    bare = replace(spec, order_type=OrderType.LIMIT, trigger_price=None)
    if spec.order_type is OrderType.STOP_MARKET:
        trigger = _set(spec.trigger_price, "a stop", spec)
        far = trigger * (1 + spec.side.sign * band_pct / 100)
        within = instrument.floor_price if spec.side is Side.BUY else instrument.ceil_price
        bare = replace(
            bare, limit_price=within(far), time_in_force=TimeInForce.IOC, post_only=False
        )
    return create(bare, instrument, names)


def _set(price: float | None, what: str, spec: OrderSpec) -> float:
    if price is None:
        raise NotSendable(f"{spec.order_id} is {what} without its price")
    return price


def rises(spec: OrderSpec) -> bool:
    """Return whether the market has to rise to a trigger: a stop buy's, and a long's target.

    It follows from the meaning of the order, never from a last price, which may be old.
    """
    return (spec.side is Side.BUY) is not (spec.role is Role.TAKE_PROFIT)


def attach(
    instrument: Instrument,
    *,
    stop: float | None = None,
    target: float | None = None,
    target_limit: float | None = None,
    is_partial: bool = False,
    trigger_by: str = "LastPrice",
) -> Body:
    """Return the fields of a stop and a target that an order brings.

    Full: one pair for the position, at market. Partial: sized by what fills; a limit target only here. A session
    sends none: its stops are orders with names of their own, which a start finds (`docs/live.md`).
    """
    if target_limit is not None and (not is_partial or target is None):
        raise NotSendable("a target with a limit price is Partial and has a trigger")
    body: Body = {"tpslMode": "Partial" if is_partial else "Full"}
    if stop is not None:
        body |= {"stopLoss": price_text(stop, instrument), "slTriggerBy": trigger_by}
        body["slOrderType"] = "Market"
    if target is not None:
        body |= {"takeProfit": price_text(target, instrument), "tpTriggerBy": trigger_by}
        body["tpOrderType"] = "Market" if target_limit is None else "Limit"
    if target_limit is not None:
        body["tpLimitPrice"] = price_text(target_limit, instrument)
    return body


def amend(
    command: AmendOrder, symbol: str, instrument: Instrument, names: LinkNames = _OWN
) -> Body:
    """Return the body of order/amend; `quantity` is the new total. NotSendable where nothing changes."""
    body = where(symbol) | {"orderLinkId": names.link(command.order_id)}
    changes: Body = {}
    if command.quantity is not None:
        changes["qty"] = quantity_text(command.quantity, instrument)
    if command.limit_price is not None:
        changes["price"] = price_text(command.limit_price, instrument)
    if command.trigger_price is not None:
        changes["triggerPrice"] = price_text(command.trigger_price, instrument)
    if not changes:
        raise NotSendable(f"an amendment of {command.order_id} that changes nothing")
    return body | changes


def cancel(order_id: str, symbol: str, names: LinkNames = _OWN) -> Body:
    """Return the body of order/cancel."""
    return where(symbol) | {"orderLinkId": names.link(order_id)}


def cancel_foreign(exchange_order_id: str, symbol: str) -> Body:
    """Return the body of order/cancel for an order that has no link id of ours."""
    return where(symbol) | {"orderId": exchange_order_id}


def cancel_all(symbol: str, *, stops_only: bool = False) -> Body:
    """Return the body of order/cancel-all for one contract."""
    return where(symbol) | ({"orderFilter": "StopOrder"} if stops_only else {})


def trading_stop(
    symbol: str,
    instrument: Instrument,
    *,
    stop: float | None = None,
    target: float | None = None,
    trigger_by: str = "LastPrice",
) -> Body:
    """Return the body of position/trading-stop, Full mode: both legs absolute, None takes one away.

    A session sends none, as of what `attach` returns.
    """
    return where(symbol) | {
        "tpslMode": "Full",
        "positionIdx": 0,
        "stopLoss": "0" if stop is None else price_text(stop, instrument),
        "takeProfit": "0" if target is None else price_text(target, instrument),
        "slTriggerBy": trigger_by,
        "tpTriggerBy": trigger_by,
    }


def leverage(symbol: str, value: float) -> Body:
    """Return the body of position/set-leverage, the same for both sides."""
    if not math.isfinite(value) or value < 1:
        raise NotSendable(f"{value} is no leverage")
    text = f"{Decimal(repr(value)).normalize():f}"
    return where(symbol) | {"buyLeverage": text, "sellLeverage": text}


def flatten(symbol: str, held: Side, link: str) -> Body:
    """Return the body of order/create that closes the whole position, however large it is by then.

    VENUE: docs/v5/order/create-order: `qty` "0" with reduceOnly and closeOnTrigger closes all of it, up
    to the largest market quantity: ask again until it is flat.
    """
    return where(symbol) | {
        "side": SIDE_WORDS[held.opposite],
        "orderType": "Market",
        "qty": "0",
        "timeInForce": "IOC",
        "positionIdx": 0,
        "orderLinkId": LinkNames().link(link),
        "reduceOnly": True,
        "closeOnTrigger": True,
    }
