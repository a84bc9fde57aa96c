"""What an entry must not exceed: policy, certainty, the instrument, layers, and how much fits.

The law: the same checks in a back-test and live, in one order; the first that fails is the reason. How
much fits is a list of bounds in lots: an amount the card states is refused by the first that is too small,
a size it computes is cut to the smallest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.graph.rule_graph import Settings
from runtime.account.margin import entry_cost
from runtime.decide.capacity import Capacity
from runtime.decide.context import Context, Cut, lot_cut
from runtime.decide.refusals import UNCERTAIN, RefusalCode, Refused, below_minimum, over_maximum
from runtime.formulas.margin import is_liquidated
from runtime.formulas.rounding import is_much_less
from runtime.orders.order_spec import OrderType, Side

_SLACK = 1 + 1e-9  # one rounding error of a sum of notionals
_AT_MARKET = frozenset({OrderType.MARKET, OrderType.STOP_MARKET})
_STOPS = frozenset({OrderType.STOP_MARKET, OrderType.STOP_LIMIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What an entry would use, at the `price` that values it.

    `own_notional` and `own_margin` are what the order that it changes uses already. `carries` are lots of
    an opposite position that it closes first.
    """

    side: Side
    order_type: OrderType
    price: float
    carries: int = 0
    own_notional: float = 0.0
    own_margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Bound:
    """The most lots something allows, and how that reads with the setting that would allow more."""

    code: RefusalCode
    lots: int
    text: str


def check_policy(settings: Settings, side: Side) -> None:
    """Refuse an entry on a side that the card does not trade."""
    mode = settings.policy.mode
    if side not in (held.opened_by for held in mode.sides):
        raise Refused(RefusalCode.POLICY_SIDE, f"`position_policy.mode` is {mode}")


def check_certainty(capacity: Capacity, *, closes: bool = False) -> None:
    """Refuse new risk while the fate of an order is unknown or the books do not add up.

    What nothing asks for again is decided all the same: it waits until that is known. Of an entry that `closes` what
    is held first, who carries it out lets the closing half alone leave meanwhile.
    """
    if capacity.ledger.book.is_unsure and not (closes or capacity.is_patient):
        raise Refused(RefusalCode.VENUE_UNCERTAIN, UNCERTAIN)
    if capacity.ledger.has_overfill:
        text = "more was filled than ordered: entries are halted"
        raise Refused(RefusalCode.INVARIANT, text, "no_overfill")


def check_layers(context: Context, side: Side) -> None:
    """Refuse an entry beyond the layers allowed: those held, and working entries that hold none yet."""
    policy, taken = context.settings.policy, context.capacity.layers[side]
    most = policy.max_layers if policy.allow_scale_in else 1
    if most is not None and taken >= most:
        setting = "max_layers" if policy.allow_scale_in else "allow_scale_in"
        raise Refused(
            RefusalCode.MAX_LAYERS,
            f"{taken} of {most} layers are held or ordered (`position_policy.{setting}`)",
        )


def check_minimum(context: Context, lots: int, price: float, asked: float | None = None) -> None:
    """Refuse an entry that is too small for the instrument; `asked`: its base units before they were rounded."""
    instrument = context.instrument
    if lots < instrument.min_lots:
        base = instrument.base(lots) if asked is None else asked
        text = below_minimum(base, instrument.base(instrument.min_lots))
        raise Refused(RefusalCode.BELOW_MIN_QTY, text)
    notional, least = instrument.notional(lots, price), context.least_notional()
    if notional < least:
        raise Refused(
            RefusalCode.BELOW_MIN_NOTIONAL, f"{notional:g} USDT is below the minimum of {least:g}"
        )


def check_liquidation(context: Context, side: Side, price: float) -> None:
    """Refuse an entry that joins a position which would be liquidated before its price is reached.

    VENUE: an order beyond the liquidation price of the open position is refused.
    """
    ledger = context.capacity.ledger
    level, position = ledger.liquidation_mark, ledger.position
    if position is None or position.side is not side or level is None:
        return
    if is_liquidated(side.sign, price, level):
        raise Refused(
            RefusalCode.BEYOND_LIQUIDATION,
            f"the position is liquidated at {level:g}, before {price:g} is reached "
            f"(`account.max_leverage` is {ledger.leverage:g})",
        )


# ---------------------------------------------------------------- how much fits


