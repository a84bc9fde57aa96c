"""`/v5/order/*` that change something: amend, cancel, cancel-all, disconnected-cancel-all.

Law: the answer only acknowledges; the verdict comes later, over the streams.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from tools.fakebybit import account, conditionals, matching, protection, refusals
from tools.fakebybit.faults import Fault
from tools.fakebybit.instrument import Instrument
from tools.fakebybit.legs import attached
from tools.fakebybit.lookup import check_trigger_side, find, ids, known_symbol
from tools.fakebybit.orders import (
    Attached,
    By,
    Kind,
    Leg,
    Order,
    Status,
)
from tools.fakebybit.parameters import Parameters, linear, spec
from tools.fakebybit.publisher import flush
from tools.fakebybit.refusals import Refused, refused
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row

AMEND = spec(
    text="category symbol orderId orderLinkId tpslMode tpTriggerBy slTriggerBy triggerBy",
    amount="qty price triggerPrice takeProfit stopLoss tpLimitPrice slLimitPrice",
)
CANCEL = spec(text="category symbol orderId orderLinkId orderFilter")
CANCEL_ALL = spec(text="category symbol baseCoin settleCoin orderFilter stopOrderType")
DCP = spec(text="product", whole="timeWindow")


class OrderFilter(StrEnum):
    ALL = ""
    ORDER = "Order"
    STOP = "StopOrder"
    OPEN = "OpenOrder"


def amend(state: State, parameters: Parameters) -> Row:
    """Acknowledge a change; the row that follows shows it."""
    order = find(state, parameters, refusals.GONE_AMEND)
    if state.fault(Fault.FILL_ON_AMEND, "order/amend", order.link):
        _fill_now(state, order)
        raise refused(refusals.GONE_AMEND)
    facts = state.facts(order.symbol)
    qty = parameters.on_grid("qty", facts.step_text)
    price = parameters.on_grid("price", facts.tick_text)
    trigger = parameters.on_grid("triggerPrice", facts.tick_text)
    changed = _amended_legs(parameters, order, facts)
    if qty is not None and qty <= order.filled:
        raise refused(refusals.AMEND_BELOW_FILLED)
    if qty is not None and qty < facts.min_qty:
        raise Refused(10001, refusals.MIN_QTY)
    if qty is not None and qty > facts.largest(at_market=order.kind is Kind.MARKET):
        raise Refused(10001, refusals.MAX_QTY)
    if trigger is not None:
        if order.status is not Status.UNTRIGGERED:
            raise refusals.parameter("triggerPrice of an active order cannot be modified")
        check_trigger_side(state, order.symbol, order.direction, trigger, order.by)
    same = qty in (None, order.qty) and price in (None, order.price) and not changed
    if same and trigger in (None, order.trigger):
        raise Refused(
            10001, "The order remains unchanged as the parameters entered match the existing ones."
        )
    _check_amended_cost(state, order, qty, price)
    attached_now = changed or order.attached
    by = parameters.word("triggerBy", By, order.by)
    state.soon(
        lambda: _amend(
            state, order, qty=qty, price=price, trigger=trigger, by=by, legs=attached_now
        )
    )
    return ids(order)


def _amended_legs(p: Parameters, order: Order, facts: Instrument) -> Attached | None:
    """Return the new attached pair, or None when it is not touched; "0" removes a leg."""
    names = ("takeProfit", "stopLoss", "tpslMode", "tpLimitPrice", "slLimitPrice")
    if not any(p.has(name) for name in names):
        return None
    if order.filled:
        raise refused(refusals.TPSL_PARTLY)
    wanted = attached(p, facts, default=order.attached.mode)
    old = order.attached
    target = wanted.target if p.has("takeProfit") else old.target
    stop = wanted.stop if p.has("stopLoss") else old.stop
    return replace(old, mode=wanted.mode, target=_kept(target), stop=_kept(stop))


def _kept(leg: Leg | None) -> Leg | None:
    return leg if leg is not None and leg.price else None


def _check_amended_cost(
    state: State, order: Order, qty: Decimal | None, price: Decimal | None
) -> None:
    if order.reduce_only or not order.is_resting:
        return
    before = account.free_with(state, order)
    kept = order.qty, order.price
    order.qty, order.price = qty or order.qty, price or order.price
    after = account.free_with(state, order)
    order.qty, order.price = kept
    if after < 0 and after < before:
        raise refused(refusals.NO_BALANCE)


def _amend(
    state: State,
    order: Order,
    *,
    qty: Decimal | None,
    price: Decimal | None,
    trigger: Decimal | None,
    by: By,
    legs: Attached,
) -> None:
    if not order.is_open or (qty is not None and qty <= order.filled):
        return
    moved = price is not None and price != order.price
    grew = qty is not None and qty > order.qty
    order.qty, order.attached, order.by = qty or order.qty, legs, by
    order.price = price if price is not None else order.price
    if trigger is not None:
        order.trigger = trigger
        protection.untie(state, order)
    protection.follow(state, order.symbol)
    if not order.is_resting:
        state.say(order)
        conditionals.check(state, order.symbol)  # the market may have passed it on its way
    elif moved:
        # A new price goes to the market again, behind those who wait there.
        order.rank = state.next_rank()
        order.status = Status.PARTIAL if order.filled else Status.NEW
        matching.meet(state, order)
    else:
        order.rank = state.next_rank() if grew else order.rank
        state.say(order)
    flush(state)


def cancel(state: State, parameters: Parameters) -> Row:
    """Acknowledge a cancellation."""
    order = find(state, parameters, refusals.GONE_CANCEL)
    if state.fault(Fault.FILL_ON_CANCEL, "order/cancel", order.link):
        _fill_now(state, order)
        raise refused(refusals.GONE_CANCEL)
    state.soon(lambda: _cancel(state, order))
    return ids(order)


def _cancel(state: State, order: Order) -> None:
    if order.is_open:
        matching.end(state, order, Status.CANCELLED, cancel="CancelByUser")
        flush(state)


def _fill_now(state: State, order: Order) -> None:
    """The fill that won the race."""
    if order.is_resting:
        matching.fill(state, order, order.price, order.leaves, is_maker=True)
    else:
        conditionals.fire(state, order)
    flush(state)


def cancel_all(state: State, parameters: Parameters) -> Row:
    """Cancel by symbol or coin; `orderFilter` narrows, its absence means everything."""
    linear(parameters)
    chosen = [
        order
        for symbol in _scope(state, parameters)
        for order in state.open_orders(symbol)
        if _matches(order, parameters)
    ]
    for order in chosen:
        state.soon(lambda order=order: _cancel(state, order))  # type: ignore[misc]
    return {"list": [ids(order) for order in chosen], "success": "1"}


def _scope(state: State, p: Parameters) -> list[str]:
    if p.has("symbol"):
        return [known_symbol(state, p)]
    if p.has("baseCoin"):
        return [s for s in state.markets if state.facts(s).base == p.text("baseCoin")]
    if p.has("settleCoin"):
        return [s for s in state.markets if state.facts(s).quote == p.text("settleCoin")]
    raise refusals.parameter("symbol, baseCoin or settleCoin is required")


def _matches(order: Order, p: Parameters) -> bool:
    waits = order.status is Status.UNTRIGGERED
    match p.word("orderFilter", OrderFilter, OrderFilter.ALL):
        case OrderFilter.ALL:
            return True
        case OrderFilter.ORDER | OrderFilter.OPEN:
            return not waits
        case OrderFilter.STOP:
            return waits and not (p.text("stopOrderType") == "Stop" and order.is_child)


def set_dcp(state: State, parameters: Parameters) -> Row:
    """Set disconnect-cancel-all; only derivatives matter here."""
    window = parameters.whole("timeWindow", 0)
    if not 3 <= window <= 300:
        raise refusals.parameter("timeWindow invalid")
    if not state.settings.can_dcp:
        raise Refused(10005, "Permission denied, please check your API key permissions.")
    if parameters.text("product", "OPTIONS") == "DERIVATIVES":
        state.flags.dcp_window_s = window
    return {}
