"""Entries that come again: `rearm` of a resting entry.

The law: the order of an entry and that of its exit carry how it comes again. It does at the close of the bar
in which the exit has filled whole, whichever orders it became, at its first prices, as any placement of that
close. It ends for orders that were placed before something else than such an exit closed the position, before
or while a limit stood, and by a cancel that names the entry, the card's or a person's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from compiler.catalog.orders import OptionName
from runtime.account.ledger import Ledger
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.formulas.sums import whole
from runtime.orders.commands import Decided, RenewOrder
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, Rearm, Side

_BY_TIME = ("ttl", "on_partial")  # reasons of a cancel that names nothing


def rearm_of(
    context: Context, intent: Intent, side: Side, limit: float | None, trigger: float | None
) -> Rearm | None:
    """Return how an order comes again: as its intent carries it, or as the card says of its first placement.

    An exit that is placed at the close at which a cancel names its entry leaves nothing to come again.
    """
    times = intent.number(OptionName.REARM)
    if intent.rearm is not None:
        return intent.rearm if intent.is_again or intent.rearm in context.coming else None
    if times is None and not intent.flag(OptionName.REARM):
        return None
    return Rearm(
        entry=intent.origin,
        side=side,
        order_ref=intent.order_ref,
        order_group=intent.text(OptionName.ORDER_GROUP),
        limit=limit,
        trigger=trigger,
        left=None if times is None else int(times),
    )


def taken_over(spec: OrderSpec, before: OrderSpec) -> OrderSpec:
    """Return an exit as it takes the place of one of the same close: by it the entry comes again, as if it was changed."""
    rearm = before.rearm
    is_other = before.side is not spec.side or before.order_type is not spec.order_type
    if rearm is None or spec.rearm is not None or is_other or before.effect is Effect.OPEN:
        return spec
    lots = rearm.whole + spec.quantity - before.quantity if rearm.whole else 0
    return replace(spec, rearm=replace(rearm, whole=lots))


def carried(ledger: Ledger, order: Order, intents: Iterable[Intent]) -> list[Intent]:
    """Return what an order's `on_fill` asks for, its exit knowing how the entry comes again."""
    rearm = order.spec.rearm
    is_entry = order.spec.effect is Effect.OPEN
    if rearm is None or not is_entry or _is_over(ledger, order) or _is_named(order):
        return list(intents)
    if not _is_whole(order):
        if not ledger.in_pieces:
            return list(intents)
        rearm = replace(
            rearm, entered_by=order.order_id
        )  # it may fill whole while its cancel flies
    return [
        replace(intent, rearm=_beside(ledger, order, intent, rearm)) if intent.leaves else intent
        for intent in intents
    ]


def comes_again(ledger: Ledger, order: Order, asking: Collection[str] = ()) -> Rearm | None:
    """Return how an entry comes again at this close, of an exit that has ended; None where it does not.

    `asking` are the orders that ask at this close: what late lots of the entry ask for is still to come.
    """
    rearm = order.spec.rearm
    if rearm is None or order.spec.effect is not Effect.REDUCE or rearm.left == 0:
        return None
    parts = _parts(ledger, order)
    if any(_is_over(ledger, part) for part in parts):
        return None
    entry = rearm.entered_by
    if entry is not None and (entry in asking or not _is_whole(ledger.orders[entry])):
        return None
    is_done = _is_whole(order) if parts == [order] else _completes(ledger, order, parts)
    return rearm if is_done else None


def ended_rearms(context: Context, names: Callable[[Rearm], bool]) -> tuple[list[Decided], bool]:
    """Return what lets the entries a cancel names not come again, and whether there were such."""
    before, context.coming = context.coming, [r for r in context.coming if not names(r)]
    ledger = context.capacity.ledger
    exits = [order for order in ledger.book if order.spec.effect is Effect.REDUCE]
    ended = list(renewals(ledger, (*exits, *_unfinished(ledger)), names))
    return [*ended], bool(ended) or len(before) > len(context.coming)


def said_to_end(ledger: Ledger, awaited: Iterable[Order], ref: str) -> list[RenewOrder]:
    """Return what a person's cancel of a ref or an order, or of all (""), lets not come again.

    `awaited` are orders that may have ended and that their close has still to ask for more.
    """
    orders = {one.order_id: one for one in (*ledger.book, *awaited, *_unfinished(ledger))}
    if ref not in orders:
        return list(renewals(ledger, orders.values(), lambda rearm: ref in ("", rearm.order_ref)))
    return list(renewals(ledger, (orders[ref],), lambda _: True))


