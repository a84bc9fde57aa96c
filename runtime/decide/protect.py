"""`adjust_stop` and `adjust_target`: where the protection of the position, or of a layer, is to stand.

The law: a level named here is the card's from now on. One that would cover nothing, because every layer has
its own, is refused; so is one that the price has passed, and one that is more orders than the venue takes.
"""

from __future__ import annotations

import math

from compiler.catalog.actions import Verb
from compiler.catalog.orders import OptionName, PriceSlot
from runtime.account.layers import PositionLayer, ScaledPosition
from runtime.account.room import no_room_for
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.decide.levels import protective_level
from runtime.decide.refusals import RefusalCode, Refused
from runtime.orders.commands import Decided, SetProtection
from runtime.orders.order_spec import Role


def protect(context: Context, intent: Intent) -> list[Decided]:
    """Return the command that moves the stop or the target, if it is to move."""
    capacity = context.capacity
    is_stop = intent.spec.verb is Verb.ADJUST_STOP
    role = Role.STOP_LOSS if is_stop else Role.TAKE_PROFIT
    position = open_position(context, intent)
    layer = layer_of(intent, position)
    refuse_owned(position, layer, role)
    price = intent.price(PriceSlot.PRICE)
    level = protective_level(
        math.nan if price is None else price,
        position.side,
        capacity.close,
        context.instrument,
        is_stop=is_stop,
    )
    current = capacity.level(role, layer)
    if current == level.value and _is_cards(context, role, layer):
        return []
    if intent.flag(OptionName.ONLY_TIGHTEN) and current is not None and current != level.value:
        # Tighter is nearer to the price: higher for the stop of a long, lower for its target.
        if (level.value - current) * position.side.sign * (1 if is_stop else -1) <= 0:
            return []
    refuse_without_room(context, role, layer)
    capacity.levels[role, layer] = level.value
    if is_stop:
        return [SetProtection(stop_loss=level, layer=layer, position=position.number)]
    return [SetProtection(take_profit=level, layer=layer, position=position.number)]


def _is_cards(context: Context, role: Role, layer: str | None) -> bool:
    """Return whether a level is the card's already: one of the risk model becomes so where it stands."""
    capacity = context.capacity
    held = capacity.ledger.protection.get(layer)
    level = None if held is None else held.level(role)
    named = level is not None and not level.by_model
    return named or (role, layer) in capacity.levels


def open_position(context: Context, intent: Intent) -> ScaledPosition:
    """Return the open position; Refused where there is none to protect."""
    position = context.capacity.ledger.position
    if position is None:
        raise Refused(RefusalCode.NOTHING_TO_PROTECT, f"no position is open for `{intent.kind}`")
    return position


def refuse_owned(position: ScaledPosition, layer: str | None, role: Role) -> None:
    """Raise Refused where the position's own stop or target is meant and every layer has one of its own."""
    if layer is None and all(_owns(item, role) for item in position.layers):
        name = "stop" if role is Role.STOP_LOSS else "target"
        text = f"every layer has a {name} of its own: name one with `layer`"
        raise Refused(RefusalCode.LAYER_OWNED, text)


def refuse_without_room(context: Context, role: Role, layer: str | None) -> None:
    """Raise Refused where the venue does not take the orders of a stop or target that is not there yet."""
    capacity = context.capacity
    text = no_room_for(capacity.ledger, (role, layer), capacity.asked, capacity.gone)
    if text:
        raise Refused(RefusalCode.TOO_MANY_ORDERS, text)
    capacity.asked.append((role, layer))


def layer_of(intent: Intent, position: ScaledPosition) -> str | None:
    number = intent.number(OptionName.LAYER)
    if number is None:
        return None
    if math.isnan(number) or not 0 <= number < len(position.layers):
        raise Refused(RefusalCode.UNKNOWN_REF, f"no layer {number:g} is open")
    return position.layers[int(number)].layer_id


def _owns(layer: PositionLayer, role: Role) -> bool:
    own = layer.layer_stop if role is Role.STOP_LOSS else layer.layer_target
    return own is not None
