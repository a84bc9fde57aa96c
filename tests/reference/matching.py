"""How each kind of order and level trades when its moment has come.

Law: an execution by trigger happens at the price given here (the trigger, the open, or where the
market stands); how much a limit gets is the budget's word, once per bar.
"""

from __future__ import annotations

from fractions import Fraction

from tests.reference.booking import (
    How,
    at_market,
    everything,
    fill_entry,
    fill_exit,
    take,
)
from tests.reference.money import cost_of, free_margin
from tests.reference.outcome import EndKind, Moment, Role
from tests.reference.protection import (
    Owner,
    closing_side,
    covered,
    owners,
    put,
    still_waits,
    trail_covered,
    trail_level,
    trail_waits,
)
from tests.reference.script import OrderType, RestingGap, Side, TargetType, TimeInForce
from tests.reference.state import Kind, Order, State, method_of


def is_beyond(side: Side, limit: int, price: Fraction) -> bool:
    """Whether a limit is strictly marketable at `price`."""
    return (limit - price) * side.sign > 0


def has_triggered(side: Side, trigger: int, price: Fraction) -> bool:
    """A buy trigger is reached at or above it, a sell trigger at or below; equality counts."""
    return (price - trigger) * side.sign >= 0


def trade(state: State, order: Order, lots: int, how: How) -> int:
    """Execute `lots` of any order. Lots that really traded."""
    if order.opens:
        return fill_entry(state, order, lots, how)
    position = state.position
    lots = min(lots, state.would_trade(order))
    if position is None or lots == 0:
        return 0
    slices = take(everything(position), lots, method_of(order, state.settings))
    fill_exit(state, slices, how, role=Role.EXIT, ref=order.ref, limit=order.limit, order=order)
    return lots


# --- resting limits ------------------------------------------------------------------------------


def gap_price(state: State) -> Fraction | None:
    """`resting_gap: open`: what the jump has passed gets the open, a limit of the close before, too."""
    return Fraction(state.bar.open) if state.settings.resting_gap is RestingGap.OPEN else None


def offer_resting(state: State, order: Order, reference: Fraction | None = None) -> None:
    """A limit in the book is met: the model says how much, its own price (or the open) is paid."""
    assert order.limit is not None
    order.offered = state.bar_index
    want = state.would_trade(order)
    lots = state.budget.for_resting(order.side, order.limit, want, order.ahead, since=order.since)
    if order.place.tif is TimeInForce.FOK and lots < want:
        lots = 0
    if lots == 0:
        if want and is_beyond(order.side, order.limit, Fraction(state.bar.open)):
            state.counts["denied_by_model"] += 1
        return
    rested = order.place.tif is TimeInForce.GTC
    how = How(Fraction(order.limit) if reference is None else reference, takes=False, maker=rested)
    limit = order.limit
    lots = trade(state, order, lots, how)
    state.budget.draw(order.side, lots, limit)


def take_market(state: State, order: Order, *, rested: bool) -> None:
    """A limit that meets the market where the walk stands: taker, within limit and budget."""
    assert order.limit is not None
    want = state.would_trade(order)
    lots = state.budget.for_taker(order.side, want, order.ahead)
    if order.place.tif is TimeInForce.FOK and lots < want:
        lots = 0
    if lots == 0:
        return
    reference = state.now.price
    if rested:
        state.counts["remainder_improvement_ticks"] += int(abs(order.limit - reference) * lots)
    maker = rested and order.place.post_only
    lots = trade(state, order, lots, How(reference, takes=True, maker=maker))
    state.budget.draw(order.side, lots, None)


# --- stops ---------------------------------------------------------------------------------------


def trigger(state: State, order: Order, reference: Fraction) -> None:
    """A stop is reached. On the jump a stop-limit waits for the open to arrive there."""
    order.arrived = True
    if order.place.type is OrderType.STOP_LIMIT:
        order.triggered = True
        if state.now.moment is Moment.JUMP:
            state.pending.append(order)
        else:
            arrive_triggered(state, order)
        return
    if order.opens and not _margin_fits(state, order, reference):
        state.cancel(order, "no_margin")
        return
    order.triggered = True
    trade(state, order, state.would_trade(order), at_market(reference))


def arrive_triggered(state: State, order: Order) -> None:
    """A triggered stop-limit enters the book where the walk stands."""
    if order.ended:
        return
    order.ahead, order.since, order.born = state.now.ahead, state.budget.draws, state.clock
    order.age = state.next_age()  # it joins the queue here
    assert order.limit is not None
    if order.opens and not _margin_fits(state, order, Fraction(order.limit)):
        state.cancel(order, "no_margin")
        return
    if is_beyond(order.side, order.limit, state.now.price):
        if order.place.post_only:
            state.cancel(order, "post_only_would_cross")
            return
        take_market(state, order, rested=False)
    if not order.ended and order.place.tif is not TimeInForce.GTC:
        expire_unfilled(state, order)


