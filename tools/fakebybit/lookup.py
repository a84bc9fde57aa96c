"""What a request names: its symbol and its order."""

from __future__ import annotations

from decimal import Decimal

from tools.fakebybit import refusals
from tools.fakebybit.orders import By, Order
from tools.fakebybit.parameters import Parameters, linear
from tools.fakebybit.refusals import Refused, refused
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row


def known_symbol(state: State, parameters: Parameters) -> str:
    linear(parameters)
    symbol = parameters.required("symbol")
    if symbol not in state.markets:
        raise Refused(10001, "Not supported symbols")
    return symbol


def ids(order: Order) -> Row:
    """Return what an acknowledgement carries."""
    return {"orderId": order.id, "orderLinkId": order.link}


def check_trigger_side(state: State, symbol: str, direction: int, trigger: Decimal, by: By) -> None:
    """Refuse a trigger price that already lies behind the market."""
    current = state.markets[symbol].price_by(by)
    if (direction == 1 and trigger <= current) or (direction == 2 and trigger >= current):
        raise refusals.wrong_side(
            direction, int(trigger * 10_000), int(current * 10_000), by.value or By.LAST.value
        )


def find(state: State, parameters: Parameters, gone: tuple[int, str]) -> Order:
    """Return the open order a request names; orderId wins over orderLinkId."""
    symbol = known_symbol(state, parameters)
    if not parameters.has("orderId") and not parameters.has("orderLinkId"):
        raise refusals.parameter(refusals.MISSING_ID)
    ident = parameters.text("orderId") or state.by_link.get(parameters.text("orderLinkId"), "")
    order = state.orders.get(ident)
    if order is None or order.symbol != symbol or not order.is_open:
        raise refused(gone)
    return order
