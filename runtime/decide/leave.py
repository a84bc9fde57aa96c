"""Exits: market and limit orders that only make a position smaller.

The law: a market exit counts as done for the rest of the close. One that finds nothing left to close is
refused; nothing is placed to be cancelled.
"""

from __future__ import annotations

from compiler.catalog.orders import PriceSlot, SizeKind
from runtime.decide.amend import joined_exit, replace_exit
from runtime.decide.cancel import free_ref, in_place
from runtime.decide.checks import note_rounding
from runtime.decide.context import Context
from runtime.decide.exit_lots import shared_lots, wanted_total, with_dust
from runtime.decide.intent import Intent
from runtime.decide.make_spec import Asked, build_spec, order_type
from runtime.decide.prices import check_band, limit_price
from runtime.decide.rearm import taken_over
from runtime.decide.refusals import RefusalCode, Refused
from runtime.orders.commands import Decided, SubmitOrder, WithdrawOrder
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Side

ABSORBED = (
    "absorbed_dust"  # the reason of an exit that took what would have been too small to trade
)


def leave(context: Context, intent: Intent) -> list[Decided]:
    """Return the commands of an exit."""
    capacity = context.capacity
    side, kind = _side(context, intent), order_type(intent)
    limit = None
    if kind is OrderType.LIMIT:
        limit = limit_price(intent.price(PriceSlot.PRICE), "price", side, context.instrument)
        band = context.settings.execution.price_band_pct
        check_band(limit, None, side, capacity.close, band)
    if capacity.side is not side.opposite or capacity.lots == 0:
        text = f"no position for `{intent.kind}` to reduce"
        raise Refused(RefusalCode.NOTHING_TO_REDUCE, text)
    price = capacity.close if limit is None else limit
    live = in_place(context, intent)
    if live is not None and intent.late is not None and intent.late.joins == live.order_id:
        total = wanted_total(context, intent, price, live)
        is_more = intent.action.size is not None and intent.action.size.kind is SizeKind.FILL
        return joined_exit(context, intent, live, total.lots + live.quantity * is_more)
    commands = free_ref(context, intent, side, kind)
    live = in_place(context, intent)
    wanted = wanted_total(context, intent, price, live)
    if live is not None:
        return commands + replace_exit(context, intent, live, limit, wanted)
    asked = Asked(side=side, order_type=kind, price=price, limit=limit)
    before = next((one.spec for one in commands if isinstance(one, WithdrawOrder)), None)
    placed = placed_exit(context, intent, asked, wanted.lots, before)
    note_rounding(context, wanted.base, placed.spec.quantity)
    return [*commands, placed]


def placed_exit(
    context: Context, intent: Intent, asked: Asked, wanted: int, before: OrderSpec | None = None
) -> SubmitOrder:
    """Return the exit of as many of the wanted lots as it may take, dust included.

    `before` is an order of this close whose place it takes.
    """
    at_market = asked.order_type is OrderType.MARKET
    shared = shared_lots(context, wanted, at_market=at_market)
    room = context.capacity.exit_room(at_market=at_market)
    lots = with_dust(context, shared, room)
    reason = ABSORBED if lots > shared else ""
    spec = build_spec(context, intent, asked, Effect.REDUCE, lots, reason=reason)
    if before is not None:
        spec = taken_over(spec, before)
    context.capacity.accept(spec, asked.price)
    return SubmitOrder(spec=spec)


def _side(context: Context, intent: Intent) -> Side:
    side = intent.spec.order_side
    if side is not None:
        return side
    return Side.BUY if context.capacity.side is Side.SELL else Side.SELL
