"""Orders by their ids, all that anything can ask for: copied in the size of what still works.

The law: a copy sees the orders of its origin as they are and keeps its own changes to itself.
COST: a trial path of one bar copies the ledger; what ended long ago must not be paid for again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, MutableMapping

from runtime.orders.order import Order


class OrderTable(MutableMapping[str, Order]):
    """A table over an older one: lookups fall through to it, writes stay here.

    The older table must not change while this one lives. Orders leave it only by `archive`.
    """

    __slots__ = ("_added", "_archived", "_below", "_own")

    def __init__(self, below: Mapping[str, Order] | None = None) -> None:
        self._below: Mapping[str, Order] = {} if below is None else below
        self._own: dict[str, Order] = {}
        self._added = 0  # ids that the older table does not have
        self._archived = 0

    def over(self, own: Mapping[str, Order]) -> OrderTable:
        """Return a copy that sees these orders, with `own` in place of those of the same ids."""
        twin = OrderTable(self)
        twin._own = dict(own)
        return twin

    @property
    def asked(self) -> int:
        """Return how many orders there ever were, the archived ones included."""
        below = self._below.asked if isinstance(self._below, OrderTable) else len(self._below)
        return below + self._added + self._archived

    def archive(self, before: int, spared: Collection[str]) -> list[str]:
        """Take out orders that were over before a time (ms UTC); return their ids."""
        over = [
            order_id
            for order_id, order in self._own.items()
            if order.is_terminal
            and order_id not in spared
            and max(order.end_ts or 0, *(fill.ts for fill in order.fills[-1:]), 0) < before
        ]
        for order_id in over:
            del self._own[order_id]
        self._added -= len(over)
        self._archived += len(over)
        return over

    def __getitem__(self, order_id: str) -> Order:
        found = self._own.get(order_id)
        return self._below[order_id] if found is None else found

    def __setitem__(self, order_id: str, order: Order) -> None:
        self._added += order_id not in self
        self._own[order_id] = order

    def __delitem__(self, order_id: str) -> None:
        raise TypeError(f"order {order_id}: an order that was asked for has been asked for")

    def __contains__(self, order_id: object) -> bool:
        return order_id in self._own or order_id in self._below

    def __len__(self) -> int:
        return len(self._below) + self._added

    def __iter__(self) -> Iterator[str]:
        """Yield ids in the order in which they were asked for."""
        yield from self._below
        yield from (order_id for order_id in self._own if order_id not in self._below)
