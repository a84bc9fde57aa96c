"""Price goes along one straight line and meets orders; mark goes beside it.

The law: who lies nearer on the way is met first. At one place: liquidation, protective stops, market
targets, stop entries, then limits, each by age; only a limit that stood in the book exactly at the
liquidation level fills before the position goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from runtime.account.standing import has_trail
from runtime.backends.sim.matcher import Matcher
from runtime.backends.sim.scene import Phase, Scene
from runtime.backends.sim.takeover import take_over
from runtime.formulas.margin import is_liquidated
from runtime.formulas.path import between, fraction_of
from runtime.orders.order import Order
from runtime.orders.order_spec import Role, Side

LIMIT_KIND = 4  # the kind of an order that rests; what is less is a stop or a liquidation
_REACHED, _PASSED = 0, -1  # kinds of a liquidation: mark comes to its level here, or is beyond it
_SAME_PLACE = 1e-12  # of a line: a liquidation level is no price of the grid
_AFTER = 1.0 + 2.0 * _SAME_PLACE  # whoever is met at the end of a line was met before


class Precedence(StrEnum):
    """Who is met first: on a path the nearest; a jump can be told in other ways, too."""

    NEAREST = "nearest"
    STOPS_FIRST = "stops_first"  # the farthest stop first, then limits by price
    STOPS_LAST = "stops_last"  # limits by price, then the farthest stop first


class Pace(StrEnum):
    """Where mark is while last goes along a line: two series say nothing of which was where first."""

    BESIDE = "beside"  # fraction by fraction
    AHEAD = "ahead"  # at its end before last leaves
    BEHIND = "behind"  # at its start until last has arrived


@dataclass(frozen=True, slots=True)
class Line:
    """From `start` to `end`, mark from `mark_start` to `mark_end`; `place` is that of the start.

    `pace` is that at which mark comes to a liquidation level.
    """

    start: float
    end: float
    mark_start: float
    mark_end: float
    place: float
    pace: Pace = Pace.BESIDE

    def price_at(self, fraction: float) -> float:
        return between(self.start, self.end, fraction)

    def mark_at(self, fraction: float) -> float:
        return between(self.mark_start, self.mark_end, fraction)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Something on the way: a liquidation, or an order at its level. `fraction` of the line."""

    fraction: float
    kind: int
    age: int
    price: float
    order: Order | None

    def rank(self, precedence: Precedence) -> tuple[int, float, int, int]:
        """Return what sorts meetings by who is met first."""
        is_stop = self.kind < LIMIT_KIND
        if precedence is Precedence.NEAREST:
            return (0, self.fraction, self.kind, self.age)
        group = int(is_stop is (precedence is Precedence.STOPS_LAST))
        return (group, -self.fraction if is_stop else self.fraction, self.kind, self.age)


def go(
    matcher: Matcher,
    line: Line,
    start: float = 0.0,
    end: float = 1.0,
    precedence: Precedence = Precedence.NEAREST,
) -> None:
    """Go from one fraction of a line to another; everything met on the way has its turn."""
    scene = matcher.scene
    at, price = start, line.price_at(start)
    scene.price, scene.place = price, line.place + at
    while True:
        met = next_meeting(matcher, line, (at, price), end, precedence)
        if met is None:
            break
        scene.price, scene.place = met.price, line.place + met.fraction
        if precedence is Precedence.NEAREST:
            at, price = met.fraction, met.price
        if met.order is None:
            take_over(scene, matcher.teller)
        else:
            # An entry may be met on the way with it: what its fill finds has come along.
            _follow(matcher)
            matcher.turn(met.order)
    scene.price, scene.place = line.price_at(end), line.place + end
    _follow(matcher)


def _follow(matcher: Matcher) -> None:
    """Let what trails come to where the price stands; on the way against it nothing moves."""
    if has_trail(matcher.scene.ledger):
        matcher.follow()


