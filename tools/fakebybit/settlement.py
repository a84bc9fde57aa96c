"""What the venue does to a position by itself: funding, liquidation, ADL.

Law: each of them is an execution with its own type, as on the venue; the books never just change.
"""

from __future__ import annotations

from decimal import Decimal

from tools.fakebybit import account
from tools.fakebybit.matching import end, fill
from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import Execution, Force, Kind, Order, Status
from tools.fakebybit.position import Position
from tools.fakebybit.publisher import flush
from tools.fakebybit.state import State


def rate_at(state: State, when: int) -> Decimal:
    """Return the funding rate of a funding time, as a fraction."""
    return state.settings.funding_rates.get(when, state.settings.funding_rate)


def fund(state: State, symbol: str) -> None:
    """Exchange funding at this instant: size x mark x rate, longs pay when the rate is positive."""
    position, market = state.positions[symbol], state.markets[symbol]
    if not position.size or position.side is None:
        return
    rate = rate_at(state, state.now)
    fee = position.size * market.mark * rate
    side = position.side
    execution = Execution(
        id=state.uuid(),
        seq=state.next_seq(),
        symbol=symbol,
        order_id=f"{state.now // 1000}-{symbol}-{state.settings.uid}-{side.value}",
        order_link="",
        side=side,
        order_price=ZERO,
        order_qty=ZERO,
        leaves=ZERO,
        kind="UNKNOWN",
        create_type="",
        stop_type="UNKNOWN",
        price=market.mark,
        qty=abs(position.size),
        fee=fee,
        fee_rate=rate,
        fee_coin="USDT",
        exec_type="Funding",
        is_maker=False,
        closed=ZERO,
        pnl=ZERO,
        mark=market.mark,
        time=state.now,
    )
    state.executions.append(execution)
    state.changes.executions.append(execution)
    state.changes.positions.append(symbol)
    position.realised -= fee
    position.realised_ever -= fee
    position.seq = execution.seq
    account.book(state, "SETTLEMENT", -fee, {"execution": execution, "funding": -fee})
    flush(state)


def liquidate_if_due(state: State, symbol: str) -> None:
    """Take over the position when mark has reached its liquidation price."""
    position, market = state.positions[symbol], state.markets[symbol]
    price = position.liquidation(market.instrument)
    if price is None:
        return
    if (market.mark - price) * (1 if position.size > 0 else -1) <= 0:
        liquidate(state, symbol)


def liquidate(state: State, symbol: str) -> None:
    """Cancel what works on the symbol and take the position over at its bankruptcy price."""
    position = state.positions[symbol]
    if not position.size:
        return
    position.status = "Liq"
    for order in list(state.open_orders(symbol)):
        if not order.is_child:
            end(state, order, Status.CANCELLED, cancel="CancelAllBeforeLiq")
    take_over(
        state,
        position,
        position.size,
        price=position.bankruptcy(),
        create_type="CreateByTakeOver_PassThrough",
        exec_type="BustTrade",
    )
    position.status = "Normal"
    flush(state)


def deleverage(state: State, symbol: str, qty: Decimal) -> None:
    """Reduce the position against a bankrupt counterparty, at mark, without a fee."""
    position = state.positions[symbol]
    signed = min(qty, abs(position.size)) * (1 if position.size > 0 else -1)
    if signed:
        mark = state.markets[symbol].mark
        take_over(
            state,
            position,
            signed,
            price=mark,
            create_type="CreateByAdl_PassThrough",
            exec_type="AdlTrade",
            fee_rate=ZERO,
        )
        flush(state)


def take_over(
    state: State,
    position: Position,
    signed: Decimal,
    *,
    price: Decimal,
    create_type: str,
    exec_type: str,
    fee_rate: Decimal | None = None,
) -> None:
    """Close part of a position by an order of the venue's own."""
    assert position.side is not None
    order = Order(
        id=state.uuid(),
        link="",
        symbol=position.symbol,
        side=position.side.other,
        kind=Kind.MARKET,
        force=Force.IOC,
        qty=abs(signed),
        price=price,
        created=state.now,
        updated=state.now,
        last_on_created=state.markets[position.symbol].last,
        reduce_only=True,
        create_type=create_type,
    )
    state.add(order)
    fill(state, order, price, order.qty, is_maker=False, exec_type=exec_type, fee_rate=fee_rate)
