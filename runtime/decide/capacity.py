"""What there is room for at one close, counting what this close has already accepted.

The law: an intent is checked against the state it will meet: the ledger at the close, less the orders
cancelled here, with the market orders accepted here as if they were filled at the close, slippage and
fee included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from runtime.account.ledger import Ledger
from runtime.account.margin import (
    closing_gain,
    expected_price,
    margin_of,
    order_margin,
    reserves,
    used_by_side,
)
from runtime.account.standing import trail_price
from runtime.decide.intent import Intent
from runtime.decide.older_exits import OlderExit, lots_held
from runtime.formulas.sums import whole
from runtime.orders.commands import AmendOrder
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side
from runtime.orders.trailing import Following, nearer

_STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT})


@dataclass(slots=True)
class Capacity:
    """Position, margin and working orders at a close.

    `side`/`lots`/`average` is the position after the market orders accepted here. `notional` and `layers`
    are per side and count the position and every working entry of that side. `used` is the margin that a
    side ties up, `balance` what both draw on. `exiting` are lots that resting exits take, those that are
    `owed` included, `waiting` those of market exits that have not met a bar yet. `resting` are the entries
    that wait for a price.
    """

    ledger: Ledger
    bar: int
    ts: int
    close: float
    equity: float
    balance: float
    max_position_usdt: float
    side: Side | None
    lots: int
    average: float
    held_layers: int
    used: dict[Side, float]
    reserved: dict[str, float]
    notional: dict[Side, float]
    layers: dict[Side, int]
    open_orders: int
    exiting: int
    waiting: int
    resting: dict[str, Side]
    refs: set[str]
    gone: set[str] = field(default_factory=set)
    levels: dict[tuple[Role, str | None], float] = field(default_factory=dict)
    # At this close: trails given or taken away, stops and targets asked for.
    trails: dict[str | None, Following | None] = field(default_factory=dict)
    asked: list[tuple[Role, str | None]] = field(default_factory=list)
    changed: dict[str, AmendOrder] = field(default_factory=dict)  # at this close, by order
    # Orders accepted at this close that wait for a price, by ref, with what they are valued at.
    placed: dict[str, tuple[OrderSpec, float]] = field(default_factory=dict)
    older_exits: tuple[OlderExit, ...] = ()  # at market
    owed: tuple[
        OlderExit, ...
    ] = ()  # exits at a limit that come again: no order works for them now
    # Whether no rule asks for the intent at hand again.
    is_once: bool = False
    # Whether what the intent at hand asks for waits while the fate of a request is unknown.
    is_patient: bool = False

    @classmethod
    def at_close(cls, ledger: Ledger, older_exits: Iterable[OlderExit] = ()) -> Capacity:
        """Return what there is room for at the ledger's last close; `older_exits` are still to close something."""
        position = ledger.position
        # What a consequence of this close cancels counts like what a rule cancels at it.
        leaving = {order.order_id for order in ledger.book if ledger.is_leaving(order)}
        own = [order for order in ledger.book if order.is_own and order.order_id not in leaving]
        entries = [order for order in own if order.spec.effect is Effect.OPEN]
        exits = [order for order in own if order.spec.effect is Effect.REDUCE]
        older = tuple(older_exits)
        owed = tuple(one for one in older if one.rests)
        made = cls(
            ledger=ledger,
            bar=ledger.bar,
            ts=ledger.ts,
            close=ledger.close,
            equity=ledger.equity,
            balance=ledger.account.balance,
            max_position_usdt=ledger.max_position_usdt,
            side=None if position is None else position.side,
            lots=0 if position is None else position.quantity,
            average=0.0 if position is None else position.avg_entry_price,
            held_layers=0 if position is None else position.layer_count,
            used=used_by_side(ledger, leaving),
            reserved={order.order_id: margin for order, margin in reserves(ledger, leaving)},
            notional={Side.BUY: 0.0, Side.SELL: 0.0},
            layers={Side.BUY: 0, Side.SELL: 0},
            open_orders=len(own) + len(owed),
            exiting=whole(order.remaining for order in exits if not _is_market(order.spec))
            + whole(one.lots for one in owed),
            waiting=whole(order.remaining for order in exits if _is_market(order.spec)),
            resting={o.order_id: o.side for o in entries if not _is_market(o.spec)},
            refs={order.spec.order_ref for order in own if order.spec.order_ref is not None},
            gone=leaving,
            older_exits=tuple(one for one in older if not one.rests),
            owed=owed,
        )
        made._count(entries)
        return made

    def _count(self, entries: list[Order]) -> None:
        position = self.ledger.position
        held: set[str] = set()
        if position is not None:
            self.notional[position.side] += self.ledger.instrument.base(self.lots) * self.average
            self.layers[position.side] += position.layer_count
            held = {layer.order_id for layer in position.layers}
        for order in entries:
            self.notional[order.side] += self.ledger.order_notional(order)
            self.layers[order.side] += order.order_id not in held

    # ------------------------------------------------------------ reading

    def free(self, side: Side) -> float:
        """Return the margin that entries of a side may still use."""
        return self.balance - self.used[side]

    def working(self, order_ref: str) -> Order | None:
        """Return the card's working order of a ref, unless it was cancelled here."""
        order = self.ledger.book.by_ref(order_ref)
        return None if order is None or order.order_id in self.gone else order

    def holder_of(self, order_ref: str | None, live: Order | None) -> str | None:
        """Return the order that has a ref: the one that works, else one accepted here that waits for a price."""
        if live is not None:
            return live.order_id
        here = self.placed.get(order_ref or "")
        return None if here is None else here[0].order_id

    def exit_room(self, *, at_market: bool) -> int:
        """Return the lots that an exit may take: a market exit does not yield to resting ones."""
        taken = self.waiting if at_market else self.waiting + self.exiting
        return max(0, self.lots - taken)

    def bounds(self) -> tuple[int, int]:
        """Return the fewest and the most lots of this side there are once what is on its way at market has ended."""
        coming = 0 if self.side is None else self.coming(self.side)
        return max(0, self.lots - self.waiting), self.lots + coming

    def coming(self, side: Side) -> int:
        """Return the lots of a side that market entries of earlier closes have still to open."""
        return whole(
            order.to_open
            for order in self.ledger.book
            if order.side is side
            and order.spec.effect is Effect.OPEN
            and _is_market(order.spec)
            and order.order_id not in self.gone
        )

    def doubtful_exits(self) -> list[Order]:
        """Return the market exits of earlier closes of which nobody has heard: they may act yet, or never.

        In a back-test every order has arrived before the next close.
        """
        return [
            order
            for order in self.ledger.book
            if order.spec.role is Role.EXIT
            and _is_market(order.spec)
            and order.spec.created_bar < self.bar
            and not (order.is_accepted or order.filled or order.order_id in self.gone)
        ]

    def shared(self, intent: Intent) -> tuple[int, int]:
        """Return of how many lots a share of the position is one, and what of them its own action is closing already."""
        position = self.ledger.position
        held = self.lots if position is None else position.quantity
        return lots_held(
            held, (x for x in self.older_exits if x.spec.order_id not in self.gone), intent
        )

    def closing_gain(self, lots: int, price: float) -> float:
        """Return what the balance gains when lots of the position close at a price, the fee paid."""
        if self.side is None:
            return 0.0
        return closing_gain(self.ledger, self.side, self.average, min(lots, self.lots), price)

    def level(self, role: Role, layer: str | None) -> float | None:
        """Return where a stop or target stands, with what was moved at this close."""
        moved = self.levels.get((role, layer))
        if moved is not None:
            return moved
        ledger = self.ledger
        return ledger.stop_price(layer) if role is Role.STOP_LOSS else ledger.target_price(layer)

    def trail(self, layer: str | None) -> Following | None:
        """Return what trails, with what was given or taken away at this close."""
        if layer in self.trails:
            return self.trails[layer]
        held = self.ledger.protection.get(layer)
        return None if held is None else held.trail

    def stop_in_force(self) -> float | None:
        """Return where the position is left: at the tighter of its stop, as moved here, and its trail."""
        stop, position = self.level(Role.STOP_LOSS, None), self.ledger.position
        return (
            stop if position is None else nearer(position.side.sign, stop, trail_price(self.ledger))
        )

    # ------------------------------------------------------------ changing

    def copy(self) -> Capacity:
        return replace(
            self,
            used=dict(self.used),
            reserved=dict(self.reserved),
            notional=dict(self.notional),
            layers=dict(self.layers),
            resting=dict(self.resting),
            refs=set(self.refs),
            gone=set(self.gone),
            levels=dict(self.levels),
            trails=dict(self.trails),
            asked=list(self.asked),
            changed=dict(self.changed),
            placed=dict(self.placed),
        )

    def release(self, order: Order) -> None:
        """Give back what a working order holds: it is cancelled or replaced here."""
        self.gone.add(order.order_id)
        self.open_orders -= 1
        if order.spec.order_ref is not None:
            self.refs.discard(order.spec.order_ref)
        self.resting.pop(order.order_id, None)
        if order.spec.effect is Effect.REDUCE:
            if _is_market(order.spec):
                self.waiting -= order.remaining
            else:
                self.exiting -= order.remaining
            return
        self.notional[order.side] -= self.ledger.order_notional(order)
        self.used[order.side] -= self.reserved.pop(order.order_id, 0.0)
        position = self.ledger.position
        if position is None or all(x.order_id != order.order_id for x in position.layers):
            self.layers[order.side] -= 1

    def let_go(self, wanted: Callable[[OrderSpec], bool]) -> bool:
        """Give back what exits hold that come again: one of this close ends them, or takes their place."""
        going = [one for one in self.owed if wanted(one.spec)]
        for one in going:
            self.open_orders -= 1
            self.exiting -= one.lots
        self.owed = tuple(one for one in self.owed if one not in going)
        return bool(going)

    def resize_owed(self, one: OlderExit, lots: int) -> None:
        """Count an exit that comes again as so large: this close has asked that of it."""
        self.exiting += lots - one.lots
        resized = replace(one, lots=lots, is_resized=True)
        self.owed = tuple(resized if x is one else x for x in self.owed)

    def reduce(self, lots: int) -> None:
        """Count a market exit as done: it frees margin and realizes its profit or loss, fee paid."""
        side = self.side
        assert side is not None
        lots = min(lots, self.lots)
        price = expected_price(self.ledger, side.opposite, self.close)
        entered = self.ledger.instrument.base(lots) * self.average
        self.balance += self.closing_gain(lots, price)
        self.notional[side] -= entered
        self.used[side] -= margin_of(self.ledger, side, entered)
        self.lots -= lots
        if self.lots == 0:
            self.layers[side] -= self.held_layers
            self.held_layers = 0
            self.side = None

    def accept(self, spec: OrderSpec, price: float) -> None:
        """Count an accepted order, valued at a price; what it closes at market was counted by `reduce`."""
        self.open_orders += 1
        if spec.order_ref is not None:
            self.refs.add(spec.order_ref)
            if not _is_market(spec):
                self.placed[spec.order_ref] = spec, price
        if spec.effect is Effect.REDUCE:
            if _is_market(spec):
                self.reduce(spec.quantity)
            else:
                self.exiting += spec.quantity
            return
        if not _is_market(spec):
            self.resting[spec.order_id] = spec.side
        self._enter(spec, price)

    def take_back(self, order_ref: str) -> OrderSpec:
        """Count an order accepted at this close, waiting for a price under a ref, as never placed; return it."""
        spec, price = self.placed.pop(order_ref)
        self.refs.discard(order_ref)
        self.open_orders -= 1
        self.resting.pop(spec.order_id, None)
        if spec.effect is Effect.REDUCE:
            self.exiting -= spec.quantity
            return spec
        notional = self.ledger.instrument.base(spec.quantity - spec.carries) * price
        self.notional[spec.side] -= notional
        self.layers[spec.side] -= 1
        if spec.order_type not in _STOPS:
            self.used[spec.side] -= order_margin(self.ledger, spec.side, notional)
        return spec

    def _enter(self, spec: OrderSpec, price: float) -> None:
        side, lots = spec.side, spec.quantity - spec.carries
        base = self.ledger.instrument.base(lots)
        self.notional[side] += base * price
        self.layers[side] += 1
        if spec.order_type in _STOPS:
            return  # judged when it triggers
        if not _is_market(spec):
            self.used[side] += order_margin(self.ledger, side, base * price)
            return
        paid = expected_price(self.ledger, side, price)
        self.used[side] += margin_of(self.ledger, side, base * paid)
        self.balance -= base * paid * self.ledger.taker_rate
        held = self.ledger.instrument.base(self.lots)
        self.average = (held * self.average + base * price) / (held + base)
        self.side = side
        self.lots += lots
        self.held_layers += 1

    def enlarge(self, order: Order, notional: float) -> None:
        """Count a working entry as grown (or shrunk) by a notional."""
        self.notional[order.side] += notional
        if not order.is_armed_stop:
            self.used[order.side] += order_margin(self.ledger, order.side, notional)


def _is_market(spec: OrderSpec) -> bool:
    return spec.order_type is OrderType.MARKET