def expire_unfilled(state: State, order: Order) -> None:
    """The end of what an IOC or FOK did not get."""
    is_fok = order.place.tif is TimeInForce.FOK
    state.end(order, EndKind.EXPIRED, "fok_unfillable" if is_fok else "ioc_remainder")


def _margin_fits(state: State, order: Order, price: Fraction) -> bool:
    """Stop entries are checked when they trigger; one that meets a position closes it first: what it
    then opens is checked by its fill."""
    if state.against(order.sign):
        return True
    return cost_of(state, order.side, order.to_do, price) <= free_margin(
        state, order.side, without=order
    )


def fits_on_arrival(state: State, order: Order) -> bool:
    """A limit entry is judged again where it arrives: an exit it counted on may not have come about."""
    assert order.limit is not None
    lots, price = state.would_trade(order), Fraction(order.limit)
    closing = min(lots, state.against(order.sign))
    if lots == closing:
        return True
    free = free_margin(state, order.side, without=order, closing=closing, price=price)
    return cost_of(state, order.side, lots - closing, price) <= free


# --- protection ----------------------------------------------------------------------------------


def run_level(state: State, owner: Owner, reference: Fraction) -> None:
    """A stop or a market target takes what it covers; then it is spent."""
    position = state.position
    assert position is not None
    holder = owner.layer or position
    slices = covered(position, owner)
    if not still_waits(position, owner):
        put(holder, owner.kind, None)
    role = Role.STOP if owner.kind is Kind.STOP else Role.TARGET
    fill_exit(state, slices, at_market(reference), role=role, ref=owner.ref, fired=owner.kind)


def run_trail(state: State, reference: Fraction) -> None:
    """The trail takes what it covers, as the stop beside it would; then it is spent."""
    position = state.position
    assert position is not None
    slices = trail_covered(position)
    if not trail_waits(position):
        position.trail = None
    fill_exit(state, slices, at_market(reference), role=Role.TRAIL, ref="position", fired=Kind.STOP)


def offer_target(
    state: State, owner: Owner, how: How | None = None, *, gap: Fraction | None = None
) -> None:
    """A limit target trades: resting at its price (`gap`: at the open), or with `how` as taker."""
    position = state.position
    assert position is not None
    level, side = owner.level, closing_side(position)
    slices = covered(position, owner)
    want = sum(n for _, n in slices)
    level.offered = state.bar_index
    if how is None:
        lots = state.budget.for_resting(side, level.price, want, level.ahead, since=level.since)
        if lots == 0 and want and is_beyond(side, level.price, Fraction(state.bar.open)):
            state.counts["denied_by_model"] += 1
    else:
        lots = state.budget.for_taker(side, want, level.ahead)
    if lots == 0:
        return
    if lots == want and not still_waits(position, owner):
        put(owner.layer or position, owner.kind, None)
    state.budget.draw(side, lots, None if how else level.price)
    at = How(Fraction(level.price) if gap is None else gap, takes=False, maker=True)
    fill_exit(
        state, take(slices, lots, state.settings.method), how or at,
        role=Role.TARGET, ref=owner.ref, limit=level.price, fired=Kind.TARGET,
    )  # fmt: skip


def settle(state: State) -> None:
    """At the open: protection that is already breached there acts at once, stops first."""
    while _settle_one(state):
        pass


def _settle_one(state: State) -> bool:
    position = state.position
    if position is None or state.bar.volume == 0:
        return False
    side, price = closing_side(position), state.now.price
    by_age = sorted(owners(position), key=lambda o: o.level.age)
    trail = trail_level(position)
    for owner in by_age:
        if owner.kind is Kind.STOP and covered(position, owner):
            if has_triggered(side, owner.level.price, price):
                # The position leaves at the tighter of its stop and its trail.
                tighter = trail is not None and (trail - owner.level.price) * position.sign > 0
                if owner.layer is None and tighter:
                    run_trail(state, price)
                else:
                    run_level(state, owner, price)
                return True
    if trail is not None and trail_covered(position) and has_triggered(side, trail, price):
        run_trail(state, price)
        return True
    for owner in by_age:
        if owner.kind is not Kind.TARGET or not covered(position, owner):
            continue
        if owner.level.type is TargetType.MARKET:
            if has_triggered(side.opposite, owner.level.price, price):
                run_level(state, owner, price)
                return True
        elif owner.level.newborn:
            owner.level.newborn = False
            if is_beyond(side, owner.level.price, price):
                offer_target(state, owner, at_market(price))
                return True
    return False
