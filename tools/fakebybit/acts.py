"""What a person, the market or the venue does to the account besides its client: one-shot acts.

Law: an act goes through the same fills, rows and messages as everything else.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tools.fakebybit import account, conditionals, matching, protection, settlement
from tools.fakebybit.numbers import ZERO, number
from tools.fakebybit.orders import Force, Kind, Order, Side, Status
from tools.fakebybit.publisher import flush
from tools.fakebybit.refusals import Refused
from tools.fakebybit.state import State


def manual(state: State, symbol: str, signed: Decimal) -> Order:
    """Trade at market by hand, as from the app: positive buys; no link id."""
    return _by_hand(state, symbol, signed, price=None, link="")


def foreign_order(
    state: State, symbol: str, signed: Decimal, price: Decimal, *, link: str = ""
) -> Order:
    """Rest a limit order that is not the client's; positive buys."""
    return _by_hand(state, symbol, signed, price=price, link=link)


def _by_hand(
    state: State, symbol: str, signed: Decimal, *, price: Decimal | None, link: str
) -> Order:
    market = state.markets[symbol]
    side = Side.BUY if signed > 0 else Side.SELL
    order = Order(
        id=state.uuid(),
        link=link,
        symbol=symbol,
        side=side,
        kind=Kind.MARKET if price is None else Kind.LIMIT,
        force=Force.IOC if price is None else Force.GTC,
        qty=abs(signed),
        price=market.touch(side) if price is None else price,
        created=state.now,
        updated=state.now,
        last_on_created=market.last,
    )
    state.add(order)
    matching.admit(state, order)
    _settle(state, symbol)
    return order


def _settle(state: State, symbol: str) -> None:
    flush(state)
    conditionals.check(state, symbol)
    flush(state)


def close_by_hand(state: State, symbol: str) -> None:
    """Close the whole position from the app."""
    size = state.positions[symbol].size
    if size:
        manual(state, symbol, -size)


def drop_stops(state: State, symbol: str) -> int:
    """Let every waiting stop and target of a symbol vanish; return how many."""
    waiting = state.waiting(symbol)
    for order in waiting:
        if order.status is Status.UNTRIGGERED:
            protection.drop(state, order, "CancelByAdmin")
    flush(state)
    return len(waiting)


def cancel_everything(state: State, cancel_type: str) -> None:
    """Cancel all active orders, as disconnect-cancel-all and administrators do."""
    for symbol in state.markets:
        for order in list(state.open_orders(symbol)):
            if not order.is_child:
                matching.end(state, order, Status.CANCELLED, cancel=cancel_type)
    flush(state)


def transfer(state: State, amount: Decimal) -> None:
    """Move money in (positive) or out; it is not profit."""
    account.book(state, "TRANSFER_IN" if amount > 0 else "TRANSFER_OUT", amount, {})
    flush(state)


def liquidate(state: State, symbol: str) -> None:
    settlement.liquidate(state, symbol)


def deleverage(state: State, symbol: str, qty: Decimal) -> None:
    settlement.deleverage(state, symbol, qty)


def fund(state: State, symbol: str) -> None:
    """Exchange funding now."""
    settlement.fund(state, symbol)


def restart(state: State) -> None:
    """Restart the venue: the list of recently closed orders is empty."""
    state.closed.clear()


def delist(state: State, symbol: str, when: int) -> None:
    """Announce the end of a contract: no new positions."""
    market = state.markets[symbol]
    market.instrument = replace(market.instrument, delivery_ms=when)


def change_facts(state: State, symbol: str, changes: dict[str, str]) -> None:
    """Change what instruments-info says; numbers as decimal text, `status` and steps as they are."""
    market = state.markets[symbol]
    texts = {"status", "tick_text", "step_text"}
    values = {name: value if name in texts else _amount(value) for name, value in changes.items()}
    market.instrument = replace(market.instrument, **values)  # type: ignore[arg-type]


def _amount(written: str) -> Decimal:
    value = number(written)
    if value is None:
        raise Refused(10001, f"not an amount: {written}")
    return value


def set_mark(state: State, symbol: str, mark: Decimal | None) -> None:
    """Hold the mark price at a value of its own; None lets it follow the last price again."""
    market = state.markets[symbol]
    market.mark_follows = mark is None
    market.mark = market.index = market.last if mark is None else mark
    state.mark_candles[symbol].trade(state.now, market.mark, ZERO)
    _settle(state, symbol)


def empty_book(state: State, symbol: str, *, is_empty: bool) -> None:
    """Take all liquidity away, or bring it back."""
    state.markets[symbol].is_empty = is_empty


def thin_book(state: State, symbol: str, depth: Decimal | None) -> None:
    """Set the quantity on each level of the made-up book."""
    state.markets[symbol].depth = depth


def mark_reduce_only(state: State, symbol: str, *, on: bool) -> None:
    """Set or lift the venue's reduce-only mark of a position."""
    state.positions[symbol].is_reduce_only = on
    state.changes.positions.append(symbol)
    flush(state)


def rank_adl(state: State, symbol: str, rank: int) -> None:
    state.positions[symbol].adl_rank = rank
    state.changes.positions.append(symbol)
    flush(state)
