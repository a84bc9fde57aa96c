"""What a trailing stop must say: one distance, at most one start, each in its unit and more than nothing."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ACTIONS, Verb
from compiler.catalog.orders import (
    TRAIL_DISTANCES,
    TRAIL_STARTS,
    OptionName,
    OptionValue,
    PriceSlot,
)
from compiler.catalog.types import Unit
from compiler.catalog.typing_rules import Inferred
from compiler.check.words import type_words
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.syntax import tree as s

_UNITS: dict[OptionValue, tuple[Unit | None, ...]] = {
    OptionValue.PRICE: (None, Unit.PRICE),
    OptionValue.PERCENT: (None, Unit.PCT, Unit.PLAIN),
    OptionValue.MULTIPLE: (None, Unit.PLAIN),
}


def is_part_of_a_trail(option: s.Option) -> bool:
    """Return whether an option is a number that a trailing stop is made of."""
    return option.name.holds in _UNITS


def wrong_value(option: s.Option, found: Inferred) -> Iterator[Diagnostic]:
    """Yield what is wrong with the number of an option of a trail."""
    kind = option.name.holds
    if found.unit not in _UNITS[kind]:
        yield finding(
            "IC306" if kind is OptionValue.PRICE else "IC301",
            f"`{option.name}` is {kind.value}, this is {type_words(found)}",
            option.span,
            help=_HELP.get(option.name),
        )
    elif found.constant is not None and found.constant <= 0:
        text = f"`{option.name}` is more than zero, found {found.constant:g}"
        yield finding("IC110", text, option.span)


_HELP = {
    OptionName.DISTANCE: "a price difference, as `2 * atr(14)`; in percent of the entry it is `distance_pct`",
    OptionName.ACTIVATE: "a price, as `close * 1.02`; in percent of the entry it is `activate_pct`",
}


def wrong_together(action: s.Action, *, has_stop: bool) -> Iterator[Diagnostic]:
    """Yield what a trail lacks, or says twice. `has_stop`: the card gives every entry a stop."""
    adjusts = ACTIONS[action.kind].verb is Verb.ADJUST_TRAIL
    trail = action.option(OptionName.TRAIL)
    if not adjusts and trail is None:
        return
    span = action.kind_span if trail is None else trail.span
    removes = action.option(OptionName.REMOVE)
    is_removed = removes is not None and removes.value is True
    for names in (TRAIL_DISTANCES, TRAIL_STARTS):
        said = [option for name in names if (option := action.option(name)) is not None]
        for more in said[1:] if not is_removed else said:
            other = OptionName.REMOVE if is_removed else said[0].name
            text = f"`{more.name}` does not go with `{other}`: keep one of the two"
            yield finding("IC115", text, more.name_span)
        if not said and names is TRAIL_DISTANCES and not is_removed:
            what = f"`{action.kind}`" if adjusts else "a trail"
            needed = f"{what} needs `distance` or `distance_pct`" + (
                ", or `remove: true`" if adjusts else ""
            )
            yield finding("IC109", needed, span)
    if trail is None or has_stop or action.price(PriceSlot.STOP_LOSS) is not None:
        return
    by_risk = action.option(OptionName.ACTIVATE_R)
    if by_risk is not None:
        yield finding(
            "IC109",
            "`activate_r` needs a stop: nothing says what is at risk",
            by_risk.span,
            help="add `stop_loss`, or `risk_model.stop_loss` for the whole card",
        )
    protect = action.option(OptionName.PROTECT)
    if protect is not None and protect.value == "layer":
        yield finding(
            "IC109",
            "the trail of a layer needs a stop of that layer: without one the position's would cover it, too",
            trail.span,
            help="add `stop_loss`, or leave out `protect: layer`",
        )
