"""open(t): what was sent at the close before takes effect.

Law: first what the jump left (children of stops, triggered stop-limits), then cancels, amends,
limits that wait for the open, exits, entries. Whatever a fill here brings acts before the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from tests.reference.acceptance import kept_levels
from tests.reference.booking import How, at_market, shrink_exits
from tests.reference.matching import (
    arrive_triggered,
    expire_unfilled,
    fits_on_arrival,
    gap_price,
    has_triggered,
    is_beyond,
    offer_resting,
    offer_target,
    settle,
    take_market,
    trade,
    trigger,
)
from tests.reference.outcome import EndKind, Moment
from tests.reference.prices import plan_price
from tests.reference.protection import (
    Owner,
    arrive_late,
    closing_side,
    covered,
    level_of,
    new_level,
    owners,
    put,
    start_trail,
)
from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    AdjustTrail,
    Amend,
    Cancel,
    OrderType,
    Side,
    TargetType,
    TimeInForce,
)
from tests.reference.state import Birth, Kind, Layer, Now, Order, Position, Request, Source, State
from tests.reference.volume import HAS_BUDGET


def open_bar(state: State, before: int) -> None:
    """Everything at the open of the bar; `before` is close(t-1), the last price that traded."""
    state.clock += 1
    state.now = Now(Fraction(state.bar.open), Moment.OPEN, None)
    moved = list(_postponed(state)) if state.is_next_bar else []
    _arrive_from_jump(state)
    for request in state.sent:
        if isinstance(request.command, Cancel) and request.order:
            state.cancel(request.order, "card")
    for request in state.sent:
        moved += _amend(state, request)
        settle(state)
    state.sent = []
    _waiting_limits(state, before)
    for opens in (False, True):
        for item in _arrivals(state, moved, opens=opens):
            if isinstance(item, Owner):
                _wait_target(state, item, before)
            elif not item.ended:
                _arrive(state, item, before)
            settle(state)


def _postponed(state: State) -> Iterator[Order | Owner]:
    """Levels made at the last close arrive here; limit targets among them like new orders."""
    found = list(owners(state.position)) if state.position else []
    if state.position and state.position.trail:
        state.position.trail.waits = False
    for owner in sorted(found, key=lambda o: o.level.age):
        level = owner.level
        if level.waits and owner.kind is Kind.TARGET and level.type is TargetType.LIMIT:
            level.arriving = True
            yield owner
        level.waits = False


def hold_back(state: State, before: int) -> None:
    """A limit whose new price the jump passes as well is not met at its old one.

    Amends are in effect from the open on, so the jump meets the old price; yet an amended limit
    that the jump passes fills at its own *new* price. Both hold if the new price wins where it is
    passed, and the old one counts where it alone is.
    """
    for request in state.sent:
        match request.command:
            case Amend(limit=limit) if request.order and request.order.rests:
                old, side = request.order.limit, request.order.side
                # A total that has filled already is a cancel, on its way as any other.
                if limit is not None and limit != old and not _is_over(request, request.order):
                    request.order.held_back = _passed(state, side, limit, before)
            case AdjustTarget(price) if request.position:
                holder = _holder(request.position, request.command.layer)
                level = holder.target if holder else None
                side = closing_side(request.position)
                if level and level.type is TargetType.LIMIT and level.price != price:
                    level.held_back = _passed(state, side, price, before)
            case _:
                pass


def _is_over(request: Request, order: Order) -> bool:
    done = order.opened + order.netted if order.opens else order.filled
    return request.total is not None and request.total <= done


def _passed(state: State, side: Side, limit: int, before: int) -> bool:
    """Whether the jump made the limit marketable."""
    return not is_beyond(side, limit, Fraction(before)) and is_beyond(
        side, limit, Fraction(state.bar.open)
    )


def _holder(position: Position, layer: str | None) -> Position | Layer | None:
    if layer is None:
        return position
    return next((x for x in position.layers if x.ref == layer), None)


def _arrive_from_jump(state: State) -> None:
    if state.is_next_bar:
        settle(state)  # what was put off to this bar came first
    pending, state.pending = state.pending, []
    for item in pending:
        if isinstance(item, Birth):
            if state.is_next_bar:
                state.pending.append(item)
                continue
            arrive_late(state, item)
        else:
            arrive_triggered(state, item)
        settle(state)
    settle(state)


# --- amends --------------------------------------------------------------------------------------


def _amend(state: State, request: Request) -> list[Order | Owner]:
    """Carry out an amend; what moved its limit arrives like a new order."""
    match request.command:
        case Amend():
            order = request.order
            if order and not order.ended:
                _amend_order(state, order, request.command, request)
                return [order] if order.arriving else []
        case AdjustStop() | AdjustTarget():
            if request.position is state.position and state.position:
                return _adjust(state, state.position, request.command)
        case AdjustTrail(trail):
            if request.position is state.position and state.position:
                state.position.trail = None if trail is None else state.position.trail
                if trail is not None:
                    start_trail(state, trail, state.now.price)
        case Cancel():
            pass
    return []


def _amend_order(state: State, order: Order, new: Amend, request: Request) -> None:
    """Totals include what is filled; the place in the queue is lost unless only quantity falls."""
    price_moves = (new.limit is not None and new.limit != order.limit) or (
        new.trigger is not None and new.trigger != order.trigger
    )
    order.coming = None
    order.limit = order.limit if new.limit is None else new.limit
    order.trigger = order.trigger if new.trigger is None else new.trigger
    if not (order.protects or (request.is_new and order.filled)):
        order.stop_loss, order.take_profit = kept_levels(state, order, new, is_new=request.is_new)
    if request.is_new:
        order.plan_price = plan_price(state, order.limit, order.trigger)
        order.plan_stop = order.stop_loss
    raised = False
    if request.total is not None:
        done = order.opened + order.netted if order.opens else order.filled
        raised = request.total - done > order.to_do
        order.to_do = max(0, request.total - done)
        if order.to_do == 0:
            state.cancel(order, "amended")
            return
        shrink_exits(state)
    if request.restarts and order.place.ttl_bars is not None:
        order.expires = state.bar_index - 1 + order.place.ttl_bars
    if raised and order.total:  # it goes behind the others here, and for this no second time
        order.total = order.filled + state.would_trade(order)
    if price_moves or raised:
        order.age = state.next_age()
        if order.rests and new.limit is not None and price_moves:
            order.arriving, order.offered = True, -1
        if order.is_armed and order.trigger is not None and state.bar.volume:
            if has_triggered(order.side, order.trigger, state.now.price):
                trigger(state, order, state.now.price)


def _adjust(
    state: State, position: Position, command: AdjustStop | AdjustTarget
) -> list[Order | Owner]:
    kind = Kind.STOP if isinstance(command, AdjustStop) else Kind.TARGET
    holder = _holder(position, command.layer)
    if holder is None:
        return []
    old = level_of(holder, kind)
    type_ = TargetType.MARKET if old is None else old.type
    level = new_level(state, command.level, Source.CARD, type_)
    if old is not None and old.price == command.level:
        old.source, old.made = Source.CARD, state.next_age()
        return []
    level.newborn = False
    level.arriving = kind is Kind.TARGET and type_ is TargetType.LIMIT
    put(holder, kind, level)
    layer = holder if isinstance(holder, Layer) else None
    for protected in [layer] if layer else position.layers:
        if layer or level_of(protected, kind) is None:
            protected.uncovered[kind] = 0  # what the card sets stands at once, for all it protects
    return [Owner(kind, level, layer)] if level.arriving else []


# --- limits that wait for the open, and arrivals -------------------------------------------------


def _waiting_limits(state: State, before: int) -> None:
    """Resting limits beyond close(t-1); the furthest first (of a side the best price), then age."""
    queue: list[tuple[tuple[int, int], Order | Owner]] = []
    for order in state.working():
        is_new = order.arriving or order.born == state.clock  # moved, or triggered on the jump
        if order.rests and order.limit is not None and order.arrived and not is_new:
            if is_beyond(order.side, order.limit, Fraction(before)):
                key = ((before - order.limit) * order.sign, order.age)
                queue.append((key, order))
    position = state.position
    for owner in owners(position) if position else ():
        if owner.kind is Kind.TARGET and owner.level.type is TargetType.LIMIT and position:
            side = closing_side(position)
            if not owner.level.arriving and is_beyond(side, owner.level.price, Fraction(before)):
                key = ((before - owner.level.price) * side.sign, owner.level.age)
                queue.append((key, owner))
    for _, item in sorted(queue, key=lambda x: x[0]):
        if isinstance(item, Owner):
            _wait_target(state, item, before)
        elif not item.ended:
            _serve(state, item, before, arriving=False)
        settle(state)


def _wait_target(state: State, owner: Owner, before: int) -> None:
    position = state.position
    arriving, owner.level.arriving = owner.level.arriving, False
    if position is None or not covered(position, owner) or state.bar.volume == 0:
        return
    if all(o.level is not owner.level for o in owners(position)):
        return
    side, price = closing_side(position), owner.level.price
    if not is_beyond(side, price, state.now.price):
        return
    if is_beyond(side, price, Fraction(before)):
        offer_target(state, owner, How(state.now.price, takes=True))
    elif arriving:
        offer_target(state, owner, gap=gap_price(state))


def _arrivals(state: State, moved: list[Order | Owner], *, opens: bool) -> Iterator[Order | Owner]:
    """What waited, moved limits, new orders in card order; limits best first where they share."""
    here = [o for o in state.working() if not o.arrived and o.opens is opens]
    items: list[Order | Owner] = [o for o in here if o.placed < state.bar_index - 1]
    items += [x for x in moved if (isinstance(x, Order) and x.opens) is opens]
    items += [o for o in here if o.placed == state.bar_index - 1]
    if not opens:  # a market exit never yields to a limit exit
        items.sort(key=lambda x: isinstance(x, Owner) or not x.is_market)
    if state.settings.fill_model in HAS_BUDGET:
        for side in Side:
            places = [i for i, x in enumerate(items) if _limit_of(state, x)[0] is side]
            limits = sorted((items[i] for i in places), key=lambda x: _limit_of(state, x)[1])
            for i, item in zip(places, limits, strict=True):
                items[i] = item
    yield from items


def _limit_of(state: State, item: Order | Owner) -> tuple[Side | None, int]:
    """Side of a limit (None for other orders) and its rank: best price first."""
    if isinstance(item, Owner):
        side = closing_side(state.position) if state.position else None
        return side, -item.level.price * (side.sign if side else 0)
    if not item.rests:
        return None, 0
    return item.side, -(item.limit or 0) * item.sign


def _arrive(state: State, order: Order, before: int) -> None:
    if order.arriving:
        order.arriving = False
        _serve(state, order, before, arriving=True)
        return
    match order.place.type:
        case OrderType.MARKET:
            if state.bar.volume == 0:
                order.waited = True
                return  # waits for a bar that trades
            order.arrived = True
            trade(state, order, state.would_trade(order), at_market(state.now.price))
        case OrderType.LIMIT:
            if order.opens and not fits_on_arrival(state, order):
                state.end(order, EndKind.REFUSED, "no_margin")
                return
            order.arrived, order.age = True, state.next_age()
            state.keep_step()
            shrink_exits(state)
            if not order.ended:
                _serve(state, order, before, arriving=True)
        case OrderType.STOP_MARKET | OrderType.STOP_LIMIT:
            order.arrived, order.age = True, state.next_age()
            state.keep_step()
            assert order.trigger is not None
            if state.bar.volume == 0:
                return
            if has_triggered(order.side, order.trigger, state.now.price):
                trigger(state, order, state.now.price)


def _serve(state: State, order: Order, before: int, *, arriving: bool) -> None:
    """A limit at the open: by its place at close(t-1) and at the open."""
    assert order.limit is not None
    was = is_beyond(order.side, order.limit, Fraction(before))
    now = is_beyond(order.side, order.limit, state.now.price)
    if was and arriving and order.place.post_only:
        state.cancel(order, "post_only_would_cross")
        return
    if now and state.bar.volume != 0:
        order.offered = state.bar_index
        if was:
            take_market(state, order, rested=not arriving)
        elif arriving:
            offer_resting(state, order, gap_price(state))
    if not order.ended and order.place.tif is not TimeInForce.GTC:
        expire_unfilled(state, order)
