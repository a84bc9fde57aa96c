"""IC515 adjust-without-layer: a stop or target of the position is moved where every layer has one of its own."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import Verb, actions_where
from compiler.catalog.orders import OptionName, PriceSlot, Protect
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import CaseView, LintContext, Placed

# Which of an entry's own levels stands against each: a trail belongs to who owns the stop.
_MOVED = {
    Verb.ADJUST_STOP: PriceSlot.STOP_LOSS,
    Verb.ADJUST_TRAIL: PriceSlot.STOP_LOSS,
    Verb.ADJUST_TARGET: PriceSlot.TAKE_PROFIT,
}
_NAMES = {PriceSlot.STOP_LOSS: "stop", PriceSlot.TAKE_PROFIT: "target"}


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield actions that move what belongs to the position, in cards whose entries leave it none: always refused."""
    if any(action.spec.verb is Verb.ADJUST_SIZE for _, action in context.placed()):
        return  # what it adds has no level of its own
    for view, action in context.placed(actions_where(lambda spec: spec.verb in _MOVED)):
        if action.number(OptionName.LAYER) is not None or action.flag(OptionName.REMOVE):
            continue
        slot = _MOVED[action.spec.verb]
        entries = _held(context, view, action)
        if not entries or not all(_owns(context, entry, slot) for entry in entries):
            continue
        yield finding(
            "IC515",
            f"every entry has a {_NAMES[slot]} of its own layer, so that of the position is never there to move: this is "
            "refused (`layer_owned`)",
            action.written.kind_span,
            labels=[Label(entry.written.kind_span, "`protect: layer`") for entry in entries[:2]],
            help=_help(action, slot),
        )


def _held(context: LintContext, view: CaseView, action: Placed) -> list[Placed]:
    """Return the entries of which a layer may be held when an action is asked for."""
    asks = action in view.actions  # `on_fill` does at another close
    sides = [s for s in ("long", "short") if not asks or context.possible_while(view, (s,))]
    return [entry for _, entry in context.opening() if entry.spec.side in sides]


def _owns(context: LintContext, entry: Placed, slot: PriceSlot) -> bool:
    if entry.text(OptionName.PROTECT) != Protect.LAYER:
        return False
    risk = context.graph.settings.risk
    rule = risk.stop_loss if slot is PriceSlot.STOP_LOSS else risk.take_profit
    return entry.price(slot) is not None or rule is not None


def _help(action: Placed, slot: PriceSlot) -> str:
    kind, name = action.kind, _NAMES[slot]
    return (
        f"one `{kind}` for each layer that may be held: `layer: 0`, `layer: 1`, … (the numbers move up when a layer closes, "
        f"so `layer: 0` is always one); or one {name} for all, without `protect: layer`"
    )
