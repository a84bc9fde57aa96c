"""What the checks of a run are bound to refuse, as far as the card alone decides.

The law: a reason holds at every close at which the case is true. What depends on prices to come, on the
venue's instrument or on what trading earned is not here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from compiler.catalog.actions import Verb
from compiler.catalog.orders import OrderType, PositionSide, PriceSlot, Side, SizeKind
from compiler.catalog.promises import Promise
from compiler.catalog.settings import SizingModel
from compiler.graph.roots import states_amount
from compiler.lints.context import CaseView, LintContext, Placed, at_most, holding
from compiler.lints.own_prices import of_itself
from compiler.lints.protection import begins_later, brings_trail
from compiler.lints.reasoning.bounds import Difference, Key
from compiler.lints.reasoning.branches import Assumption, Claim, Truth
from compiler.lints.reasoning.facts import multiple
from compiler.lints.target_sizes import Reason, may_change, nothing_to_adjust, together

_CLOSE: Key = ("bar", "close")
_AVERAGE: Key = ("account", "position_avg_entry", "")
_LAYERS: Key = ("account", "position_layers", "")


Finder = Callable[[LintContext, CaseView, Placed], Iterator[Reason]]


def reasons(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """Yield why an action is always refused, the surest reason first."""
    for find in _OF_EXITS if action.spec.reduce_only else FINDERS:
        yield from find(context, view, action)


def opens(context: LintContext, view: CaseView, action: Placed, *assume: Assumption) -> bool:
    """Return whether an entry may be placed while there is no position: something must be the first."""
    known = [item for node in numbers_of(action) for item in context.reasoner.known(node)]
    return context.possible(view, holding("flat"), *assume, *known)


def numbers_of(action: Placed) -> list[int]:
    """Return the nodes of what must be known for an entry to be placed: its prices and its size."""
    size = action.node.size
    return [*(node for _, node in action.node.prices), *([] if size is None else [size.value])]


# ---------------------------------------------------------------- policy


def _side(context: LintContext, _view: CaseView, action: Placed) -> Iterator[Reason]:
    mode, side = context.graph.settings.policy.mode, action.spec.side
    if action.may_open and side is not None and side not in mode.sides:
        yield Reason(
            action.written.kind_span,
            f"this card is `{mode}`, so a {side} entry is always refused",
            "`position_policy: {mode: long_short}` trades both sides",
        )


def _layers(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """An entry that only ever adds where nothing may be added; a target size may take away."""
    if action.spec.verb is Verb.ADJUST_SIZE:
        return
    policy = context.graph.settings.policy
    allowed: list[tuple[float, str]] = []
    if not policy.allow_scale_in:
        allowed.append((1, "`position_policy: {allow_scale_in: false}`"))
    elif policy.max_layers is not None:
        allowed.append(
            (policy.max_layers, f"`position_policy: {{max_layers: {policy.max_layers}}}`")
        )
    allowed += [
        (promise.argument, f"the promise `max_layers: {promise.argument:g}`")
        for promise in context.graph.invariants
        if promise.name is Promise.MAX_LAYERS and promise.argument is not None
    ]
    side = action.spec.side
    if side is not None and leaves(context, view, side):
        return  # it enters anew at the close at which the position is left
    if side is not None and policy.allow_flip and context.possible_while(view, (side.opposite,)):
        return  # it turns the position, whatever that consists of
    for most, who in allowed:
        if not context.possible(view, at_most(_LAYERS, most - 1)):
            yield Reason(
                action.written.kind_span,
                f"this only adds to a position of {_layers_text(most)} or more, and {who} allows no more",
                "allow more layers, or let the case be true with fewer",
            )


def _layers_text(count: float) -> str:
    return "1 layer" if count == 1 else f"{count:g} layers"


def _flip(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """An entry that is only asked for while the position is on the other side."""
    side = action.spec.side
    if side is None or context.graph.settings.policy.allow_flip:
        return
    if context.possible_while(view, ("flat", side.value)) or leaves(context, view, side.opposite):
        return
    yield Reason(
        action.written.kind_span,
        f"this is only true while a {side.opposite} position is open, and the card may not flip",
        f"set `position_policy: {{allow_flip: true}}`, or emit `exit_{side.opposite}` with it",
    )


def leaves(context: LintContext, view: CaseView, side: PositionSide) -> bool:
    """Return whether some market exit may close a side at the same close."""
    for other, action in context.placed():
        spec = action.spec
        leaves = spec.verb is Verb.EXIT and not spec.rests and spec.side in (None, side)
        if leaves and (other is view or together(context, view, other)):
            return True
    return False


# ---------------------------------------------------------------- prices and values


def _unknown(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """A price or a size that reads what is unknown whenever the case is true."""
    values: list[tuple[PriceSlot | None, int]] = []
    if not may_change(context, view, action):
        values += action.node.prices
    if action.node.size is not None:
        values.append((None, action.node.size.value))
    for slot, node in values:
        if context.possible(view, *context.reasoner.known(node)):
            continue
        price = None if slot is None else action.written.price(slot)
        size = action.written.size
        span = price.span if price is not None else size.span if size is not None else view.span
        yield Reason(
            span,
            f"this is unknown whenever the case is true{_because(context, view, node)}",
            "an order with an unknown price or size is refused",
        )


def _because(context: LintContext, view: CaseView, node: int) -> str:
    names = [
        context.words(leaf)
        for leaf in context.leaves(node)
        if not context.possible(view, *context.reasoner.known(leaf))
    ]
    flat = not context.possible_while(view, ("long", "short"))
    return f": without a position there is no {names[0]}" if names and flat else ""


def is_outside_band(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether a limit is always too far on the costly side."""
    return any(True for _ in _band(context, view, action))


