"""Which entries a stop protects: their own, the card's, one that a rule sets, an earlier entry's."""

from __future__ import annotations

from compiler.catalog.actions import Verb, actions_where
from compiler.catalog.orders import TRAIL_DISTANCES, TRAIL_STARTS, OptionName, PriceSlot, Protect
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.syntax.tree import Number, Percent


def has_no_stop(context: LintContext, action: Placed) -> bool:
    """Return whether neither the entry, nor the card, nor a rule of the card sets its stop."""
    return (
        context.graph.settings.risk.stop_loss is None
        and action.price(PriceSlot.STOP_LOSS) is None
        and not trails_at_once(action)
        and not _set_by_rule(context, action)
    )


def trails_at_once(action: Placed) -> bool:
    """Return whether a stop trails behind the price from the first fill on, nearer than that price is to zero."""
    percent = action.written.option(OptionName.DISTANCE_PCT)
    if percent is not None and isinstance(percent.value, Number | Percent):
        if percent.value.value >= 100 and action.is_long:
            return False
    return brings_trail(action) and not begins_later(action)


def brings_trail(action: Placed) -> bool:
    return any(action.number(name) is not None for name in TRAIL_DISTANCES)


def begins_later(action: Placed) -> bool:
    """Return whether a trail waits for a price: until then it is no stop."""
    return any(action.number(name) is not None for name in TRAIL_STARTS)


def is_unprotected(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether an entry has no stop and no other entry's stop covers it."""
    return has_no_stop(context, action) and not adds_to_protected(context, view, action)


def adds_to_protected(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether the entry only ever adds to a position that another entry protects."""
    side = "long" if action.is_long else "short"
    if view.when is None or context.possible_while(view, _other_sides(side)):
        return False
    others = [
        a
        for _, a in context.opening()
        if a.is_long == action.is_long
        and a.written is not action.written
        and a.text(OptionName.PROTECT) != Protect.LAYER
    ]
    return any(other.price(PriceSlot.STOP_LOSS) is not None for other in others)


def _other_sides(side: str) -> tuple[str, ...]:
    return tuple(s for s in ("flat", "long", "short") if s != side)


def _set_by_rule(context: LintContext, action: Placed) -> bool:
    side = "long" if action.is_long else "short"
    return any(
        context.possible_while(view, (side,)) and _limits_loss(setting)
        for view, setting in context.placed(
            actions_where(lambda spec: spec.verb in (Verb.ADJUST_STOP, Verb.ADJUST_TRAIL))
        )
    )


def _limits_loss(setting: Placed) -> bool:
    """Return whether what a rule sets is a stop from then on: a trail that waits for a gain is none, nor is its removal."""
    if setting.spec.verb is Verb.ADJUST_STOP:
        return True
    return brings_trail(setting) and not begins_later(setting)
