"""Wire shapes: the rows of orders, executions, positions and wallet, as REST and streams spell them.

Law: every amount is text, every row has every key of the venue's own examples.
"""

from __future__ import annotations

from decimal import Decimal

from tools.fakebybit import account
from tools.fakebybit.instrument import Instrument
from tools.fakebybit.numbers import ZERO, money, text
from tools.fakebybit.orders import CLOSED, By, Execution, Leg, Mode, Order, StopType
from tools.fakebybit.position import Position
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row


def order_row(order: Order) -> Row:
    """Return an order as `order/realtime` and `order/history` list it."""
    target, stop, average = order.attached.target, order.attached.stop, _average(order)
    leaves = ZERO if order.status in CLOSED else order.leaves
    return {
        "orderId": order.id,
        "orderLinkId": order.link,
        "parentOrderLinkId": order.parent_link,
        "blockTradeId": "",
        "symbol": order.symbol,
        "price": text(order.price),
        "qty": text(order.qty),
        "side": order.side.value,
        "isLeverage": "",
        "positionIdx": 0,
        "orderStatus": order.status.value,
        "createType": order.create_type,
        "cancelType": order.cancel_type,
        "rejectReason": order.reject_reason,
        "avgPrice": average,
        "leavesQty": text(leaves),
        "leavesValue": text(leaves * order.price),
        "cumExecQty": text(order.filled),
        "cumExecValue": text(order.value),
        "cumExecFee": money(order.fee),
        "cumFeeDetail": {order.fee_coin: money(order.fee)} if order.filled else {},
        "timeInForce": order.force.value,
        "orderType": order.kind.value,
        "stopOrderType": order.stop_type.value,
        "orderIv": "",
        "marketUnit": "",
        "slippageToleranceType": order.slippage[0] if order.slippage else "UNKNOWN",
        "slippageTolerance": order.slippage[1] if order.slippage else "",
        "triggerPrice": _maybe(order.trigger),
        "takeProfit": _leg(target),
        "stopLoss": _leg(stop),
        "tpslMode": _mode(order),
        "tpLimitPrice": _limit(target),
        "slLimitPrice": _limit(stop),
        "tpTriggerBy": _by(target),
        "slTriggerBy": _by(stop),
        "triggerDirection": order.direction,
        "triggerBy": order.by.value,
        "lastPriceOnCreated": text(order.last_on_created),
        "reduceOnly": order.reduce_only,
        "closeOnTrigger": order.close_on_trigger,
        "placeType": "",
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "createdTime": str(order.created),
        "updatedTime": str(order.updated),
        "extraFees": "",
        "rpiTakerAccess": False,
        "rpiMatchedQty": "0",
    }


def order_message_row(order: Order) -> Row:
    """Return an order as the `order` stream tells it."""
    more: Row = {"category": "linear", "feeCurrency": "", "closedPnl": money(order.closed_pnl)}
    return order_row(order) | more


def _average(order: Order) -> str:
    return text((order.value / order.filled).quantize(Decimal("1e-10"))) if order.filled else ""


def _maybe(price: Decimal) -> str:
    return text(price) if price else ""


def _leg(leg: Leg | None) -> str:
    return text(leg.price) if leg else ""


def _limit(leg: Leg | None) -> str:
    return text(leg.limit) if leg and leg.limit is not None else "0"


def _by(leg: Leg | None) -> str:
    return leg.by.value if leg else By.NONE.value


def _mode(order: Order) -> str:
    mode = order.mode or order.attached.mode
    return mode.value if mode is not Mode.NONE else "UNKNOWN"


def execution_row(execution: Execution) -> Row:
    """Return an execution as `execution/list` lists it."""
    e = execution
    return {
        "symbol": e.symbol,
        "orderId": e.order_id,
        "orderLinkId": e.order_link,
        "side": e.side.value,
        "orderPrice": text(e.order_price),
        "orderQty": text(e.order_qty),
        "leavesQty": text(e.leaves),
        "orderType": e.kind,
        "stopOrderType": e.stop_type,
        "createType": e.create_type,
        "execFee": money(e.fee),
        "execId": e.id,
        "execPrice": text(e.price),
        "execQty": text(e.qty),
        "execType": e.exec_type,
        "execValue": text(e.value),
        "execTime": str(e.time),
        "feeCurrency": e.fee_coin,
        "isMaker": e.is_maker,
        "feeRate": text(e.fee_rate),
        "tradeIv": "",
        "markIv": "",
        "markPrice": text(e.mark),
        "indexPrice": "",
        "underlyingPrice": "",
        "blockTradeId": "",
        "closedSize": text(e.closed),
        "extraFees": "",
        "seq": e.seq,
    }


def execution_message_row(execution: Execution) -> Row:
    """Return an execution as the `execution` stream tells it."""
    more: Row = {
        "category": "linear",
        "execPnl": money(execution.pnl),
        "isLeverage": "0",
        "marketUnit": "",
        "extraFees": [],
    }
    return execution_row(execution) | more


