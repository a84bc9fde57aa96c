"""Working orders, price-sorted on four sides, found by ref, group and age.

INVARIANT: an order is in the book exactly while it is not terminal; armed stops sort by trigger,
everything else by limit. Orders at one price are independent: price, then time.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Iterator

from runtime.market.frame import Bar
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderType, Side

_Entry = tuple[float, int, str]  # sort key, arrival number, order id


class PendingOrderBook:
    """`limit_buys` by price falling, `limit_sells` rising, `stop_buys` by trigger rising, `stop_sells`
    falling. Market orders are on no side: they never wait for a price."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.limit_buys: list[_Entry] = []
        self.limit_sells: list[_Entry] = []
        self.stop_buys: list[_Entry] = []
        self.stop_sells: list[_Entry] = []
        self._arrival: dict[str, int] = {}
        self._placed: dict[str, tuple[list[_Entry], _Entry]] = {}
        self._by_ref: dict[str, list[str]] = {}
        self._by_group: dict[str, list[str]] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self.orders)

    def __contains__(self, order_id: str) -> bool:
        return order_id in self.orders

    def __iter__(self) -> Iterator[Order]:
        """Yield working orders in order of arrival."""
        return iter(self.orders.values())

    @property
    def is_unsure(self) -> bool:
        """Return whether the fate of a request about any of them is unknown: no new risk until it is known."""
        return any(order.uncertain for order in self.orders.values())

    # ------------------------------------------------------------ changing

    def add_order(self, order: Order) -> None:
        """Add a working order.

        Two may share a ref while the cancel of the older one is on its way: the newer has the name.
        """
        order_id = order.order_id
        assert order_id not in self.orders
        self.orders[order_id] = order
        self._arrival[order_id] = self._next
        self._next += 1
        self._place(order)
        if order.spec.order_ref is not None and order.is_own:
            self._by_ref.setdefault(order.spec.order_ref, []).append(order_id)
        if order.spec.order_group is not None:
            self._by_group.setdefault(order.spec.order_group, []).append(order_id)

    def remove(self, order_id: str) -> Order:
        """Take an order out of the book."""
        order = self.orders.pop(order_id)
        self._unplace(order_id)
        del self._arrival[order_id]
        _forget(self._by_ref, order.spec.order_ref, order_id)
        _forget(self._by_group, order.spec.order_group, order_id)
        return order

    def resort(self, order: Order, *, ages_anew: bool = False) -> None:
        """Sort an order anew after its price, trigger or armed state changed.

        That loses time priority, as on the venue, and so does a quantity that was raised: `ages_anew`.
        """
        placed = self._placed.get(order.order_id)
        side = self._side(order)
        if placed is not None and side is not None and not ages_anew:
            if placed[0] is side and placed[1][0] == self._key(order):
                return
        self.requeue(order)

    def requeue(self, order: Order) -> None:
        """Put an order behind all others at its price."""
        self._unplace(order.order_id)
        self._arrival[order.order_id] = self._next
        self._next += 1
        self._place(order)

    def cancel_by_ref(self, order_ref: str) -> Order | None:
        """Remove and return the working order of a ref, None if there is none."""
        order = self.by_ref(order_ref)
        return None if order is None else self.remove(order.order_id)

    def cancel_by_group(self, group: str) -> list[Order]:
        """Remove and return the working orders of a group, oldest first."""
        return [self.remove(order.order_id) for order in self.by_group(group)]

    def age_all(self, bars: int = 1) -> None:
        """Count more closed bars for every accepted order."""
        for order in self.orders.values():
            if order.is_accepted:
                order.bars_pending += bars

    def clone(self) -> PendingOrderBook:
        """Return a book of copies, each order in its place of time priority."""
        twin = PendingOrderBook()
        twin.orders = {order_id: order.clone() for order_id, order in self.orders.items()}
        twin._arrival, twin._next = dict(self._arrival), self._next
        twin._by_ref = {name: list(ids) for name, ids in self._by_ref.items()}
        twin._by_group = {name: list(ids) for name, ids in self._by_group.items()}
        for ours, theirs in zip(self._sides(), twin._sides(), strict=True):
            theirs += ours
            twin._placed |= {entry[2]: (theirs, entry) for entry in ours}
        return twin

    # ------------------------------------------------------------ reading

    @property
    def has_market(self) -> bool:
        """Return whether an order without a price works."""
        return len(self._placed) < len(self.orders)

    def by_ref(self, order_ref: str) -> Order | None:
        """Return the newest working order of a ref, None if there is none."""
        named = self._by_ref.get(order_ref)
        return self.orders[named[-1]] if named else None

    def by_group(self, group: str) -> list[Order]:
        return [self.orders[i] for i in self._by_group.get(group, ())]

    def arrival(self, order_id: str) -> int:
        """Return the order's place in time priority."""
        return self._arrival[order_id]

    def could_fill(self, low: float, high: float) -> bool:
        """Return whether prices in [low, high] reach any order; four comparisons."""
        return (
            (bool(self.limit_buys) and -self.limit_buys[0][0] >= low)
            or (bool(self.limit_sells) and self.limit_sells[0][0] <= high)
            or (bool(self.stop_buys) and self.stop_buys[0][0] <= high)
            or (bool(self.stop_sells) and -self.stop_sells[0][0] >= low)
        )

    def reach(self) -> tuple[float, float]:
        """Return the highest price at which falling prices meet an order, the lowest for rising ones.

        `could_fill(low, high)` is the first >= low or the second <= high.
        """
        falling = [-side[0][0] for side in (self.limit_buys, self.stop_sells) if side]
        rising = [side[0][0] for side in (self.limit_sells, self.stop_buys) if side]
        return max(falling, default=-math.inf), min(rising, default=math.inf)

    def get_fillable_orders(self, bar: Bar) -> list[Order]:
        """Return the orders whose price the bar reaches, best price first on each side."""
        found: list[Order] = []
        for side, limit in (
            (self.limit_buys, -bar.low),
            (self.limit_sells, bar.high),
            (self.stop_buys, bar.high),
            (self.stop_sells, -bar.low),
        ):
            for key, _, order_id in side:
                if key > limit:
                    break
                found.append(self.orders[order_id])
        return found

    # ------------------------------------------------------------ inside

    def _sides(self) -> tuple[list[_Entry], ...]:
        return self.limit_buys, self.limit_sells, self.stop_buys, self.stop_sells

    def _side(self, order: Order) -> list[_Entry] | None:
        buys = order.side is Side.BUY
        if order.spec.order_type is OrderType.MARKET:
            return None  # also one that protects: the market had passed its price already
        if order.is_armed_stop and not order.is_target:
            return self.stop_buys if buys else self.stop_sells
        if order.is_target or order.spec.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT):
            return self.limit_buys if buys else self.limit_sells
        return None

    def _key(self, order: Order) -> float:
        price = order.limit_price
        if price is None or order.is_armed_stop:
            price = order.trigger_price
        assert price is not None
        armed = order.is_armed_stop and not order.is_target
        falling = (order.side is Side.BUY) != armed
        return -price if falling else price

    def _place(self, order: Order) -> None:
        side = self._side(order)
        if side is None:
            return
        entry = (self._key(order), self._arrival[order.order_id], order.order_id)
        insort(side, entry)
        self._placed[order.order_id] = (side, entry)

    def _unplace(self, order_id: str) -> None:
        placed = self._placed.pop(order_id, None)
        if placed is not None:
            side, entry = placed
            del side[bisect_left(side, entry)]


def _forget(names: dict[str, list[str]], name: str | None, order_id: str) -> None:
    """Take an order out of the list under a name, and the name with its last order."""
    members = names.get(name, []) if name is not None else []
    if order_id in members:
        members.remove(order_id)
        if not members and name is not None:
            del names[name]
