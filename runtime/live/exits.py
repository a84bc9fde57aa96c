"""Exits of the card, and of a person, that came to nothing: asked again until they are done or nothing is left to close.

The law: no exit is given up silently. One at market that was refused, got lost or found too little in the book, and
one at a limit that never came to rest, is asked again for what it left, of the position that it was to close and of no
other. Where a rule asks for the same exit at a later close, as large, or one comes to rest under its ref, that takes its
place, each lot once; exits of two actions, or of two fills, are two. A later target size of what is held ends it. Where
the older one is not known to be lost, the same one waits until it has ended: what it fills, however late, is done, and
what it leaves is the later one's. Three that fail in a row halt, and it goes on. One that is larger than the venue's
largest market order leaves in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from compiler.catalog.actions import Verb
from runtime.account.ledger import Ledger
from runtime.consequences import ATTEMPTS
from runtime.decide.intent import Intent
from runtime.decide.refusals import Refused
from runtime.formulas.sums import whole
from runtime.live.same_exit import is_of_what_is_held, is_rest, is_same, names, resting_ref
from runtime.orders.commands import Command, Decided, SubmitOrder
from runtime.orders.events import (
    Event,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderSpec, OrderType, Role
from runtime.orders.patience import wait_ms
from runtime.orders.pieces import pieces

OVER_LARGEST = "over_largest"  # it leaves in pieces
IN_DOUBT = "in_doubt"  # an older exit may still do what it is to do
DETOURS = frozenset({OVER_LARGEST, IN_DOUBT})  # why an exit does not leave as it is; no failures
REDUCE = "reduce"  # why a person closes a part of the position
_PATIENCE_MS = 90_000  # how long the end of a cancelled exit is waited for
_CROSSES = "post_only_would_cross"  # the market's word on an order that is there, and the card's own condition


def too_large(command: Command, ledger: Ledger) -> bool:
    """Return whether a command is an exit of the card that the venue takes only in pieces."""
    if not isinstance(command, SubmitOrder):
        return False
    spec = command.spec
    is_exit = spec.role is Role.EXIT and spec.order_type is OrderType.MARKET
    return is_exit and spec.quantity > ledger.instrument.max_market_lots


def _is_exit(spec: OrderSpec) -> bool:
    """Return whether an order is an exit of the card, or what a person's `reduce` closes.

    A close of everything is asked for until nothing is held, by who closes.
    """
    return spec.role is Role.EXIT or (spec.role is Role.CLOSE_AT_END and spec.reason == REDUCE)


def closes_everything(spec: OrderSpec) -> bool:
    """Return whether an order closes the whole position: for a person's word, or because it is not safe."""
    return spec.role is Role.CLOSE_AT_END and spec.reason != REDUCE


