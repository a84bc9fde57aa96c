"""Entries that come again: `rearm` of a resting entry.

The law: the order of an entry and that of its exit carry how it comes again. It does at the close of the bar
in which the exit has filled whole, at its first prices, as any placement of that close. It ends for orders
that were placed before something else than such an exit closed the position, before or while a limit stood,
and by a cancel that names the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from compiler.catalog.actions import Verb
from compiler.catalog.orders import OptionName
from runtime.account.ledger import Ledger
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.orders.commands import Decided, RenewOrder
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Rearm, Side


def rearm_of(
    intent: Intent, side: Side, limit: float | None, trigger: float | None
) -> Rearm | None:
    """Return how an order comes again: as its intent carries it, or as the card says of its first placement."""
    times = intent.number(OptionName.REARM)
    if intent.rearm is not None or (times is None and not intent.flag(OptionName.REARM)):
        return intent.rearm
    return Rearm(
        entry=intent.origin,
        side=side,
        order_ref=intent.order_ref,
        order_group=intent.text(OptionName.ORDER_GROUP),
        limit=limit,
        trigger=trigger,
        left=None if times is None else int(times),
    )


def carried(ledger: Ledger, order: Order, intents: Iterable[Intent]) -> list[Intent]:
    """Return what an order's `on_fill` asks for, its exit knowing how the entry comes again."""
    rearm = order.spec.rearm
    is_entry = order.spec.effect is Effect.OPEN
    if rearm is None or not is_entry or not _is_whole(order) or _is_over(ledger, order):
        return list(intents)
    return [
        replace(intent, rearm=rearm)
        if intent.spec.verb is Verb.EXIT and intent.order_ref
        else intent
        for intent in intents
    ]


def comes_again(ledger: Ledger, order: Order) -> Rearm | None:
    """Return how an entry comes again at this close, of an exit that has ended; None where it does not."""
    rearm = order.spec.rearm
    if rearm is None or order.spec.effect is not Effect.REDUCE or rearm.left == 0:
        return None
    return rearm if _is_whole(order) and not _is_over(ledger, order) else None


def ended_rearms(context: Context, names: Callable[[Rearm], bool]) -> tuple[list[Decided], bool]:
    """Return what lets the entries a cancel names not come again, and whether there were such."""
    before, context.coming = context.coming, [r for r in context.coming if not names(r)]
    ledger = context.capacity.ledger
    ended: list[Decided] = []
    for order in ledger.book:
        rearm = order.spec.rearm
        is_exit = rearm is not None and order.spec.effect is Effect.REDUCE
        if rearm is not None and is_exit and names(rearm) and not _is_over(ledger, order):
            ended.append(
                RenewOrder(order_id=order.order_id, expires_bar=order.expires_bar, ends_rearm=True)
            )
    return ended, bool(ended) or len(before) > len(context.coming)


def _is_whole(order: Order) -> bool:
    return order.filled >= order.quantity


def _is_over(ledger: Ledger, order: Order) -> bool:
    stopped = -1 if ledger.course is None else ledger.course.stopped
    return order.is_last or order.spec.created_bar <= max(stopped, ledger.results.rearms_ended)
