"""close(t): which commands become orders and requests, and which are refused.

Law: by kind (cancels, amends, exits, entries), within a kind in card order; each check counts what
was accepted before it at the same close. Nothing accepted here is in effect before open(t+1).
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from tests.reference.capacity import leaving, released, why_not
from tests.reference.outcome import End, EndKind
from tests.reference.prices import close_price, plan_price, wrong_price, wrong_protection
from tests.reference.protection import level_of
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
from tests.reference.state import Coming, Kind, Order, Position, Request, State


def accept(state: State, commands: tuple[Command, ...]) -> None:
    """Take the commands given at this close."""
    for command in commands:
        if isinstance(command, Cancel | CancelAll):
            _cancel(state, command)
    for command in commands:
        if isinstance(command, Amend):
            _amend(state, command)
        elif isinstance(command, AdjustStop | AdjustTarget | AdjustTrail):
            _adjust(state, command)
    places = [_plain(state, c) for c in commands if isinstance(c, Place | ExitAll)]
    for effect in (Effect.REDUCE, Effect.OPEN):
        for place in places:
            if place.effect is not effect:
                continue
            old = working(state, place.ref)
            if place.replace and old and old.placed < state.bar_index:
                if (old.place.type, old.side) == (place.type, place.side):
                    _replace(state, place)
                    continue
                sent, ends = len(state.sent), len(state.ends)
                old.cancel_sent = True  # an order of another kind has to go
                state.sent.append(Request(Cancel(old.ref), order=old))
                _place(state, place)
                if any(x.kind is EndKind.REFUSED for x in state.ends[ends:]):
                    old.cancel_sent = False  # what is refused changes nothing
                    del state.sent[sent]
            elif place.replace and old and not old.is_market:
                _take_place(state, place, old)
            else:
                _place(state, place)


def _take_place(state: State, place: Place, old: Order) -> None:
    """The newer word of one close: the order it replaces has not left, and never does."""
    at, ends = state.orders.index(old), len(state.ends)
    del state.orders[at]
    _place(state, place)
    if any(x.kind is EndKind.REFUSED for x in state.ends[ends:]):
        state.orders.insert(at, old)


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
    if place.effect is Effect.OPEN and _turns(state, place.side) and not state.settings.allow_flip:
        refuse(state, place.ref, "would_flip")
        return
    if place.effect is Effect.OPEN and _has_no_target(state, place):
        refuse(state, place.ref, "unknown_price")
        return
    if place.effect is Effect.REDUCE and abs(state.held) <= released(state):
        refuse(state, place.ref, "nothing_to_reduce")
        return
    amend = Amend(
        ref=place.ref, limit=place.limit, trigger=place.trigger, lots=place.lots,
        stop_loss=place.stop_loss, take_profit=place.take_profit,
    )  # fmt: skip
    _amend(state, amend, by=place)


def _amend(state: State, command: Amend, by: Place | None = None) -> None:
    """`by`: the placement under a live ref that asks for it; the risk model says what that does not."""
    order = working(state, command.ref)
    if order is None:
        refuse(state, command.ref, "unknown_ref")
        return
    is_entry = by is not None and by.effect is Effect.OPEN
    left = order.to_do
    code, total = _check_amend(state, order, command, is_new=is_entry)
    if code:
        refuse(state, command.ref, code)
        return
    if total is not None:
        left = max(0, total - (order.opened + order.netted if order.opens else order.filled))
    limit = order.limit if command.limit is None else command.limit
    trigger = order.trigger if command.trigger is None else command.trigger
    coming = Coming(left, limit, trigger, *kept_levels(state, order, command, is_new=is_entry))
    if left == 0:
        order.cancel_sent = True
    elif order.coming is not None and coming != order.coming:
        refuse(state, command.ref, "in_flight")
        return
    elif coming != order.next:
        order.coming = coming
    state.sent.append(
        Request(command, order=order, total=total, restarts=by is not None, is_new=is_entry)
    )


def _check_amend(
    state: State, order: Order, new: Amend, *, is_new: bool
) -> tuple[str | None, int | None]:
    """A code, or the total after capping."""
    protects = new.stop_loss is not None or new.take_profit is not None
    has_brought = order.filled > 0 and not is_new
    if order.is_market or (protects and (has_brought or not order.opens)):
        return "not_amendable", None
    has_no_limit = new.limit is not None and order.limit is None
    if has_no_limit or (new.trigger is not None and not order.is_armed):
        return "not_amendable", None
    limit = order.limit if new.limit is None else new.limit
    trigger = order.trigger if new.trigger is None else new.trigger
    stop, target = kept_levels(state, order, new, is_new=is_new)
    armed = trigger if order.is_armed else None
    moves_trigger = new.trigger is not None
    code = wrong_price(state, order.side, limit, armed, moves_trigger=moves_trigger)
    if not (is_new and order.filled):  # then what is filled has brought it
        price = plan_price(state, limit, trigger)
        code = code or wrong_protection(order.side, price, stop, target)
    done = order.opened + order.netted if order.opens else order.filled
    more = 0 if new.lots is None else new.lots - done - order.to_do
    if code or (order.opens and order.to_do + more <= 0):
        return code, new.lots
    if order.opens:
        was, now = plan_price(state, order.limit, order.trigger), plan_price(state, limit, trigger)
        left = order.to_do + more
        if left * now > order.to_do * was:
            code = why_not(state, order.place, left, now, changes=order)
        return code, new.lots
    if more <= 0:
        return None, new.lots
    more = min(more, _free_for(state, order))
    if more <= 0:
        return "nothing_to_reduce", None
    return None, done + order.to_do + more


def kept_levels(
    state: State, order: Order, new: Amend, *, is_new: bool
) -> tuple[int | None, int | None]:
    """Stop and target of the order after the amend, as named; None: what the risk model says."""
    s = state.settings
    stop = None if is_new and s.risk_stop is not None else order.stop_loss
    target = None if is_new and s.risk_target is not None else order.take_profit
    stop = stop if new.stop_loss is None else new.stop_loss
    return stop, target if new.take_profit is None else new.take_profit


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
        if command.trail and all(level_of(x, Kind.STOP) for x in position.layers):
            refuse(state, "position", "layer_owned")
            return
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
    if not (command.only_tighten and _loosens(state, position, kind, command)):
        state.sent.append(Request(command, position=position))


def _loosens(state: State, position: Position, kind: Kind, new: AdjustStop | AdjustTarget) -> bool:
    """Whether it would move the level away from the price, as this close has moved it so far."""
    holder = next((x for x in position.layers if x.ref == new.layer), position)
    old = level_of(holder, kind)
    at = None if old is None else old.price
    for request in state.sent:
        command = request.command
        if isinstance(command, type(new)) and command.layer == new.layer:
            at = command.level
    away = -position.sign if kind is Kind.STOP else position.sign
    return at is not None and (new.level - at) * away > 0


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
            plan_price=plan_price(state, place.limit, place.trigger),
            plan_stop=place.stop_loss, limit=place.limit,
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
    if code is None and _turns(state, place.side) and not _may_turn(state, place):
        code = "would_flip"
    lots = place.lots
    if code is None and not place.computed:
        code = below_minimum(state, lots, price) or why_not(state, place, lots, price)
    elif code is None:
        code, lots = _cut(state, place, price)
    return code, lots


def _turns(state: State, side: Side) -> bool:
    """Whether the market orders accepted at this close leave a position of the other side."""
    expected = state.held
    expected -= min(abs(expected), released(state)) * (1 if expected > 0 else -1)
    for order in state.orders:
        if order.opens and order.is_market and order.placed == state.bar_index and not order.ended:
            expected = order.sign
    return expected * side.sign < 0


def _may_turn(state: State, place: Place) -> bool:
    """One order at a time carries the position: at market, or the only one that rests."""
    others = (o for o in state.working() if o.opens and not o.is_market and not o.cancel_sent)
    is_free = place.type is OrderType.MARKET or all(o.side is not place.side for o in others)
    return state.settings.allow_flip and is_free


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
    exits = (o for o in state.working() if not o.opens and o.rests and not o.cancel_sent)
    claimed = sum(o.next.lots for o in exits)
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
