"""Amendments of working orders, asked for by `amend_order` or by a placement under a live ref.

The law: amounts are totals, what is filled included; a total that is filled already ends the order. What
an amendment adds passes the checks of a new order. `amend_order` keeps the order's time to live unless it
names one; a placement under a live ref starts it, and the order's age, anew. An order that has still to leave
is changed as one that rests.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from compiler.catalog.orders import OptionName, PriceSlot
from runtime.decide.cancel import cancelled, named
from runtime.decide.checks import Room, check_certainty, check_liquidation, fitted, note_rounding
from runtime.decide.context import Context
from runtime.decide.exit_lots import shared_lots, wanted_total
from runtime.decide.intent import Intent
from runtime.decide.levels import protective_level
from runtime.decide.make_spec import Asked, ttl_bars
from runtime.decide.prices import LIMITED, check_band, check_trigger, limit_price, trigger_price
from runtime.decide.promises import Proposal
from runtime.decide.refusals import RefusalCode, Refused
from runtime.decide.sizes import Wanted, is_stated, protecting_stop, wanted
from runtime.orders.commands import AmendOrder, Decided, RenewOrder
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Level, LevelKind, OrderType, reference_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an order is to become; None leaves a value as it is. `left` are lots it is still to fill.

    Of an entry that turns a position `left` is what it is still to open, without the lots it carries. `asked`: the
    base units of the total that `left` was rounded down from.
    """

    limit: float | None = None
    trigger: float | None = None
    left: int | None = None
    asked: float | None = None
    stop: Level | None = None
    target: Level | None = None


def amend(context: Context, intent: Intent) -> list[Decided]:
    """Return the commands of an `amend_order`."""
    order = named(context, intent)
    if order is None:
        return []
    limit, trigger = _new_prices(context, intent, order)
    price = _price(context, order, limit, trigger)
    stop, target = _new_levels(context, intent, order, price)
    bars = ttl_bars(intent)
    renewed: list[Decided] = []
    if bars is not None:
        renewed = [RenewOrder(order_id=order.order_id, expires_bar=context.capacity.bar + bars)]
    left = asked = None
    if intent.size is not None and order.spec.effect is Effect.REDUCE:
        total = wanted_total(context, intent, price, order)
        left, asked = total.lots - order.filled, total.base
    elif intent.size is not None:
        placed = stop if stop is not None else order.stop_loss
        total = wanted(context, intent, price, order.side, placed)
        left, asked = total.lots - order.done, total.base
    change = Change(limit=limit, trigger=trigger, left=left, asked=asked, stop=stop, target=target)
    return _applied(context, intent, order, change, renewed)


def note_owed(context: Context, intent: Intent) -> None:
    """Count an exit that is owed as large as an amendment asks of it, which is for its next order: it has none now."""
    capacity = context.capacity
    orders = capacity.ledger.orders
    for one in capacity.owed if intent.size is not None else ():
        last = orders.get(one.spec.order_id)
        if one.spec.order_ref != intent.order_ref or last is None:
            continue
        asked = intent.price(PriceSlot.PRICE) or one.spec.limit_price
        with suppress(Refused):  # of its order it is asked, and refused, later
            total = wanted_total(context, intent, asked or capacity.close, last)
            room = capacity.exit_room(at_market=False) + one.lots
            capacity.resize_owed(one, max(0, min(total.lots - last.filled, room)))


def replace_entry(context: Context, intent: Intent, order: Order, asked: Asked) -> list[Decided]:
    """Return what makes a working entry the one that a new placement asks for."""
    stop = protecting_stop(context, intent, order.side, asked.stop)
    total = wanted(context, intent, asked.price, order.side, stop)
    brings = not order.filled  # what is filled has brought its protection
    if brings:
        _check_kept(context, order, asked)
    change = Change(
        limit=asked.limit,
        left=total.lots - order.done,
        asked=total.base,
        trigger=asked.trigger if order.is_armed_stop else None,
        stop=asked.stop if brings else None,
        target=asked.target if brings else None,
    )
    return _applied(context, intent, order, change, [_renewal(context, intent, order)])


def _check_kept(context: Context, order: Order, asked: Asked) -> None:
    """Refuse a price that a level the order was placed with, and is to keep, does not fit."""
    kept = (
        (order.stop_loss if asked.stop is None else None, True),
        (order.take_profit if asked.target is None else None, False),
    )
    for level, is_stop in kept:
        if level is not None and level.kind is LevelKind.LEVEL:
            protective_level(
                level.value, order.side, asked.price, context.instrument, is_stop=is_stop
            )


