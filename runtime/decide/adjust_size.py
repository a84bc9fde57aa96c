"""`adjust_size`: buy or sell at market what is missing to a target size of the position.

The law: what it adds is an entry, what it takes away an exit, each with the checks of its kind; the target
is valued at the close. What is on its way at market since an earlier close is not asked for again; of exits that
nobody has confirmed since, the target ends those that would leave less than it. With a
side it opens the position where there is none, and turns one of the other side where the policy lets it; what
it brings then (stop, target, trail) never touches a position that is open. A target of nothing is flat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.catalog.orders import OptionName
from runtime.decide.cancel import cancelled, free_ref
from runtime.decide.checks import (
    Room,
    check_certainty,
    check_layers,
    check_minimum,
    check_policy,
    fitted,
    note_rounding,
)
from runtime.decide.context import Context, Cut
from runtime.decide.enter import opened
from runtime.decide.intent import Intent
from runtime.decide.leave import placed_exit
from runtime.decide.limits import check_limits
from runtime.decide.make_spec import Asked, build_spec
from runtime.decide.promises import Proposal
from runtime.decide.refusals import RefusalCode, Refused, below_minimum
from runtime.decide.sizes import basis_at, wanted_base
from runtime.orders.commands import Decided, SubmitOrder
from runtime.orders.order_spec import Effect, OrderType, Side

_BROUGHT = (OptionName.PROTECT, OptionName.TAKE_PROFIT_TYPE)


def adjust_size(context: Context, intent: Intent) -> list[Decided]:
    """Return the order that brings the position to its target size, if one is needed."""
    capacity, wanted = context.capacity, intent.spec.order_side
    if capacity.side is None and wanted is None:
        raise Refused(RefusalCode.NOTHING_TO_ADJUST, "no position is open to adjust")
    base = _target_base(context, intent)
    target = context.instrument.lots_for_base(base)
    if wanted is not None and capacity.side is not wanted:
        commands = _opened(context, intent, wanted, base)
    else:
        commands = _brought(context, intent, target)
    if any(isinstance(command, SubmitOrder) for command in commands):
        note_rounding(context, base, target)  # a target that is there already asks for nothing
    return commands


def _brought(context: Context, intent: Intent, target: int) -> list[Decided]:
    """Return what brings an open position to as many lots."""
    capacity = context.capacity
    assert capacity.side is not None
    ended = _ended(context, target)
    least, most = capacity.bounds()
    if target > most:
        return [*ended, *_enlarged_after(context, intent, target - most, ended)]
    if target < least:
        return [*ended, *_reduced(context, intent, capacity.side, least - target)]
    return ended


def _ended(context: Context, target: int) -> list[Decided]:
    """Return the cancels of exits in doubt since an earlier close that are to go: the target is the newest word.

    One whose cancel is on its way has been let go of already. The target is held against what there is without them;
    what they fill all the same, who carries out the orders counts.
    """
    capacity = context.capacity
    doubtful = capacity.doubtful_exits()
    ended = [
        one for order in doubtful if order.leaving for one in cancelled(context, order, "replaced")
    ]
    if target > capacity.bounds()[0]:
        rest = [order for order in doubtful if not order.leaving]
        ended += [one for order in rest for one in cancelled(context, order, "replaced")]
    return ended


def _enlarged_after(
    context: Context, intent: Intent, lots: int, ended: Sequence[Decided]
) -> list[Decided]:
    """Return what adds lots; where that is refused, what is to end ends all the same, and the lots are a cut."""
    assert context.capacity.side is not None
    before = context.capacity.copy()
    try:
        return _enlarged(context, intent, context.capacity.side, lots)
    except Refused as refused:
        if not ended:
            raise
        context.capacity = before
        context.cuts.append(Cut(refused.kind, lots, 0, refused.text))
        return []


def takes_away(context: Context, intent: Intent) -> bool:
    """Return whether the target is less than what is held: its order is an exit."""
    capacity, wanted = context.capacity, intent.spec.order_side
    if capacity.side is None:
        return False
    try:
        target = target_lots(context, intent)
    except Refused:
        return False
    is_turned = wanted is not None and capacity.side is not wanted
    return target < capacity.bounds()[0] and (target == 0 or not is_turned)


def target_lots(context: Context, intent: Intent) -> int:
    """Return the lots of the size a position is to have."""
    return context.instrument.lots_for_base(_target_base(context, intent))


def _target_base(context: Context, intent: Intent) -> float:
    size, value = intent.action.size, intent.size
    assert size is not None
    assert value is not None
    return wanted_base(size.kind, value, basis_at(context, intent, context.capacity.close))


def _opened(context: Context, intent: Intent, side: Side, base: float) -> list[Decided]:
    """Return what brings a target of a side about while the position is none, or one of the other side.

    While an order that opens the side is on its way the rest waits for it: it may turn the position.
    """
    capacity, instrument = context.capacity, context.instrument
    held, coming, target = capacity.side, capacity.coming(side), instrument.lots_for_base(base)
    if held is None and base > 0.0 and not target and not coming:
        text = below_minimum(base, instrument.base(instrument.min_lots))
        raise Refused(RefusalCode.BELOW_MIN_QTY, text)
    if held is not None and not context.settings.policy.allow_flip:
        text = "a position of the other side is open (`position_policy.allow_flip`)"
        raise Refused(RefusalCode.WOULD_FLIP, text)
    if held is not None and target == 0:
        least = capacity.bounds()[0]
        return _reduced(context, intent, held, least) if least else []
    if target <= coming or (held is not None and coming):
        return []
    return opened(context, intent, OrderType.MARKET, target - coming)


def _reduced(context: Context, intent: Intent, side: Side, lots: int) -> list[Decided]:
    capacity = context.capacity
    asked = Asked(side=side.opposite, order_type=OrderType.MARKET, price=capacity.close)
    named = free_ref(context, intent, asked.side, asked.order_type)
    return [*named, placed_exit(context, intent, asked, lots)]


def _enlarged(context: Context, intent: Intent, side: Side, lots: int) -> list[Decided]:
    capacity = context.capacity
    price = capacity.close
    check_certainty(capacity)
    check_limits(context)
    check_policy(context.settings, side)
    asked = Asked(side=side, order_type=OrderType.MARKET, price=price)
    named = free_ref(context, intent, side, asked.order_type)
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
    spec = build_spec(context, _joining(intent), asked, Effect.OPEN, lots)
    capacity.accept(spec, price)
    return [*named, SubmitOrder(spec=spec)]


def _joining(intent: Intent) -> Intent:
    """Return an intent without what an opened position would bring: the open one keeps what it has."""
    action = intent.action
    kept = tuple((name, value) for name, value in action.options if name not in _BROUGHT)
    return replace(intent, action=replace(action, options=kept))