def next_meeting(
    matcher: Matcher, line: Line, stand: tuple[float, float], end: float, precedence: Precedence
) -> Meeting | None:
    """Return who is met next from where price stands (fraction, price), None if nobody is.

    A limit exactly where mark comes to the liquidation level is met before it.
    """
    best: Meeting | None = None
    for met in meetings(matcher.scene, line, stand):
        if met.fraction <= end + _SAME_PLACE and (
            best is None or met.rank(precedence) < best.rank(precedence)
        ):
            best = met
    end_of_it = _liquidation(matcher.scene, line, stand[0], end)
    if end_of_it is None or best is None:
        return end_of_it or best
    if abs(best.fraction - end_of_it.fraction) > _SAME_PLACE:
        return min(end_of_it, best, key=lambda met: met.rank(precedence))
    # A limit stood in the book at the price with which mark comes to the level.
    is_first = best.kind == LIMIT_KIND and end_of_it.kind == _REACHED
    return best if is_first else end_of_it


def meetings(scene: Scene, line: Line, stand: tuple[float, float]) -> Iterator[Meeting]:
    """Yield the orders that a line meets from where price stands; nobody where nothing traded."""
    if not scene.trades:
        return
    at, price = stand
    book = scene.ledger.book
    # COST: most lines meet nobody, and four comparisons say so.
    if not book.could_fill(min(price, line.end), max(price, line.end)):
        return
    for order in book:
        level = order.trigger_price if order.is_armed_stop else order.limit_price
        if level is None or not order.is_accepted or scene.turns.is_over(order.order_id):
            continue
        is_stop = order.is_armed_stop and not order.is_target
        sign = 1.0 if (order.side is Side.BUY) != is_stop else -1.0  # 1: met by falling prices
        beyond = sign * (level - price)
        if beyond >= 0.0 and (order.is_armed_stop or _touches(scene, line, order, beyond, at)):
            yield Meeting(at, _kind(order), book.arrival(order.order_id), price, order)
        elif beyond < 0.0 and sign * (line.end - level) <= 0.0:
            fraction = fraction_of(level, line.start, line.end)
            yield Meeting(fraction, _kind(order), book.arrival(order.order_id), level, order)


def _touches(scene: Scene, line: Line, order: Order, beyond: float, at: float) -> bool:
    """Return whether price that stands at a limit touches it.

    It comes to a limit from the passive side: beyond it nobody rests. One that price only leaves is
    touched where a path begins and where the limit came to be, not on a jump.
    """
    if beyond > 0.0:
        return False
    comes = order.side.sign * (line.end - line.start) < 0.0
    is_born_here = scene.turns.since.get(order.order_id) == scene.place
    return comes or (scene.phase is Phase.PATH and (at == 0.0 or is_born_here))


def _kind(order: Order) -> int:
    if order.spec.role is Role.STOP_LOSS:
        return 1
    if order.is_armed_stop:
        return 2 if order.is_target else 3
    return LIMIT_KIND


def _liquidation(scene: Scene, line: Line, at: float, end: float) -> Meeting | None:
    position, level = scene.ledger.position, scene.ledger.liquidation_mark
    if position is None or level is None:
        return None
    mark = line.mark_at(at) if line.pace is Pace.BESIDE else line.mark_start
    if is_liquidated(position.side.sign, mark, level):
        kind = _PASSED if abs(mark - level) > level * _SAME_PLACE else _REACHED
        return Meeting(at, kind, 0, line.price_at(at), None)
    if not is_liquidated(position.side.sign, line.mark_end, level):
        return None
    match line.pace:
        case Pace.BESIDE:
            fraction = max(at, fraction_of(level, line.mark_start, line.mark_end))
        case Pace.AHEAD:
            return Meeting(at, _PASSED, 0, line.price_at(at), None)
        case Pace.BEHIND:
            return Meeting(_AFTER, _REACHED, 0, line.end, None) if end >= 1.0 else None
        case _:
            assert_never(line.pace)
    return (
        Meeting(fraction, _REACHED, 0, line.price_at(fraction), None) if fraction <= end else None
    )
