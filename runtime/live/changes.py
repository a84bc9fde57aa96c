"""Changes of working orders that the card asked for and that never left.

The law: what the card asked for once it asks for no more, so a change that provably was not carried out leaves again,
as the order has become meanwhile: until it is done, the venue or a limit refuses it, the order ends, or something else
is asked of it. Of each price and of the size the newest word of the card counts, one that it is to stay as it is, too; what a
newer change does not name the older one still wants. A change that reaches further waits while entries are held back, ten
minutes at most; so does one that is held back as it is asked for, where no rule asks for it again. One of an entry that was
refused, by the venue or a limit, is not asked for as it was; one of an exit is, as long as that works: no exit is given up.
Where no rule asks for it again at its next close and the order works on as before, it is told; so is one that is lost three
times in a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from compiler.catalog.actions import Verb
from compiler.catalog.orders import PriceSlot
from runtime.account.absence import LOST
from runtime.account.ledger import Ledger
from runtime.backends.base import HELD_BACK, HELD_MS, STALE_MS, Loudness, Notice
from runtime.decide.intent import Intent
from runtime.decide.refusals import Refused
from runtime.engine import Engine, Outcome
from runtime.orders.changes import reaches_further
from runtime.orders.commands import AmendOrder, CancelOrder, Command, Decided, SubmitOrder
from runtime.orders.events import Event, OrderAmended, RequestEnded, RequestRefused, RequestSent
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType, Origin, Role
from runtime.orders.patience import ATTEMPTS, wait_ms

_TOLD = frozenset({"too_old"})  # by who gives it up
_FIELDS = ("limit_price", "trigger_price", "stop_loss", "take_profit")
_SIZE = "quantity"
_ON = "it is asked for again until it is done"
_SLOTS = (
    (PriceSlot.LIMIT_PRICE, "limit_price"),
    (PriceSlot.TRIGGER, "trigger_price"),
    (PriceSlot.STOP_LOSS, "stop_loss"),
    (PriceSlot.TAKE_PROFIT, "take_profit"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What the card asked of an order, since when (ms UTC); `is_unsent`: it is known not to have been done.

    `is_once`: no rule asks for it again at its next close. `again`: what was asked for last of it, in its place.
    `origin`: the action that asked, which may ask again at its next close (`asks_again`). `refused`: the code it was refused
    with, "" where it was not, first at `refused_at`, for the last time at `failed_at` and so often in a row (`failed`).
    `is_lost`: it was not carried out, refused or not, as often in a row as is borne.
    """

    asked: AmendOrder
    since: int
    is_unsent: bool = False
    is_once: bool = False
    again: AmendOrder | None = None
    origin: Origin | None = None
    asks_again: bool = False
    refused: str = ""
    refused_at: int = 0
    failed_at: int = 0
    failed: int = 0
    is_lost: bool = False
    is_told: bool = False


