"""The reference exchange: a script in, its outcome out.

Law: one bar is the hole before it, jump, open, path (funding on it), close: mark, expire, then the commands of that
close. Nothing is fast here and nothing is shared with the product; it is read against the pages.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from tests.reference.acceptance import accept
from tests.reference.money import equity, unrealized
from tests.reference.opening import hold_back, open_bar
from tests.reference.outcome import Close, EndKind, LayerView, OrderView, Outcome
from tests.reference.path import Segment, high_first, segments
from tests.reference.protection import adopt, in_turn, owners, standing, trail_covered, trail_level
from tests.reference.script import Bar, Funding, Intrabar, OnPartial, Script, Side
from tests.reference.state import Birth, Kind, State
from tests.reference.volume import HAS_BUDGET, Budget
from tests.reference.walking import Payment, pay_funding, walk


def run(script: Script) -> Outcome:
    """Run a script. Raises ValueError if a volume model meets a bar whose volume is unknown."""
    if script.settings.fill_model in HAS_BUDGET and any(b.volume is None for b in script.bars):
        raise ValueError(f"fill_model {script.settings.fill_model} needs volume")
    state = State(
        script=script,
        balance=script.settings.start_balance,
        budget=Budget(script.settings, script.bars[0]),
    )
    for t in range(len(script.bars)):
        state = _bar(state, t)
    for order in state.working():
        state.cancel(order, "end_of_data")
    return Outcome(
        fills=tuple(state.fills),
        ends=tuple(state.ends),
        closes=tuple(state.closes),
        counts=tuple(sorted(state.counts.items())),
    )


def _bar(state: State, t: int) -> State:
    """One bar; the state that comes back is another one where two paths were tried."""
    state.bar_index = t
    bar = state.bar
    state.budget = Budget(state.settings, bar)
    _forget_the_last_bar(state)
    before = bar.open if t == 0 else state.script.bars[t - 1].close
    before = before if state.last_traded is None else state.last_traded
    if t:
        state, mark_before = _hole(state, state.script.bars[t - 1], bar)
        hold_back(state, before)
        walk(state, _jump(state, before, mark_before, bar))
    open_bar(state, before)
    state = _path(state, bar)
    _close(state, bar)
    return state


def _forget_the_last_bar(state: State) -> None:
    """What was ahead of an order in its first bar holds for that bar only."""
    for order in state.orders:
        order.ahead, order.since, order.born, order.held_back = None, 0, -1, False
    if state.position:
        for owner in owners(state.position):
            level = owner.level
            level.ahead, level.since, level.born = None, 0, -1
            level.newborn = level.held_back = False


# --- jump and path -------------------------------------------------------------------------------


def last_mark(bar: Bar) -> Fraction:
    """Mark at the close of a bar; without a mark series the last price stands in."""
    return Fraction(bar.mark.close if bar.mark else bar.close)


def _jump(state: State, before: int, mark_before: Fraction, bar: Bar) -> Segment:
    return Segment(
        start=before,
        end=bar.open,
        mark_start=mark_before,
        mark_end=Fraction(bar.mark.open if bar.mark else bar.open),
        is_jump=True,
        trades=bar.volume != 0,
    )


def _path(state: State, bar: Bar) -> State:
    """Walk the bar's path; `adverse` and `favourable` walk both from the same state."""
    rule = state.settings.intrabar
    if rule not in (Intrabar.ADVERSE, Intrabar.FAVOURABLE):
        _walk_path(state, bar, up=high_first(bar, rule))
        return state
    other = state.fork()
    _walk_path(state, bar, up=True)
    _walk_path(other, bar, up=False)
    gain = equity(other) - equity(state)
    better = gain > 0 if rule is Intrabar.FAVOURABLE else gain < 0
    return other if better else state


def _walk_path(state: State, bar: Bar, *, up: bool) -> None:
    for segment in segments(bar, up=up):
        walk(state, segment, _payments(state, bar, segment))


# --- funding -------------------------------------------------------------------------------------


def _payments(state: State, bar: Bar, segment: Segment) -> tuple[Payment, ...]:
    """Funding times inside (open, close] that fall on this segment: half-open, like the bar."""
    payments = []
    length = state.script.bar_length
    for funding in state.script.funding:
        time = Fraction(funding.ts - bar.ts, length)
        if segment.begin < time <= segment.finish:
            place = (time - segment.begin) / (segment.finish - segment.begin)
            payments.append(Payment(place, funding.rate, _own_mark(state, funding)))
    return tuple(payments)