def _band(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """A limit too far on the costly side: of the close, or of the trigger of a stop-limit."""
    is_limit = action.spec.order_type is OrderType.LIMIT
    slot = PriceSlot.PRICE if is_limit else PriceSlot.LIMIT_PRICE
    price, written, side = action.price(slot), action.written.price(slot), action.spec.order_side
    trigger = action.price(PriceSlot.TRIGGER)
    if price is None or written is None or side is None:
        return
    band = context.graph.settings.execution.price_band_pct / 100
    edge = 1 + band if side is Side.BUY else 1 - band
    start = (_CLOSE, 1.0, 0.0) if trigger is None else context.reasoner.linear(trigger)
    if start[0] is None or not _outside(context, view, price, start, edge, side):
        return
    what = "the close" if trigger is None else "the trigger"
    yield Reason(
        written.span,
        f"this limit is always more than {band * 100:g} % {_beyond(side)} {what}",
        "`execution.price_band_pct` is the most a limit may be on the costly side",
    )


def _beyond(side: Side) -> str:
    return "above" if side is Side.BUY else "below"


def _outside(
    context: LintContext,
    view: CaseView,
    price: int,
    start: tuple[Key | None, float, float],
    edge: float,
    side: Side,
) -> bool:
    """Return whether a price is never inside the band around where the limit starts to work."""
    key, factor, constant = start
    mine, my_factor, my_constant = context.reasoner.linear(price)
    assert key is not None
    if mine == key:
        # factor and constant in one variable: decided where the variable is above zero.
        slope, rest = my_factor - factor * edge, my_constant - constant * edge
        inside = Difference(multiple(key, slope), "0", -rest) if slope else None
        if side is Side.SELL:
            inside = Difference("0", multiple(key, slope), rest) if slope else None
        return inside is not None and not context.possible(view, inside)
    left, right = (
        multiple(mine, my_factor) if mine is not None else "0",
        multiple(key, factor * edge),
    )
    limit = constant * edge - my_constant
    inside = Difference(left, right, limit) if side is Side.BUY else Difference(right, left, -limit)
    return not context.possible(view, inside)


def _passed(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """A stop entry whose trigger the close has reached."""
    trigger, written, side = (
        action.price(PriceSlot.TRIGGER),
        action.written.price(PriceSlot.TRIGGER),
        action.spec.order_side,
    )
    if trigger is None or written is None or side is None:
        return
    bound = context.reasoner.above if side is Side.BUY else context.reasoner.below
    if not context.possible(view, bound(trigger, _CLOSE, strict=True)):
        yield Reason(
            written.span,
            f"the close is never {_before(side)} this trigger when the stop is placed",
            "a stop entry waits for a price that has not been reached; use a limit or a market order",
        )


def _before(side: Side) -> str:
    return "below" if side is Side.BUY else "above"


def _liquidated(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """An addition at a price at which the position is gone."""
    price, written, side = (
        action.price(PriceSlot.PRICE),
        action.written.price(PriceSlot.PRICE),
        action.spec.side,
    )
    leverage = context.graph.settings.account.max_leverage
    if price is None or written is None or side is None or leverage <= 1:
        return
    if context.possible_while(view, ("flat", side.opposite.value)):
        return
    key, factor, constant = context.reasoner.linear(price)
    away = 1 - factor if side is PositionSide.LONG else factor - 1
    if key == _AVERAGE and constant == 0.0 and away >= 1 / leverage:
        yield Reason(
            written.span,
            f"at {leverage:g} times leverage the position is liquidated before {away * 100:g} % are lost",
            "add nearer to the average entry, or lower `account.max_leverage`",
        )


# ---------------------------------------------------------------- sizes


def _sizes(context: LintContext, _view: CaseView, action: Placed) -> Iterator[Reason]:
    """A size below the minimum, or a stated one above all that may be held."""
    found = _notional(context, action)
    if found is None:
        return
    notional, stated = found
    span = action.written.kind_span if action.written.size is None else action.written.size.span
    money = context.graph.settings.account
    least, most = money.min_trade_notional_usdt, money.max_position_usdt
    room = money.starting_equity_usdt * money.max_leverage
    if notional < least:
        yield Reason(
            span,
            f"{notional:g} usdt are below the least an order may be, {least:g}",
            "a larger size, or a smaller `account.min_trade_notional_usdt` if the venue takes it",
            for_sure=stated or _all(context, lambda other: other < least),
        )
    if not stated:
        return  # what is computed is cut to what fits
    if most is not None and notional > most:
        text = f"{notional:g} usdt are above `account.max_position_usdt`, {most:g}"
        yield Reason(span, text, "a stated size is taken whole or not at all")
    if notional > room:
        yield Reason(
            span,
            f"{notional:g} usdt are more than the account carries, {room:g}",
            "a stated size is taken whole or not at all; `max_leverage` allows more, `% of equity` "
            "is cut to what fits",
            for_sure=_all(context, lambda other: other > room),
        )
    for promise in context.graph.invariants:
        limit = promise.argument
        if promise.name is Promise.MAX_NOTIONAL_USDT and limit is not None and notional > limit:
            text = f"{notional:g} usdt break the promise `max_notional_usdt: {limit:g}`"
            yield Reason(span, text, "an entry that would break a promise is refused")


def _notional(context: LintContext, action: Placed) -> tuple[float, bool] | None:
    """Return an entry's notional at the equity the card starts with, and whether the card states it."""
    settings, size = context.graph.settings, action.node.size
    equity, sizing = settings.account.starting_equity_usdt, settings.risk.sizing
    if size is None:
        if sizing is None or action.spec.verb is not Verb.ENTER:
            return None
        match sizing.model:
            case SizingModel.FIXED_USDT:
                return sizing.value, True
            case SizingModel.PERCENT_EQUITY:
                leverage = min(settings.account.max_leverage, sizing.max_leverage or math.inf)
                return sizing.value / 100 * equity * leverage, False
            case _:
                return None
    notional = context.notional(size)
    if notional is None or size.kind is SizeKind.MAX_FRACTION:
        return None  # `max_position_usdt` may make it less
    return notional, states_amount(context.graph, size)


def _all(context: LintContext, holds: Callable[[float], bool]) -> bool:
    """Return whether something holds of every entry: then nothing fills, and equity stays."""
    found = [_notional(context, action) for _, action in context.opening()]
    return all(notional is not None and holds(notional[0]) for notional in found)


# ---------------------------------------------------------------- promises, and no position


def _promises(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """An entry asked for only while the card has promised none, or without the stop it promised."""
    kind = action.written.kind_span
    if may_change(context, view, action):
        return  # what it takes away breaks no promise
    for promise in context.graph.invariants:
        if promise.name is Promise.NO_ENTRY_WHILE and promise.condition is not None:
            claims = [Claim(promise.condition, Truth.FALSE)]
            if view.when is not None:
                claims.append(Claim(view.when, Truth.TRUE))
            if not context.reasoner.possible(claims):
                yield Reason(
                    kind,
                    "the card promises `no_entry_while` what this case asks for",
                    "change the promise or the case: the promise refuses the entry",
                )
        if promise.name is Promise.ALWAYS_PROTECTED and is_bare(context, view, action):
            waits = (
                "; a trail that waits to begin is none until then" if brings_trail(action) else ""
            )
            yield Reason(
                kind,
                f"the card promises `always_protected`, and this entry brings no stop{waits}",
                "add `stop_loss`, a `trail` that begins at once, or a `risk_model: {stop_loss: …}` "
                "for all entries",
            )


def is_bare(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether an entry has no stop, and joins no position at market that has one.

    A trail that begins with the fill is one.
    """
    trails = brings_trail(action) and not begins_later(action)
    bare = (
        context.graph.settings.risk.stop_loss is None
        and action.price(PriceSlot.STOP_LOSS) is None
        and not trails
    )
    side = "long" if action.is_long else "short"
    joins = not action.spec.rests and context.possible_while(view, (side,))
    return bare and not joins


_OF_EXITS: tuple[Finder, ...] = (_unknown, of_itself, _band)
FINDERS: tuple[Finder, ...] = (
    _side,
    nothing_to_adjust,
    _layers,
    _flip,
    _unknown,
    of_itself,
    _band,
    _passed,
    _liquidated,
    _sizes,
    _promises,
)
