"""Everything that changes during a run: orders, layers, levels, the account, the record.

Law: an order's `age` (place in the queue among its equals) is drawn from one counter and restarts
only when its price or trigger changes or its quantity is raised.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import takewhile

from tests.reference.outcome import Close, End, EndKind, Fill, Moment
from tests.reference.path import Ahead
from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    AdjustTrail,
    Amend,
    Attached,
    Bar,
    Cancel,
    Effect,
    Method,
    OrderType,
    Place,
    Script,
    Settings,
    Side,
    TargetType,
)
from tests.reference.volume import Budget


class Source(StrEnum):
    """Where a protective level comes from; `CARD` = moved by a command, nobody else changes it."""

    RISK_MODEL = "risk_model"
    ENTRY = "entry"
    CARD = "card"


class Kind(StrEnum):
    """Of a protective level."""

    STOP = "stop"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Coming:
    """What an order is about to be: its lots to do, its prices, the levels it names."""

    lots: int
    limit: int | None
    trigger: int | None
    stop: int | None
    target: int | None


@dataclass(slots=True, kw_only=True)
class Order:
    """A working order. `to_do`: lots still to trade; under `allow_flip`, still to open."""

    place: Place
    to_do: int
    placed: int  # bar at whose close it was accepted
    age: int
    plan_price: Fraction  # limit, else trigger, else close: what its plan was measured from
    plan_stop: int | None  # the stop it named when it was placed
    limit: int | None
    trigger: int | None
    stop_loss: int | None
    take_profit: int | None
    filled: int = 0
    opened: int = 0
    carried: int = 0  # lots of an opposite position it has closed
    netted: int = 0  # of them, those that were its own: it does not open them any more
    total: int = 0  # lots in all when it was last looked at, those it carries included
    coming: Coming | None = None  # by an amend on its way
    expires: int | None = None
    ended: bool = False
    arrived: bool = False
    arriving: bool = False  # amended: meets the open like a new one
    waited: bool = False  # at market, at an open at which nobody traded
    cancel_sent: bool = False
    triggered: bool = False
    protects: bool = False  # has set its own levels
    filled_bar: int = -1
    offered: int = -1  # bar that has already offered it volume
    ahead: Ahead | None = None  # of the bar in which it triggered
    since: int = 0
    born: int = -1  # clock at which it triggered
    held_back: bool = False  # of this jump: see `opening.hold_back`

    @property
    def ref(self) -> str:
        return self.place.ref

    @property
    def next(self) -> Coming:
        """As what was accepted has it; in effect from the next open."""
        now = Coming(self.to_do, self.limit, self.trigger, self.stop_loss, self.take_profit)
        return self.coming or now

    @property
    def side(self) -> Side:
        return self.place.side

    @property
    def sign(self) -> int:
        return self.place.side.sign

    @property
    def opens(self) -> bool:
        return self.place.effect is Effect.OPEN

    @property
    def is_market(self) -> bool:
        return self.place.type is OrderType.MARKET

    @property
    def is_armed(self) -> bool:
        """A stop that has not triggered."""
        stops = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
        return self.place.type in stops and not self.triggered

    @property
    def rests(self) -> bool:
        """A limit in the book (or on its way there)."""
        if self.place.type is OrderType.STOP_LIMIT:
            return self.triggered
        return self.place.type is OrderType.LIMIT


@dataclass(slots=True, kw_only=True)
class Level:
    """A stop or target. `type` matters for targets only."""

    price: int
    source: Source
    age: int
    made: int = 0  # when it was set, on the counter of ages
    plan: Order | None = None  # the entry by whose plan the risk model set it
    type: TargetType = TargetType.MARKET
    arriving: bool = False  # moved by a command that meets this open
    newborn: bool = True  # not yet looked at: a limit target already passed is a taker
    offered: int = -1
    ahead: Ahead | None = None
    since: int = 0
    born: int = -1
    held_back: bool = False
    waits: bool = False  # made at the close, or by a stop on the jump: it arrives at the open


@dataclass(slots=True, kw_only=True)
class Follower:
    """A trail at work: `extreme` None until it is active."""

    distance: int
    activate: int | None
    age: int
    extreme: Fraction | None = None
    floor: int | None = None  # the level it replaced and may not be looser than
    waits: bool = False  # made at the close: it arrives at the open


@dataclass(slots=True, kw_only=True)
class Layer:
    """What one entry order has opened. `uncovered`: lots whose stop, whose target is not live yet."""

    ref: str
    order: Order
    lots: int
    entry: Fraction
    stop: Level | None = None
    target: Level | None = None
    uncovered: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    to_own: frozenset[Kind] = frozenset()  # levels it gets when they become live


@dataclass(slots=True, kw_only=True)
class Position:
    """Layers under one average. `sign` +1 long, -1 short."""

    sign: int
    average: Fraction
    layers: list[Layer] = field(default_factory=list)
    stop: Level | None = None
    target: Level | None = None
    trail: Follower | None = None

    @property
    def lots(self) -> int:
        return sum(layer.lots for layer in self.layers)

    @property
    def side(self) -> Side:
        """Of the orders that open it."""
        return Side.BUY if self.sign > 0 else Side.SELL


@dataclass(slots=True)
class Birth:
    """Protection that `order`'s fill at `reference` brings, but that is not live yet."""

    order: Order
    reference: Fraction
    age: int
    position: Position | None = None  # whose it is, also when its layer is gone
    is_late: bool = False  # of a stop met on the jump: levels are set by its fill, live at the open
    trails: bool = False  # its trail starts at the open
    best: Fraction | None = None  # where the market has been since; what trails is behind it


