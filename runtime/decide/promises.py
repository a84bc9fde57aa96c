"""The promises of a card as checks of an entry.

The law: a promise is checked against the state after the entry; what it says must not be known to be
false. `no_entry_while` refuses while its condition is true or unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from compiler.catalog.promises import Promise
from compiler.graph.program import Program
from compiler.graph.rule_graph import InvariantNode
from runtime.account.builtins import read
from runtime.decide.capacity import Capacity
from runtime.decide.refusals import RefusalCode, Refused
from runtime.orders.order_spec import OrderType, Role, Side
from runtime.rules.machine import Machine

_SLACK = 1 + 1e-9  # one rounding error of a sum of notionals


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entry (or the growth of one) about to be accepted; `adds_order` False for an amendment."""

    side: Side
    order_type: OrderType
    quantity: int
    price: float
    notional: float
    has_stop: bool
    adds_order: bool = True


class Promises:
    """The invariants of a card as checks of an entry."""

    def __init__(self, program: Program, machine: Machine) -> None:
        self._machine = machine
        self._accounts = program.accounts
        self._promises = program.graph.invariants

    def check(self, proposal: Proposal, capacity: Capacity) -> None:
        """Refuse an entry that would break a promise."""
        for promise in self._promises:
            broken = self._broken(promise, proposal, capacity)
            if broken is not None:
                raise Refused(RefusalCode.INVARIANT, broken, promise.name)

    def _broken(self, promise: InvariantNode, new: Proposal, capacity: Capacity) -> str | None:
        most = promise.argument or 0.0
        match promise.name:
            case Promise.ALWAYS_PROTECTED:
                return _unprotected(new, capacity)
            case Promise.MAX_LAYERS:
                layers = capacity.layers[new.side] + new.adds_order
                return f"{layers} layers of {most:g}" if layers > most else None
            case Promise.MAX_NOTIONAL_USDT:
                after = capacity.notional[new.side] + new.notional
                return f"{after:.2f} USDT of {most:g}" if after > most * _SLACK else None
            case Promise.MAX_OPEN_ORDERS:
                orders = capacity.open_orders + new.adds_order
                return f"{orders} orders of {most:g}" if orders > most else None
            case Promise.NEVER_AVERAGE_UP:
                return _averages_up(new, capacity)
            case Promise.FLAT_AFTER_BARS:
                held = read(capacity.ledger, "bars_since_entry")
                return f"held for {held:g} bars of {most:g}" if held >= most else None
            case Promise.NO_ENTRY_WHILE:
                assert promise.condition is not None
                value = self._machine.value(promise.condition)
                return None if value == 0.0 else "true" if value == 1.0 else "unknown"
            case Promise.CONDITION:
                assert promise.condition is not None
                return self._condition(promise.condition, new, capacity)
            case _:
                assert_never(promise.name)

    def _condition(self, node: int, new: Proposal, capacity: Capacity) -> str | None:
        """Try the condition as it will read with the order working, and with it filled."""
        frozen = self._machine.accounts
        for projected in (_working(new, capacity), _filled(new, capacity)):
            values = [
                projected.get(name, value) if not ref else value
                for (name, ref), value in zip(self._accounts, frozen, strict=True)
            ]
            if self._machine.value_under(node, values) == 0.0:
                return "the promise would not hold after this entry"
        return None


def _unprotected(new: Proposal, capacity: Capacity) -> str | None:
    """An entry brings its own stop, or joins at market a position that has one."""
    joins = capacity.side is new.side and capacity.level(Role.STOP_LOSS, None) is not None
    if new.has_stop or (joins and new.order_type is OrderType.MARKET):
        return None
    return "the entry has no stop"


def _averages_up(new: Proposal, capacity: Capacity) -> str | None:
    """Adding at a price worse than the average entry raises it (lowers it for a short)."""
    if capacity.side is not new.side or capacity.lots == 0:
        return None
    average = capacity.average
    worse = (new.price - average) * new.side.sign > 0
    return f"{new.price:g} is worse than the average entry {average:g}" if worse else None


def _working(new: Proposal, capacity: Capacity) -> dict[str, float]:
    """Return the builtins that change when the order rests."""
    changed = {"pending_order_count": float(capacity.open_orders + new.adds_order)}
    kind = {OrderType.LIMIT: "limit", OrderType.MARKET: ""}.get(new.order_type, "stop")
    if kind and new.adds_order:
        name = f"pending_{kind}_{new.side.value}_count"
        changed[name] = read(capacity.ledger, name) + 1.0
    return changed


def _filled(new: Proposal, capacity: Capacity) -> dict[str, float]:
    """Return the builtins that change when this order and the working ones of its side fill."""
    after = capacity.notional[new.side] + new.notional
    joins = capacity.lots if capacity.side is new.side else 0
    return {
        "position_side": 1.0 if new.side is Side.BUY else 2.0,
        "position_size_usdt": after,
        "position_qty": capacity.ledger.instrument.base(joins + new.quantity),
        "position_layers": float(capacity.layers[new.side] + new.adds_order),
        "remaining_position_capacity": max(0.0, capacity.max_position_usdt - after),
    }
