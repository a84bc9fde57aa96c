"""close(t): which commands become orders and requests, and which are refused.

Law: by kind (cancels, amends, exits, entries), within a kind in card order; each check counts what
was accepted before it at the same close. Nothing accepted here is in effect before open(t+1).
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from tests.reference.capacity import leaving, why_not
from tests.reference.matching import has_triggered
from tests.reference.outcome import End, EndKind
from tests.reference.protection import Kind, level_of
from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    AdjustTrail,
    Amend,
    Cancel,
    CancelAll,
    Command,
    Effect,
    ExitAll,
    Mode,
    OrderType,
    Place,
    RewardRisk,
    Side,
)
from tests.reference.state import Order, Request, State


def accept(state: State, commands: tuple[Command, ...]) -> None:
    """Take the commands given at this close."""
    replaced: set[str] = set()
    for command in commands:
        if isinstance(command, Cancel | CancelAll):
            _cancel(state, command)
    for command in commands:
        if isinstance(command, Amend):
            _amend(state, command)
        elif isinstance(command, AdjustStop | AdjustTarget | AdjustTrail):
            _adjust(state, command)
        elif isinstance(command, Place) and command.replace and working(state, command.ref):
            _replace(state, command)
            replaced.add(command.ref)
    places = [_plain(state, c) for c in commands if isinstance(c, Place | ExitAll)]
    for effect in (Effect.REDUCE, Effect.OPEN):
        for place in places:
            if place.effect is effect and not (place.replace and place.ref in replaced):
                _place(state, place)


def _plain(state: State, command: Place | ExitAll) -> Place:
    if isinstance(command, Place):
        return command
    side = Side.SELL if state.held >= 0 else Side.BUY
    return Place(ref=command.ref, side=side, effect=Effect.REDUCE)


def working(state: State, ref: str) -> Order | None:
    """The working order under the ref; one whose cancel is on its way has given it free."""
    return next((o for o in state.working() if o.ref == ref and not o.cancel_sent), None)


def refuse(state: State, ref: str, code: str) -> None:
    state.ends.append(End(state.bar_index, ref, EndKind.REFUSED, code, 0))


# --- cancels and amends --------------------------------------------------------------------------


def _cancel(state: State, command: Cancel | CancelAll) -> None:
    if isinstance(command, Cancel):
        order = working(state, command.ref)
        if order is None:
            refuse(state, command.ref, "unknown_ref")
            return
        orders = [order]
    else:
        orders = [
            o
            for o in state.working()
            if not o.cancel_sent
            and command.group in (None, o.place.oco)
            and command.side in (None, o.side)
        ]
    for order in orders:
        order.cancel_sent = True
        state.sent.append(Request(Cancel(order.ref), order=order))


def _replace(state: State, place: Place) -> None:
    amend = Amend(
        ref=place.ref, limit=place.limit, trigger=place.trigger, lots=place.lots,
        stop_loss=place.stop_loss, take_profit=place.take_profit,
    )  # fmt: skip
    before = len(state.sent)
    _amend(state, amend)
    for request in state.sent[before:]:
        request.restarts = True


def _amend(state: State, command: Amend) -> None:
    order = working(state, command.ref)
    if order is None:
        refuse(state, command.ref, "unknown_ref")
        return
    code, total = _check_amend(state, order, command)
    if code:
        refuse(state, command.ref, code)
        return
    state.sent.append(Request(command, order=order, total=total))


def _check_amend(state: State, order: Order, new: Amend) -> tuple[str | None, int | None]:
    """A code, or the total after capping."""
    protects = new.stop_loss is not None or new.take_profit is not None
    if order.is_market or (protects and (order.filled or not order.opens)):
        return "not_amendable", None
    has_no_limit = new.limit is not None and order.limit is None
    if has_no_limit or (new.trigger is not None and not order.is_armed):
        return "not_amendable", None
    limit = order.limit if new.limit is None else new.limit
    trigger = order.trigger if new.trigger is None else new.trigger
    stop = order.stop_loss if new.stop_loss is None else new.stop_loss
    target = order.take_profit if new.take_profit is None else new.take_profit
    armed = trigger if order.is_armed else None
    moves_trigger = new.trigger is not None
    code = wrong_price(state, order.side, limit, armed, moves_trigger=moves_trigger)
    code = code or wrong_protection(order.side, plan_price(state, limit, trigger), stop, target)
    if code or new.lots is None:
        return code, None
    done = order.opened if order.opens and state.settings.allow_flip else order.filled
    more = new.lots - done - order.to_do
    if more <= 0:
        return None, new.lots
    if order.opens:
        return why_not(
            state, order.place, more, plan_price(state, limit, trigger), grows=order
        ), new.lots
    more = min(more, _free_for(state, order))
    if more <= 0:
        return "nothing_to_reduce", None
    return None, done + order.to_do + more


def _free_for(state: State, order: Order) -> int:
    """Lots an exit may still grow by."""
    if order.is_armed:
        return abs(state.held) - leaving(state) - order.to_do
    return free_to_exit(state)


def _adjust(state: State, command: AdjustStop | AdjustTarget | AdjustTrail) -> None:
    position = state.position
    if position is None:
        refuse(state, "position", "nothing_to_protect")
        return
    if isinstance(command, AdjustTrail):
        state.sent.append(Request(command, position=position))
        return
    kind = Kind.STOP if isinstance(command, AdjustStop) else Kind.TARGET
    side = position.side
    layers = [x for x in position.layers if x.ref == command.layer]
    code = None
    if command.layer is not None and not layers:
        code = "unknown_ref"
    elif command.layer is None and all(level_of(x, kind) for x in position.layers):
        code = "layer_owned"
    elif kind is Kind.STOP:
        code = wrong_protection(side, close_price(state), command.level, None)
    else:
        code = wrong_protection(side, close_price(state), None, command.level)
    if code:
        refuse(state, "position", code)
        return
    state.sent.append(Request(command, position=position))


# --- prices --------------------------------------------------------------------------------------


def close_price(state: State) -> Fraction:
    """What prices are judged against: the last close that traded."""
    return Fraction(state.bar.close if state.last_traded is None else state.last_traded)


def plan_price(state: State, limit: int | None, trigger: int | None) -> Fraction:
    """Price an order is sized and planned at: its limit, else its trigger, else the close."""
    if limit is not None:
        return Fraction(limit)
    return close_price(state) if trigger is None else Fraction(trigger)


def wrong_price(
    state: State, side: Side, limit: int | None, trigger: int | None, *, moves_trigger: bool = True
) -> str | None:
    """`trigger_passed` at equality too; the band holds for limits that could execute at once."""
    close = close_price(state)
    if trigger is not None and moves_trigger and has_triggered(side, trigger, close):
        return "trigger_passed"
    if limit is None:
        return None
    base = close if trigger is None else Fraction(trigger)
    edge = base * (1 + side.sign * state.settings.price_band_pct / 100)
    return "price_outside_band" if (limit - edge) * side.sign > 0 else None


def wrong_protection(
    side: Side, price: Fraction, stop: int | None, target: int | None
) -> str | None:
    """A stop must lie on the losing, a target on the winning side; equality is wrong."""
    if stop is not None and (price - stop) * side.sign <= 0:
        return "stop_on_wrong_side"
    if target is not None and (target - price) * side.sign <= 0:
        return "target_on_wrong_side"
    return None


# --- placements ----------------------------------------------------------------------------------


def _place(state: State, place: Place) -> None:
    if working(state, place.ref):
        refuse(state, place.ref, "duplicate_ref")
        return
    code = wrong_price(state, place.side, place.limit, place.trigger)
    if code is None:
        if place.effect is Effect.OPEN:
            code, lots = _entry(state, place)
        else:
            code, lots = _exit(state, place)
    if code:
        refuse(state, place.ref, code)
        return
    state.orders.append(
        Order(
            place=place, to_do=lots, placed=state.bar_index, age=state.next_age(),
            plan_price=plan_price(state, place.limit, place.trigger), limit=place.limit,
            trigger=place.trigger, stop_loss=place.stop_loss, take_profit=place.take_profit,
            expires=None if place.ttl_bars is None else state.bar_index + place.ttl_bars,
        )
    )  # fmt: skip


def _entry(state: State, place: Place) -> tuple[str | None, int]:
    assert place.lots is not None
    settings = state.settings
    price = plan_price(state, place.limit, place.trigger)
    code = wrong_protection(place.side, price, place.stop_loss, place.take_profit)
    forbidden = Mode.SHORT_ONLY if place.side is Side.BUY else Mode.LONG_ONLY
    if code is None and settings.mode is forbidden:
        code = "policy_side"
    if code is None and _has_no_target(state, place):
        code = "unknown_price"
    if code is None and _turns(state, place.side) and not settings.allow_flip:
        code = "would_flip"
    lots = place.lots
    if code is None and not place.computed:
        code = below_minimum(state, lots, price) or why_not(state, place, lots, price)
    elif code is None:
        code, lots = _cut(state, place, price)
    return code, lots


def _turns(state: State, side: Side) -> bool:
    """Whether the market orders accepted at this close leave a position of the other side."""
    if state.against(side.sign) - leaving(state) > 0:
        return True
    return any(
        o.opens and o.is_market and o.side is side.opposite and o.placed == state.bar_index
        for o in state.working()
    )


def _has_no_target(state: State, place: Place) -> bool:
    """A multiple of the stop's distance needs a stop: better no entry than one without its target."""
    settings = state.settings
    needs = place.take_profit is None and isinstance(settings.risk_target, RewardRisk)
    return needs and place.stop_loss is None and settings.risk_stop is None


