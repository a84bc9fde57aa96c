"""Stops, targets and trails: who owns them, what they cover, when an entry may set them.

Laws: per kind, the position's level covers exactly the layers that own none of that kind; an entry
names a level once, at its first fill; a level of the risk model follows the average at every entry
fill until the card (or an entry) replaces that kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from tests.reference.script import (
    Percent,
    Points,
    Protect,
    RewardRisk,
    Side,
    TargetType,
    Trail,
)
from tests.reference.state import (
    Birth,
    Follower,
    Kind,
    Layer,
    Level,
    Order,
    Position,
    Source,
    State,
)


@dataclass(frozen=True, slots=True)
class Owner:
    """A level and whom it protects: the whole position (`layer` None) or one layer."""

    kind: Kind
    level: Level
    layer: Layer | None

    @property
    def ref(self) -> str:
        return self.layer.ref if self.layer else "position"

    @property
    def key(self) -> tuple[object, ...]:
        """One protective order on a venue: another type is another order."""
        is_limit = self.kind is Kind.TARGET and self.level.type is TargetType.LIMIT
        return self.kind, None if self.layer is None else id(self.layer), is_limit


def level_of(holder: Position | Layer, kind: Kind) -> Level | None:
    return holder.stop if kind is Kind.STOP else holder.target


def put(holder: Position | Layer, kind: Kind, level: Level | None) -> None:
    if kind is Kind.STOP:
        holder.stop = level
    else:
        holder.target = level


def owners(position: Position) -> Iterator[Owner]:
    """Every level in force, the position's first."""
    for kind in Kind:
        if level := level_of(position, kind):
            yield Owner(kind, level, None)
        for layer in position.layers:
            if level := level_of(layer, kind):
                yield Owner(kind, level, layer)


def covered(position: Position, owner: Owner) -> list[tuple[Layer, int]]:
    """Layers and lots that the level takes."""
    if owner.layer is not None:
        layers = [owner.layer]
    else:
        layers = [layer for layer in position.layers if not owns(layer, owner.kind)]
    lots = sum(layer.lots - layer.uncovered[owner.kind] for layer in layers)
    found = []
    for layer in layers:  # it is the lots that are counted: the oldest layers give them
        if part := min(lots, layer.lots):
            found.append((layer, part))
        lots -= part
    return found


def still_waits(position: Position, owner: Owner) -> bool:
    """Whether lots that the level will protect are not yet covered: it outlives its own firing."""
    layers = [owner.layer] if owner.layer else position.layers
    return any(
        layer.uncovered[owner.kind]
        for layer in layers
        if owner.layer is layer or not owns(layer, owner.kind)
    )


def owns(layer: Layer, kind: Kind) -> bool:
    """Whether a layer owns a level of that kind, or gets one when its protection becomes live."""
    return level_of(layer, kind) is not None or kind in layer.to_own


def brings_own(state: State, order: Order) -> frozenset[Kind]:
    """Kinds of which a layer that `order` opens gets its own level."""
    s = state.settings
    risk = {Kind.STOP: s.risk_stop, Kind.TARGET: s.risk_target}
    is_layers = order.place.protect is Protect.LAYER
    brought = (k for k in Kind if named(order, k) is not None or risk[k] is not None)
    return frozenset(brought if is_layers else ())


def trail_covered(position: Position) -> list[tuple[Layer, int]]:
    """A trail is a second stop of the position: it covers what its stop covers."""
    layers = [layer for layer in position.layers if not owns(layer, Kind.STOP)]
    found = ((layer, layer.lots - layer.uncovered[Kind.STOP]) for layer in layers)
    return [(layer, n) for layer, n in found if n > 0]


def trail_waits(position: Position) -> bool:
    """Whether lots that the trail will cover are not yet covered: like a stop it outlives its firing."""
    return any(x.uncovered[Kind.STOP] for x in position.layers if not owns(x, Kind.STOP))


def rounded(kind: Kind, sign: int, price: Fraction) -> int:
    """Stops to the side that triggers later, targets to the side that fills later."""
    down = (sign > 0) is (kind is Kind.STOP)
    return floor(price) if down else ceil(price)