@dataclass(slots=True)
class Changes:
    """The card's changes without an effect, by order id.

    `open`: the newest of each order, on its way, or refused and over. `unsent`: what was not done and is asked for again.
    """

    open: dict[str, Change] = field(default_factory=dict)
    unsent: dict[str, Change] = field(default_factory=dict)

    @property
    def repeated(self) -> set[str]:
        """Return the orders of which a change that was lost is on its way once more."""
        return {order_id for order_id, one in self.unsent.items() if not one.is_unsent}

    def of_exits(self, ledger: Ledger) -> list[str]:
        """Return the working exits, by ref, whose change was not done and is asked for again."""
        orders = (ledger.orders[order_id] for order_id in self.unsent if order_id in ledger.book)
        return [
            order.spec.name
            for order in orders
            if order.spec.effect is Effect.REDUCE and order.leaving is None
        ]

    def wanted(self, order: Order) -> AmendOrder:
        """Return what of an order the card wants and has not, as far as it is known."""
        asked = AmendOrder(order_id=order.order_id)
        for one in (self.unsent.get(order.order_id), self.open.get(order.order_id)):
            if one is not None and (one.is_unsent or not one.refused):
                asked = _over(one.asked, asked)
        return asked

    def heard(self, event: Event, ledger: Ledger, *, is_passing: bool) -> None:
        """Take an event that was applied; `is_passing`: what holds entries back, if anything, passes by itself."""
        match event:
            case RequestSent(asked=AmendOrder() as asked):
                self._overtaken(asked, ledger.orders[asked.order_id])
            case RequestEnded(request="amend") | RequestRefused(request="amend"):
                self._ended(event, ledger.orders[event.order_id], is_passing=is_passing)
            case OrderAmended(order_id=order_id):
                for known in (self.open, self.unsent):
                    one = known.get(order_id)
                    if one is not None and _again(ledger.orders[order_id], one.asked) is None:
                        del known[order_id]
            case _:
                pass

    def _ended(
        self, event: RequestEnded | RequestRefused, order: Order, *, is_passing: bool
    ) -> None:
        """Take the end of a request; one that came to nothing before has said it already, this is another's."""
        order_id = event.order_id
        again, newest = self.unsent.get(order_id), self.open.get(order_id)
        if again is not None and not again.is_unsent:
            known, place = again, self.unsent
        elif newest is not None and not newest.refused:
            known, place = newest, self.open
        else:
            return
        del place[order_id]
        if isinstance(event, RequestEnded):
            if event.outcome == LOST:
                self._is_wanted(replace(known, is_lost=known.is_lost or _is_lost(event, order)))
        elif event.code in _TOLD or (event.code == HELD_BACK and not is_passing):
            pass  # told already, or a person or a halt holds it
        else:
            first = known.refused_at if known.refused else event.ts
            known = replace(
                known, refused=event.code, refused_at=first, failed_at=event.ts, failed=known.failed + 1
            )  # fmt: skip
            if order.spec.effect is Effect.REDUCE:
                self._is_wanted(known)
            else:
                self.open[order_id] = replace(known, is_unsent=False)

    def _is_wanted(self, known: Change) -> None:
        """Note that a change was not done and is asked for again, with what an older one still wants beside it."""
        order_id = known.asked.order_id
        older = self.unsent.get(order_id)
        asked = known.asked if older is None else _over(known.asked, older.asked)
        self.unsent[order_id] = replace(known, asked=asked, is_unsent=True)

    def decided(self, outcomes: Iterable[tuple[Intent, Outcome]], engine: Engine, ts: int) -> None:
        """Take what intents have come to, their requests announced."""
        for intent, outcome in outcomes:
            if isinstance(outcome, Refused):
                continue
            is_once = engine.asks_once(intent)
            asks_again = not is_once or intent.late is not None
            self._said(intent, outcome, engine.ledger)
            for one in outcome:
                if isinstance(one, AmendOrder):
                    self.open[one.order_id] = Change(
                        one, ts, is_once=is_once, origin=intent.origin, asks_again=asks_again
                    )

    def _said(self, intent: Intent, outcome: Iterable[Decided], ledger: Ledger) -> None:
        """Let go of what an older change wants and a newer one names, which finds it as it should be."""
        ref = intent.order_ref
        order = None if ref is None else ledger.orders.get(ledger.newest_by_ref.get(ref, ""))
        if order is None or any(isinstance(one, SubmitOrder) for one in outcome):
            return
        for known in (self.open, self.unsent):
            one = known.get(order.order_id)
            if one is not None and (one.refused or one.is_unsent):
                _keep(known, one, _named(intent, order))

    def closed(self, engine: Engine) -> None:
        """Take a close that was decided on: what was refused before and its action asks for again, that asks for.

        Late lots ask anew at the next close, too. Of what nobody asks for again it is seen for a while how its order goes on.
        """
        asked = {intent.origin for intent, _ in engine.outcomes}
        for known in (self.open, self.unsent):
            for order_id, one in list(known.items()):
                if one.refused and not (one.asks_again and one.origin in asked):
                    known[order_id] = replace(one, asks_again=False)
                elif one.refused and known is self.open:
                    del known[order_id]

    def lost(self, ledger: Ledger, ts: int) -> Iterator[Notice]:
        """Yield what is told of changes that were refused and that no rule asks for again, and of those that are lost.

        Ask for what is `due` before: it lets go of those whose order has ended, as a refusal may be a race with a fill.
        """
        for known in (self.open, self.unsent):
            for order_id, one in list(known.items()):
                order = ledger.orders[order_id]
                is_over = bool(one.refused) and not one.asks_again and order.request == "none"
                is_over = is_over and ts - one.refused_at >= STALE_MS
                if one.is_told or not (is_over or one.is_lost):
                    continue
                known[order_id] = replace(one, is_told=True)
                if known is self.open:
                    del known[order_id]
                if _again(order, one.asked) is not None:
                    name = order.spec.name
                    goes_on = "nothing asks for it again" if known is self.open else _ON
                    why = f"refused ({one.refused})" if one.refused else "lost again and again"
                    text = f"`{name}` stays as it was: its change was {why}, and {goes_on}"
                    yield Notice(kind="change_lost", loudness=Loudness.ALARM, text=text, ts=ts)

    def postponed(self, asked: Command, ledger: Ledger, ts: int) -> RequestEnded | None:
        """Return that a change has not left which entries held back hold, where nothing asks for it again.

        It leaves again like any that never left. None for anything else: a rule asks again at its next close.
        """
        change = self.open.get(asked.order_id) if isinstance(asked, AmendOrder) else None
        if change is None or not change.is_once or change.asked != asked:
            return None
        order = ledger.orders[change.asked.order_id]
        if not reaches_further(order, change.asked):
            return None
        bar = ledger.bar + 1
        return RequestEnded(
            order_id=order.order_id, request="amend", outcome="not_sent", bar=bar, ts=ts
        )

    def due(self, ledger: Ledger, ts: int, *, is_held: bool) -> Iterator[tuple[Decided, str]]:
        """Yield the changes that are to leave again, with why not after all, "" where they may.

        `is_held`: whether entries are held back.
        """
        for known in (self.open, self.unsent):
            for order_id in list(known):
                order = ledger.orders.get(order_id)
                if order is None or order.is_terminal or order.leaving is not None:
                    del known[order_id]
        for order_id, change in list(self.unsent.items()):
            order = ledger.orders[order_id]
            is_soon = change.failed and ts - change.failed_at < wait_ms(change.failed)
            if not change.is_unsent or order.request != "none" or is_soon:
                continue
            again = _again(order, change.asked)
            if again is None:
                del self.unsent[order_id]
            elif isinstance(again, CancelOrder) or not reaches_further(order, again):
                yield self._repeated(change, again), ""
            elif ts - change.since > HELD_MS:
                yield self._repeated(change, again), "too_old"
            elif not is_held:
                yield self._repeated(change, again), ""

    def _repeated(self, change: Change, again: Decided) -> Decided:
        """Note what a change is asked for as once more: its request is the card's, as the first was."""
        if isinstance(again, AmendOrder):
            self.unsent[again.order_id] = replace(change, again=again)
        return again

    def _overtaken(self, asked: AmendOrder, order: Order) -> None:
        """Keep of a change what another request about the order does not say; the newer total is the one.

        Its own repetition says nothing else: it is on its way once more, and lost it leaves once more. What an entry
        carries besides follows the position, and says nothing of what it is to open.
        """
        again, newest = self.unsent.get(asked.order_id), self.open.get(asked.order_id)
        named = _names(asked)
        total = asked.quantity if asked.opens is None else asked.opens
        if order.spec.effect is Effect.OPEN and total == order.opens:
            named.discard(_SIZE)
        if again is not None and again.is_unsent and asked == again.again:
            self.unsent[asked.order_id] = replace(again, is_unsent=False)
        elif again is not None and again.is_unsent:
            _keep(self.unsent, again, named)
        elif again is not None:  # it has had its effect
            del self.unsent[asked.order_id]
        if newest is not None and newest.refused:
            _keep(self.open, newest, named)
        elif newest is not None:
            del self.open[asked.order_id]


