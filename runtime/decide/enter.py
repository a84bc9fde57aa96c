"""Entries: market, limit, stop and stop-limit orders that open a position, add to it, or turn it.

The law: prices, then the side of the position, the ref, protection, size, and what the order must not
exceed; the first that fails is the reason. An entry against the position is one order that closes it and
opens its own size, where the policy allows that.
"""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.orders import PriceSlot
from runtime.account.turning import as_exit, is_two
from runtime.decide.amend import joined_entry, replace_entry
from runtime.decide.cancel import free_ref, in_place, is_changed_into
from runtime.decide.checks import (
    Room,
    check_certainty,
    check_layers,
    check_liquidation,
    check_minimum,
    check_policy,
    fitted,
    note_rounding,
)
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.decide.levels import protective_level, stop_by_rule, target_by_rule
from runtime.decide.limits import check_limits
from runtime.decide.make_spec import Asked, build_spec, order_type
from runtime.decide.prices import check_band, check_trigger, limit_price, trigger_price
from runtime.decide.promises import Proposal
from runtime.decide.refusals import RefusalCode, Refused
from runtime.decide.sizes import Wanted, is_stated, protecting_stop, wanted
from runtime.decide.trails import trail_of
from runtime.orders.commands import Decided, SubmitOrder
from runtime.orders.order_spec import Effect, Level, OrderType, Side, reference_price


def enter(context: Context, intent: Intent) -> list[Decided]:
    """Return the commands of an entry."""
    if intent.is_again and intent.rearm not in context.coming:
        return []  # a cancel of this close has named it
    return opened(context, intent, order_type(intent))


def opened(
    context: Context, intent: Intent, kind: OrderType, lots: int | None = None
) -> list[Decided]:
    """Return the commands that enter with an order of a type: of so many lots, else of the intent's size."""
    side = intent.spec.order_side
    assert side is not None
    check_certainty(context.capacity, closes=_closes_first(context, side, kind))
    check_limits(context)
    check_policy(context.settings, side)
    asked = _priced(context, intent, side, kind)
    live = in_place(context, intent)
    if live is not None and intent.late is not None and intent.late.joins == live.order_id:
        stop = protecting_stop(context, intent, side, live.stop_loss)
        more = wanted(context, intent, asked.price, side, stop)
        return joined_entry(context, intent, live, more.lots)
    carries = _carried(context, intent, asked)
    commands = free_ref(context, intent, asked.side, asked.order_type)
    stop, target = _protection(context, intent, asked)
    asked = replace(asked, stop=stop, target=target, trail=trail_of(context, intent, stop))
    live = in_place(context, intent)
    if live is not None:
        return commands + replace_entry(context, intent, live, asked)
    return [*commands, *_placed(context, intent, asked, carries, lots)]


def _closes_first(context: Context, side: Side, kind: OrderType) -> bool:
    """Return whether an entry is the way out of what is held: at market, it closes that before it opens."""
    is_opposite = context.capacity.side is side.opposite
    return is_opposite and kind is OrderType.MARKET and context.settings.policy.allow_flip


def _placed(
    context: Context, intent: Intent, asked: Asked, carries: int, given: int | None
) -> list[Decided]:
    capacity, side, price = context.capacity, asked.side, asked.price
    if carries and asked.order_type is OrderType.MARKET:
        capacity.reduce(carries)
    if given is None:
        stop = protecting_stop(context, intent, side, asked.stop)
        whole = wanted(context, intent, price, side, stop)
    else:
        whole = Wanted(given)
    check_minimum(context, whole.lots, price, whole.base)
    check_liquidation(context, side, price)
    check_layers(context, side)
    room = Room(side=side, order_type=asked.order_type, price=price, carries=carries)
    lots = fitted(context, room, whole.lots, is_stated=is_stated(context, intent))
    note_rounding(context, whole.base, lots)
    proposal = Proposal(
        side=side,
        order_type=asked.order_type,
        quantity=lots,
        price=price,
        notional=context.instrument.notional(lots, price),
        has_stop=asked.stop is not None
        or (asked.trail is not None and asked.trail.is_active_at_once),
    )
    context.promises.check(proposal, capacity)
    spec = build_spec(context, intent, asked, Effect.OPEN, lots, carries=carries)
    capacity.accept(spec, price)
    if not is_two(spec, capacity.ledger):
        return [SubmitOrder(spec=spec)]
    closing = replace(as_exit(spec, carries), order_id=context.next_id())
    opening = replace(spec, quantity=lots, carries=0)
    return [SubmitOrder(spec=opening), SubmitOrder(spec=closing)]


def _priced(context: Context, intent: Intent, side: Side, kind: OrderType) -> Asked:
    """Return the order's prices, on the grid and where they may be."""
    instrument, close = context.instrument, context.capacity.close
    slot = PriceSlot.PRICE if kind is OrderType.LIMIT else PriceSlot.LIMIT_PRICE
    limit = limit_price(intent.price(slot), slot, side, instrument)
    trigger = trigger_price(intent.price(PriceSlot.TRIGGER), side, instrument)
    check_trigger(trigger, side, close)
    check_band(limit, trigger, side, close, context.settings.execution.price_band_pct)
    price = reference_price(limit, trigger, close)
    return Asked(side=side, order_type=kind, price=price, limit=limit, trigger=trigger)


def _carried(context: Context, intent: Intent, asked: Asked) -> int:
    """Return the lots of an opposite position that the order closes before it opens its own."""
    capacity = context.capacity
    if capacity.side is not asked.side.opposite:
        return 0
    if not context.settings.policy.allow_flip:
        text = "a position of the other side is open (`position_policy.allow_flip`)"
        raise Refused(RefusalCode.WOULD_FLIP, text)
    if asked.order_type is not OrderType.MARKET:
        live = in_place(context, intent)
        if live is not None and is_changed_into(live, asked.side, asked.order_type):
            return 0  # no new carrier: who carries the position does so as before
        mine = context.capacity.holder_of(intent.order_ref, live)  # it makes room
        others = (side for name, side in capacity.resting.items() if name != mine)
        if asked.side in others:
            raise Refused(RefusalCode.WOULD_FLIP, "a resting order turns the position already")
    older = next(iter(capacity.older_exits), None)
    if older is not None:  # done as well, it would turn more than is held
        base = context.instrument.base(older.lots)
        text = (
            f"`{older.spec.order_id}` of an older close is still to close {base:g} of the position"
        )
        raise Refused(RefusalCode.VENUE_UNCERTAIN, text)
    return capacity.lots


def _protection(
    context: Context, intent: Intent, asked: Asked
) -> tuple[Level | None, Level | None]:
    """Return stop and target of an entry: the action's own, else the risk model's."""
    instrument, risk, side = context.instrument, context.settings.risk, asked.side
    price, stop, target = intent.price(PriceSlot.STOP_LOSS), None, None
    if price is not None:
        stop = protective_level(price, side, asked.price, instrument, is_stop=True)
    elif risk.stop_loss is not None:
        stop = stop_by_rule(risk.stop_loss, side, asked.price, instrument, context.value)
    price = intent.price(PriceSlot.TAKE_PROFIT)
    if price is not None:
        target = protective_level(price, side, asked.price, instrument, is_stop=False)
    elif risk.take_profit is not None:
        rule = risk.take_profit
        target = target_by_rule(rule, side, asked.price, instrument, context.value, stop)
    return stop, target
