"""`adjust_size`: buy or sell at market what is missing to a target size of the open position.

The law: what it adds is an entry, what it takes away an exit, each with the checks of its kind; the target
is valued at the close. What is on its way at market since an earlier close is not asked for again.
"""

from __future__ import annotations

from runtime.decide.checks import (
    Room,
    check_certainty,
    check_layers,
    check_minimum,
    check_policy,
    fitted,
)
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.decide.leave import placed_exit
from runtime.decide.limits import check_limits
from runtime.decide.make_spec import Asked, build_spec
from runtime.decide.promises import Proposal
from runtime.decide.refusals import RefusalCode, Refused
from runtime.decide.sizes import basis_at, wanted_base
from runtime.orders.commands import Decided, SubmitOrder
from runtime.orders.order_spec import Effect, OrderType, Side


def adjust_size(context: Context, intent: Intent) -> list[Decided]:
    """Return the order that brings the position to its target size, if one is needed."""
    capacity = context.capacity
    if capacity.side is None:
        raise Refused(RefusalCode.NOTHING_TO_ADJUST, "no position is open to adjust")
    target = target_lots(context, intent)
    least, most = capacity.bounds()
    if target > most:
        return [_enlarged(context, intent, capacity.side, target - most)]
    if target >= least:
        return []
    asked = Asked(side=capacity.side.opposite, order_type=OrderType.MARKET, price=capacity.close)
    return [placed_exit(context, intent, asked, least - target)]


def target_lots(context: Context, intent: Intent) -> int:
    """Return the lots of the size a position is to have."""
    size, value = intent.action.size, intent.size
    assert size is not None
    assert value is not None
    base = wanted_base(size.kind, value, basis_at(context, context.capacity.close))
    return context.instrument.lots_for_base(base)


def _enlarged(context: Context, intent: Intent, side: Side, lots: int) -> SubmitOrder:
    capacity = context.capacity
    price = capacity.close
    check_certainty(capacity)
    check_limits(context)
    check_policy(context.settings, side)
    asked = Asked(side=side, order_type=OrderType.MARKET, price=price)
    check_minimum(context, lots, price)
    check_layers(context, side)
    room = Room(side=side, order_type=asked.order_type, price=price)
    lots = fitted(context, room, lots, is_stated=intent.is_stated)
    proposal = Proposal(
        side=side,
        order_type=asked.order_type,
        quantity=lots,
        price=price,
        notional=context.instrument.notional(lots, price),
        has_stop=False,
    )
    context.promises.check(proposal, capacity)
    spec = build_spec(context, intent, asked, Effect.OPEN, lots)
    capacity.accept(spec, price)
    return SubmitOrder(spec=spec)
