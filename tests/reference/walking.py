"""The walk along one segment, jump or path: what is met, in which order.

Law: the next event is the one at the smallest fraction; at one place liquidation, protective stops,
market targets, stop entries, limits (targets included), funding; among equals the older.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from functools import partial

from tests.reference.booking import at_market, liquidate
from tests.reference.matching import (
    gap_price,
    is_beyond,
    offer_resting,
    offer_target,
    run_level,
    run_trail,
    trigger,
)
from tests.reference.money import liquidation_price
from tests.reference.outcome import Moment
from tests.reference.path import Segment, at_or_above, at_or_below
from tests.reference.protection import (
    better,
    closing_side,
    covered,
    follow,
    owners,
    trail_covered,
    trail_level,
)
from tests.reference.script import Side, TargetType
from tests.reference.state import Birth, Kind, Now, State


class Rank(IntEnum):
    """Who comes first at one place."""

    LIQUIDATION = 0
    STOP = 1
    MARKET_TARGET = 2
    STOP_ENTRY = 3
    LIMIT = 4
    FUNDING = 5


@dataclass(frozen=True, slots=True)
class Event:
    """Something met at `fraction` of the segment."""

    fraction: Fraction
    rank: Rank
    age: int
    act: Callable[[], None]
    is_exact: bool = False  # a liquidation where mark comes to its level
    is_beyond: bool = False  # a limit that comes to a book it crosses: of the limits the best price

    @property
    def key(self) -> tuple[Fraction, int, bool, int]:
        return self.fraction, self.rank, not self.is_beyond, self.age


@dataclass(frozen=True, slots=True)
class Payment:
    """A funding time inside the segment: where, at which rate, at a mark known apart or not."""

    fraction: Fraction
    rate: Fraction
    mark: Fraction | None


def walk(state: State, segment: Segment, payments: tuple[Payment, ...] = ()) -> None:
    """Walk the segment to its end."""
    moment = Moment.JUMP if segment.is_jump else Moment.PATH
    paid: set[int] = set()
    walked = Fraction(0)
    _stand(state, segment, walked, moment)
    while True:
        events = list(_events(state, segment, walked))
        events += _payments(state, segment, payments, paid)
        if not events:
            break
        event = _next(events)
        if event.fraction != walked:
            walked = event.fraction
            _stand(state, segment, walked, moment)
        event.act()
    _stand(state, segment, Fraction(1), moment)


def _next(events: list[Event]) -> Event:
    """Who is met next; a limit that stands exactly where mark comes to a liquidation fills before it."""
    event = min(events, key=lambda e: e.key)
    if event.is_exact:
        here = (e for e in events if e.fraction == event.fraction and not e.is_exact)
        first = min(here, key=lambda e: e.key, default=event)
        return first if first.rank is Rank.LIMIT else event
    return event


def _stand(state: State, segment: Segment, walked: Fraction, moment: Moment) -> None:
    state.clock += 1
    state.now = Now(segment.price(walked), moment, segment.ahead(walked))
    if state.position and segment.trades:
        before = trail_level(state.position)
        follow(state.position, state.now.price)
        if state.position.trail and trail_level(state.position) != before:
            state.position.trail.age = (
                state.next_age()
            )  # what moves its price goes behind the others
        for birth in state.pending:
            if isinstance(birth, Birth):
                birth.best = better(birth.order.sign, birth.best, state.now.price)


def _payments(
    state: State, segment: Segment, payments: tuple[Payment, ...], paid: set[int]
) -> Iterator[Event]:
    for i, payment in enumerate(payments):
        if i in paid:
            continue

        mark = segment.mark(payment.fraction) if payment.mark is None else payment.mark

        def act(i: int = i, rate: Fraction = payment.rate, mark: Fraction = mark) -> None:
            paid.add(i)
            pay_funding(state, rate, mark)

        yield Event(payment.fraction, Rank.FUNDING, i, act)


def pay_funding(state: State, rate: Fraction, mark: Fraction) -> None:
    """Quantity * mark * rate; longs pay a positive rate."""
    due = state.held * mark * rate * state.unit()
    state.balance -= due
    state.cash -= due
    state.funding_paid += due


def _events(state: State, segment: Segment, walked: Fraction) -> Iterator[Event]:
    yield from _liquidation(state, segment, walked)
    if not segment.trades:
        return
    yield from _stops(state, segment, walked)
    yield from _targets(state, segment, walked)
    yield from _orders(state, segment, walked)


def _liquidation(state: State, segment: Segment, walked: Fraction) -> Iterator[Event]:
    position = state.position
    if position is None:
        return
    level = liquidation_price(state, position)
    act = partial(liquidate, state)
    if (segment.mark(walked) - level) * position.sign < 0:
        yield Event(walked, Rank.LIQUIDATION, 0, act)
    elif (segment.mark_end - level) * position.sign <= 0:
        test = at_or_below if position.sign > 0 else at_or_above
        fraction = test(segment.mark_start, segment.mark_end, level, walked)
        assert fraction is not None
        yield Event(fraction, Rank.LIQUIDATION, 0, act, is_exact=True)


def _stops(state: State, segment: Segment, walked: Fraction) -> Iterator[Event]:
    position = state.position
    if position is None:
        return
    side = closing_side(position)
    for owner in owners(position):
        if owner.kind is Kind.STOP and covered(position, owner) and not owner.level.waits:
            fraction = _trigger_at(segment, side, owner.level.price, walked)
            if fraction is not None:
                act = partial(run_level, state, owner, _execution(segment, fraction))
                yield Event(fraction, Rank.STOP, owner.level.age, act)
    level = trail_level(position)
    fixed = position.stop.price if position.stop is not None else None
    # Where the stop of the position stands at the same price it is the stop that acts.
    trail = position.trail
    if trail is None or trail.waits or not trail_covered(position):
        return
    if level is not None and level != fixed:
        fraction = _trigger_at(segment, side, level, walked)
        if fraction is not None:
            act = partial(run_trail, state, _execution(segment, fraction))
            yield Event(fraction, Rank.STOP, trail.age, act)


def _targets(state: State, segment: Segment, walked: Fraction) -> Iterator[Event]:
    position = state.position
    if position is None:
        return
    side = closing_side(position)
    for owner in owners(position):
        level = owner.level
        if owner.kind is not Kind.TARGET or not covered(position, owner) or level.waits:
            continue
        if level.type is TargetType.MARKET:
            fraction = _trigger_at(segment, side.opposite, level.price, walked)
            if fraction is not None:
                act = partial(run_level, state, owner, _execution(segment, fraction))
                yield Event(fraction, Rank.MARKET_TARGET, level.age, act)
            continue
        if level.offered != state.bar_index and not level.held_back:
            here = level.born == state.clock
            if here and not segment.is_jump and is_beyond(side, level.price, state.now.price):
                act = partial(offer_target, state, owner, at_market(state.now.price))
                yield Event(walked, Rank.LIMIT, level.age, act, is_beyond=True)
                continue
            fraction = _rest_at(segment, side, level.price, walked, here=here)
            if fraction is not None:
                gap = gap_price(state) if segment.is_jump else None
                act = partial(offer_target, state, owner, gap=gap)
                yield Event(fraction, Rank.LIMIT, level.age, act)


def _orders(state: State, segment: Segment, walked: Fraction) -> Iterator[Event]:
    for order in state.working():
        if not order.arrived or order.held_back:
            continue
        if order.is_armed and order.trigger is not None:
            fraction = _trigger_at(segment, order.side, order.trigger, walked)
            if fraction is not None and state.would_trade(order):
                rank = Rank.STOP_ENTRY if order.opens else Rank.STOP
                act = partial(trigger, state, order, _execution(segment, fraction))
                yield Event(fraction, rank, order.age, act)
        elif order.rests and order.limit is not None and order.offered != state.bar_index:
            here = order.born == state.clock
            fraction = _rest_at(segment, order.side, order.limit, walked, here=here)
            if fraction is not None and state.would_trade(order):
                gap = gap_price(state) if segment.is_jump else None
                act = partial(offer_resting, state, order, gap)
                yield Event(fraction, Rank.LIMIT, order.age, act)


def _trigger_at(segment: Segment, side: Side, level: int, walked: Fraction) -> Fraction | None:
    """Where a trigger is reached: at once if the walk already stands beyond it."""
    test = at_or_above if side is Side.BUY else at_or_below
    return test(Fraction(segment.start), Fraction(segment.end), Fraction(level), walked)


def _rest_at(
    segment: Segment, side: Side, limit: int, walked: Fraction, *, here: bool
) -> Fraction | None:
    """Where the walk comes to a limit from its passive side; `here`: it was born in this place.

    A limit that the walk leaves behind from the start of a path is touched there, not on a jump.
    """
    price = segment.price(walked)
    if is_beyond(side, limit, price):
        return None
    if (segment.end - segment.start) * side.sign < 0:
        return _trigger_at(segment, side.opposite, limit, walked)
    if price == limit and not segment.is_jump and (walked == 0 or here):
        return walked
    return None


def _execution(segment: Segment, fraction: Fraction) -> Fraction:
    """A stop met on the jump executes at the open, on the path where it is met."""
    return Fraction(segment.end) if segment.is_jump else segment.price(fraction)
