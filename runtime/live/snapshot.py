"""The state of a desk as bytes, and back: a start lives through what came after it, not through months.

The law: a desk that was restored and one that has lived through everything are the same: same commands, same
hash. A snapshot is taken up only by the very code that has written it; any other lives through the records.
"""

from __future__ import annotations

import io
import pickle
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

from runtime.account.ledger import Ledger
from runtime.errors import IdeaCardError
from runtime.live.desk import Desk
from runtime.live.paper import PaperDesk
from runtime.orders.book import PendingOrderBook
from runtime.orders.events import Event, OrderAccepted
from runtime.orders.table import OrderTable
from runtime.rules.machine import Machine

# Per object: what is kept, and what a fresh desk has already. A test holds both to what there is.
KEPT = {
    "desk": (
        "guard", "coverage", "held", "exits", "changes", "later", "missed", "agreed_at", "_price", "_seen", "_was_halted", "_private_since",
        "close_out", "_tidied_at", "_has_begun", "_ts",
    ),
    "paper": ("guard", "coverage", "agreed_at", "_was_halted", "_has_begun", "_ts"),
    "exchange": (
        "numbering", "tally", "_queue", "_before", "_mark_before", "_waits", "_postponed", "_danger",
    ),
    "engine": ("_issued", "fired", "_undecided", "_late"),
    "promises": ("_rows", "_broken"),
    "promise_watch": ("_barred", "_held", "_fills"),
    "machine": ("bar", "accounts", "_kept"),
    "window": ("_ring", "_true", "_false"),
    "so_far": ("_before",),
}  # fmt: skip
FRESH = {
    "desk": (
        "ledger", "market", "engine", "brought", "archived", "lost", "promised", "_keep_ms", "_data", "_warm_bars",
    ),
    "paper": (
        "ledger", "market", "engine", "brought", "archived", "lost", "promised", "exchange", "funding",
        "_data", "_warm_bars",
    ),
    "exchange": (
        "ledger", "data", "terms", "emit", "flipped", "parts", "marks", "_holes", "_quiet", "_beside",
        "_gone",
    ),
    "engine": (
        "program", "ledger", "machine", "listeners", "older_exits", "reached", "is_patient", "held_back", "refusals", "cuts", "outcomes", "_run_id",
        "_blocks", "_snapshot", "_processor", "_awaited", "_ending",
    ),
    "promises": ("_watch", "_ledger", "_asks_closes"),
    "promise_watch": ("_promises", "_engine", "_ledger"),
    "machine": ("program", "columns", "_functions", "_memos", "memo_of"),
    "window": ("functions", "_min_true", "_size", "push"),
    "so_far": ("functions", "_step", "push"),
    "ledger": ("settings", "booking"),
}  # fmt: skip
_STATES = (OrderTable, PendingOrderBook, deque, set, frozenset)
_Values = dict[str, Any]


class BadSnapshot(IdeaCardError):
    """Bytes that are no state of a desk."""


def picture(desk: Desk | PaperDesk, remembered: Iterable[str] = ()) -> bytes:
    """Return a desk's state without its bars. `remembered`: execution ids that are in no order."""
    machine = desk.engine.machine
    ledger = vars(desk.ledger)
    state: _Values = {
        "desk": _kept(desk, kind_of(desk)),
        "ledger": {name: ledger[name] for name in ledger if name not in FRESH["ledger"]},
        "engine": _kept(desk.engine, "engine"),
        "awaited": tuple(desk.engine._awaited),
        "machine": _kept(machine, "machine"),
        "windows": [_kept(memory, _kind_of(memory)) for memory in machine._memos],
        "remembered": tuple(remembered),
        "first": desk.first,
    }
    if desk.promised.kept is not None:
        state["promises"] = _kept(desk.promised.kept, "promises")
        state["promise_watch"] = _kept(desk.promised.kept._watch, "promise_watch")
    if isinstance(desk, PaperDesk):
        state["exchange"] = _kept(desk.exchange, "exchange")
        state["funding"] = list(zip(desk.funding.ts, desk.funding.rate, strict=True))
    return pickle.dumps(state, protocol=5)


def opened(body: bytes) -> Mapping[str, Any]:
    """Return what a picture holds; `first` is the first bar that was decided on. BadSnapshot for anything else."""
    try:
        state: Mapping[str, Any] = _Reader(io.BytesIO(body)).load()
        int(state["first"])
        return state
    except Exception as error:  # broken bytes break in many ways; the records are still there
        raise BadSnapshot(f"{type(error).__name__}: {error}") from None


def restore(desk: Desk | PaperDesk, state: Mapping[str, Any]) -> tuple[str, ...]:
    """Give a fresh desk that has its bars what was `opened`; return what was remembered. BadSnapshot otherwise."""
    try:
        _give(desk, state["desk"])
        _restore_ledger(desk, state["ledger"])
        _give(desk.engine, state["engine"])
        orders = desk.ledger.orders
        desk.engine._awaited = {named: orders[named] for named in state["awaited"]}
        _restore_machine(desk.engine.machine, state["machine"], state["windows"])
        if desk.promised.kept is not None:  # what was broken before is not forgotten
            _give(desk.promised.kept, state["promises"])
            _give(desk.promised.kept._watch, state["promise_watch"])
        if isinstance(desk, PaperDesk):
            _give(desk.exchange, state["exchange"])
            for due, rate in state["funding"]:
                desk.take_rate(due, rate)
        return tuple(state["remembered"])
    except Exception as error:  # as above
        raise BadSnapshot(f"{type(error).__name__}: {error}") from None


def known_of(ledger: Ledger) -> list[Event]:
    """Return what a backend has to know of the orders there are: their ids at the venue, their fills."""
    known: list[Event] = []
    for order in ledger.orders.values():
        if order.exchange_order_id:
            known.append(
                OrderAccepted(
                    order_id=order.order_id, exchange_order_id=order.exchange_order_id, bar=0, ts=0
                )
            )
        known += order.fills
    return known


def kind_of(desk: Desk | PaperDesk) -> str:
    """Return under which word it stands what is kept of a desk."""
    return "paper" if isinstance(desk, PaperDesk) else "desk"


def _kind_of(memory: object) -> str:
    return "window" if hasattr(memory, "_ring") else "so_far"


def _kept(owner: object, kind: str) -> _Values:
    return {name: getattr(owner, name) for name in KEPT[kind]}


def _give(owner: object, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(owner, name, value)


def _restore_ledger(desk: Desk | PaperDesk, values: Mapping[str, Any]) -> None:
    _give(desk.ledger, values)
    desk.engine.take_facts(desk.ledger.instrument)  # those of today; a position keeps its own


def _restore_machine(machine: Machine, values: _Values, windows: list[_Values]) -> None:
    _give(machine, values)
    for window, held in zip(machine._memos, windows, strict=True):
        _give(window, held)


class _Reader(pickle.Unpickler):
    """Makes values of the runtime's own plain classes and nothing else: a file runs no code here."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module in _MODULES or _is_ours(module) else None
        if isinstance(found, type) and (
            found in _STATES or is_dataclass(found) or issubclass(found, Enum)
        ):
            return found
        raise BadSnapshot(f"{module}.{name} is no state")


_MODULES = ("builtins", "collections")


def _is_ours(module: str) -> bool:
    return module.startswith(("runtime.", "compiler.catalog.", "compiler.graph."))
