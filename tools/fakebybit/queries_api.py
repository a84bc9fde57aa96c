"""The private questions: orders, executions, positions, wallet, account.

Law: lists are newest first, pages are opaque cursors, and a query may be answered as of an earlier
moment when the `stale` fault says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tools.fakebybit import refusals, rows
from tools.fakebybit.lookup import known_symbol
from tools.fakebybit.numbers import money, text
from tools.fakebybit.orders import CLOSED, Execution, Order, Status
from tools.fakebybit.parameters import Parameters, linear, spec
from tools.fakebybit.refusals import Refused
from tools.fakebybit.settings import Environment
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row

DAY = 86_400_000
WEEK = 7 * DAY

_ORDERS = "category symbol baseCoin settleCoin orderId orderLinkId orderFilter cursor"
REALTIME = spec(text=_ORDERS, whole="openOnly limit")
HISTORY = spec(text=f"{_ORDERS} orderStatus", whole="startTime endTime limit")
EXECUTIONS = spec(text=f"{_ORDERS} execType", whole="startTime endTime limit")
POSITIONS = spec(text="category symbol baseCoin settleCoin cursor", whole="limit")
SYMBOL_INFO = spec(text="category symbol settleCoin cursor", whole="limit")
WALLET = spec(text="accountType coin")
NOTHING = spec()
FEE_RATE = spec(text="category symbol baseCoin")
LOG = spec(
    text="accountType category currency baseCoin type transSubType cursor",
    whole="startTime endTime limit",
)


def page(found: Sequence[Row], p: Parameters, default: int, largest: int) -> Row:
    """Return one page of rows and the cursor of the next."""
    limit = p.whole("limit", default)
    if not 1 <= limit <= largest:
        raise refusals.parameter("limit invalid")
    start = 0
    if p.has("cursor"):
        mark = re.fullmatch(r"page_args=(\d+)&", p.text("cursor"))
        if mark is None:
            raise refusals.parameter("cursor invalid")
        start = int(mark[1])
    more = start + limit < len(found)
    cursor = f"page_args%3D{start + limit}%26" if more else ""
    return {
        "list": list(found[start : start + limit]),
        "nextPageCursor": cursor,
        "category": "linear",
    }


def _as_of(state: State, orders: Iterable[Order]) -> list[Order]:
    """Return the orders as a reading replica knew them at `state.as_of`."""
    if state.as_of is None:
        return [o for o in orders if o.status is not Status.CREATED]
    seen = []
    for order in orders:
        known = [v for when, v in state.versions.get(order.id, ()) if when <= state.as_of]
        seen += known[-1:]
    return seen


def _chosen(state: State, p: Parameters) -> list[Order]:
    """Return the orders a query names, newest first; ids win over symbols."""
    linear(p)
    if p.has("orderId"):
        found = state.orders.get(p.text("orderId"))
        return _as_of(state, [found] if found else [])
    if p.has("orderLinkId"):
        found = state.orders.get(state.by_link.get(p.text("orderLinkId"), ""))
        return _as_of(state, [found] if found else [])
    symbols = _symbols(state, p)
    chosen = _as_of(state, [o for o in state.orders.values() if o.symbol in symbols])
    return sorted(chosen, key=lambda o: (o.created, o.rank), reverse=True)


def _symbols(state: State, p: Parameters) -> set[str]:
    if p.has("symbol"):
        return {known_symbol(state, p)}
    if p.has("baseCoin"):
        return {s for s in state.markets if state.facts(s).base == p.text("baseCoin")}
    if p.has("settleCoin"):
        return {s for s in state.markets if state.facts(s).quote == p.text("settleCoin")}
    raise refusals.parameter("symbol, settleCoin or baseCoin is required")


def _filtered(orders: Iterable[Order], p: Parameters) -> list[Order]:
    wanted = p.text("orderFilter")
    if wanted not in ("", "Order", "StopOrder"):
        raise refusals.parameter("orderFilter invalid")
    return [o for o in orders if not wanted or _is_conditional(o) == (wanted == "StopOrder")]


def _is_conditional(order: Order) -> bool:
    """A triggered order that still works is an active one; of the closed, those with a trigger."""
    if order.status in CLOSED:
        return order.trigger > 0
    return order.status is Status.UNTRIGGERED


def realtime(state: State, p: Parameters) -> Row:
    """List open orders; with an id, or openOnly 1, also the last 500 closed ones."""
    chosen = _filtered(_chosen(state, p), p)
    by_id = p.has("orderId") or p.has("orderLinkId")
    with_closed = by_id or p.whole("openOnly", 0) == 1
    kept = set(state.closed)
    shown = [o for o in chosen if o.status not in CLOSED or (with_closed and o.id in kept)]
    return page([rows.order_row(o) for o in shown], p, 20, 50)


def history(state: State, p: Parameters) -> Row:
    """List orders of the past; those without a fill are kept for 24 hours only."""
    by_id = p.has("orderId") or p.has("orderLinkId")
    orders = (
        _chosen(state, p)
        if by_id or p.has("symbol") or p.has("baseCoin") or p.has("settleCoin")
        else _everything(state, p)
    )
    start, end = window(state, p)
    word = p.text("orderStatus")
    shown = [
        o
        for o in _filtered(orders, p)
        if _is_kept(state, o)
        and (by_id or start <= o.created <= end)
        and (not word or o.status.value == word)
        and o.status in CLOSED
    ]
    return page([rows.order_row(o) for o in shown], p, 20, 50)


def _everything(state: State, p: Parameters) -> list[Order]:
    linear(p)
    return sorted(_as_of(state, state.orders.values()), key=lambda o: o.rank, reverse=True)


def _is_kept(state: State, order: Order) -> bool:
    age = state.now - order.updated
    if state.settings.environment is Environment.DEMO and age > WEEK:
        return False
    return bool(order.filled) or age <= DAY


def window(state: State, p: Parameters) -> tuple[int, int]:
    """Return (start, end) of a query: at most seven days, the last seven by default."""
    start, end = p.whole("startTime", 0), p.whole("endTime", 0)
    if start and end and not 0 <= end - start <= WEEK:
        raise refusals.parameter("the time range between startTime and endTime exceeds 7 days")
    if start:
        return start, end or start + WEEK
    if end:
        return end - WEEK, end
    return state.now - WEEK, state.now


def executions(state: State, p: Parameters) -> Row:
    """List executions, newest first; an id makes every other filter void."""
    linear(p)
    if p.has("orderId"):
        found = [e for e in state.executions if e.order_id == p.text("orderId")]
    elif p.has("orderLinkId"):
        found = [e for e in state.executions if e.order_link == p.text("orderLinkId")]
    else:
        start, end = window(state, p)
        word = p.text("execType")
        found = [
            e
            for e in state.executions
            if start <= e.time <= end
            and (not p.has("symbol") or e.symbol == p.text("symbol"))
            and (not word or e.exec_type == word)
        ]
    found = [e for e in found if state.as_of is None or e.time <= state.as_of]
    newest: list[Execution] = sorted(found, key=lambda e: e.seq, reverse=True)
    return page([rows.execution_row(e) for e in newest], p, 50, 100)


def positions(state: State, p: Parameters) -> Row:
    """List positions: a named symbol always, a coin only what is held."""
    linear(p)
    if p.has("symbol"):
        symbols = [known_symbol(state, p)]
    else:
        symbols = [s for s in sorted(_symbols(state, p)) if state.positions[s].size]
    found = [row for symbol in symbols for row in _position_rows(state, symbol)]
    return page(found, p, 20, 200)


def _position_rows(state: State, symbol: str) -> list[Row]:
    row = rows.position_row(state, state.positions[symbol])
    if state.as_of is not None:
        known = [r for when, r in state.position_rows.get(symbol, ()) if when <= state.as_of]
        row = known[-1] if known else row
    if state.flags.position_mode == 3:
        return [row | {"positionIdx": 1}, row | {"positionIdx": 2}]
    return [row]


def symbol_info(state: State, p: Parameters) -> Row:
    """Tell leverage and position index of symbols, held or not (own guess of the row's shape)."""
    linear(p)
    symbols = [known_symbol(state, p)] if p.has("symbol") else sorted(state.markets)
    index = (1, 2) if state.flags.position_mode == 3 else (0,)
    found: list[Row] = [
        {"symbol": s, "positionIdx": i, "leverage": text(state.positions[s].leverage)}
        for s in symbols
        for i in index
    ]
    return page(found, p, 20, 200)


def wallet(state: State, p: Parameters) -> Row:
    if p.text("accountType") != "UNIFIED":
        raise refusals.parameter("accountType only support UNIFIED.")
    return {"list": [rows.wallet_row(state)]}


def info(state: State, p: Parameters) -> Row:
    return {
        "marginMode": state.flags.margin_mode,
        "updatedTime": str(state.settings.start_ms),
        "unifiedMarginStatus": 5,
        "dcpStatus": "ON" if state.flags.dcp_window_s else "OFF",
        "timeWindow": state.flags.dcp_window_s or 10,
        "smpGroup": 0,
        "isMasterTrader": False,
        "spotHedgingStatus": "OFF",
    }


def dcp_info(state: State, p: Parameters) -> Row:
    window_s = state.flags.dcp_window_s
    if not window_s:
        return {"dcpInfos": []}
    row = {"product": "DERIVATIVES", "dcpStatus": "ON", "timeWindow": str(window_s)}
    return {"dcpInfos": [row]}


def fee_rate(state: State, p: Parameters) -> Row:
    linear(p)
    symbols = [known_symbol(state, p)] if p.has("symbol") else sorted(state.markets)
    found = [
        {
            "symbol": s,
            "takerFeeRate": text(state.facts(s).taker),
            "makerFeeRate": text(state.facts(s).maker),
        }
        for s in symbols
    ]
    return {"list": found}


def query_api(state: State, p: Parameters) -> Row:
    """Tell about the key itself. Permissions: derivatives, no withdrawal."""
    if state.flags.key_expired:
        raise Refused(*refusals.KEY_EXPIRED)
    none: list[str] = []
    return {
        "id": "16651472",
        "note": "fake",
        "apiKey": state.settings.key,
        "readOnly": 0,
        "secret": "",
        "permissions": {
            "ContractTrade": ["Order", "Position"],
            "Spot": none,
            "Wallet": none,
            "Options": none,
            "Derivatives": ["DerivativesTrade"],
            "CopyTrading": none,
            "BlockTrade": none,
            "Exchange": none,
            "NFT": none,
        },
        "ips": ["*"],
        "type": 1,
        "deadlineDay": state.flags.days_left,
        "expiredAt": "2030-01-01T00:00:00Z",
        "createdAt": "2020-01-01T00:00:00Z",
        "unified": 0,
        "uta": 1,
        "userID": int(state.settings.uid),
        "inviterID": 0,
        "vipLevel": "No VIP",
        "mktMakerLevel": "0",
        "affiliateID": 0,
    }


def transaction_log(state: State, p: Parameters) -> Row:
    """List movements of cash, newest first; 24 hours unless a window is given."""
    start = p.whole("startTime", state.now - DAY)
    end = p.whole("endTime", state.now)
    word = p.text("type")
    found = [
        _log_row(line)
        for line in reversed(state.ledger)
        if start <= int(str(line["time"])) <= end and (not word or line["type"] == word)
    ]
    return page(found, p, 20, 50)


def _log_row(line: Row) -> Row:
    e = line.get("execution")
    traded = e if isinstance(e, Execution) else None
    funding = traded is not None and traded.exec_type == "Funding"
    change, cash = line["change"], line["cash"]
    return {
        "transSubType": "",
        "id": f"{traded.id if traded else ''}_{line['time']}",
        "symbol": traded.symbol if traded else "",
        "side": traded.side.value if traded else "None",
        "funding": money(-traded.fee) if funding and traded else "",
        "orderLinkId": traded.order_link if traded else "",
        "orderId": traded.order_id if traded else "",
        "fee": money(traded.fee) if traded and not funding else "0",
        "change": f"{change:f}",
        "cashFlow": money(traded.pnl) if traded else "0",
        "transactionTime": str(line["time"]),
        "type": line["type"],
        "feeRate": text(traded.fee_rate) if traded else "",
        "bonusChange": "",
        "size": text(traded.qty) if traded else "0",
        "qty": text(traded.qty) if traded else "0",
        "cashBalance": f"{cash:f}",
        "currency": "USDT",
        "category": "linear" if traded else "",
        "tradePrice": text(traded.price) if traded else "0",
        "tradeId": traded.id if traded else "",
        "extraFees": "",
    }
