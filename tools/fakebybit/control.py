"""Acts and switches by name, for a test that holds the venue or speaks to it over HTTP.

Law: everything a scenario can do to the venue from outside is one word here with plain arguments.
"""

from __future__ import annotations

from decimal import Decimal

from tools.fakebybit import acts, rows
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.numbers import text
from tools.fakebybit.orders import Side
from tools.fakebybit.refusals import parameter
from tools.fakebybit.venue import Venue
from tools.fakebybit.wire import Row


def switch(row: Row) -> Switch:
    """Read a fault switch from plain values; raises `Refused` on an unknown one."""
    known = {"kind", "on", "at", "p", "link", "times", "value", "text"}
    unknown = set(row) - known
    if unknown or row.get("kind") not in {fault.value for fault in Fault}:
        raise parameter(f"no such fault: {row.get('kind')} {' '.join(sorted(unknown))}".strip())
    at = row.get("at", ())
    times = row.get("times")
    return Switch(
        kind=Fault(str(row["kind"])),
        on=str(row.get("on", "*")),
        at=tuple(int(n) for n in at) if isinstance(at, list | tuple) else (int(str(at)),),
        p=float(str(row.get("p", 1.0))),
        link=str(row.get("link", "*")),
        times=None if times is None else int(str(times)),
        value=int(str(row.get("value", 0))),
        text=str(row.get("text", "")),
    )


def perform(venue: Venue, name: str, row: Row) -> Row:
    """Do one act by name; raises `Refused` on an unknown one. Amounts are decimal text."""
    state, symbol = venue.state, str(row.get("symbol", next(iter(venue.state.markets))))
    amount = Decimal(str(row.get("amount", "0")))
    value = int(str(row.get("value", "0")))
    match name:
        case "manual":
            acts.manual(state, symbol, amount)
        case "foreign_order":
            price = Decimal(str(row["price"]))
            acts.foreign_order(state, symbol, amount, price, link=str(row.get("link", "")))
        case "close_by_hand":
            acts.close_by_hand(state, symbol)
        case "drop_stop":
            return {"dropped": acts.drop_stops(state, symbol)}
        case "transfer":
            acts.transfer(state, amount)
        case "liquidate":
            acts.liquidate(state, symbol)
        case "adl":
            acts.deleverage(state, symbol, amount)
        case "adl_rank":
            acts.rank_adl(state, symbol, value)
        case "funding":
            acts.fund(state, symbol)
        case "restart":
            acts.restart(state)
        case "delist":
            acts.delist(state, symbol, value)
        case "facts":
            changes = {k: str(v) for k, v in row.items() if k not in ("symbol", "act")}
            acts.change_facts(state, symbol, changes)
        case "self_match":
            acts.cancel_everything(state, "CancelBySmp")
        case "mark":
            acts.set_mark(state, symbol, amount or None)
        case "empty_book":
            acts.empty_book(state, symbol, is_empty=bool(row.get("on", True)))
        case "thin_book":
            acts.thin_book(state, symbol, amount or None)
        case "reduce_only_mark":
            acts.mark_reduce_only(state, symbol, on=bool(row.get("on", True)))
        case "print":
            side = Side(str(row.get("side", "Sell")))
            gap = bool(row.get("gap", False))
            qty = Decimal(str(row.get("qty", "1")))
            venue.trade(amount, qty, symbol=symbol, side=side, gap=gap)
        case _:
            return _flag(venue, name, row, value)
    return {}


def _flag(venue: Venue, name: str, row: Row, value: int) -> Row:
    flags, hub = venue.state.flags, venue.hub
    match name:
        case "margin_mode":
            flags.margin_mode = str(row["text"])
        case "position_mode":
            flags.position_mode = value
        case "skew":
            flags.skew_ms = value
        case "fee_coin":
            flags.fee_coin = str(row["text"])
        case "exec_type":
            flags.exec_type = str(row["text"])
        case "maintenance":
            flags.maintenance = bool(row.get("on", True))
        case "key_expired":
            flags.key_expired = bool(row.get("on", True))
        case "days_left":
            flags.days_left = value
        case "freeze" | "thaw":
            for connection in hub.connections:
                connection.is_frozen = name == "freeze"
        case "close":
            for connection in list(hub.connections):
                hub.close(connection)
        case "refuse":
            hub.refused_until = venue.now + value
        case _:
            raise parameter(f"no such act: {name}")
    return {}


def books(venue: Venue) -> Row:
    """Return everything the venue knows, in wire shapes, for the laws at the end of a run."""
    state = venue.state
    return {
        "now": venue.now,
        "positions": [rows.position_row(state, p) for p in state.positions.values()],
        "open": [
            rows.order_row(order) for symbol in state.markets for order in state.open_orders(symbol)
        ],
        "orders": [rows.order_row(order) for order in state.orders.values()],
        "executions": [rows.execution_row(execution) for execution in state.executions],
        "wallet": rows.wallet_row(state),
        "last": {symbol: text(market.last) for symbol, market in state.markets.items()},
        "faults": [
            {"ts": h.ts, "kind": h.kind.value, "on": h.on, "link": h.link, "call": h.call}
            for h in venue.faults.log
        ],
    }
