"""Intents to orders: each verb's meaning, or a typed refusal.

The law: an intent becomes commands or one refusal with a code of `runtime.decide.refusals`; references are
frozen at the close that decides. Intents act by kind: cancels, amends, exits, entries; within a kind in card
order. One that is refused leaves nothing half done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from compiler.catalog.actions import Verb
from compiler.catalog.builtins import PER_LOSS
from compiler.graph.program import Program
from runtime.account.ledger import Ledger
from runtime.decide.adjust_size import adjust_size, takes_away
from runtime.decide.amend import amend, note_owed
from runtime.decide.cancel import cancel, cancel_all
from runtime.decide.capacity import Capacity
from runtime.decide.context import Context, Cut
from runtime.decide.enter import enter
from runtime.decide.intent import Intent
from runtime.decide.leave import leave
from runtime.decide.limits import stopped
from runtime.decide.older_exits import OlderExit
from runtime.decide.promises import Promises
from runtime.decide.protect import protect
from runtime.decide.refusals import RefusalCode, Refused
from runtime.decide.trails import adjust_trail
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import Decided
from runtime.orders.order_spec import Rearm
from runtime.rules.machine import Machine

_CANCELS, _CHANGES, _EXITS, _ENTRIES = range(4)


class IntentProcessor:
    """Turns the intents of one close into commands, in the order they are given.

    Call `open` once per close, then `process` per intent. `next_id` names new orders. `cuts` are the sizes
    that did not fit whole in the last intent. `waits`: whether what an intent asks for is let wait, by who carries
    it out, while the fate of a request is unknown; `holds`: why an entry it asks for would not leave.
    """

    def __init__(
        self,
        program: Program,
        ledger: Ledger,
        instrument: Instrument,
        machine: Machine,
        next_id: Callable[[], str],
        waits: Callable[[Intent], bool],
        holds: Callable[[Intent], Refused | None],
    ) -> None:
        self._ledger = ledger
        self._waits = waits
        self._holds = holds
        self._context = Context(
            settings=program.graph.settings,
            instrument=instrument,
            promises=Promises(program, machine),
            value=machine.value,
            value_with=_priced(program, machine),
            next_id=next_id,
            capacity=Capacity.at_close(ledger),
        )

    @property
    def cuts(self) -> tuple[Cut, ...]:
        return tuple(self._context.cuts)

    @property
    def owed(self) -> tuple[OlderExit, ...]:
        """Return the exits at a limit that come again, as this close has left them."""
        return self._context.capacity.owed

    def open(self, coming: Iterable[Rearm], older_exits: Iterable[OlderExit]) -> None:
        """Take stock at the ledger's last close; `coming` how entries come again by what it asks for."""
        self._context.coming = list(coming)
        self._context.capacity = Capacity.at_close(self._ledger, older_exits)

    def rank(self, intent: Intent) -> int:
        """Return when an intent's turn comes: cancels, amends, exits, entries."""
        verb = intent.spec.verb
        match verb:
            case Verb.CANCEL | Verb.CANCEL_ALL:
                return _CANCELS
            case Verb.AMEND | Verb.ADJUST_STOP | Verb.ADJUST_TARGET | Verb.ADJUST_TRAIL:
                return _CHANGES
            case Verb.EXIT:
                return _EXITS
            case Verb.ADJUST_SIZE:
                return _EXITS if takes_away(self._context, intent) else _ENTRIES
            case Verb.ENTER | Verb.NOTHING:
                return _ENTRIES
            case _:
                assert_never(verb)

    def process(self, intent: Intent) -> list[Decided] | Refused:
        """Return the commands of an intent, or why there are none. Nothing is half done."""
        context = self._context
        context.capacity.is_once = self._waits(intent)
        context.capacity.is_patient = context.capacity.is_once and not self._turns(intent)
        context.held = self._holds(intent)
        before = context.capacity.copy()
        context.cuts = []
        try:
            return _commands(context, intent)
        except Refused as refused:
            context.capacity = before
            context.cuts = []
            if refused.kind is RefusalCode.UNKNOWN_REF and intent.spec.verb is Verb.AMEND:
                note_owed(context, intent)
            return refused

    def _turns(self, intent: Intent) -> bool:
        """Return whether an intent is as large as what is held just now: a turn, or a target size."""
        side, held = intent.spec.order_side, self._context.capacity.side
        is_opposite = side is not None and held is side.opposite
        return is_opposite or intent.spec.verb is Verb.ADJUST_SIZE

    def stop(self) -> list[Decided]:
        """Return what the limits that stand demand: entries go, and the position where one closes it."""
        return stopped(self._context)


def _priced(program: Program, machine: Machine) -> Callable[[int, float], float]:
    """Return what gives a node's value at the close where an order's notional per unit lost is known."""
    slot = next((i for i, pair in enumerate(program.accounts) if pair[0] == PER_LOSS), None)

    def value(node: int, per_loss: float) -> float:
        accounts = list(machine.accounts)
        if slot is not None:
            accounts[slot] = per_loss
        return machine.value_under(node, accounts)

    return value


def _commands(context: Context, intent: Intent) -> list[Decided]:
    verb = intent.spec.verb
    match verb:
        case Verb.ENTER:
            return enter(context, intent)
        case Verb.EXIT:
            return leave(context, intent)
        case Verb.CANCEL:
            return cancel(context, intent)
        case Verb.CANCEL_ALL:
            return cancel_all(context, intent)
        case Verb.AMEND:
            return amend(context, intent)
        case Verb.ADJUST_STOP | Verb.ADJUST_TARGET:
            return protect(context, intent)
        case Verb.ADJUST_TRAIL:
            return adjust_trail(context, intent)
        case Verb.ADJUST_SIZE:
            return adjust_size(context, intent)
        case Verb.NOTHING:
            return []
        case _:
            assert_never(verb)