def replace_exit(
    context: Context, intent: Intent, order: Order, limit: float | None, total: Wanted
) -> list[Decided]:
    """Return what makes a working exit the one that a new placement asks for."""
    change = Change(limit=limit, left=total.lots - order.filled, asked=total.base)
    return _applied(context, intent, order, change, [_renewal(context, intent, order)])


def joined_exit(context: Context, intent: Intent, order: Order, total: int) -> list[Decided]:
    """Return what lets a working exit have a total that late lots bring; all else of it stays."""
    return _applied(context, intent, order, Change(left=total - order.filled), [])


def joined_entry(context: Context, intent: Intent, order: Order, lots: int) -> list[Decided]:
    """Return what lets a working entry open so many lots more; all else of it stays."""
    return _applied(context, intent, order, Change(left=order.to_open + lots), [])


def _renewal(context: Context, intent: Intent, order: Order) -> RenewOrder:
    bars = ttl_bars(intent)
    expires = None if bars is None else context.capacity.bar + bars
    return RenewOrder(order_id=order.order_id, expires_bar=expires, restarts_age=True)


# ---------------------------------------------------------------- prices and levels


def _price(context: Context, order: Order, limit: float | None, trigger: float | None) -> float:
    """Return the price that values an order after a change."""
    return reference_price(
        order.limit_price if limit is None else limit,
        order.trigger_price if trigger is None else trigger,
        context.capacity.close,
    )


def _new_prices(
    context: Context, intent: Intent, order: Order
) -> tuple[float | None, float | None]:
    """Return the new limit and trigger; `price` means the limit, or the only price there is."""
    kind, side, instrument = order.spec.order_type, order.side, context.instrument
    limit = limit_price(intent.price(PriceSlot.LIMIT_PRICE), "limit_price", side, instrument)
    trigger = trigger_price(intent.price(PriceSlot.TRIGGER), side, instrument)
    if kind is OrderType.STOP_MARKET and intent.price(PriceSlot.PRICE) is not None:
        trigger = trigger_price(intent.price(PriceSlot.PRICE), side, instrument)
    elif intent.price(PriceSlot.PRICE) is not None:
        limit = limit_price(intent.price(PriceSlot.PRICE), "price", side, instrument)
    if limit is not None and kind not in LIMITED:
        raise Refused(RefusalCode.NOT_AMENDABLE, f"a {kind.value} order has no limit")
    if trigger is not None and not order.is_armed_stop:
        text = "the order has no trigger, or it was triggered"
        raise Refused(RefusalCode.NOT_AMENDABLE, text)
    close = context.capacity.close
    check_trigger(trigger, side, close)
    if limit is not None or trigger is not None:
        start = order.trigger_price if trigger is None else trigger
        check_band(
            order.limit_price if limit is None else limit,
            start if order.is_armed_stop else None,
            side,
            close,
            context.settings.execution.price_band_pct,
        )
    return limit, trigger


def _new_levels(
    context: Context, intent: Intent, order: Order, price: float
) -> tuple[Level | None, Level | None]:
    levels: list[Level | None] = []
    for slot, placed in (
        (PriceSlot.STOP_LOSS, order.stop_loss),
        (PriceSlot.TAKE_PROFIT, order.take_profit),
    ):
        wanted, is_stop = intent.price(slot), slot is PriceSlot.STOP_LOSS
        if wanted is not None and (order.spec.effect is Effect.REDUCE or order.filled):
            # VENUE: the protection of a partly filled order is changed on the position.
            text = f"`{slot}` of this order can no longer be changed"
            raise Refused(RefusalCode.NOT_AMENDABLE, text)
        level = None
        if wanted is not None:
            level = protective_level(wanted, order.side, price, context.instrument, is_stop=is_stop)
        elif placed is not None and placed.kind is LevelKind.LEVEL:
            # What it was placed with must still fit the new price.
            protective_level(placed.value, order.side, price, context.instrument, is_stop=is_stop)
        levels.append(level)
    return levels[0], levels[1]


# ---------------------------------------------------------------- the change