def _cut(state: State, place: Place, price: Fraction) -> tuple[str | None, int]:
    """The largest size that fits; below the minimum the reason of the cut refuses it."""
    assert place.lots is not None
    fits, too_many = 0, place.lots + 1
    code = None
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        reason = why_not(state, place, middle, price)
        if reason is None:
            fits = middle
        else:
            too_many, code = middle, reason
    if below := below_minimum(state, fits, price):
        return code or below, 0
    return None, fits


def below_minimum(state: State, lots: int, price: Fraction) -> str | None:
    instrument = state.script.instrument
    if lots < max(1, instrument.min_lots):
        return "below_min_qty"
    if lots * price * state.unit() < instrument.min_notional:
        return "below_min_notional"
    return None


def free_to_exit(state: State) -> int:
    """Lots neither market exits of this close nor resting limit exits have claimed."""
    claimed = sum(o.to_do for o in state.working() if not o.opens and o.rests and not o.cancel_sent)
    return abs(state.held) - leaving(state) - claimed


def _exit(state: State, place: Place) -> tuple[str | None, int]:
    held = state.against(place.side.sign)
    want = held
    if place.lots is not None:
        want = place.lots
    elif place.fraction is not None:
        want = floor(held * place.fraction)
    if place.type is OrderType.LIMIT:
        free = free_to_exit(state)
    else:
        free = held - leaving(state)
    free = min(free, held)
    if free <= 0:
        return "nothing_to_reduce", 0
    lots = min(want, free)
    price = plan_price(state, place.limit, place.trigger)
    if free - lots > 0 and below_minimum(state, free - lots, price):
        lots = free  # what would remain could never be closed: it is taken along
    if lots < free and (code := below_minimum(state, lots, price)):
        return code, 0
    return None, lots