def position_row(state: State, position: Position) -> Row:
    """Return a position as `position/list` lists it."""
    p, facts, market = position, state.facts(position.symbol), state.markets[position.symbol]
    tier = facts.tier(p.value)
    bought = p.initial_margin(facts) if p.size else ZERO
    kept = p.maintenance_margin(facts) if p.size else ZERO
    liquidation = p.liquidation(facts)
    return {
        "positionIdx": 0,
        "riskId": tier.id,
        "riskLimitValue": text(tier.limit),
        "symbol": p.symbol,
        "side": p.side.value if p.side else "",
        "size": text(abs(p.size)),
        "avgPrice": text(p.entry.quantize(Decimal("1e-10"))) if p.size else "0",
        "positionValue": money(p.value) if p.size else "",
        "tradeMode": 0,
        "autoAddMargin": 0,
        "positionStatus": p.status,
        "adlRankIndicator": p.adl_rank,
        "leverage": text(p.leverage),
        "breakEvenPrice": _break_even(p, facts),
        "markPrice": text(market.mark),
        "liqPrice": text(_on_tick(liquidation, facts)) if liquidation else "",
        "bustPrice": "",
        "positionBalance": money(bought),
        "positionIM": money(bought),
        "positionIMByMp": money(bought),
        "positionMM": money(kept),
        "positionMMByMp": money(kept),
        "tpslMode": "Full",
        "takeProfit": _full(state, p, StopType.TAKE_PROFIT),
        "stopLoss": _full(state, p, StopType.STOP_LOSS),
        "trailingStop": _distance(state, p),
        "sessionAvgPrice": "",
        "unrealisedPnl": money(p.unrealised(market.mark)) if p.size else "",
        "curRealisedPnl": money(p.realised),
        "cumRealisedPnl": money(p.realised_ever),
        "createdTime": str(p.created),
        "updatedTime": str(p.updated),
        "openTime": str(p.opened) if p.size else "0",
        "seq": p.seq,
        "isReduceOnly": p.is_reduce_only,
        "mmrSysUpdatedTime": "",
        "mmrSysUpdateTime": "",
        "leverageSysUpdatedTime": "",
    }


def position_message_row(state: State, position: Position) -> Row:
    """Return a position as the `position` stream tells it: `entryPrice`, and "0" where REST is empty."""
    row = position_row(state, position)
    row["entryPrice"] = row.pop("avgPrice")
    row["category"] = "linear"
    for key in ("positionValue", "unrealisedPnl", "takeProfit", "stopLoss", "liqPrice"):
        row[key] = row[key] or "0"
    return row


def _on_tick(price: Decimal, facts: Instrument) -> Decimal:
    return price.quantize(facts.tick)


def _break_even(position: Position, facts: Instrument) -> str:
    if not position.size:
        return ""
    sign = 1 if position.size > 0 else -1
    return money(
        (position.value * (1 + sign * facts.taker) - sign * position.realised)
        / abs(position.size)
        / (1 - sign * facts.taker)
    )


def _full(state: State, position: Position, stop_type: StopType) -> str:
    found = [o for o in state.waiting(position.symbol) if o.stop_type is stop_type]
    return text(found[0].trigger) if found else ""


def _distance(state: State, position: Position) -> str:
    found = [o for o in state.waiting(position.symbol) if o.stop_type is StopType.TRAILING]
    return text(found[0].distance) if found else "0"


def wallet_row(state: State) -> Row:
    """Return the unified account as `wallet-balance` and the `wallet` stream tell it.

    VENUE: account-wide rates do not apply in isolated mode; they are "0" or "" there.
    """
    wallet, profit = state.wallet, account.unrealised(state)
    held, kept = account.position_margin(state), account.maintenance_margin(state)
    orders = account.order_margin(state)
    equity = wallet.balance + profit
    totals: Row = {
        "accountType": "UNIFIED",
        "totalEquity": money(equity),
        "totalWalletBalance": money(wallet.balance),
        "totalMarginBalance": money(equity),
        "totalAvailableBalance": money(account.available(state)),
        "totalPerpUPL": money(profit),
        "totalInitialMargin": money(held + orders),
        "totalInitialMarginByMp": money(held + orders),
        "totalMaintenanceMargin": money(kept),
        "totalMaintenanceMarginByMp": money(kept),
        "accountIMRate": "0",
        "accountIMRateByMp": "0",
        "accountMMRate": "0",
        "accountMMRateByMp": "0",
        "accountLTV": "0",
    }
    usdt = coin_row("USDT", wallet.balance) | {
        "equity": money(equity),
        "usdValue": money(equity),
        "unrealisedPnl": money(profit),
        "totalOrderIM": money(orders),
        "totalPositionIM": money(held),
        "totalPositionMM": money(kept),
        "cumRealisedPnl": money(wallet.realised),
        "locked": money(wallet.locked),
        "bonus": money(wallet.bonus),
    }
    return totals | {
        "coin": [usdt, *(coin_row(coin, held) for coin, held in wallet.others.items())]
    }


def coin_row(coin: str, balance: Decimal) -> Row:
    return {
        "coin": coin,
        "equity": money(balance),
        "usdValue": money(balance),
        "walletBalance": money(balance),
        "availableToWithdraw": "",
        "availableToBorrow": "",
        "borrowAmount": "0",
        "accruedInterest": "0",
        "totalOrderIM": "0",
        "totalPositionIM": "0",
        "totalPositionMM": "0",
        "unrealisedPnl": "0",
        "cumRealisedPnl": "0",
        "bonus": "0",
        "collateralSwitch": True,
        "marginCollateral": True,
        "locked": "0",
        "spotHedgingQty": "0",
        "spotBorrow": "0",
    }