def _is_lost(event: RequestEnded, order: Order) -> bool:
    """Return whether a change has come to nothing once too often; of an exit's that only cuts, `losses` tells."""
    is_counted = order.refused_at == event.ts and order.refusals >= ATTEMPTS
    return is_counted and not (order.spec.role is Role.EXIT and order.is_uncut)


def _keep(known: dict[str, Change], change: Change, named: Collection[str]) -> None:
    """Keep of a change what a newer one does not name, if anything."""
    left, order_id = _without(change.asked, named), change.asked.order_id
    if left == AmendOrder(order_id=order_id):
        del known[order_id]
    else:
        known[order_id] = replace(change, asked=left)


def _named(intent: Intent, order: Order) -> set[str]:
    """Return what an intent says of an order that works: a placement under its ref all, late lots nothing of it."""
    match intent.spec.verb:
        case Verb.ENTER | Verb.EXIT if intent.late is None:
            return {*_FIELDS, _SIZE}
        case Verb.AMEND:
            found = {name for slot, name in _SLOTS if intent.price(slot) is not None}
            if intent.price(PriceSlot.PRICE) is not None:
                is_trigger = order.spec.order_type is OrderType.STOP_MARKET
                found.add("trigger_price" if is_trigger else "limit_price")
            return found | ({_SIZE} if intent.size is not None else set())
        case _:
            return set()


