"""Laws over thousands of random sessions: the venue's books add up whatever a client does."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random

import pytest

from tests.tools.fakebybit.desk import Desk, switch
from tools.fakebybit import acts
from tools.fakebybit.control import books
from tools.fakebybit.faults import Fault
from tools.fakebybit.inprocess import Lost, Odd
from tools.fakebybit.orders import CLOSED, Side
from tools.fakebybit.settings import ChildRule, FillRule

D = Decimal
HOSTILE = [
    switch(Fault.DROP_ANSWER, p=0.05), switch(Fault.DROP_REQUEST, p=0.05),
    switch(Fault.CODE_AFTER, p=0.03, value=10016), switch(Fault.DELAY_EFFECT, p=0.1, value=1_500),
    switch(Fault.FILL_ON_CANCEL, p=0.2), switch(Fault.FILL_ON_AMEND, p=0.2),
    switch(Fault.BOTH_FILL, p=0.2), switch(Fault.REJECT, p=0.05), switch(Fault.STALE, p=0.2, value=900),
    switch(Fault.DUPLICATE, p=0.1), switch(Fault.REORDER, p=0.1), switch(Fault.DROP, p=0.1),
]  # fmt: skip


def session(seed: int, steps: int = 60) -> Desk:
    """Play one random session against a hostile venue."""
    chance = Random(seed)
    desk = Desk(
        seed=seed,
        fill=chance.choice(list(FillRule)),
        children=chance.choice(list(ChildRule)),
        depth=chance.choice([None, D("0.05"), D(1)]),
        balance=chance.choice([D(10_000), D(900)]),
        rate_limits=False,
        faults=HOSTILE,
    )
    for _ in range(steps):
        try:
            _step(desk, chance)
        except (Lost, Odd):
            desk.pass_ms(10)
        _check(desk)
    return desk


def _step(desk: Desk, chance: Random) -> None:
    last = desk.venue.state.markets["BTCUSDT"].last
    near = str(last + D(chance.randint(-60, 60)) * 10)
    idents = list(desk.venue.state.orders)
    match chance.randint(0, 9):
        case 0 | 1 | 2:
            _order(desk, chance, near)
        case 3 if idents:
            desk.post("order/cancel", orderId=chance.choice(idents))
        case 4 if idents:
            desk.post("order/amend", orderId=chance.choice(idents), price=near, qty="0.07")
        case 5:
            body = {"tpslMode": "Full", "positionIdx": 0, "stopLoss": near}
            desk.post("position/trading-stop", **body)
        case 6:
            desk.pass_ms(chance.randint(1, 3_000))
        case 7 if chance.random() < 0.1:
            acts.manual(desk.venue.state, "BTCUSDT", D("-0.03"))
        case _:
            desk.print(near, str(D(chance.randint(1, 80)) / 100), chance.choice(list(Side)),
                       gap=chance.random() < 0.2)  # fmt: skip


def _order(desk: Desk, chance: Random, near: str) -> None:
    more: dict[str, object] = {}
    if chance.random() < 0.3:
        more["timeInForce"] = chance.choice(["IOC", "FOK", "PostOnly"])
    if chance.random() < 0.3:
        more["reduceOnly"] = True
    elif chance.random() < 0.5:
        more |= {"stopLoss": near, "tpslMode": chance.choice(["Full", "Partial"])}
    if chance.random() < 0.2:
        more |= {"triggerPrice": near, "triggerDirection": chance.choice([1, 2])}
    price = near if chance.random() < 0.7 else ""
    desk.place(chance.choice(["Buy", "Sell"]), f"0.0{chance.randint(1, 9)}", price, **more)


def _check(desk: Desk) -> None:
    state = desk.venue.state
    size, cash = D(0), state.settings.balance
    filled: dict[str, Decimal] = {}
    for e in state.executions:
        size += e.side.sign * e.qty
        cash += e.pnl - e.fee
        filled[e.order_id] = filled.get(e.order_id, D(0)) + e.qty
    position = state.positions["BTCUSDT"]
    assert position.size == size
    assert state.wallet.balance == cash
    for order in state.orders.values():
        assert filled.get(order.id, D(0)) == order.filled <= order.qty
        assert (order.id in state.active["BTCUSDT"]) is (order.status not in CLOSED)
        if order.is_child and order.is_open:
            assert order.side is not position.side
            assert order.leaves <= abs(position.size)
    assert len(state.by_link) == sum(bool(o.link) for o in state.orders.values())


@pytest.mark.parametrize("seed", range(60))
def test_books_add_up_after_every_step(seed: int) -> None:
    session(seed)


def test_a_session_is_its_seed() -> None:
    one, other = session(7), session(7)
    assert json.dumps(books(one.venue)) == json.dumps(books(other.venue))
    assert list(one.stream.outbox) == list(other.stream.outbox)
    assert json.dumps(books(one.venue)) != json.dumps(books(session(8).venue))
