"""What follows a fill and is refused at its close because a request has no answer yet: it is asked for again.

The law: nothing asks for it at a later close, and what stands against it passes by itself. So it is asked for again,
its operands as they were frozen, until it is done, refused for something that does not pass, what it was about is gone,
or a later close says something else under its ref. An exit, and a change of one, of the position it was asked for, are
given up by no time; a change of an entry is after ten minutes, a target size after ten seconds, and what is given up is
told. So is a rule's change refused because an older one of its order, lost before, is asked for once more: that one would
stand at its close, and the newer is what counts. A new entry waits otherwise, as an order that has still to leave (`held.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from compiler.catalog.actions import Verb
from runtime.account.ledger import Ledger
from runtime.backends.base import HELD_MS, STALE_MS, Loudness, Notice
from runtime.decide.intent import Intent
from runtime.decide.refusals import RefusalCode, Refused
from runtime.engine import Engine, Outcome
from runtime.live.owed import ended_by_venue, position_number
from runtime.orders.commands import CancelOrder, Decided
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect

_PLACES = (Verb.ENTER, Verb.EXIT, Verb.AMEND, Verb.CANCEL)  # what is asked for under a ref
_GONE = (RefusalCode.NOTHING_TO_REDUCE, RefusalCode.UNKNOWN_REF, RefusalCode.NOTHING_TO_ADJUST)


@dataclass(frozen=True, slots=True)
class Later:
    """An intent of a close at `since` (ms UTC), of the position of that number (0: none was open).

    `order_id`: the order that it was to change, "" where it names none.
    """

    intent: Intent
    since: int
    position: int
    order_id: str = ""

    def order(self, ledger: Ledger) -> Order | None:
        return ledger.orders.get(self.order_id)

    def reduces(self, ledger: Ledger) -> bool:
        """Return whether it is an exit, or a change of one."""
        order = self.order(ledger)
        of_exit = order is not None and order.spec.effect is Effect.REDUCE
        return self.intent.spec.verb is Verb.EXIT or of_exit

    @property
    def name(self) -> str:
        """Return how people call it: its ref, else what it asks for."""
        return self.intent.order_ref or self.intent.kind

    def may_exit(self, ledger: Ledger) -> bool:
        """Return whether it is still to exit, or to change an exit; a target size may."""
        is_target = self.intent.spec.verb is Verb.ADJUST_SIZE
        return (self.reduces(ledger) or is_target) and not self.is_over(ledger)

    def patience(self, ledger: Ledger) -> int | None:
        """Return how long it is asked for, in ms; None: as long as its position is open."""
        if self.reduces(ledger):
            return None
        return STALE_MS if self.intent.spec.verb is Verb.ADJUST_SIZE else HELD_MS

    def is_over(self, ledger: Ledger) -> bool:
        """Return whether what it was about is gone: its position, or its order, which a cancel named or that has ended.

        An exit that was lost is asked for again by who owes it, so a change of it has something to come to.
        """
        order, verb = self.order(ledger), self.intent.spec.verb
        is_of_held = verb is Verb.ADJUST_SIZE or self.reduces(ledger)
        if is_of_held and position_number(ledger) != self.position:
            return True
        if order is None:
            return bool(self.order_id)
        if order.leaving is not None:
            return True
        may_come = verb is Verb.EXIT or (
            self.reduces(ledger) and (order.status is OrderStatus.REJECTED or ended_by_venue(order))
        )
        return order.is_terminal and not may_come


@dataclass(slots=True)
class AskedLater:
    """What waits for an answer, oldest first."""

    waits: list[Later] = field(default_factory=list)

    @property
    def intents(self) -> list[Intent]:
        return [one.intent for one in self.waits]

    def exits(self, ledger: Ledger) -> list[str]:
        """Return the exits, by ref, that wait, or of which a change does; a target size may be one."""
        return [one.name for one in self.waits if one.may_exit(ledger)]

    def dismiss(self, name: str, ledger: Ledger) -> None:
        """Let go of the exits that a person cancels by a name."""
        self.waits = [one for one in self.waits if one.name != name or not one.may_exit(ledger)]

    def decided(
        self, engine: Engine, ts: int, owed: Collection[str | None], repeated: Collection[str]
    ) -> list[Notice]:
        """Take what came of the intents of a close at `ts`; return what is told of those that are lost.

        `owed`: refs of exits that came to nothing and are asked for again: a change of one has nothing to change yet.
        `repeated`: orders of which an older change is on its way once more.
        What late lots ask for asks at the next close anew (`decide/late_fills.py`). An entry that turns a position is
        as large as that was.
        """
        told: list[Notice] = []
        for intent, outcome in engine.outcomes:
            if not isinstance(outcome, Refused):
                self._overtaken(intent, outcome, ts)
                continue
            ref, ledger = intent.order_ref, engine.ledger
            order_id = "" if ref is None else ledger.newest_by_ref.get(ref, "")
            is_behind = order_id in repeated or _changes_exit(intent, ledger.orders.get(order_id))
            is_once = (is_behind or engine.asks_once(intent)) and intent.late is None
            if not is_once or not _passes(intent, outcome, owed):
                continue
            self._overtaken(intent, (), ts)
            is_lost = outcome.code == RefusalCode.VENUE_UNCERTAIN and not is_behind
            if is_lost and intent.spec.verb is Verb.ENTER:
                told.append(_lost(intent, outcome, ts))
                continue
            self.waits.append(Later(intent, ts, position_number(ledger), order_id))
        return told

    def due(
        self, engine: Engine, ts: int, owed: Collection[str | None]
    ) -> Iterator[tuple[Intent, Outcome, Notice | None]]:
        """Yield what was asked for again, with what it comes to, or with what is told of one that is given up.

        Announce what one comes to before the next is taken.
        """
        for one in list(self.waits):
            ledger = engine.ledger
            if one.is_over(ledger):
                self.waits.remove(one)
                continue
            outcome, most = engine.ask_again(one.intent), one.patience(ledger)
            if not isinstance(outcome, Refused):
                self.waits.remove(one)
                yield one.intent, outcome, None
                continue
            is_late = most is not None and ts - one.since > most
            if _passes(one.intent, outcome, owed) and not is_late:
                continue
            self.waits.remove(one)
            if outcome.kind not in _GONE:
                yield one.intent, outcome, _lost(one.intent, outcome, ts)

    def _overtaken(self, intent: Intent, done: Sequence[Decided], ts: int) -> None:
        """Let go of what a later close says anew, or ends."""
        ended = {one.order_id for one in done if isinstance(one, CancelOrder)}
        self.waits = [
            one
            for one in self.waits
            if one.since == ts or not (one.order_id in ended or _is_of_same(intent, one.intent))
        ]


def _changes_exit(intent: Intent, order: Order | None) -> bool:
    """Return whether an intent changes an exit: no rule may ask for that again, and the exit stands where it was."""
    is_exit = order is not None and order.spec.effect is Effect.REDUCE
    return is_exit and intent.spec.verb is Verb.AMEND


def _passes(intent: Intent, refused: Refused, owed: Collection[str | None]) -> bool:
    """Return whether what stands against an intent passes by itself: no answer yet, or its exit is asked for again."""
    is_owed = refused.kind is RefusalCode.UNKNOWN_REF and intent.order_ref in owed
    return refused.is_passing or (is_owed and intent.spec.verb is Verb.AMEND)


def _is_of_same(newer: Intent, older: Intent) -> bool:
    verb = newer.spec.verb
    if verb is Verb.ADJUST_SIZE or older.spec.verb is Verb.ADJUST_SIZE:
        return verb is older.spec.verb
    return verb in _PLACES and newer.order_ref is not None and newer.order_ref == older.order_ref


def kind_of_loss(intent: Intent) -> str:
    """Return under which word it is told that what an intent asks for is lost."""
    match intent.spec.verb:
        case Verb.EXIT:
            return "exit_lost"
        case Verb.AMEND:
            return "change_lost"
        case _:
            return "entry_lost"


def _lost(intent: Intent, refused: Refused, ts: int) -> Notice:
    said = f"`{intent.order_ref or intent.kind}` waited for an answer and is not asked for again"
    text = f"{said}: {refused.code}, {refused.text}"
    return Notice(kind=kind_of_loss(intent), loudness=Loudness.ALARM, text=text, ts=ts)