def renewals(
    ledger: Ledger, orders: Iterable[Order], names: Callable[[Rearm], bool]
) -> Iterator[RenewOrder]:
    """Yield what ends, of orders, how their entry comes again, where it is named."""
    for order in orders:
        rearm = order.spec.rearm
        if rearm is not None and names(rearm) and not _is_over(ledger, order):
            yield RenewOrder(
                order_id=order.order_id, expires_bar=order.expires_bar, ends_rearm=True
            )


def _parts(ledger: Ledger, order: Order) -> list[Order]:
    """Return the orders that an exit has become: itself, and what was asked again for it, or in pieces."""
    rearm = order.spec.rearm
    if rearm is None or not ledger.in_pieces:
        return [order]
    first = rearm.part_of or order.order_id
    return [
        one
        for one in ledger.orders.values()
        if one.order_id == first or (one.spec.rearm is not None and one.spec.rearm.part_of == first)
    ]


def _completes(ledger: Ledger, order: Order, parts: Sequence[Order]) -> bool:
    """Return whether an exit of several orders is done, by this one of them: the last that filled.

    Of what else has reduced meanwhile nothing is left to close: an exit that leaves nothing open is done, too.
    """
    ended = _last_bar(order)
    last = max(
        (part for part in parts if part.filled), key=lambda one: (_last_bar(one), one.number)
    )
    if last is not order or _filled(parts, ended) >= _whole(parts):
        return False  # it is for that one, or was done before
    return _filled(parts) >= _whole(parts) or _leaves_nothing(ledger, parts)


def _unfinished(ledger: Ledger) -> Iterator[Order]:
    """Yield the exits without an order at work of which something is asked again: what is owed in a session."""
    if not ledger.in_pieces or ledger.position is None:
        return
    for order in ledger.orders.values():
        rearm = order.spec.rearm
        if rearm is None or order.spec.effect is not Effect.REDUCE or not order.is_terminal:
            continue
        parts = _parts(ledger, order)
        if _filled(parts) < _whole(parts) and not _leaves_nothing(ledger, parts):
            yield order


def _whole(parts: Sequence[Order]) -> int:
    """Return the lots that an exit of several orders is to fill, what was changed of each counted."""
    changed = whole(part.quantity - part.spec.quantity for part in parts)
    return _told(parts) + changed


def _told(parts: Sequence[Order]) -> int:
    told = max(0 if part.spec.rearm is None else part.spec.rearm.whole for part in parts)
    return told or max(part.spec.quantity for part in parts)


def _filled(parts: Iterable[Order], before: int | None = None) -> int:
    """Return the lots that the orders have filled, all of them or those of bars before one."""
    fills = (fill for part in parts for fill in part.fills)
    return whole(fill.quantity for fill in fills if before is None or fill.bar < before)


def _leaves_nothing(ledger: Ledger, parts: Iterable[Order]) -> bool:
    """Return whether the position that an exit reduced is gone."""
    reduced = max(part.counted_in for part in parts)
    return reduced > 0 and (ledger.position is None or ledger.position.number != reduced)


def _last_bar(order: Order) -> int:
    return max(order.end_bar or 0, order.last_fill_bar or 0)


def _is_whole(order: Order) -> bool:
    return order.filled >= order.quantity


def _is_named(order: Order) -> bool:
    """Return whether something else than its time was to end an entry, whole or not by now."""
    asked = order.leaving
    return asked is not None and asked.reason not in _BY_TIME


def _beside(ledger: Ledger, entry: Order, intent: Intent, rearm: Rearm) -> Rearm | None:
    """Return how late lots' exit carries it: as a part of the exit of the lots before, which knows of it."""
    late = intent.late
    if late is None:
        return rearm
    exits = (
        order
        for order in ledger.orders.values()
        if order.spec.rearm is not None and order.spec.rearm.entered_by == entry.order_id
    )
    first = next(exits, None)
    if first is None or first.spec.rearm is None:
        return None
    name = first.spec.rearm.part_of or first.order_id
    told = _told(_parts(ledger, first)) + late.lots
    return replace(rearm, entered_by=entry.order_id, part_of=name, whole=told)


def _is_over(ledger: Ledger, order: Order) -> bool:
    stopped = -1 if ledger.course is None else ledger.course.stopped
    if order.is_last or order.spec.created_bar <= max(stopped, ledger.results.rearms_ended):
        return True
    rearm = order.spec.rearm
    if rearm is None or rearm.entered_by is None:
        return False
    entry = ledger.orders.get(rearm.entered_by)
    return entry is None or (entry.is_terminal and not _is_whole(entry))