def trail_level(position: Position) -> int | None:
    """Level of the position's trail in ticks; None while it is not active."""
    trail = position.trail
    if trail is None:
        return None
    if trail.extreme is None:
        return trail.floor
    level = rounded(Kind.STOP, position.sign, trail.extreme - position.sign * trail.distance)
    if trail.floor is None:
        return level
    return max(level, trail.floor) if position.sign > 0 else min(level, trail.floor)


def follow(position: Position, price: Fraction) -> None:
    """The walk stands at `price`: activate the trail, move its extreme."""
    trail = position.trail
    if trail is None:
        return
    if trail.extreme is not None:
        if (price - trail.extreme) * position.sign > 0:
            trail.extreme = price
    elif trail.activate is None or (price - trail.activate) * position.sign >= 0:
        trail.extreme = price


def better(sign: int, one: Fraction | None, other: Fraction) -> Fraction:
    """Of two prices the one a trail stands behind."""
    return other if one is None or (other - one) * sign > 0 else one


def planned(state: State, order: Order, kind: Kind, anchor: Fraction) -> int | None:
    """The risk model's level of that kind around `anchor`, by the plan of `order`."""
    sign, s = order.sign, state.settings
    if kind is Kind.STOP:
        distance = _stop_distance(state, anchor)
        return None if distance is None else rounded(kind, sign, anchor - sign * distance)
    match s.risk_target:
        case None:
            return None
        case Percent(value):
            away = anchor * value / 100
        case Points(ticks):
            away = Fraction(ticks)
        case RewardRisk(value):
            risk = _stop_distance(state, anchor)
            if order.plan_stop is not None:
                risk = abs(order.plan_price - order.plan_stop)
            if risk is None:
                return None
            away = risk * value
    return rounded(kind, sign, anchor + sign * away)


def _stop_distance(state: State, anchor: Fraction) -> Fraction | None:
    match state.settings.risk_stop:
        case None:
            return None
        case Percent(value):
            return anchor * value / 100
        case Points(ticks):
            return Fraction(ticks)


def named(order: Order, kind: Kind) -> int | None:
    return order.stop_loss if kind is Kind.STOP else order.take_profit


def adopt(state: State, birth: Birth) -> None:
    """The protection that a fill of `birth.order` brings is set here, and live but for a late one.

    What one fill makes and moves comes in the order in which it stood, what is new last.
    """
    order, position = birth.order, state.position
    layer = layer_of(position, order)
    if position is None or (layer is None and birth.position is not position):
        return
    if layer is None:  # it was closed meanwhile; what it set for the position stays
        for kind in Kind if order.place.protect is Protect.POSITION else ():
            _protect_position(state, birth, kind, first=not order.protects)
        return
    stood, age, before = list(owners(position)), state.counter, standing(position)
    if not birth.is_late:
        layer.uncovered, layer.to_own = dict.fromkeys(Kind, 0), frozenset()
    first = not order.protects
    order.protects = True
    for kind in Kind:
        if order.place.protect is Protect.LAYER:
            _protect_layer(state, order, layer, kind)
        else:
            _protect_position(state, birth, kind, first=first)
        _follow_average(state, order, kind)
        level = level_of(layer, kind) or level_of(position, kind)
        if level:
            level.age = state.next_age()  # its quantity was raised
    if position.trail is not None and level_of(layer, Kind.STOP) is None:
        position.trail.age = state.next_age()  # so was what it covers
    in_turn(state, position, before, age)
    if birth.is_late:
        birth.trails = first
        for owner in owners(position):  # what is new is not met on the rest of the jump
            owner.level.waits = owner.level.waits or all(x.level is not owner.level for x in stood)
    elif first and order.place.trail:
        start_trail(state, order.place.trail, birth.reference)
        if birth.best is not None and position.trail is not None:
            # `attached: next_bar`: it is placed at the close, behind the best since the fill.
            follow(position, birth.best)
            position.trail.waits = True


def arrive_late(state: State, birth: Birth) -> None:
    """At the open what a stop met on the jump brought is live."""
    order, position = birth.order, state.position
    if position is None or birth.position is not position:
        return
    layer = layer_of(position, order)
    if layer is not None:
        layer.uncovered = dict.fromkeys(Kind, 0)
    for owner in owners(position):
        is_more = layer is not None and any(x is layer for x, _ in covered(position, owner))
        if owner.layer in (None, layer) and (owner.level.waits or is_more):
            owner.level.waits, owner.level.newborn = False, True
    if birth.trails and layer is not None and order.place.trail:
        start_trail(state, order.place.trail, birth.reference)


