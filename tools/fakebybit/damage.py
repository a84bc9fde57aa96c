"""What faults do to answers and messages on their way out.

Law: damage never touches the books.
"""

from __future__ import annotations

import json
from random import Random

from tools.fakebybit.faults import Fault
from tools.fakebybit.state import State
from tools.fakebybit.wire import Reply, Row


def damaged(state: State, path: str, link: str, body: Row, headers: dict[str, str]) -> Reply:
    """Return the answer as it leaves: whole, late, lost or broken."""
    if state.fault(Fault.HALF, path, link):
        body = {name: value for name, value in body.items() if name != "result"}
    if state.fault(Fault.NO_MESSAGE, path, link):
        body = {name: value for name, value in body.items() if name != "retMsg"}
    if state.fault(Fault.WRONG_NUMBER, path, link):
        body = wrong(body, state.faults.random)
    content: object = [body] if state.fault(Fault.JSON_ODD, path, link) else body
    raw = json.dumps(content, separators=(",", ":")).encode()
    late = state.fault(Fault.DELAY_ANSWER, path, link)
    return Reply(
        headers={"Content-Type": "application/json", **headers},
        body=raw,
        is_cut=state.fault(Fault.CUT, path, link) is not None,
        is_lost=state.fault(Fault.DROP_ANSWER, path, link) is not None,
        delay_ms=0 if late is None else late.value,
    )


AMOUNTS = frozenset(
    [
        "price",
        "qty",
        "avgPrice",
        "leavesQty",
        "cumExecQty",
        "cumExecValue",
        "execPrice",
        "execQty",
        "execFee",
        "size",
        "entryPrice",
        "positionValue",
        "walletBalance",
        "equity",
        "triggerPrice",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "lastPrice",
    ]
)
LIES: tuple[object, ...] = ("NaN", "1e-05", "", "-0", None, 1.5, "0x10", "Infinity")


def wrong(row: Row, chance: Random) -> Row:
    """Return a copy in which one amount, chosen by the seed, is not what it was."""
    copy: Row = json.loads(json.dumps(row))
    places: list[tuple[Row, str]] = []
    _amounts(copy, places)
    if places:
        home, name = chance.choice(places)
        home[name] = chance.choice(LIES)
    return copy


def _amounts(value: object, places: list[tuple[Row, str]]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in AMOUNTS and isinstance(inner, str):
                places.append((value, name))
            _amounts(inner, places)
    elif isinstance(value, list):
        for inner in value:
            _amounts(inner, places)
