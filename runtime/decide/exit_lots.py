"""How many lots an exit takes, and how exits share a position.

The law: resting exits share the position among themselves, the earlier ones first; market exits of a close
share it among themselves and do not yield to resting ones, which shrink. A share of the position is one of
the position at that close, whatever is free. What remains may not be too small to trade: an exit takes it.
"""

from __future__ import annotations

import math

from compiler.catalog.orders import SizeKind
from runtime.account.repeats import filled_before
from runtime.decide.context import Context, Cut
from runtime.decide.intent import Intent
from runtime.decide.refusals import RefusalCode, Refused
from runtime.decide.sizes import Wanted, basis_at, wanted_base
from runtime.orders.order import Order

_NOTHING_LEFT = "other exits take all of the position"


def wanted_total(context: Context, intent: Intent, price: float, live: Order | None) -> Wanted:
    """Return what an exit asks for, whole by default; of a live one what is filled included.

    A share is one of what is held, so it is what a live exit is still to fill; an amount is its total, that of all orders
    that it has been. The rest is what no working exit takes, those accepted at this close included. What exits of older closes are still to
    close is not held for a share. What its own action is, is, where it fits beside that and is no less: then it is the
    same again.
    """
    position = context.capacity.ledger.position
    held = context.capacity.lots if position is None else position.quantity
    filled = 0 if live is None else live.filled
    size, value = intent.action.size, intent.size
    if size is None or value is None:
        return Wanted(filled + held)
    if size.kind is SizeKind.REST:
        left = context.capacity.exit_room(at_market=False) + (0 if live is None else live.remaining)
        if not left:
            raise Refused(RefusalCode.NOTHING_TO_REDUCE, _NOTHING_LEFT)
        return Wanted(filled + left)
    if size.kind is not SizeKind.POSITION_FRACTION:
        base = wanted_base(size.kind, value, basis_at(context, intent, price))
        lots = context.instrument.lots_for_base(base)
        before = 0
        if live is not None and size.kind is not SizeKind.FILL:
            before = filled_before(live, context.capacity.ledger.orders)
        return Wanted(max(0, lots - before), base - context.instrument.base(before))
    if not math.isfinite(value) or value < 0:
        raise Refused(RefusalCode.UNKNOWN_VALUE, "the size of the exit is unknown")
    of, mine = context.capacity.shared(intent)
    lots = _share(of, value)
    if mine and not mine <= lots <= of - mine:
        of, lots = of - mine, _share(of - mine, value)
    if not of:
        raise Refused(RefusalCode.NOTHING_TO_REDUCE, _NOTHING_LEFT)
    base = context.instrument.base(of) * min(value, 1.0)
    return Wanted(filled + lots, context.instrument.base(filled) + base)


def _share(lots: int, value: float) -> int:
    return math.floor(lots * min(value, 1.0) + 1e-9)


def shared_lots(context: Context, wanted: int, *, own: int = 0, at_market: bool = False) -> int:
    """Return what an exit gets of the lots it asks for, `own` being what it has already.

    Refused where nothing is left for it.
    """
    room = context.capacity.exit_room(at_market=at_market) + own
    if wanted and room <= own:
        raise Refused(RefusalCode.NOTHING_TO_REDUCE, _NOTHING_LEFT)
    if wanted > room:
        base = context.instrument.base
        text = f"other exits leave {base(room):g} of {base(wanted):g}"
        context.cuts.append(Cut(RefusalCode.NOTHING_TO_REDUCE, wanted, room, text))
    return min(wanted, room)


def with_dust(context: Context, lots: int, room: int) -> int:
    """Return the lots of an exit, grown where what remains of the position could not be traded.

    Exits are exempt from the minimum notional, so that every position can be closed. `room` is what the
    exit may take.
    """
    held, instrument = context.capacity.lots, context.instrument
    left = held - lots
    strands = left < instrument.min_lots
    strands = strands or (
        instrument.notional(left, context.capacity.close) < context.least_notional()
    )
    if lots and left and strands and room >= held:
        lots = held
    if lots < min(instrument.min_lots, held) or lots == 0:
        raise Refused(RefusalCode.BELOW_MIN_QTY, "the exit is below one minimum quantity")
    if lots < held and not context.settings.policy.allow_scale_out:
        text = (
            "the policy closes a position whole or not at all (`position_policy.allow_scale_out`)"
        )
        raise Refused(RefusalCode.POLICY_SCALE_OUT, text)
    return lots