def standing(position: Position | None) -> dict[tuple[object, ...], int]:
    """Levels that protect something already, with their age: they are amended, not made."""
    found = owners(position) if position else ()
    return {o.key: o.level.age for o in found if position and covered(position, o)}


def in_turn(
    state: State, position: Position, before: dict[tuple[object, ...], int], age: int
) -> None:
    """Number what was made or moved since `age`: as it stood `before`, new ones the layers' first."""

    def turn(owner: Owner) -> tuple[int, bool, int]:
        at = state.orders.index(owner.layer.order) if owner.layer else 0
        return before.get(owner.key, age + 1), owner.layer is None, at

    for owner in sorted((o for o in owners(position) if o.level.age > age), key=turn):
        owner.level.age = state.next_age()


def layer_of(position: Position | None, order: Order) -> Layer | None:
    """The layer that `order` has opened, if it is still held."""
    layers = position.layers if position else []
    return next((layer for layer in layers if layer.order is order), None)


def _protect_layer(state: State, order: Order, layer: Layer, kind: Kind) -> None:
    level, price = level_of(layer, kind), named(order, kind)
    if price is not None:
        if level is None:
            _set(state, layer, kind, price, Source.ENTRY, order)
    elif level is None or level.source is Source.RISK_MODEL:
        if (price := planned(state, order, kind, layer.entry)) is not None:
            _set(state, layer, kind, price, Source.RISK_MODEL, order)


def _protect_position(state: State, birth: Birth, kind: Kind, *, first: bool) -> None:
    order, position = birth.order, state.position
    assert position is not None
    price, held = named(order, kind), level_of(position, kind)
    if held is not None and held.source is Source.CARD and held.made > birth.age:
        return  # the card moved it after the fill
    if price is not None:
        if first or level_of(position, kind) is None:  # what has fired is set again: never naked
            _set(state, position, kind, price, Source.ENTRY, order)
    elif level_of(position, kind) is None:
        if (price := planned(state, order, kind, position.average)) is not None:
            _set(state, position, kind, price, Source.RISK_MODEL, order)


def _follow_average(state: State, order: Order, kind: Kind) -> None:
    position = state.position
    assert position is not None
    level = level_of(position, kind)
    if level is not None and level.source is Source.RISK_MODEL:
        has_own = order.place.protect is Protect.LAYER or named(order, kind) is not None
        if level.plan and (has_own or planned(state, order, kind, position.average) is None):
            order = level.plan  # it plans none of the position's; the average moves for all
        if (price := planned(state, order, kind, position.average)) is not None:
            _set(state, position, kind, price, Source.RISK_MODEL, order)


def _set(
    state: State, holder: Position | Layer, kind: Kind, price: int, source: Source, order: Order
) -> None:
    old = level_of(holder, kind)
    type_ = order.place.take_profit_type if kind is Kind.TARGET else TargetType.MARKET
    if old is not None and (old.price, old.type) == (price, type_):
        old.source, old.plan = source, order
        return
    level = new_level(state, price, source, type_)
    level.plan, level.waits = order, state.is_next_bar
    put(holder, kind, level)


def new_level(state: State, price: int, source: Source, type_: TargetType) -> Level:
    """A level born where the walk stands."""
    age = state.next_age()
    return Level(
        price=price,
        source=source,
        age=age,
        made=age,
        type=type_,
        ahead=state.now.ahead,
        since=state.budget.draws,
        born=state.clock,
    )


def start_trail(state: State, trail: Trail, reference: Fraction) -> None:
    """A new trail whose extreme starts at `reference` (at its activation price when reached)."""
    position = state.position
    assert position is not None
    if trail.distance is not None:
        distance = trail.distance
    else:
        assert trail.distance_pct is not None
        distance = ceil(position.average * trail.distance_pct / 100)
    old = trail_level(position) if trail.only_tighten else None
    position.trail = Follower(
        distance=distance, activate=trail.activate, age=state.next_age(), floor=old
    )
    follow(position, reference)


def closing_side(position: Position) -> Side:
    """Of the orders that reduce the position."""
    return position.side.opposite