def _over(newer: AmendOrder, older: AmendOrder) -> AmendOrder:
    """Return what two changes want together; where both name a value the newer one counts."""
    return replace(older, **{name: getattr(newer, name) for name in _whole(_names(newer))})


def _names(asked: AmendOrder) -> set[str]:
    """Return what a change names."""
    return {name for name in (*_FIELDS, _SIZE) if getattr(asked, name) is not None}


def _whole(names: Collection[str]) -> set[str]:
    """Return names of values with what goes with the size: how much of it opens."""
    return {*names, "opens"} if _SIZE in names else {*names}


def _again(order: Order, asked: AmendOrder) -> AmendOrder | CancelOrder | None:
    """Return what is left to ask of a change: nothing where the order is as it was to become.

    Its total is that of what the order fills for itself; what it closes besides has followed the position. A group
    that has filled meanwhile, a trigger that was met and protection that was brought are the newer.
    """
    total = asked.quantity if asked.opens is None else asked.opens
    is_entry = order.spec.effect is Effect.OPEN
    quantity, opens = None, None
    if total is not None and order.most is None:
        if total <= (order.done if is_entry else order.filled):
            return CancelOrder(order_id=order.order_id, reason="amend_order")
        carries = order.remaining - order.to_open if is_entry else 0
        quantity = order.filled + total - order.done + carries if is_entry else total
        opens = total if is_entry and quantity != total else None
        if quantity == order.quantity:
            quantity, opens = None, None
    over = {name for name in _FIELDS if getattr(asked, name) == getattr(order, name)}
    over |= set() if order.is_armed_stop else {"trigger_price"}
    over |= {"stop_loss", "take_profit"} if order.filled else set()
    left = _without(replace(asked, quantity=quantity, opens=opens), over)
    return None if left == AmendOrder(order_id=order.order_id) else left


def _without(asked: AmendOrder, names: Collection[str]) -> AmendOrder:
    """Return a change that leaves some values as they are."""
    gone: dict[str, Any] = dict.fromkeys(_whole(names))
    return replace(asked, **gone)
