"""Commands as requests: named, worded, in the order in which they may leave.

The law: what protects or takes away leaves first and from a reserved share; a request leaves once, and its
verdict comes back once. Nothing here decides what to ask for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from runtime.account.ledger import Ledger
from runtime.account.turning import is_as_large, turns
from runtime.backends.base import HELD_BACK, HELD_MS, STALE_MS, Loudness, Notice, Tell
from runtime.backends.bybit import bodies
from runtime.backends.bybit.bodies import Body, NotSendable
from runtime.backends.bybit.given_up import is_close_of_all, must_not_repeat
from runtime.backends.bybit.limits import Breaker, Limits
from runtime.backends.bybit.names import BadLink, LinkNames
from runtime.backends.bybit.outcomes import BAN_MS, Outcome, Remedy, Request, Verdict
from runtime.backends.bybit.outside import is_ours
from runtime.backends.bybit.rest import Rest, Sent
from runtime.decide.levels import is_passed
from runtime.orders.changes import as_changed, reaches_further
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection, SubmitOrder
from runtime.orders.events import PASSED
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Effect, OrderType, Role

Answer = Callable[[str, Request, Verdict], None]
Then = Callable[[Sent], None]
Run = Callable[[Callable[[], Sent], Then], None]
_CLOCK_AGAIN = 1
_NO_ROOM_MS = 3_000  # so long a change, cancel or exit waits for room: then it has failed, is counted and asked for anew
_ASKED_ANEW = frozenset({Role.EXIT, Role.CLOSE_AT_END})


@dataclass(slots=True)
class Planned:
    """A request that is ready to leave."""

    request: Request
    order_id: str
    path: str
    body: Body
    is_urgent: bool
    since: int
    tries: int = 0
    is_repetition: bool = False  # of one whose fate nobody knows


class LiveOrderRouter:
    """Words commands for the venue and lets them out as the limits allow.

    `run(job, then)` carries a job out, here or in another thread, and has `then` called in the session's
    loop; `protect` does so for what is urgent, over a connection of its own. `answer` takes the verdicts.
    `holds` says why an entry that waits may not leave any more, "" where it may; `kept` are orders to be
    given later; `is_once` says whether nothing asks for an order again.
    """

    def __init__(
        self,
        ledger: Ledger,
        rest: Rest,
        names: LinkNames,
        run: Run,
        answer: Answer,
        *,
        protect: Run | None = None,
        tell: Tell = lambda _: None,
        holds: Callable[[], str] = lambda: "",
        kept: Callable[[], Collection[str]] = tuple,
        is_once: Callable[[Order], bool] = lambda _: False,
        trigger_by: str = "LastPrice",
    ) -> None:
        self.limits = Limits()
        self.breaker = Breaker()
        self.sent = 0
        self.is_regridded = False  # the venue counts in another lot than the ledger
        self._ledger = ledger
        self._rest = rest
        self.names = names
        self._runs = {False: run, True: protect or run}
        self._has_two = protect is not None
        self._answer = answer
        self._tell = tell
        self._holds = holds
        self._kept = kept
        self._asked_once = is_once
        self._trigger_by = trigger_by
        self._waiting: deque[Planned] = deque()
        self._out: list[Planned] = []  # they have left, and nobody has heard of them yet

    def __len__(self) -> int:
        """Return how many requests wait for room."""
        return len(self._waiting)

    # ------------------------------------------------------------ taking commands

    def take(self, commands: Sequence[Command], now: int) -> None:
        """Take commands and let out what may leave now."""
        for command in sorted(commands, key=self._turn):
            planned = self._plan(command, now)
            if planned is not None:
                self._waiting.append(planned)
        self.release(now)

    def protect_again(self, now: int) -> None:
        """Send stops and targets that may not have arrived once more, under their ids: asking comes later.

        VENUE: a link id is taken once: one that did arrive is answered with *exists* and adopted.
        """
        lost = [
            order
            for order in self._ledger.book
            if "submit" in order.in_flight and order.spec.role in PROTECTIVE
        ]
        for order in lost:
            self.once_more(order.order_id, Request.SUBMIT, now)

    def once_more(self, order_id: str, request: Request, now: int) -> None:
        """Repeat what nobody answers about, where repeating it is safe: what protects, closes or cancels.

        VENUE: under its link id an order is taken once, and an order is cancelled once.
        """
        order = self._ledger.orders[order_id]
        is_safe = order.spec.effect is Effect.REDUCE or self.enters_once(order, now)
        match request:
            case Request.SUBMIT if order.leaving is None and is_safe:
                planned = self._plan(SubmitOrder(spec=as_changed(order)), now)
                if planned is not None:
                    planned.is_repetition = must_not_repeat(order, self._ledger)
                    self._waiting.append(planned)
                self.release(now)
            case Request.CANCEL:
                self.take([CancelOrder(order_id=order_id, reason="once_more")], now)
            case _:
                pass  # an entry is asked about; a change that is repeated may undo a later one

    def enters_once(self, order: Order, now: int) -> bool:
        """Return whether an entry that may not have arrived is to leave once more: nothing asks for it again.

        It leaves under its name, which the venue takes once, for as long as what is held back may wait; one at market
        that turns a position as an exit does, where that is as large still. Not past its own stop or target.
        """
        spec = order.spec
        is_lost = "submit" in order.in_flight and order.leaving is None and not order.filled
        is_open = spec.effect is Effect.OPEN and is_lost and is_ours(spec)
        if not is_open or is_passed(order, self._ledger):
            return False
        if spec.carries:
            return turns(spec) and is_as_large(order, self._ledger)
        most = STALE_MS if spec.order_type is OrderType.MARKET else HELD_MS
        return self._asked_once(order) and now - spec.created_at <= most

    def waiting(self) -> set[str]:
        """Return the orders of the requests that have not left yet."""
        return {one.order_id for one in self._waiting}.union(self._kept())

    def _turn(self, command: Command) -> int:
        """Stops are made and enlarged before old ones go: never a moment without. Entries come last."""
        order = _order_of(self._ledger, command)
        protects = order is not None and order.spec.role in PROTECTIVE
        match command:
            case SubmitOrder(spec=spec):
                return 0 if protects else 3 if spec.effect is Effect.REDUCE else 5
            case AmendOrder(quantity=lots):
                grows = order is not None and lots is not None and lots > order.quantity
                return 4 if not protects else 0 if grows else 1
            case CancelOrder():
                return 2
            case SetProtection():
                return 6

    def _plan(self, command: Command, now: int) -> Planned | None:
        match command:
            case SubmitOrder(spec=spec):
                name = _name(self._ledger.orders[spec.order_id])
                request, order_id, path = Request.SUBMIT, spec.order_id, "order/create"
                if _may_rest(spec.role) and self.breaker.is_suspended(name, now):
                    self._answer(order_id, request, _refused("suspended", f"{name} rests"))
                    return None
            case AmendOrder(order_id=order_id):
                request, path = Request.AMEND, "order/amend"
            case CancelOrder(order_id=order_id):
                request, path = Request.CANCEL, "order/cancel"
            case SetProtection():
                return None  # the wish of the card: its orders are what leaves
        try:
            body = self._word(command)
        except (NotSendable, BadLink) as error:
            self._answer(order_id, request, _refused("not_sendable", str(error)))
            return None
        order = self._ledger.orders[order_id]
        is_urgent = request is Request.CANCEL or order.spec.effect is Effect.REDUCE
        return Planned(request, order_id, path, body, is_urgent, now)

    def _word(self, command: SubmitOrder | AmendOrder | CancelOrder) -> Body:
        ledger, names = self._ledger, self.names
        match command:
            case SubmitOrder(spec=spec) if self.is_regridded and is_close_of_all(spec, ledger):
                # What is held may be no multiple of the new lot; all of it needs no quantity.
                return bodies.flatten(spec.symbol, spec.side.opposite, names.link(spec.order_id))
            case SubmitOrder(spec=spec):
                return bodies.create(spec, ledger.instrument, names, trigger_by=self._trigger_by)
            case AmendOrder():
                return bodies.amend(command, ledger.instrument.symbol, ledger.instrument, names)
            case CancelOrder(order_id=order_id):
                order = ledger.orders[order_id]
                if not is_ours(order.spec):
                    return bodies.cancel_foreign(order_id, ledger.instrument.symbol)
                return bodies.cancel(order_id, ledger.instrument.symbol, names)

    # ------------------------------------------------------------ letting out

    def release(self, now: int) -> None:
        """Let out what waits and may leave; urgent requests overtake others.

        What has been handed over cannot be overtaken any more, so of each of two lines one request is out at a
        time. What is urgent does not wait for an entry that is out, unless it is about the same order; an entry
        waits for whatever is out.
        """
        kept: list[Planned] = []
        todo = sorted(self._waiting, key=lambda one: not one.is_urgent)
        self._waiting.clear()
        for one in todo:
            if self._is_pointless(one, now):
                continue
            if self._must_wait(one) or self.limits.take(one.path, now, is_urgent=one.is_urgent):
                kept.append(one)
            else:
                self._let_out(one, now)
        self._waiting.extendleft(reversed(kept))

    def _must_wait(self, one: Planned) -> bool:
        if not (one.is_urgent and self._has_two):
            return bool(self._out)
        return any(out.is_urgent or out.order_id == one.order_id for out in self._out)

    def _is_pointless(self, one: Planned, now: int) -> bool:
        """Return whether a request that has waited is not to leave any more; its verdict is told.

        What was put back after an answer that proves that it was not carried out has not left either.
        """
        order = self._ledger.orders[one.order_id]
        if order.is_terminal:
            return True
        if one.request is Request.SUBMIT and order.leaving is not None:
            self._end(one, _not_sent("cancelled before it left"))
            return True
        why = self._holds() if order.spec.effect is Effect.OPEN else ""
        if one.request is Request.SUBMIT and why:
            self._end(one, _not_sent(why))
            return True
        asked = order.amending if one.request is Request.AMEND else None
        if why and asked is not None and reaches_further(order, asked):
            self._end(one, _refused(HELD_BACK, why))
            return True
        is_banned = now < self.limits.stopped_until
        is_exit = order.spec.role in _ASKED_ANEW and not is_banned  # it waits for a ban to end
        is_in_vain = one.request is not Request.SUBMIT or is_exit
        if (one.tries > 0 or is_banned) and is_in_vain and now - one.since > _NO_ROOM_MS:
            self._end(one, _not_sent("the venue has no room for it"))
            return True
        if not one.is_urgent and now - one.since > STALE_MS:
            self._end(one, _not_sent("too old to leave"))
            return True
        return False

    def _end(self, one: Planned, verdict: Verdict) -> None:
        """Tell the verdict on a request. One on a repetition proves nothing of the first, which may act yet."""
        is_proof = verdict.outcome not in (Outcome.REFUSED, Outcome.NOT_SENT)
        if one.is_repetition and not is_proof:
            verdict = replace(verdict, outcome=Outcome.UNKNOWN, remedy=Remedy.ASK)
        self._answer(one.order_id, one.request, verdict)

    def _let_out(self, one: Planned, now: int) -> None:
        self.sent += 1
        self._out.append(one)
        one.tries += 1
        protects = one.is_urgent and self._has_two
        self._runs[one.is_urgent](
            lambda: self._rest.post(one.request, one.path, one.body, now, protects=protects),
            lambda sent: self._back(one, sent, now),
        )

    def _back(self, one: Planned, sent: Sent, now: int) -> None:
        self._out.remove(one)
        verdict = sent.verdict
        self.limits.obey(sent.allowance, now)
        match verdict.remedy:
            case Remedy.WAIT if verdict.code == "banned":
                self.banned(now, verdict.wait_ms)
            case Remedy.WAIT:
                self.limits.close(one.path, now + verdict.wait_ms)
                if one.is_urgent or self._waits_again(one):
                    self._waiting.appendleft(one)  # the same request, under the same id
                    return
            case Remedy.CLOCK:
                self._tell(
                    Notice(kind="clock", loudness=Loudness.ENTRIES, text=verdict.text, ts=now)
                )
                if one.tries <= _CLOCK_AGAIN:  # where nobody has taken it back meanwhile
                    self._waiting.appendleft(one)
                    return
            case Remedy.HALT:
                text = f"{verdict.code}: {verdict.text}"
                self._tell(Notice(kind="keys", loudness=Loudness.HALT, text=text, ts=now))
            case Remedy.NO_ENTRIES:
                text = f"{verdict.code}: {verdict.text}"
                self._tell(Notice(kind="market", loudness=Loudness.ENTRIES, text=text, ts=now))
            case Remedy.ASK | Remedy.NONE:
                pass
        if self._acts_at_once(one, verdict):
            self._waiting.appendleft(one)
            self.release(now)
            return
        if verdict.outcome is Outcome.REFUSED and one.request is Request.SUBMIT:
            self._count(one, verdict, now)
        self._end(one, verdict)

    def _waits_again(self, one: Planned) -> bool:
        """Return whether an entry that the venue had no room for is asked for by nobody again: it waits a little."""
        order = self._ledger.orders[one.order_id]
        return one.request is Request.SUBMIT and not order.spec.carries and self._asked_once(order)

    def _acts_at_once(self, one: Planned, verdict: Verdict) -> bool:
        """Word a stop entry anew, once, that the market has passed on its way: as in a back-test it acts at once.

        VENUE: a stop on the wrong side of the market is refused; the refused order does not take its link id.
        """
        spec = as_changed(self._ledger.orders[one.order_id])
        is_refused = one.request is Request.SUBMIT and verdict.code == PASSED
        if not is_refused or spec.effect is Effect.REDUCE or spec.trigger_price is None:
            return False
        if "triggerPrice" not in one.body:
            return False
        ledger = self._ledger
        band = ledger.settings.execution.price_band_pct
        one.body = bodies.at_once(spec, ledger.instrument, self.names, band_pct=band)
        return True

    def alone(self, request: Request, path: str, body: Body, now: int) -> None:
        """Send what takes away and whose fate nobody waits for: its order is asked about anyway."""
        job = partial(self._rest.post, request, path, body, now, protects=self._has_two)
        self._runs[True](job, lambda _sent: None)

    def banned(self, now: int, wait_ms: int = BAN_MS) -> None:
        """Let nothing out for a while: the venue takes nothing from this address."""
        self.limits.stopped_until = now + wait_ms
        text = "the venue takes nothing for ten minutes; only the stops that stand there act"
        self._tell(Notice(kind="banned", loudness=Loudness.ENTRIES, text=text, ts=now))

    def met_itself(self, order_id: str, now: int) -> None:
        """Count an order that the venue cancelled because it would have met another of ours."""
        order = self._ledger.orders[order_id]
        name = _name(order)
        if _may_rest(order.spec.role) and self.breaker.refused(name, "self_match", now):
            text = f"{name} met our own orders again and again: it rests for ten minutes"
            self._tell(Notice(kind="breaker", loudness=Loudness.ALARM, text=text, ts=now))

    def _count(self, one: Planned, verdict: Verdict, now: int) -> None:
        order = self._ledger.orders[one.order_id]
        name = _name(order)
        if _may_rest(order.spec.role) and self.breaker.refused(name, verdict.code, now):
            text = (
                f"{name} was refused for {verdict.code} again and again: it rests for ten minutes"
            )
            self._tell(Notice(kind="breaker", loudness=Loudness.ALARM, text=text, ts=now))


def _order_of(ledger: Ledger, command: Command) -> Order | None:
    match command:
        case SubmitOrder(spec=spec):
            return ledger.orders.get(spec.order_id)
        case AmendOrder(order_id=order_id) | CancelOrder(order_id=order_id):
            return ledger.orders.get(order_id)
        case SetProtection():
            return None


def _name(order: Order) -> str:
    """Return what a rule asks for again when it is refused: its ref, else what the order is for."""
    return order.spec.order_ref or f"{order.spec.role.value}:{order.spec.layer or ''}"


def _may_rest(role: Role) -> bool:
    """Return whether refusals suspend it: what protects or closes is asked for until it is there."""
    return role is Role.ENTRY


def _refused(code: str, text: str) -> Verdict:
    return Verdict(outcome=Outcome.REFUSED, code=code, text=text)


def _not_sent(text: str) -> Verdict:
    return Verdict(outcome=Outcome.NOT_SENT, code="not_sent", text=text)