def fitted(context: Context, room: Room, wanted: int, *, is_stated: bool) -> int:
    """Return the lots of an entry that fit: all of a stated amount or a refusal; what fits of another."""
    bounds = list(_bounds(context, room, is_stated=is_stated))
    if is_stated:
        for bound in bounds:
            if wanted > bound.lots:
                raise Refused(bound.code, bound.text)
        return wanted
    tightest = min(bounds, key=lambda bound: bound.lots)  # the first of equals
    if wanted <= tightest.lots:
        return wanted
    try:
        check_minimum(context, tightest.lots, room.price)
    except Refused:
        raise Refused(tightest.code, tightest.text) from None
    context.cuts.append(Cut(tightest.code, wanted, tightest.lots, tightest.text))
    return tightest.lots


def note_rounding(context: Context, asked: float | None, lots: int) -> None:
    """Note a size of which whole lots left out much; one that was cut besides is told as a cut."""
    if asked is None or context.cuts:
        return
    if is_much_less(context.instrument.base(lots), asked):
        context.cuts.append(lot_cut(asked, lots, context.instrument))


def _bounds(context: Context, room: Room, *, is_stated: bool) -> Iterator[Bound]:
    yield from _leverage(context, room)
    yield _maximum(context, room)
    yield _largest_order(context, room)
    margin = _margin(context, room, is_stated=is_stated)
    if margin is not None:
        yield margin


def _lots(context: Context, notional: float, price: float) -> int:
    return context.instrument.lots_for_base(max(0.0, notional) * _SLACK / price)


def _leverage(context: Context, room: Room) -> Iterator[Bound]:
    instrument, capacity = context.instrument, context.capacity
    leverage = capacity.ledger.leverage
    if leverage > instrument.max_leverage:
        yield Bound(
            RefusalCode.OVER_MAX_LEVERAGE,
            0,
            f"`account.max_leverage` is {leverage:g}, {instrument.symbol} allows "
            f"{instrument.max_leverage:g}",
        )
        return
    most = instrument.largest_value_usdt(leverage)
    left = most - capacity.notional[room.side] + room.own_notional
    yield Bound(
        RefusalCode.OVER_RISK_TIER,
        _lots(context, left, room.price),
        f"at `account.max_leverage` {leverage:g} the risk tiers of {instrument.symbol} end at "
        f"{most:.0f} USDT, {max(0.0, left):.2f} of them are free",
    )


def _maximum(context: Context, room: Room) -> Bound:
    capacity = context.capacity
    most = capacity.max_position_usdt
    left = most - capacity.notional[room.side] + room.own_notional
    return Bound(
        RefusalCode.OVER_MAX_POSITION,
        _lots(context, left, room.price),
        over_maximum(
            capacity.ledger.settings.account.max_position_usdt, capacity.ledger.leverage, most, left
        ),
    )


def _largest_order(context: Context, room: Room) -> Bound:
    """Return what the largest order allows; what one at market closes first leaves in pieces, as any exit does."""
    instrument = context.instrument
    at_market = room.order_type in _AT_MARKET
    most = instrument.max_market_lots if at_market else instrument.max_lots
    carries = 0 if room.order_type is OrderType.MARKET else room.carries
    return Bound(
        RefusalCode.OVER_MAX_POSITION,
        max(0, most - carries),
        f"the instrument's largest order is {instrument.base(most):g}",
    )


def _margin(context: Context, room: Room, *, is_stated: bool) -> Bound | None:
    """Return what free margin carries. An armed stop reserves none: it is judged when it triggers.

    A computed size of a stop is still no larger than the whole account could carry.
    """
    capacity, ledger = context.capacity, context.capacity.ledger
    is_stop = room.order_type in _STOPS
    if is_stop and is_stated:
        return None
    free = capacity.balance if is_stop else capacity.free(room.side) + room.own_margin
    if room.carries and room.order_type is not OrderType.MARKET:
        free += capacity.closing_gain(room.carries, room.price)
    cost = entry_cost(ledger, room.side, room.order_type, room.price)
    if cost <= 0:
        return None  # a rebate pays for the margin
    lots = context.instrument.lots_for_base(max(0.0, free) * _SLACK / cost)
    leverage = ledger.leverage
    return Bound(
        RefusalCode.NO_MARGIN,
        lots,
        f"{max(0.0, free):.2f} USDT of margin are free, a base unit takes {cost:.2f} "
        f"(`account.max_leverage` is {leverage:g})",
    )
