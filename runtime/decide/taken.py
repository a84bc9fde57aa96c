"""What is taken at one close, counting what this close has already accepted.

The law: an intent is checked against the state it will meet: the ledger at the close, less the
orders cancelled here, with the market orders accepted here as if they were filled.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from runtime.account.ledger import Ledger
from runtime.formulas.margin import initial_margin
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Side


@dataclass(slots=True)
class Standing:
    """Position, capacity and working orders at a close.

    `side`/`lots` is the position after the market orders accepted here. `notional` and `layers` are
    per side and count the position and every working entry of that side.
    """

    ledger: Ledger
    bar: int
    ts: int
    close: float
    equity: float
    max_position_usdt: float
    side: Side | None
    lots: int
    position_notional: float
    position_layers: int
    free_margin: float
    notional: dict[Side, float]
    layers: dict[Side, int]
    open_orders: int
    refs: set[str]
    gone: set[str] = field(default_factory=set)
    stops: dict[tuple[str, str | None], float] = field(default_factory=dict)

    @classmethod
    def at_close(cls, ledger: Ledger) -> Standing:
        """Return where things stand at the ledger's last close."""
        position = ledger.position
        held = 0.0 if position is None else position.total_size_usdt
        notional, layers = {Side.BUY: 0.0, Side.SELL: 0.0}, {Side.BUY: 0, Side.SELL: 0}
        known: set[str] = set()
        if position is not None:
            notional[position.side] += held
            layers[position.side] += position.layer_count
            known = {layer.layer_id for layer in position.layers}
        # What a consequence of this close cancels counts like what a rule cancels at it.
        leaving = {order.order_id for order in ledger.book if ledger.is_leaving(order)}
        own = [x for x in ledger.book if x.is_own and x.order_id not in leaving]
        for order in own:
            if order.spec.effect is Effect.OPEN:
                notional[order.side] += ledger.order_notional(order)
                layers[order.side] += order.order_id not in known
        return cls(
            ledger=ledger,
            bar=ledger.bar,
            ts=ledger.ts,
            close=ledger.close,
            equity=ledger.equity,
            max_position_usdt=ledger.max_position_usdt,
            side=None if position is None else position.side,
            lots=0 if position is None else position.quantity,
            position_notional=held,
            position_layers=0 if position is None else position.layer_count,
            free_margin=ledger.free_margin(without=leaving),
            notional=notional,
            layers=layers,
            open_orders=len(own),
            refs={o.spec.order_ref for o in own if o.spec.order_ref is not None},
            gone=leaving,
        )

    # ------------------------------------------------------------ reading

    def margin(self, side: Side, notional: float) -> float:
        """Return what an entry of this notional ties up."""
        return initial_margin(side.sign, notional, self.ledger.leverage, self.ledger.taker_rate)

    def room(self, side: Side) -> float:
        """Return the notional that free margin and the maximum position still allow."""
        by_margin = self.free_margin / self.margin(side, 1.0)
        return max(0.0, min(by_margin, self.max_position_usdt - self.notional[side]))

    def working(self, order_ref: str) -> Order | None:
        """Return the card's working order of a ref, unless it was cancelled here."""
        order = self.ledger.book.by_ref(order_ref)
        return None if order is None or order.order_id in self.gone else order

    # ------------------------------------------------------------ changing

    def copy(self) -> Standing:
        return replace(
            self,
            notional=dict(self.notional),
            layers=dict(self.layers),
            refs=set(self.refs),
            gone=set(self.gone),
            stops=dict(self.stops),
        )

    def release(self, order: Order) -> None:
        """Give back what a working order holds: it is cancelled or replaced here."""
        self.gone.add(order.order_id)
        self.open_orders -= 1
        if order.spec.order_ref is not None:
            self.refs.discard(order.spec.order_ref)
        if order.spec.effect is not Effect.OPEN:
            return
        notional = self.ledger.order_notional(order)
        self.notional[order.side] -= notional
        self.free_margin += self.margin(order.side, notional)
        position = self.ledger.position
        if position is None or position.layer(order.order_id) is None:
            self.layers[order.side] -= 1

    def reduce(self, lots: int) -> None:
        """Count a market exit as done."""
        assert self.side is not None
        lots = min(lots, self.lots)
        freed = self.position_notional * lots / self.lots
        self.position_notional -= freed
        self.notional[self.side] -= freed
        self.free_margin += self.margin(self.side, freed)
        self.lots -= lots
        if self.lots == 0:
            self.layers[self.side] -= self.position_layers
            self.position_layers = 0
            self.side = None

    def accept(self, spec: OrderSpec, notional: float) -> None:
        """Count an accepted order."""
        if spec.order_ref is not None:
            self.refs.add(spec.order_ref)
        self.open_orders += 1
        if spec.effect is Effect.REDUCE:
            if spec.order_type is OrderType.MARKET:
                self.reduce(spec.quantity)
            return
        self.notional[spec.side] += notional
        self.layers[spec.side] += 1
        self.free_margin -= self.margin(spec.side, notional)
        if spec.order_type is OrderType.MARKET:
            self.side = spec.side
            self.lots += spec.quantity
            self.position_notional += notional
            self.position_layers += 1

    def enlarge(self, side: Side, notional: float) -> None:
        """Count a working entry as grown (or shrunk) by a notional."""
        self.notional[side] += notional
        self.free_margin -= self.margin(side, notional)
