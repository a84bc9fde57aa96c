"""What a card's rules make of its promises: proven, refuted with an example, or left open.

The law: proven means that no rule of the card ever asks for what the promise forbids; refuted, that a
state the card itself leads to, tried on the graph, makes a rule ask for it. A run refuses what would
break a promise either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from compiler.catalog.actions import ENTRIES, Verb
from compiler.catalog.orders import OrderType, PriceSlot, SizeKind
from compiler.catalog.promises import Promise
from compiler.catalog.settings import VOLUME_MODELS
from compiler.findings.source import Span
from compiler.graph.roots import states_amount
from compiler.graph.rule_graph import InvariantNode
from compiler.lints.certain_refusals import is_bare, leaves, opens, reasons
from compiler.lints.context import (
    CaseView,
    LintContext,
    Placed,
    account,
    at_least,
    at_most,
    holding,
)
from compiler.lints.events import is_event
from compiler.lints.protection import trails_at_once
from compiler.lints.reasoning.bounds import Difference
from compiler.lints.reasoning.branches import Assumption, Claim, Truth

_CLOSE = ("bar", "close")
_AFTER_COSTS = 0.98  # of what the account carries: fees, slippage and the reserve take the rest
# The state of the first close: nothing held, nothing working.
_START: tuple[Assumption, ...] = (holding("flat"), at_most(account("pending_order_count"), 0))


class Verdict(StrEnum):
    PROVEN = "proven"
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Judged:
    """One promise; `why` says what refutes it, `at` where.

    `is_entry_refused`: by an entry that is refused whenever it is asked for, which is said of the entry.
    """

    promise: InvariantNode
    span: Span
    verdict: Verdict
    why: str = ""
    at: Span | None = None
    is_entry_refused: bool = False


def judged(context: LintContext) -> Iterator[Judged]:
    """Yield every promise of a card with what the card alone says about it."""
    for promise, written in zip(context.graph.invariants, context.card.invariants, strict=True):
        found = _judge(context, promise)
        if found is None:
            yield Judged(promise, written.span, Verdict.OPEN)
        elif isinstance(found, bool):
            yield Judged(promise, written.span, Verdict.PROVEN)
        else:
            yield Judged(promise, written.span, Verdict.REFUTED, *found)


# Why, where, and whether the entry there is refused whenever it is asked for.
Refutation = tuple[str, Span] | tuple[str, Span, bool]


def _judge(context: LintContext, promise: InvariantNode) -> Refutation | bool | None:
    """Return what refutes a promise, True where it is proven, None where the card does not decide."""
    most = promise.argument or 0.0
    match promise.name:
        case Promise.MAX_LAYERS:
            return _max_layers(context, int(most))
        case Promise.MAX_OPEN_ORDERS:
            return _max_open_orders(context, int(most))
        case Promise.MAX_NOTIONAL_USDT:
            return _max_notional(context, most)
        case Promise.NEVER_AVERAGE_UP:
            return _never_average_up(context)
        case Promise.ALWAYS_PROTECTED:
            return _always_protected(context)
        case Promise.FLAT_AFTER_BARS:
            return _flat_after_bars(context)
        case Promise.NO_ENTRY_WHILE:
            return _no_entry_while(context, promise)
        case Promise.CONDITION:
            return _condition(context, promise)
        case _:
            assert_never(promise.name)


# ---------------------------------------------------------------- one promise each


def _max_layers(context: LintContext, most: int) -> Refutation | bool | None:
    """Layers are added one by one: each number of them must be one at which some entry is asked for."""
    policy = context.graph.settings.policy
    allowed = policy.max_layers if policy.allow_scale_in else 1
    if allowed is not None and allowed <= most:
        return True
    return _grows_beyond(context, most, list(_entries(context)))


def _max_notional(context: LintContext, most: float) -> Refutation | bool | None:
    """Stated sizes of one side add up; computed ones are known at the equity the card starts with."""
    entries = list(_entries(context, refused=True))
    for view, action in entries:
        asked, example = _at_the_start(context, action), _first_asked(context, view)
        if asked is not None and asked > most and example is not None:
            where = f" ({example})" if example else ""
            return (
                f"at the equity the card starts with this entry is {asked:g} usdt{where}",
                action.written.kind_span,
            )
    sizes = [_stated(context, action) for _, action in entries]
    if not entries or any(size is None for size in sizes):
        return None
    largest = max(size for size in sizes if size is not None)
    if largest > most:
        action = next(a for (_, a), size in zip(entries, sizes, strict=True) if size == largest)
        return f"this entry alone is {largest:g} usdt", action.written.kind_span, True
    if len(set(sizes)) > 1:
        return None
    policy = context.graph.settings.policy
    allowed = policy.max_layers if policy.allow_scale_in else 1
    if allowed is not None and allowed * largest <= most:
        # What is held is judged at the prices that were filled: a limit of a buy bounds them, a price
        # at market, of a stop or of a sale may be higher than the one that was decided on.
        return True if _buys_at_limits(context) else None
    grown = _grows_beyond(context, int(most // largest), list(_entries(context)))
    return grown if isinstance(grown, tuple) else None


def _at_the_start(context: LintContext, action: Placed) -> float | None:
    """Return what a part of equity comes to before anything has traded, usdt; None of other sizes."""
    size, money = action.node.size, context.graph.settings.account
    if size is None or size.kind is not SizeKind.EQUITY_FRACTION:
        return None
    notional = context.notional(size)
    room = money.starting_equity_usdt * money.max_leverage * _AFTER_COSTS
    return None if notional is None else min(notional, room)  # what does not fit is cut


def _buys_at_limits(context: LintContext) -> bool:
    """Return whether every lot of the card is bought by a limit whose price and size nothing changes later."""
    entries = [action for _, action in context.placed(ENTRIES)]
    changed = any(
        a.spec.verb in (Verb.AMEND, Verb.ADJUST_SIZE) and (a.node.size is not None or a.node.prices)
        for _, a in context.placed()
    )
    return not changed and all(
        a.is_long and a.spec.order_type is OrderType.LIMIT and _stated(context, a) is not None
        for a in entries
    )


def _grows_beyond(
    context: LintContext, most: int, listed: list[tuple[CaseView, Placed]]
) -> Refutation | bool | None:
    for side in ("long", "short"):
        mine = [(v, a) for v, a in listed if a.spec.side is not None and a.spec.side.value == side]
        held = 0
        while held <= most:
            layers = account("position_layers")
            assume: list[Assumption] = [at_least(layers, held), at_most(layers, held)]
            assume.append(holding(side if held else "flat"))
            asked = _asked(context, mine, assume)
            if asked is None:
                break
            if held == most:
                view, action = asked
                if action.spec.side is not None and leaves(context, view, action.spec.side):
                    return None  # it may enter anew at the close at which the position is left
                example = (
                    context.example([Claim(view.when, Truth.TRUE)], assume) if view.when else None
                )
                if view.when is not None and example is None:
                    return None
                return (
                    f"with {most} layer{'s' if most != 1 else ''} held this entry is still asked for"
                    + (f" ({example})" if example else ""),
                    action.written.kind_span,
                )
            held += 1
    beyond = any(context.possible(v, at_least(account("position_layers"), most)) for v, _ in listed)
    return True if not beyond and _one_by_one(context) else None


def _one_by_one(context: LintContext) -> bool:
    """Return whether never more than one entry is under way: asked for, waiting or resting.

    Not known where a target size may add to what is held.
    """
    if any(action.spec.verb is Verb.ADJUST_SIZE for _, action in context.placed()):
        return False
    entries = list(context.placed(ENTRIES))
    if len(entries) != 1:
        return not entries
    view, action = entries[0]
    waits = context.possible(view, at_least(account("pending_order_count"), 1))
    return action in view.actions and not action.spec.rests and not waits


def _max_open_orders(context: LintContext, most: int) -> Refutation | bool | None:
    for view in context.cases:
        orders = [
            a for a in view.actions if a.spec.order_type is not None and not a.spec.reduce_only
        ]
        if len(orders) > most:
            return f"this case alone places {len(orders)} orders at once", orders[
                most
            ].written.kind_span
    count = account("pending_order_count")
    for view, action in _entries(context):
        if not action.spec.rests or is_event(context, view):
            continue
        assume = [at_least(count, most), at_most(count, most)]
        if not context.possible(view, *assume):
            continue
        example = context.example([Claim(view.when, Truth.TRUE)], assume) if view.when else None
        if example is not None:
            return (
                f"with {most} orders working this one is still asked for ({example})",
                action.written.kind_span,
            )
    return None


def _never_average_up(context: LintContext) -> Refutation | bool | None:
    """Proven where nothing is ever added: a price decided on is not the price that is filled.

    Parts of one resting order may be filled at several prices where volume counts.
    """
    policy = context.graph.settings.policy
    average = account("position_avg_entry")
    proven = not policy.allow_scale_in or policy.max_layers == 1 or _one_by_one(context)
    for view, action in _entries(context):
        side = "long" if action.is_long else "short"
        if not context.possible_while(view, (side,)):
            continue
        proven = proven and (not policy.allow_scale_in or policy.max_layers == 1)
        if action.spec.rests or view.when is None:
            continue
        worse = (
            Difference(average, _CLOSE, 0.0, True)
            if action.is_long
            else Difference(_CLOSE, average, 0.0, True)
        )
        assume: list[Assumption] = [holding(side), worse]
        if not proven and context.mentions(view, "position_avg_entry"):
            example = context.example([Claim(view.when, Truth.TRUE)], assume)
            if example is not None:
                return (
                    f"this adds at a price worse than the average entry ({example})",
                    action.written.kind_span,
                )
    fills_in_parts = context.graph.settings.execution.fill_model in VOLUME_MODELS and any(
        action.spec.rests for _, action in context.placed(ENTRIES)
    )
    return True if proven and not fills_in_parts else None


def _always_protected(context: LintContext) -> Refutation | bool | None:
    """Proven where every entry brings a stop that stands with it; one without is refused where it is the only one.

    A stop that waits for the next bar leaves the bar of the entry bare. A trail that begins with the fill counts.
    """
    if context.graph.settings.execution.attached.waits:
        return None
    if context.graph.settings.risk.stop_loss is not None:
        return True
    entries = [action for _, action in context.opening()]
    if all(a.price(PriceSlot.STOP_LOSS) is not None or trails_at_once(a) for a in entries):
        return True
    for view, action in _entries(context, refused=True):
        if is_bare(context, view, action):
            return "this entry brings no stop", action.written.kind_span, True
    return None


def _flat_after_bars(context: LintContext) -> Refutation | bool | None:
    """Refuted where no rule leaves a position, on one side alone: the market may stand still.

    Never proven of a card that enters: an exit at market waits where nothing trades.
    """
    placed = [action for _, action in context.placed()]
    sides = {a.spec.side for a in placed if a.may_open}
    if not sides:
        return True
    if len(sides) > 1 or any(a.spec.verb in (Verb.EXIT, Verb.ADJUST_SIZE) for a in placed):
        return None
    for view, action in _entries(context):
        if opens(context, view, action) and _first_asked(context, view) is not None:
            return (
                "no rule of this card leaves a position: where the market meets neither stop nor "
                "target it is held on",
                action.written.kind_span,
            )
    return None


def _no_entry_while(context: LintContext, promise: InvariantNode) -> Refutation | bool | None:
    """Refuted by an entry asked for while the condition is true; a guard of each case proves nothing
    of an order that waits, so proven only where it waits while flat, and flat makes it false."""
    node = promise.condition
    assert node is not None
    ask = context.reasoner.possible
    for view, action in _entries(context, refused=True):
        when = [] if view.when is None else [Claim(view.when, Truth.TRUE)]
        is_always = not ask([Claim(node, Truth.FALSE), *when])
        example = context.example([Claim(node, Truth.TRUE), *when], _START)
        if is_always or example is not None:
            shown = f" ({example})" if example else ""
            return (
                f"this entry is asked for while the condition is true{shown}",
                action.written.kind_span,
                is_always,
            )
    entries = list(context.opening())
    if not entries:
        return True
    view, _ = entries[0]
    if not _one_by_one(context) or context.possible_while(view, ("long", "short")):
        return None
    when = [] if view.when is None else [Claim(view.when, Truth.TRUE)]
    if any(ask([Claim(node, truth), *when]) for truth in (Truth.TRUE, Truth.UNKNOWN)):
        return None
    return None if ask([Claim(node, Truth.TRUE)], [holding("flat")]) else True


def _condition(context: LintContext, promise: InvariantNode) -> Refutation | bool | None:
    """A condition that is false at the first close, before anything was done."""
    node = promise.condition
    assert node is not None
    if not context.reasoner.can_be_false(node):
        return True
    ask = context.reasoner.possible
    holds = any(ask([Claim(node, t)], _START) for t in (Truth.TRUE, Truth.UNKNOWN))
    if holds:
        return None
    return "this is false from the first close on, without a position and without orders", (
        context.origin(node)
    )


# ---------------------------------------------------------------- entries


def _entries(context: LintContext, *, refused: bool = False) -> Iterator[tuple[CaseView, Placed]]:
    """Yield the entries asked for at some close; those that are always refused only if wanted."""
    for view, action in context.placed(ENTRIES):
        if action not in view.actions or not context.possible(view):
            continue
        if refused or next(reasons(context, view, action), None) is None:
            yield view, action


def _first_asked(context: LintContext, view: CaseView) -> str | None:
    """Return values with which a case is true before anything was done, None if none are found."""
    if view.when is None:
        return ""
    return context.example([Claim(view.when, Truth.TRUE)], _START)


def _asked(
    context: LintContext, entries: list[tuple[CaseView, Placed]], assume: list[Assumption]
) -> tuple[CaseView, Placed] | None:
    return next(((v, a) for v, a in entries if context.possible(v, *assume)), None)


def _stated(context: LintContext, action: Placed) -> float | None:
    size = action.node.size
    if size is None or size.kind is not SizeKind.USDT or not states_amount(context.graph, size):
        return None  # what is computed may be cut
    return context.constant(size.value)