def _applied(
    context: Context, intent: Intent, order: Order, change: Change, renewed: list[Decided]
) -> list[Decided]:
    """Return the commands that carry out a change, the renewal of the order before them."""
    if order.spec.order_type is OrderType.MARKET:
        raise Refused(RefusalCode.NOT_AMENDABLE, "the order is at market")
    if change.left is not None and change.left <= 0:
        commands = cancelled(context, order, intent.text(OptionName.REASON) or intent.kind)
        return _told(context, order, change, commands)
    if order.spec.effect is Effect.REDUCE:
        command = _exit_change(context, order, change)
    else:
        command = _entry_change(context, intent, order, change)
    changed = context.capacity.changed
    known = changed.get(order.order_id)
    if known == command or (known is None and _is_as_wanted(order, command, change)):
        return renewed  # it is what it should be, or on its way there
    if known is not None:
        raise Refused(RefusalCode.IN_FLIGHT, "the order was changed at this close already")
    if order.request != "none" and order.order_id not in context.capacity.ledger.kept:
        text = "a request about the order has no answer yet"
        raise Refused(RefusalCode.IN_FLIGHT, text, is_passing=True)
    changed[order.order_id] = command
    return _told(context, order, change, [*renewed, command])


def _told(context: Context, order: Order, change: Change, commands: list[Decided]) -> list[Decided]:
    """Return the commands of a change, and note where whole lots made it another one.

    A total that is filled already ends the order, rounded or not: that is no other change.
    """
    if change.left is None or change.asked is None or not commands:
        return commands
    done = order.filled if order.spec.effect is Effect.REDUCE else order.done
    if change.asked > context.instrument.base(done):
        note_rounding(context, change.asked, done + change.left)
    return commands


def _exit_change(context: Context, order: Order, change: Change) -> AmendOrder:
    left = order.remaining if change.left is None else change.left
    if left > order.remaining:
        left = shared_lots(context, left, own=order.remaining)
    _check_left(context, order, left, change)
    context.capacity.exiting += left - order.remaining
    return _command(order, change, order.filled + left, None)


def _entry_change(context: Context, intent: Intent, order: Order, change: Change) -> AmendOrder:
    capacity, instrument = context.capacity, context.instrument
    price = _price(context, order, change.limit, change.trigger)
    left = order.to_open if change.left is None else change.left
    own = capacity.ledger.order_notional(order)
    if instrument.notional(left, price) > own:
        check_certainty(capacity)
        check_liquidation(context, order.side, price)
        room = Room(
            side=order.side,
            order_type=order.spec.order_type,
            price=price,
            carries=order.remaining - order.to_open,
            own_notional=own,
            own_margin=capacity.reserved.get(order.order_id, 0.0),
        )
        stated = change.left is None or is_stated(context, intent)
        left = fitted(context, room, left, is_stated=stated)
        proposal = Proposal(
            side=order.side,
            order_type=order.spec.order_type,
            quantity=left,
            price=price,
            notional=instrument.notional(left, price) - own,
            adds_order=False,
            has_stop=order.stop_loss is not None or change.stop is not None,
        )
        context.promises.check(proposal, capacity)
    _check_left(context, order, left, change)
    capacity.enlarge(order, instrument.notional(left, price) - own)
    return _command(order, change, order.quantity + left - order.to_open, order.done + left)


def _check_left(context: Context, order: Order, left: int, change: Change) -> None:
    """Refuse a change that leaves less than a minimum order."""
    if change.left is None:
        return
    instrument = context.instrument
    notional = instrument.notional(left, _price(context, order, change.limit, change.trigger))
    is_entry = order.spec.effect is Effect.OPEN
    if left < instrument.min_lots or (is_entry and notional < context.least_notional()):
        text = "what would remain of the order is below the minimum"
        raise Refused(RefusalCode.STRANDS_DUST, text)


def _command(order: Order, change: Change, quantity: int, opens: int | None) -> AmendOrder:
    """Return the amendment with what differs only."""
    is_same = quantity == order.quantity
    return AmendOrder(
        order_id=order.order_id,
        quantity=None if is_same else quantity,
        opens=None if is_same or opens == quantity else opens,
        limit_price=None if change.limit == order.limit_price else change.limit,
        trigger_price=None if change.trigger == order.trigger_price else change.trigger,
        stop_loss=None if change.stop == order.stop_loss else change.stop,
        take_profit=None if change.target == order.take_profit else change.target,
    )


def _is_as_wanted(order: Order, command: AmendOrder, change: Change) -> bool:
    """Return whether nothing is to be changed, or an amend in flight makes of the order what is asked for."""
    asked = order.amending
    if asked is None:
        return command == AmendOrder(order_id=order.order_id)
    total = order.quantity if command.quantity is None else command.quantity
    values = (
        (change.limit, asked.limit_price, order.limit_price),
        (change.trigger, asked.trigger_price, order.trigger_price),
        (None if change.left is None else total, asked.quantity, order.quantity),
        (change.stop, asked.stop_loss, order.stop_loss),
        (change.target, asked.take_profit, order.take_profit),
    )
    return all(
        wanted is None or wanted == (is_so if coming is None else coming)
        for wanted, coming, is_so in values
    )
