"""Why an order is refused at every close, and when a target size (`adjust_size`) is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.catalog.actions import Verb
from compiler.findings.source import Span
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.lints.reasoning.branches import Claim, Truth


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an action is refused: where in the card, in a sentence, and what would help.

    `for_sure` is False where only the account as it starts is meant.
    """

    span: Span
    text: str
    help: str
    for_sure: bool = True


def together(context: LintContext, one: CaseView, two: CaseView) -> bool:
    """Return whether two cases can be true at one close."""
    claims = [Claim(v.when, Truth.TRUE) for v in (one, two) if v.when is not None]
    return context.reasoner.possible(claims)


def may_change(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether a target size may meet a position, whose stop and target it leaves alone."""
    is_target = action.spec.verb is Verb.ADJUST_SIZE
    return is_target and context.possible_while(view, ("long", "short"))


def nothing_to_adjust(context: LintContext, view: CaseView, action: Placed) -> Iterator[Reason]:
    """Yield why a target size without a side never meets a position."""
    if action.spec.verb is not Verb.ADJUST_SIZE or action.may_open:
        return
    opens = any(True for _ in context.opening())
    if opens and context.possible_while(view, ("long", "short")):
        return
    if any(
        not entry.spec.rests and (other is view or together(context, view, other))
        for other, entry in context.opening()
    ):
        return  # what is ordered at this close counts as held
    why = "this is only true without a position" if opens else "no entry of this card opens one"
    yield Reason(
        action.written.kind_span,
        f"`adjust_size` changes an open position, and {why}",
        "open the position with `entry_long` or `entry_short`, or say `side: long` (or `short`) to open it here",
    )
