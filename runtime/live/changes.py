"""Changes of working orders that the card asked for and that never left.

The law: what the card asked for once it asks for no more, so a change that provably was not carried out leaves again,
as the order has become meanwhile: until it is done, the venue or a limit refuses it, the order ends, or something else
is asked of it. A change that reaches further waits while entries are held back, ten minutes at most; so does one that
is held back as it is asked for, where no rule asks for it again. One that was refused, by the venue or a limit, is not
asked for as it was; where no rule asks for it again at its next close and the order still works as before, it is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from runtime.account.ledger import Ledger
from runtime.backends.base import HELD_BACK, HELD_MS, STALE_MS, Loudness, Notice
from runtime.decide.intent import Intent
from runtime.decide.refusals import Refused
from runtime.engine import Engine, Outcome
from runtime.orders.changes import reaches_further
from runtime.orders.commands import AmendOrder, CancelOrder, Command, Decided
from runtime.orders.events import Event, RequestEnded, RequestRefused, RequestSent
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Origin

_TOLD = frozenset({"too_old"})  # by who gives it up
_FIELDS = ("limit_price", "trigger_price", "stop_loss", "take_profit")


@dataclass(frozen=True, slots=True)
class Change:
    """What the card asked of an order, since when (ms UTC); `is_unsent`: it is known not to have been done.

    `is_once`: no rule asks for it again at its next close. `again`: what was asked for last of it, in its place.
    `origin`: the action that asked, which may ask again at its next close (`asks_again`). `refused`: the code it was refused with at `refused_at`, "" where it was not.
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


