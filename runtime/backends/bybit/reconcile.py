"""What a look at the venue means for the ledger: pure, from both to what is to be told, asked and feared.

The law: *found*, *absent* and *no answer* are three things. Absence counts after two looks a settle time
apart, with no word of the order in between; a part of the look that was not answered says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from runtime.account.ledger import Ledger
from runtime.backends.base import Loudness, Notice
from runtime.backends.bybit.messages import Execution, OrderUpdate, PositionUpdate, WalletUpdate
from runtime.backends.bybit.names import LinkNames
from runtime.backends.bybit.outside import is_ours
from runtime.formulas.sums import whole
from runtime.orders.order import Order


class OnMismatch(StrEnum):
    """What becomes of a position that differs and that nothing explains."""

    HALT = "halt"  # a person looks
    ADOPT = "adopt"  # the venue is right: its position is ours
    FLATTEN = "flatten"  # it is adopted and closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the venue answered from `asked_at` (ms) on; None where it did not."""

    asked_at: int
    orders: tuple[OrderUpdate, ...] | None = None
    executions: tuple[Execution, ...] | None = None
    positions: tuple[PositionUpdate, ...] | None = None
    wallet: WalletUpdate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do: rows and executions to tell in this order, orders to ask for, things to say."""

    rows: tuple[OrderUpdate, ...] = ()
    executions: tuple[Execution, ...] = ()
    ask: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    is_complete: bool = False


def reconcile(ledger: Ledger, names: LinkNames, seen: Snapshot) -> Plan:
    """Return what a snapshot means for the ledger as it was when the snapshot was asked for."""
    rows = seen.orders or ()
    executions = sorted(seen.executions or (), key=lambda row: (row.ts, row.sequence or 0))
    listed = {row.exchange_order_id for row in rows} | {
        names.order_id(row.order_id) or row.exchange_order_id for row in rows
    }
    ask: list[str] = []
    if seen.orders is not None:
        ask = [
            order.order_id
            for order in ledger.book
            if order.order_id not in listed and order.exchange_order_id not in listed
        ]
    return Plan(
        rows=tuple(rows),
        executions=tuple(executions),
        ask=tuple(ask),
        notices=tuple(_dangers(seen)),
        is_complete=None not in (seen.orders, seen.executions, seen.positions),
    )


def _dangers(seen: Snapshot) -> list[Notice]:
    found: list[Notice] = []
    for position in seen.positions or ():
        found += dangers_of(position, seen.asked_at)
    return found


def dangers_of(position: PositionUpdate, ts: int) -> list[Notice]:
    """Return what a position row warns of."""
    found: list[Notice] = []
    if position.position_index and position.quantity:
        text = f"a hedged position ({position.position_index}): one-way mode is needed"
        found.append(Notice(kind="hedge_mode", loudness=Loudness.HALT, text=text, ts=ts))
    if position.is_reduce_only:
        text = "the venue lets this position only shrink"
        found.append(Notice(kind="reduce_only_now", loudness=Loudness.ENTRIES, text=text, ts=ts))
    if position.status not in ("", "Normal"):
        text = f"the venue is taking the position over ({position.status})"
        found.append(Notice(kind="taken_over", loudness=Loudness.HALT, text=text, ts=ts))
    elif position.adl_rank >= 4 and position.quantity:
        text = f"deleveraging rank {position.adl_rank} of 5"
        found.append(Notice(kind="adl_rank", loudness=Loudness.ALARM, text=text, ts=ts))
    return found


def held_lots(ledger: Ledger) -> int:
    """Return the signed lots of the ledger's position."""
    position = ledger.position
    return 0 if position is None else position.side.sign * position.quantity


def difference(ledger: Ledger, positions: tuple[PositionUpdate, ...]) -> int:
    """Return by how many lots the venue holds more than the ledger (signed)."""
    return whole(row.quantity for row in positions if not row.position_index) - held_lots(ledger)


@dataclass(slots=True)
class Looks:
    """Orders that were looked for and not found: when first, and what was known of them then."""

    settle_ms: int = 2_000
    settle_accepted_ms: int = 10_000
    first: dict[str, tuple[int, int]] = field(default_factory=dict)

    def absent(self, order: Order, newest: int, now: int) -> bool:
        """Count a look that did not find an order; True where that proves it absent.

        `newest`: when the newest row seen of it was written; a row in between starts anew.
        """
        before = self.first.get(order.order_id)
        if before is None or before[1] != newest:
            self.first[order.order_id] = (now, newest)
            return False
        is_there = order.is_accepted or bool(order.filled)
        return now - before[0] >= (self.settle_accepted_ms if is_there else self.settle_ms)

    def found(self, order_id: str) -> None:
        """Forget the looks that did not find an order."""
        self.first.pop(order_id, None)


def unexplained(ledger: Ledger, behind: Mapping[str, int], kept: Collection[str] = ()) -> bool:
    """Return whether a difference of positions cannot come from something that is on its way; what is `kept` is not."""
    if behind:
        return False
    flying = (order for order in ledger.book if "submit" in order.in_flight and is_ours(order.spec))
    return all(order.order_id in kept for order in flying)