def _own_mark(state: State, funding: Funding) -> Fraction | None:
    """A mark known for the very time: stated, or the open of the mark bar that starts at it."""
    if funding.mark is not None:
        return Fraction(funding.mark)
    for bar in (*state.script.bars, *state.script.hole_marks):
        if bar.ts == funding.ts and bar.mark:
            return Fraction(bar.mark.open)
    return None


# --- the hole ------------------------------------------------------------------------------------


def _hole(state: State, previous: Bar, bar: Bar) -> tuple[State, Fraction]:
    """What goes on where bars are missing: mark through its own bars, funding; last trades nowhere.

    Returns the state and the mark known last. Where no mark bar lies, funding is paid at that.
    """
    length, known = state.script.bar_length, last_mark(previous)
    at = previous.ts + length
    for mark in state.script.hole_marks:
        if at <= mark.ts < bar.ts:
            _pay_between(state, at, mark.ts, known)
            state = _path(state, replace(mark, volume=0))
            at, known = mark.ts + length, last_mark(mark)
    _pay_between(state, at, bar.ts, known)
    return state, known


def _pay_between(state: State, start: int, end: int, known: Fraction) -> None:
    """Funding times in (start, end], by who holds then."""
    for funding in state.script.funding:
        if start < funding.ts <= end:
            mark = _own_mark(state, funding)
            pay_funding(state, funding.rate, known if mark is None else mark)


# --- close ---------------------------------------------------------------------------------------


def _close(state: State, bar: Bar) -> None:
    if bar.volume != 0:
        state.last_traded = bar.close
    _expire(state)
    if state.is_next_bar:
        _adopt_together(state)
    state.closes.append(_view(state))
    accept(state, state.script.at(state.bar_index))


def _adopt_together(state: State) -> None:
    """Protection put off to the next bar is made at the close: the layers' first, then the position's."""
    position = state.position
    births = sorted((x for x in state.pending if isinstance(x, Birth)), key=lambda x: x.age)
    state.pending = []
    before, age = standing(position), state.counter
    protected = position is not None and bool(trail_covered(position))
    for birth in births:
        # The last fill wins, a stop-limit's of the open after a stop's of the jump.
        adopt(state, birth)
    if position is None:
        return
    for layer in position.layers:
        # Of what came in, an entry's layer may be closed already: what is left is covered none the less.
        layer.uncovered, layer.to_own = dict.fromkeys(Kind, 0), frozenset()
    if position.trail is not None and births and not protected:
        position.trail.waits = True  # it had nothing to protect: it arrives with what came in
    for owner in owners(position):
        if owner.level.age > age or (births and owner.key not in before):
            owner.level.waits = owner.level.waits or owner.key not in before
    in_turn(state, position, before, age)


def _expire(state: State) -> None:
    for order in state.working():
        if order.expires is not None and state.bar_index >= order.expires:
            state.end(order, EndKind.EXPIRED, "ttl")
        elif order.filled_bar == state.bar_index and order.place.on_partial is OnPartial.CANCEL:
            state.cancel(order, "on_partial")


def _view(state: State) -> Close:
    position = state.position
    return Close(
        bar=state.bar_index,
        balance=state.balance,
        equity=state.balance + unrealized(state, state.bar.close),
        position=state.held,
        average=position.average if position else None,
        stop=position.stop.price if position and position.stop else None,
        target=position.target.price if position and position.target else None,
        trail=trail_level(position) if position else None,
        layers=tuple(
            LayerView(
                layer.ref,
                layer.lots,
                layer.entry,
                layer.stop.price if layer.stop else None,
                layer.target.price if layer.target else None,
            )
            for layer in (position.layers if position else ())
        ),
        working=tuple(
            OrderView(o.ref, o.side, state.would_trade(o), o.filled, o.limit, o.trigger)
            for o in state.working()
        ),
        funding=state.funding_paid,
        drawn_buy=state.budget.total[Side.BUY],
        drawn_sell=state.budget.total[Side.SELL],
    )