@dataclass(slots=True)
class Changes:
    """The card's changes without an effect, by order id."""

    open: dict[str, Change] = field(default_factory=dict)

    @property
    def repeated(self) -> set[str]:
        """Return the orders of which a change that was lost is on its way once more, or has come true."""
        return {
            order_id
            for order_id, one in self.open.items()
            if one.again and not (one.is_unsent or one.refused)
        }

    def heard(self, event: Event, *, is_passing: bool) -> None:
        """Take an event that was applied; `is_passing`: what holds entries back, if anything, passes by itself."""
        match event:
            case RequestSent(asked=AmendOrder() as asked) if asked.order_id in self.open:
                self._overtaken(asked)
            case RequestEnded(request="amend") | RequestRefused(request="amend"):
                known = self.open.get(event.order_id)
                if known is not None:
                    self._ended(known, event, is_passing=is_passing)
            case _:
                pass

    def _ended(
        self, known: Change, event: RequestEnded | RequestRefused, *, is_passing: bool
    ) -> None:
        """Take the end of a request; one that came to nothing before has said it already, this is another's."""
        if known.is_unsent or known.refused:
            return
        order_id = event.order_id
        if isinstance(event, RequestEnded) and event.outcome == "not_sent":
            self.open[order_id] = replace(known, is_unsent=True)
        elif isinstance(event, RequestEnded) or event.code in _TOLD:
            del self.open[order_id]
        elif event.code == HELD_BACK and not is_passing:
            del self.open[order_id]  # a person or a halt holds it
        else:
            self.open[order_id] = replace(known, refused=event.code, refused_at=event.ts)

    def decided(self, outcomes: Iterable[tuple[Intent, Outcome]], engine: Engine, ts: int) -> None:
        """Take what intents have come to, their requests announced."""
        for intent, outcome in outcomes:
            if isinstance(outcome, Refused):
                continue
            is_once = engine.asks_once(intent)
            asks_again = not is_once or intent.late is not None
            for one in outcome:
                if isinstance(one, AmendOrder):
                    self.open[one.order_id] = Change(
                        one, ts, is_once=is_once, origin=intent.origin, asks_again=asks_again
                    )

    def closed(self, engine: Engine) -> None:
        """Take a close that was decided on: what was refused before and its action asks for again, that asks for.

        Late lots ask anew at the next close, too. Of what nobody asks for again it is seen for a while how its order goes on.
        """
        asked = {intent.origin for intent, _ in engine.outcomes}
        for order_id, one in list(self.open.items()):
            if one.refused and one.asks_again and one.origin in asked:
                del self.open[order_id]
            elif one.refused:
                self.open[order_id] = replace(one, asks_again=False)

    def lost(self, ledger: Ledger, ts: int) -> Iterator[Notice]:
        """Yield what is told of changes that were refused and that nothing asks for again.

        Ask for what is `due` before: it lets go of those whose order has ended, as a refusal may be a race with a fill.
        """
        for order_id, one in list(self.open.items()):
            if not one.refused or one.asks_again or ts - one.refused_at < STALE_MS:
                continue
            order = ledger.orders[order_id]
            if order.request != "none":
                continue
            del self.open[order_id]
            if _again(order, one.asked) is not None:
                name = order.spec.order_ref or order_id
                said = f"`{name}` stays as it was: its change was refused"
                text = f"{said} ({one.refused}), and nothing asks for it again"
                yield Notice(kind="change_lost", loudness=Loudness.ALARM, text=text, ts=ts)

    def postponed(self, asked: Command, ledger: Ledger, ts: int) -> RequestEnded | None:
        """Return that a change has not left which entries held back hold, where nothing asks for it again.

        It leaves again like any that never left. None for anything else: a rule asks again at its next close.
        """
        change = self.open.get(asked.order_id) if isinstance(asked, AmendOrder) else None
        if change is None or not change.is_once or change.asked != asked:
            return None
        order = ledger.orders[change.asked.order_id]
        if change.is_unsent or not reaches_further(order, change.asked):
            return None
        bar = ledger.bar + 1
        return RequestEnded(
            order_id=order.order_id, request="amend", outcome="not_sent", bar=bar, ts=ts
        )

    def due(self, ledger: Ledger, ts: int, *, is_held: bool) -> Iterator[tuple[Decided, str]]:
        """Yield the changes that are to leave again, with why not after all, "" where they may.

        `is_held`: whether entries are held back.
        """
        for order_id, change in list(self.open.items()):
            order = ledger.orders.get(order_id)
            if order is None or order.is_terminal or order.leaving is not None:
                del self.open[order_id]
                continue
            if not change.is_unsent or order.request != "none":
                continue
            again = _again(order, change.asked)
            if again is None:
                del self.open[order_id]
            elif isinstance(again, CancelOrder) or not reaches_further(order, again):
                yield self._repeated(change, again), ""
            elif ts - change.since > HELD_MS:
                yield self._repeated(change, again), "too_old"
            elif not is_held:
                yield self._repeated(change, again), ""

    def _repeated(self, change: Change, again: Decided) -> Decided:
        """Note what a change is asked for as once more: its request is the card's, as the first was."""
        if isinstance(again, AmendOrder):
            self.open[again.order_id] = replace(change, again=again)
        return again

    def _overtaken(self, asked: AmendOrder) -> None:
        """Keep of a change what another request about the order does not say; the newer total is the one.

        Its own repetition says nothing else: it is on its way once more, and lost it leaves once more.
        """
        change = self.open[asked.order_id]
        if change.is_unsent and asked == change.again:
            self.open[asked.order_id] = replace(change, is_unsent=False)
            return
        if not (change.is_unsent or change.refused):  # it has had its effect
            del self.open[asked.order_id]
            return
        named = {name for name in _FIELDS if getattr(asked, name) is not None}
        left = _without(replace(change.asked, quantity=None, opens=None), named)
        if left == AmendOrder(order_id=asked.order_id):
            del self.open[asked.order_id]
        else:
            self.open[asked.order_id] = replace(change, asked=left)


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
    """Return a change that leaves some prices as they are."""
    return AmendOrder(
        order_id=asked.order_id,
        quantity=asked.quantity,
        opens=asked.opens,
        limit_price=None if "limit_price" in names else asked.limit_price,
        trigger_price=None if "trigger_price" in names else asked.trigger_price,
        stop_loss=None if "stop_loss" in names else asked.stop_loss,
        take_profit=None if "take_profit" in names else asked.take_profit,
    )