def came_to_nothing(event: Event, ledger: Ledger) -> Order | None:
    """Return the exit that an applied event ends although nobody asked for its end, None for all else.

    A resting one counts only where it was refused: what ends later has been there to be seen.
    """
    if not isinstance(event, OrderRejected | OrderCancelled | OrderExpired):
        return None
    order, position = ledger.orders[event.order_id], ledger.position
    if not _is_exit(order.spec) or order.leaving is not None or order.dismissed:
        return None
    if position is None or order.side is position.side or not order.remaining:
        return None
    is_at_market = order.spec.order_type is OrderType.MARKET
    return order if is_at_market or isinstance(event, OrderRejected) else None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One order of what the card's own order `first` is to close.

    `owed_by` names the part of it, `failed` counts the attempts before; `position` is the number of the one that was
    held when the card asked: no other is closed by it. It waits until the orders `after` have ended; `spare` are its lots
    that take the place of none.
    """

    first: str
    owed_by: str
    position: int
    failed: int = 0
    after: tuple[str, ...] = ()
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Owed:
    """What an exit left open: lots, the attempt that ended last, and when it did (ms UTC).

    Of the attempt, `failed` counts that one, too.
    """

    spec: OrderSpec
    lots: int
    last: Attempt
    since: int


@dataclass(slots=True)
class Exits:
    """Exits that are owed, by the name of their part; `tried` are attempts that have not ended, by order id.

    `parts`: how many parts of a card's order have been named. No two have one name, whichever is cut again.
    """

    owed: dict[str, Owed] = field(default_factory=dict)
    tried: dict[str, Attempt] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)

    def heard(self, event: Event, ledger: Ledger, ts: int) -> None:
        """Take an applied event."""
        if isinstance(event, OrderSubmitted):
            self._asked(event.spec, ledger)
            return
        order = ledger.orders.get(getattr(event, "order_id", ""))
        if order is not None and isinstance(event, OrderFilled) and order.fills[-1] is event:
            self._shared(order, event.quantity)
            self._filled_after_all(order.order_id, event.quantity)
        if order is None or not order.is_terminal:
            return
        tried, position = self.tried.pop(order.order_id, None), ledger.position
        has_failed = tried is not None and came_to_nothing(event, ledger) is not None
        failed = tried.failed + 1 if tried is not None and has_failed else 0
        if self._ended(order.order_id, failed, ts) or tried is None or not has_failed:
            return
        if position is None or position.number != tried.position:
            return
        if _may_do(order, ledger):
            is_refused = order.reason not in DETOURS  # else it is due when it may leave
            last = replace(tried, failed=tried.failed + is_refused)
            self.owed[tried.owed_by] = Owed(order.spec, order.remaining, last, ts * is_refused)

    def _filled_after_all(self, order_id: str, lots: int) -> None:
        """Take in what an exit has filled that others wait for: it is done, each lot once."""
        for name, one in list(self.owed.items()):
            if order_id in one.last.after:
                lots -= self._take_off(name, lots)

    def _take_off(self, name: str, lots: int) -> int:
        """Take lots off what is owed under a name; return how many there were to take."""
        one = self.owed[name]
        taken = min(lots, one.lots)
        if taken == one.lots:
            del self.owed[name]
        else:
            self.owed[name] = replace(one, lots=one.lots - taken)
        return taken

    def _ended(self, order_id: str, failed: int, ts: int) -> bool:
        """Let out what waits for an exit that has ended; return whether anything does: nothing else is owed of it.

        `failed`: how often in a row it has come to nothing; what takes its place goes on counting.
        """
        waiting = [name for name, one in self.owed.items() if order_id in one.last.after]
        for name in waiting:
            one = self.owed[name]
            after = tuple(other for other in one.last.after if other != order_id)
            last = replace(one.last, after=after, failed=max(one.last.failed, failed))
            self.owed[name] = replace(one, last=last, since=ts if failed else one.since)
        return bool(waiting)

    def _shared(self, order: Order, lots: int) -> None:
        """Take in what a member of an oco group has filled: an exit gives way to another, and to an entry goes."""
        group = order.spec.order_group
        if not order.spec.oco or group is None:
            return
        for name, one in list(self.owed.items()):
            if not one.spec.oco or one.spec.order_group != group:
                continue
            gives = lots if order.remaining and order.spec.effect is one.spec.effect else one.lots
            self._take_off(name, gives)

    def decided(
        self,
        outcomes: Iterable[tuple[Intent, Sequence[Decided] | Refused]],
        cut: Collection[int],
        ledger: Ledger,
        is_asked_once: Callable[[Order], bool],
    ) -> None:
        """Take in what a close has decided, its orders asked for already; `cut` are the `id`s of intents cut in size.

        A cancel ends what is owed at a limit: no order works that it could be of. A target that was held against all
        of what is held, and not refused, says how much is to be: it ends what the card owes at market since an older
        close. What follows a fill (`is_asked_once`) is no repetition: it takes the place of nothing.
        """
        for intent, outcome in outcomes:
            is_target = not isinstance(outcome, Refused) and is_of_what_is_held(intent, ledger)
            for name, one in list(self.owed.items()):
                if one.spec.order_type is not OrderType.MARKET:
                    is_over = names(intent, one.spec)
                else:
                    is_older = one.spec.created_bar < ledger.bar and one.spec.role is Role.EXIT
                    is_over = is_target and is_older
                if is_over:
                    del self.owed[name]
            if isinstance(outcome, Refused):
                continue
            for command in outcome:
                if isinstance(command, SubmitOrder) and command.spec.order_id in self.tried:
                    order = ledger.orders[command.spec.order_id]
                    repeats = intent.spec.verb is Verb.EXIT and not is_asked_once(order)
                    if repeats:
                        self._take_over(order.spec)
                    has_counted = id(intent) in cut or is_rest(intent)
                    self._behind(order.spec, ledger, has_counted=has_counted, repeats=repeats)

    def _behind(self, spec: OrderSpec, ledger: Ledger, *, has_counted: bool, repeats: bool) -> None:
        """Note which older exits at market, not known to have ended, one of this close waits for.

        Those whose cancel is on its way, and those that it `repeats`, as far as it is as large. One that was cut for
        them, or asks for the rest, has counted them as done (`has_counted`): it leaves beside them.
        """
        if spec.order_type is not OrderType.MARKET:
            return
        tried = self.tried[spec.order_id]
        takes_place = repeats and not has_counted
        after, spare = tried.after if takes_place else (), tried.spare
        replaced = {one for other in self._all() for one in other.after}
        for order in ledger.book:
            older = order.spec
            is_older = older.role is Role.EXIT and older.created_bar < spec.created_bar
            if not is_older or older.order_type is not OrderType.MARKET or order.order_id in after:
                continue
            if order.leaving is None:
                if not takes_place or not is_same(spec, older):
                    continue
                if order.order_id in replaced or order.remaining > spare:
                    continue
                spare -= order.remaining
            elif has_counted and not ledger.is_leaving(order):
                continue
            after += (order.order_id,)
        self.tried[spec.order_id] = replace(tried, after=after, spare=spare)

    def _all(self) -> list[Attempt]:
        """Return the attempts that have not ended, and the last ones of what is owed."""
        return [*self.tried.values(), *(one.last for one in self.owed.values())]

    def detour(self, command: Command, ledger: Ledger) -> tuple[str, str] | None:
        """Return why an exit does not leave as it is (code, text), None where it may; it is owed then."""
        if not isinstance(command, SubmitOrder):
            return None
        tried = self.tried.get(command.spec.order_id)
        if tried is not None and tried.after:
            return (
                IN_DOUBT,
                f"{', '.join(tried.after)} may still do it; what that leaves is asked for",
            )
        is_large = too_large(command, ledger)
        return (OVER_LARGEST, "the venue takes it in pieces") if is_large else None

    def _asked(self, spec: OrderSpec, ledger: Ledger) -> None:
        """Note an exit that is asked for: a person's takes the place of what older words owe.

        What a card's takes the place of its close says (`decided`).
        """
        if not _is_exit(spec):
            return
        if spec.order_id in self.tried:
            return  # a repetition
        number = 0 if ledger.position is None else ledger.position.number
        self.tried[spec.order_id] = Attempt(
            spec.order_id, spec.order_id, number, spare=spec.quantity
        )
        if spec.role is not Role.EXIT:
            self._take_over(spec)

    def _take_over(self, spec: OrderSpec) -> None:
        """Let an exit take the place of what is owed of the same one, as far as it is as large.

        A close asks for all of its exits before any of them can fail: what is owed is of older ones.
        """
        lots, ref = spec.quantity, resting_ref(spec)
        after: tuple[str, ...] = ()
        for name, one in list(self.owed.items()):
            if not is_same(spec, one.spec):
                continue
            if ref is not None:
                del self.owed[name]
            elif one.lots <= lots:
                lots -= one.lots
                after += one.last.after
                del self.owed[name]
        self.tried[spec.order_id] = replace(self.tried[spec.order_id], after=after, spare=lots)

    @property
    def has_failed(self) -> bool:
        """Return whether an exit has failed as often as is borne."""
        return any(one.last.failed >= ATTEMPTS for one in self.owed.values())

    def lots(self, ledger: Ledger) -> int:
        """Return the lots that are owed of the position that is held."""
        position = ledger.position
        if position is None:
            return 0
        owed = whole(one.lots for one in self.owed.values() if one.last.position == position.number)
        return min(owed, position.quantity)

    def goes_on(self, order_id: str) -> bool:
        """Return whether an exit that has ended is carried out in pieces, none of which was refused."""
        return any(part.first == order_id and not part.failed for part in self._all())

    def due(self, ledger: Ledger, ts: int) -> list[Command]:
        """Return what a timer asks for; no exit of a position that is gone, none beside a close of everything."""
        number = None if ledger.position is None else ledger.position.number
        self.owed = {name: one for name, one in self.owed.items() if one.last.position == number}
        if any(closes_everything(order.spec) for order in ledger.book):
            return []
        alive = {one.first for one in self._all()}
        self.parts = {first: count for first, count in self.parts.items() if first in alive}
        commands: list[Command] = []
        for name, one in list(self.owed.items()):
            if _waits(one, ledger, ts) or ts - one.since < wait_ms(one.last.failed):
                continue
            del self.owed[name]
            if _is_over(one.spec, ledger):
                continue
            for part, spec in self._again(one, ledger, ts):
                self.tried[spec.order_id] = part
                commands.append(SubmitOrder(spec=spec))
        return commands

    def _again(self, one: Owed, ledger: Ledger, ts: int) -> Iterator[tuple[Attempt, OrderSpec]]:
        """Yield the next attempt, for what is left of the position: its parts, an order each."""
        assert ledger.position is not None
        lots, last, rearm = min(one.lots, ledger.position.quantity), one.last, one.spec.rearm
        if rearm is not None:
            rearm = rearm.of_part(last.first, one.spec.quantity)
        at_market = one.spec.order_type is OrderType.MARKET
        most = max(1, ledger.instrument.max_market_lots) if at_market else None
        for n, part in enumerate(pieces(lots, most)):
            owed_by = last.owed_by
            if n:
                self.parts[last.first] = self.parts.get(last.first, 0) + 1
                owed_by = f"{last.first}p{self.parts[last.first]}"
            spec = replace(
                one.spec, order_id=f"{owed_by}r{last.failed}", quantity=part,
                created_bar=ledger.bar, created_at=ts, ttl_bars=_left(one.spec, ledger), rearm=rearm,
            )  # fmt: skip
            yield replace(last, owed_by=owed_by, after=()), spec


def _waits(one: Owed, ledger: Ledger, ts: int) -> bool:
    """Return whether what is owed waits for another exit: one that works under its ref, or one in doubt.

    One that the card still wants is sent again under its own name until it is found or given up: nothing else would
    arrive sooner. For the end of one that is being cancelled nobody waits longer than for an answer.
    """
    ref = resting_ref(one.spec)
    if ref is not None and ledger.book.by_ref(ref) is not None:
        return True
    is_patient = ts - one.spec.created_at < _PATIENCE_MS
    older = (ledger.orders[order_id] for order_id in one.last.after)
    return any(is_patient or order.leaving is None for order in older)


def _may_do(order: Order, ledger: Ledger) -> bool:
    """Return whether asking for an exit once more may help: a limit may be too large, or cross by its own condition."""
    if order.spec.order_type is OrderType.MARKET:
        return True
    return order.reason != _CROSSES and order.remaining <= ledger.instrument.max_lots


def _left(spec: OrderSpec, ledger: Ledger) -> int | None:
    """Return the bars that an exit has left to live, None without an end."""
    return None if spec.ttl_bars is None else spec.ttl_bars - (ledger.bar - spec.created_bar)


def _is_over(spec: OrderSpec, ledger: Ledger) -> bool:
    left = _left(spec, ledger)
    return left is not None and left <= 0
