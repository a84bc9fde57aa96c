"""Orders against the market: arriving, resting, filling, ending.

Law: a fill books position, cash, fee, execution and protection in one step, before any message.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal

from tools.fakebybit import account, protection
from tools.fakebybit.faults import Fault
from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import Execution, Force, Kind, Order, Side, Status, StopType
from tools.fakebybit.publisher import flush
from tools.fakebybit.settings import FillRule
from tools.fakebybit.state import State


def admit(state: State, order: Order) -> None:
    """Judge an acknowledged order: it waits for its trigger or meets the market."""
    if order.status is not Status.CREATED:
        return
    verdict = state.fault(Fault.REJECT, "order/create", order.link)
    if verdict is not None:
        end(state, order, Status.REJECTED, reason=verdict.text or "EC_Others")
        return
    if order.trigger:
        order.status = Status.UNTRIGGERED
        order.stop_type = StopType.STOP
        state.say(order)
        return
    meet(state, order)


def meet(state: State, order: Order) -> None:
    """Let an order take what it may and rest, or end, with what is left."""
    market = state.markets[order.symbol]
    if order.kind is Kind.MARKET and not order.slippage:
        order.price = market.worst(order.side, state.settings.market_slip)
    if order.reduce_only and not fit_to_position(state, order):
        end(state, order, Status.CANCELLED, cancel="CancelByReduceOnly")
    elif order.force is Force.POST_ONLY and market.crosses(order.side, order.price):
        end(state, order, Status.CANCELLED, reason="EC_PostOnlyWillTakeLiquidity")
    elif order.force is Force.FOK and not _whole(state, order):
        end(state, order, Status.CANCELLED, reason="EC_NoEnoughQtyToFill")
    else:
        _take(state, order)


def _whole(state: State, order: Order) -> bool:
    reach = state.markets[order.symbol].reach(order.side, order.price)
    return reach is None or reach >= order.leaves


def _take(state: State, order: Order) -> None:
    market = state.markets[order.symbol]
    offers = list(market.offers(order.side, order.price))
    if order.kind is Kind.MARKET and state.fault(Fault.NO_LIQUIDITY, order.symbol, order.link):
        offers = []
    for price, left in offers:
        if not order.leaves or order.status is Status.CANCELLED:
            break
        qty = order.leaves if left is None else min(left, order.leaves)
        market.take(price, qty)
        fill(state, order, price, qty, is_maker=False)
    if not order.leaves or order.status is Status.CANCELLED:
        return
    if order.kind is Kind.MARKET or order.force in (Force.IOC, Force.FOK):
        end(state, order, Status.CANCELLED, reason="EC_NoImmediateQtyToFill")
        return
    order.ahead = market.queue_at(order.side, order.price)
    order.status = Status.PARTIAL if order.filled else Status.NEW
    state.say(order)


def fit_to_position(state: State, order: Order) -> bool:
    """Cut a reducing order to what the position holds; False when nothing is left to reduce."""
    position = state.positions[order.symbol]
    room = abs(position.size) if position.size * order.side.sign < 0 else ZERO
    order.qty = order.filled + min(order.leaves, room)
    return order.leaves > 0


def fill(
    state: State,
    order: Order,
    price: Decimal,
    qty: Decimal,
    *,
    is_maker: bool,
    exec_type: str = "",
    fee_rate: Decimal | None = None,
) -> Execution:
    """Execute `qty` of an order at `price`, and everything that follows from it."""
    facts, position = state.facts(order.symbol), state.positions[order.symbol]
    was_flat, side_before = not position.size, position.side
    closed, pnl = position.apply(order.side, qty, price)
    rate = (facts.maker if is_maker else facts.taker) if fee_rate is None else fee_rate
    fee = qty * price * rate
    order.filled += qty
    order.value += qty * price
    order.fee += fee
    order.fee_coin = state.flags.fee_coin
    order.closed_pnl += pnl
    order.status = Status.PARTIAL if order.leaves else Status.FILLED
    execution = _execution(state, order, price, qty, is_maker=is_maker, closed=closed)
    execution = replace(
        execution, pnl=pnl, fee=fee, fee_rate=rate, exec_type=exec_type or execution.exec_type
    )
    record(state, execution)
    if was_flat or (side_before is not position.side and position.size):
        position.opened, position.realised = state.now, ZERO
    position.realised += pnl - fee
    position.realised_ever += pnl - fee
    position.updated, position.seq = state.now, execution.seq
    _after(state, order, qty - closed)
    return execution


def _execution(
    state: State, order: Order, price: Decimal, qty: Decimal, *, is_maker: bool, closed: Decimal
) -> Execution:
    return Execution(
        id=state.uuid(),
        seq=state.next_seq(),
        symbol=order.symbol,
        order_id=order.id,
        order_link=order.link,
        side=order.side,
        order_price=order.price,
        order_qty=order.qty,
        leaves=order.leaves,
        kind=order.kind.value,
        create_type=order.create_type,
        stop_type=order.stop_type.value or "UNKNOWN",
        price=price,
        qty=qty,
        fee=ZERO,
        fee_rate=ZERO,
        fee_coin=state.flags.fee_coin,
        exec_type=state.flags.exec_type,
        is_maker=is_maker,
        closed=closed,
        pnl=ZERO,
        mark=state.markets[order.symbol].mark,
        time=state.now,
    )


def record(state: State, execution: Execution) -> None:
    """Write an execution and its cash; fees in another coin leave USDT alone."""
    state.executions.append(execution)
    state.changes.executions.append(execution)
    state.changes.positions.append(execution.symbol)
    paid = execution.fee if execution.fee_coin == "USDT" else ZERO
    if execution.fee_coin != "USDT":
        others = state.wallet.others
        others[execution.fee_coin] = others.get(execution.fee_coin, ZERO) - execution.fee
    state.wallet.realised += execution.pnl
    row: dict[str, object] = {"execution": execution, "fee": paid}
    account.book(state, "TRADE", execution.pnl - paid, row)


def _after(state: State, order: Order, opened: Decimal) -> None:
    if not order.leaves:
        state.retire(order)
    state.say(order)
    if not order.leaves and state.fault(Fault.FILLED_TWICE, order.symbol, order.link):
        again = copy(order)
        again.cancel_type, again.reject_reason = "CancelByUser", "EC_OrigClOrdIDDoesNotExist"
        state.changes.orders.append(again)
    protection.after_fill(state, order, opened)
    protection.follow(state, order.symbol)
    _shrink_reducing(state, order)


def _shrink_reducing(state: State, cause: Order) -> None:
    """VENUE: resting reduce-only orders follow the position down and end with it."""
    for order in state.resting(cause.symbol):
        if not order.reduce_only or order is cause:
            continue
        if not order.leaves:  # filled on the way, by what an earlier one of these led to
            continue
        before = order.qty
        if not fit_to_position(state, order):
            order.qty = before
            if state.fault(Fault.BOTH_FILL, order.symbol, order.link):
                fill(state, order, order.price, order.leaves, is_maker=True)
                continue
            end(state, order, Status.CANCELLED, cancel="CancelByReduceOnly")
        elif order.qty != before:
            state.say(order)


def end(
    state: State, order: Order, status: Status, *, cancel: str = "UNKNOWN", reason: str = ""
) -> None:
    """Close an order for good."""
    if order.status is Status.UNTRIGGERED:
        protection.drop(state, order, cancel)
        return
    order.status, order.cancel_type = status, cancel
    order.reject_reason = reason or order.reject_reason
    state.retire(order)
    state.say(order)


@dataclass(frozen=True, slots=True)
class Print:
    """A trade of others. `is_passing`: the price goes on beyond it."""

    price: Decimal
    qty: Decimal
    aggressor: Side
    is_passing: bool = False


def on_print(state: State, symbol: str, shown: Print) -> None:
    """Show a trade of others to the resting orders, best price first, then the oldest."""
    state.markets[symbol].printed(shown.price, shown.qty, shown.aggressor)
    left = shown.qty
    for order in sorted(state.resting(symbol), key=lambda o: (-o.side.sign * o.price, o.rank)):
        if order.is_resting:
            given = _given(state, order, shown, left)
            if given:
                left -= min(given, left)
                fill(state, order, order.price, given, is_maker=True)
                flush(state)


def _given(state: State, order: Order, shown: Print, left: Decimal) -> Decimal:
    beyond = (order.price - shown.price) * order.side.sign
    if beyond > 0 or (beyond == 0 and shown.is_passing):
        return order.leaves
    if beyond < 0 or state.settings.fill is FillRule.THROUGH:
        return ZERO
    if state.settings.fill is FillRule.TOUCH:
        return order.leaves
    if shown.aggressor is order.side:
        return ZERO
    used = min(order.ahead, left)
    order.ahead -= used
    return min(order.leaves, left - used)