@dataclass(slots=True)
class Request:
    """A cancel or amend on its way: to an order, or to the protection of a position."""

    command: Cancel | Amend | AdjustStop | AdjustTarget | AdjustTrail
    order: Order | None = None
    position: Position | None = None
    total: int | None = None  # of an amend, after capping
    restarts: bool = False  # `replace`: ttl anew
    is_new: bool = False  # an entry placed anew: what it does not name the risk model says


@dataclass(slots=True)
class Now:
    """Where the walk stands: last price, moment, what of the path is ahead."""

    price: Fraction = Fraction(0)
    moment: Moment = Moment.OPEN
    ahead: Ahead | None = None


@dataclass(slots=True, kw_only=True)
class State:
    """One run at one instant. Copied whole to try both paths of a bar."""

    script: Script
    balance: Fraction
    budget: Budget
    bar_index: int = -1
    position: Position | None = None
    orders: list[Order] = field(default_factory=list)
    now: Now = field(default_factory=Now)
    last_traded: int | None = None  # close of the last bar that traded
    pending: list[Birth | Order] = field(default_factory=list)
    """What the jump leaves for the open: children of stops, stop-limits that triggered."""
    sent: list[Request] = field(default_factory=list)
    """Cancels and amends given at the last close: in effect at the next open."""
    clock: int = 0  # counts the places at which the walk has stood
    counter: int = 0
    cash: Fraction = Fraction(0)
    funding_paid: Fraction = Fraction(0)
    fills: list[Fill] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    closes: list[Close] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def settings(self) -> Settings:
        return self.script.settings

    @property
    def bar(self) -> Bar:
        return self.script.bars[self.bar_index]

    @property
    def held(self) -> int:
        """Signed lots."""
        return self.position.sign * self.position.lots if self.position else 0

    @property
    def is_next_bar(self) -> bool:
        return self.settings.attached is Attached.NEXT_BAR

    def unit(self) -> Fraction:
        """Quote currency per tick and lot."""
        return self.script.instrument.tick * self.script.instrument.lot

    def next_age(self) -> int:
        self.counter += 1
        return self.counter

    def working(self) -> list[Order]:
        """Orders that have not ended, oldest first."""
        return sorted((o for o in self.orders if not o.ended), key=lambda o: o.age)

    def against(self, sign: int) -> int:
        """Lots held on the side opposite to an order of `sign`."""
        return max(0, -sign * self.held)

    def end(self, order: Order, kind: EndKind, reason: str) -> None:
        """Close an order once; later calls do nothing."""
        if order.ended:
            return
        order.ended = True
        if kind is EndKind.FILLED and order.cancel_sent:
            self.counts["fill_before_cancel"] += 1
        self.ends.append(End(self.bar_index, order.ref, kind, reason, order.filled))
        self.keep_step()

    def keep_step(self) -> None:
        """An entry that comes to carry more than before goes behind the others, as if amended."""
        for order in self.orders:
            if order.ended or not (order.opens and order.arrived and self.settings.allow_flip):
                continue
            total = order.filled + self.would_trade(order)
            if order.cancel_sent:
                continue
            if order.total and total > order.total:
                order.age = self.next_age()
            order.total = total

    def cancel(self, order: Order, reason: str) -> None:
        self.end(order, EndKind.CANCELLED, reason)

    def would_trade(self, order: Order) -> int:
        """Lots the order would trade if it were met now."""
        if order.opens:
            return order.to_do + self.carries(order)
        return min(order.to_do, self.against(order.sign))

    def carries(self, order: Order) -> int:
        """Lots of an opposite position that an entry closes besides its own: one at a time does."""
        if not self.settings.allow_flip:
            return 0
        if order.cancel_sent and order.total:  # it is not kept in step any more
            return min(self.against(order.sign), max(0, order.total - order.filled - order.to_do))
        mine = [o for o in self.orders if not o.ended and o.opens and o.side is order.side]
        resting = [o for o in mine if not o.is_market and o.arrived]
        is_free = order is resting[0] and not any(o.waited for o in mine) if resting else False
        if order.is_market:
            is_free = not any(o.waited for o in takewhile(lambda o: o is not order, mine))
        return self.against(order.sign) if is_free else 0

    def fork(self) -> State:
        """A copy that can be walked on its own."""
        shared = {id(self.script): self.script}
        return copy.deepcopy(self, shared)


def method_of(order: Order, settings: Settings) -> Method:
    """How an exit takes from layers."""
    return order.place.method or settings.method
