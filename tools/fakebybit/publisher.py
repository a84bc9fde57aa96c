"""From changes in the books to messages of the private streams.

Law: the messages of one step leave together: executions, orders, positions, wallet; order and
execution messages of one match share their id, as the venue's do.
"""

from __future__ import annotations

from collections import deque

from tools.fakebybit import rows
from tools.fakebybit.state import Changes, State
from tools.fakebybit.wire import Row


def flush(state: State) -> None:
    """Send what changed since the last flush."""
    changes, state.changes = state.changes, Changes()
    symbols = dict.fromkeys(
        [*(e.symbol for e in changes.executions), *(o.symbol for o in changes.orders)]
    )
    for symbol in symbols:
        _match(state, changes, symbol)
    moved = list(dict.fromkeys(changes.positions))
    if state.settings.chatty_positions:
        moved = list(dict.fromkeys([*moved, *symbols]))
    for name in moved:
        seen = state.position_rows.setdefault(name, deque(maxlen=64))
        seen.append((state.now, rows.position_row(state, state.positions[name])))
    if moved:
        data = [rows.position_message_row(state, state.positions[s]) for s in moved]
        _send(state, "position", state.uuid(), data)
    if changes.wallet or changes.orders:
        _send(state, "wallet", state.uuid(), [rows.wallet_row(state)])


def _match(state: State, changes: Changes, symbol: str) -> None:
    executions = [e for e in changes.executions if e.symbol == symbol]
    orders = [o for o in changes.orders if o.symbol == symbol]
    ident = f"{state.settings.uid}_{symbol}_{executions[-1].seq}" if executions else state.uuid()
    if executions:
        _send(state, "execution", ident, [rows.execution_message_row(e) for e in executions])
    if orders:
        _send(state, "order", ident, [rows.order_message_row(o) for o in orders])


def _send(state: State, topic: str, ident: str, data: list[Row]) -> None:
    state.emit(topic, {"id": ident, "topic": topic, "creationTime": state.now, "data": data})
