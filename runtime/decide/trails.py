"""Trailing stops: what an entry brings, and `adjust_trail`.

The law: what cannot be told is a refusal, never no trail. One that is moved by the card becomes a distance and
a price at the close that decides; an entry's, at its first fill.
"""

from __future__ import annotations

import math

from compiler.catalog.orders import TRAIL_KEYS, OptionName
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.decide.protect import layer_of, open_position, refuse_owned, refuse_without_room
from runtime.decide.refusals import RefusalCode, Refused
from runtime.orders.commands import Decided, SetProtection
from runtime.orders.order_spec import Level, Role, Trail
from runtime.orders.trailing import resolved


def trail_of(context: Context, intent: Intent, stop: Level | None) -> Trail | None:
    """Return the trail that an entry brings, None without one; `stop` is its own or the risk model's."""
    asked = _asked(intent)
    if asked is not None and asked.activate_r is not None and stop is None:
        if context.capacity.level(Role.STOP_LOSS, None) is None:
            text = "`activate_r` is measured to the stop, and there is none"
            raise Refused(RefusalCode.UNKNOWN_PRICE, text)
    return asked


def adjust_trail(context: Context, intent: Intent) -> list[Decided]:
    """Return the command that gives the position or a layer a trail, or takes it away, if it changes one."""
    capacity = context.capacity
    ledger, position = capacity.ledger, open_position(context, intent)
    layer = layer_of(intent, position)
    before = capacity.trail(layer)
    if intent.flag(OptionName.REMOVE):
        if before is None:
            return []
        capacity.trails[layer] = None
        return [SetProtection(removes_trail=True, layer=layer, position=position.number)]
    refuse_owned(position, layer, Role.STOP_LOSS)
    if layer is not None and ledger.stop_price(layer) is None:
        text = "the layer has no stop of its own: the position's covers it, and a trail of the position would"
        raise Refused(RefusalCode.NOTHING_TO_PROTECT, text)
    asked = _asked(intent)
    assert asked is not None, "the card was checked for a distance"
    first, planned = ledger.results.first_entry, ledger.results.initial_stop
    if asked.activate_r is not None and planned is None:
        text = "`activate_r` is measured to the stop of the entry, and there was none"
        raise Refused(RefusalCode.UNKNOWN_PRICE, text)
    sign, tick = position.side.sign, context.instrument.tick
    entry, stop = position.avg_entry_price, None
    if first is not None and planned is not None:
        stop = entry - sign * abs(first - planned)
    new = resolved(asked, sign, entry, stop, tick)
    if before is not None and before.distance == new.distance:
        if before.best is not None or before.activate == new.activate:
            return []
    refuse_without_room(context, Role.STOP_LOSS, layer)
    capacity.trails[layer] = new
    trail = Trail(distance=new.distance, activate=new.activate)
    return [SetProtection(trail=trail, layer=layer, position=position.number)]


def _asked(intent: Intent) -> Trail | None:
    """Return the trail of an action in its own numbers, each known and above zero."""
    said = {name: value for name in TRAIL_KEYS if (value := intent.number(name)) is not None}
    for name, value in said.items():
        if not math.isfinite(value):
            state = "unknown" if math.isnan(value) else "never"
            raise Refused(RefusalCode.UNKNOWN_VALUE, f"`{name}` of the trail is {state}")
        if value <= 0:
            raise Refused(RefusalCode.UNKNOWN_VALUE, f"`{name}` of the trail is {value:g}")
    if not said:
        return None
    return Trail(
        distance=said.get(OptionName.DISTANCE),
        distance_pct=said.get(OptionName.DISTANCE_PCT),
        activate=said.get(OptionName.ACTIVATE),
        activate_pct=said.get(OptionName.ACTIVATE_PCT),
        activate_r=said.get(OptionName.ACTIVATE_R),
    )
