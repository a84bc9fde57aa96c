"""Exits of the card, and of a person, that came to nothing: asked again until they are done or nothing is left to close.

The law: no exit is given up silently. One at market that was refused, got lost or found too little in the book, and
one at a limit that never came to rest or that the venue has ended unasked, or knows no more, is asked again for what it left, of the position
that it was to close and of no other. Where a rule asks for the same exit at a later close, as large, or one comes to rest under
its ref, that takes its place, each lot once; exits of two actions, or of two fills, are two. What an entry at market that was to
turn the position has left of it is such an exit, and so is what one has opened beyond its own size. A later target size of what
is held ends it. Where the older one is not known to be lost, the same one waits until it has ended: what it fills, however late,
is done, and what it leaves is the later one's. Three that fail in a row halt. What is too large for the venue leaves in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from runtime.account.ledger import Ledger
from runtime.account.turning import turns
from runtime.backends.base import Notice
from runtime.backends.bybit.pace import Pace
from runtime.decide.intent import Intent
from runtime.decide.older_exits import OlderExit, names, takes_its_place
from runtime.decide.refusals import UNCERTAIN, RefusalCode, Refused
from runtime.formulas.sums import whole
from runtime.live.owed import (
    DETOURS,
    IN_DOUBT,
    OVER_LARGEST,
    Attempt,
    Owed,
    Wanted,
    bars_left,
    came_to_nothing,
    closes_everything,
    comes_again,
    ended_by_venue,
    is_exit,
    is_past,
    left_of,
    may_do,
    older_at_market,
    position_number,
    still,
    still_closes,
    too_large,
    waits,
)
from runtime.live.same_exit import is_of_what_is_held, is_replaced, is_rest, is_same, resting_ref
from runtime.live.turned import left_by_turn, owed_by_turn
from runtime.orders.commands import Command, Decided, SubmitOrder
from runtime.orders.events import Event, OrderFilled, OrderSubmitted
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role
from runtime.orders.patience import ATTEMPTS, wait_ms
from runtime.orders.pieces import pieces


@dataclass(slots=True)
class Exits:
    """Exits that are owed, by the name of their part; `tried` are attempts that have not ended, by order id.

    `parts`: how many parts of a card's order have been named. No two have one name, whichever is cut again.
    `patience_ms`: how long an exit that is not found is sought, and waited for by what is to leave when it has ended.
    """

    owed: dict[str, Owed] = field(default_factory=dict)
    tried: dict[str, Attempt] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    patience_ms: int = Pace().unheard_ms

    @property
    def refs(self) -> set[str | None]:
        """Return the refs of the exits that are owed."""
        return {one.spec.order_ref for one in self.owed.values()}

    def heard(self, event: Event, ledger: Ledger, ts: int, wanted: Wanted) -> None:
        """Take an applied event; `wanted`: what a change that was not done was to make of an order."""
        if isinstance(event, OrderSubmitted):
            self._asked(event.spec, ledger)
            return
        order = ledger.orders.get(getattr(event, "order_id", ""))
        if order is not None and isinstance(event, OrderFilled) and order.fills[-1] is event:
            self._shared(order, event.quantity)
            self.done_by(order.order_id, event.quantity)
        if order is None or not order.is_terminal:
            return
        tried, position = self.tried.pop(order.order_id, None), ledger.position
        if tried is not None and turns(order.spec):
            left = left_by_turn(order, tried, ledger)
            self.owed |= {} if left is None else {tried.owed_by: left}
            return
        has_failed = tried is not None and came_to_nothing(event, ledger) is not None
        failed, is_cut = 0, comes_again(order)
        if tried is not None and has_failed:
            has_rested = ended_by_venue(order) and ts - order.spec.created_at >= self.patience_ms
            failed = 1 if has_rested else tried.failed + 1  # one that has stood begins a row
        if self._ended(order.order_id, failed, ts) or tried is None or not (has_failed or is_cut):
            return
        if position is None or position.number != tried.position or not may_do(order, ledger):
            return
        is_refused = has_failed and order.reason not in DETOURS  # else it is due when it may leave
        failed = failed if is_refused else tried.failed
        last = replace(tried, failed=failed, tries=tried.tries + (is_refused or is_cut))
        left = left_of(order, wanted(order), last, ts * is_refused)
        self.owed |= {tried.owed_by: left} if left.lots > 0 else {}

    def turned(self, event: OrderFilled, ledger: Ledger, ts: int) -> list[Notice]:
        """Owe what an applied execution of a turn has opened too much, or left to close; return what is told of it."""
        found = owed_by_turn(event, ledger, ts)
        if found is None:
            return []
        one, notice = found
        self.owed[one.last.owed_by] = one
        return [notice]

    def done_by(self, order_id: str, lots: int) -> None:
        """Take in what is done of an exit that others wait for, by itself or by protection: each lot once."""
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
            tries = max(one.last.tries, failed)
            last = replace(one.last, after=after, failed=max(one.last.failed, failed), tries=tries)
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
        counted: Iterable[OlderExit] = (),
    ) -> None:
        """Take in what a close has decided, its orders asked for already; `cut` are the `id`s of intents cut in size.

        A cancel ends what is owed at a limit: no order works that it could be of. So does another order under its ref, let in
        because it was to replace it. A target that was held against all
        of what is held, and not refused, says how much is to be: it ends what the card owes at market since an older
        close. What follows a fill (`is_asked_once`) is no repetition: it takes the place of nothing.
        """
        self._resized(counted)
        for intent, outcome in outcomes:
            is_target = not isinstance(outcome, Refused) and is_of_what_is_held(intent, ledger)
            for name, one in list(self.owed.items()):
                if one.spec.order_type is not OrderType.MARKET:
                    is_over = names(intent, one.spec) or is_replaced(outcome, one.spec)
                else:
                    is_older = one.spec.created_bar < ledger.bar and one.spec.role is Role.EXIT
                    is_over = is_target and is_older
                if is_over:
                    del self.owed[name]
            if isinstance(outcome, Refused):
                continue
            for command in outcome:
                if (
                    isinstance(command, SubmitOrder)
                    and is_exit(command.spec)
                    and command.spec.order_id in self.tried
                ):
                    order = ledger.orders[command.spec.order_id]
                    repeats = takes_its_place(
                        intent,
                        is_once=is_asked_once(order),
                        rests=resting_ref(order.spec) is not None,
                    )
                    has_counted = id(intent) in cut or is_rest(intent)
                    if repeats:
                        self._take_over(order.spec, ledger, has_counted=has_counted)
                    self._behind(order.spec, ledger, has_counted=has_counted)

    def _resized(self, counted: Iterable[OlderExit]) -> None:
        """Owe as much as a close has asked of exits at a limit that have no order now: their next one is as large."""
        for new in counted:
            for part, old in list(self.owed.items()):
                if new.is_resized and new.spec is old.spec:
                    self.owed |= {part: replace(old, lots=new.lots)}
        self.owed = {part: old for part, old in self.owed.items() if old.lots > 0}

    def _behind(self, spec: OrderSpec, ledger: Ledger, *, has_counted: bool) -> None:
        """Note which older exits at market, their cancel on its way, one of this close waits for.

        One that was cut for them, or asks for the rest, has counted them as done (`has_counted`), but for those that this
        close cancels: it leaves beside them.
        """
        if spec.order_type is not OrderType.MARKET:
            return
        tried = self.tried[spec.order_id]
        going = (
            order.order_id
            for order in older_at_market(spec, ledger)
            if order.leaving is not None and order.order_id not in tried.after
            if not (comes_again(order) and still(order, self.tried.get(order.order_id)))
            if not has_counted or ledger.is_leaving(order)
        )
        self.tried[spec.order_id] = replace(tried, after=(*tried.after, *going))

    def attempts(self) -> list[Attempt]:
        """Return the attempts that have not ended, and the last ones of what is owed."""
        return [*self.tried.values(), *(one.last for one in self.owed.values())]

    def detour(self, command: Command, ledger: Ledger) -> tuple[str, str] | None:
        """Return why an exit does not leave as it is (code, text), None where it may; it is owed then.

        So is what a turning entry is to close, which leaves alone where entries are refused as uncertain.
        """
        if not isinstance(command, SubmitOrder):
            return None
        if turns(command.spec) and ledger.book.is_unsure:
            return RefusalCode.VENUE_UNCERTAIN, UNCERTAIN
        tried = self.tried.get(command.spec.order_id)
        if tried is not None and tried.after:
            return (
                IN_DOUBT,
                f"{', '.join(tried.after)} may still do it; what that leaves is asked for",
            )
        is_large = too_large(command, ledger)
        return (OVER_LARGEST, "the venue takes it in pieces") if is_large else None

    def _asked(self, spec: OrderSpec, ledger: Ledger) -> None:
        """Note an exit: a person's takes the place of what older words owe; of what a card's does, its close says."""
        if not (is_exit(spec) or turns(spec)) or spec.order_id in self.tried:
            return  # none, or a repetition
        number = position_number(ledger)
        self.tried[spec.order_id] = Attempt(spec.order_id, spec.order_id, number)
        if spec.role is Role.CLOSE_AT_END:
            self._take_over(spec, ledger, has_counted=True)

    def _take_over(self, spec: OrderSpec, ledger: Ledger, *, has_counted: bool) -> None:
        """Let an exit take the place of the same ones of older closes, each whole, as far as it is as large.

        Whole is all that one is still to close: what it owes, and its orders that are not known to have ended, in however
        many pieces. Those an exit that has counted them as done (`has_counted`) leaves beside; else it waits for them. A
        close asks for all of its exits before any of them can fail: what is owed is of older ones.
        """
        lots, ref = spec.quantity, resting_ref(spec)
        after: tuple[str, ...] = ()
        doubtful = {} if has_counted else self._doubtful(spec, ledger)
        owed = (one.last.first for one in self.owed.values() if is_same(spec, one.spec))
        for first in dict.fromkeys((*owed, *doubtful)):
            parts = {name: one for name, one in self.owed.items() if one.last.first == first}
            working = doubtful.get(first, [])
            whole_lots = whole(one.lots for one in parts.values())
            whole_lots += whole(still(order, self.tried[order.order_id]) for order in working)
            if ref is None and whole_lots > lots:
                continue
            lots -= whole_lots
            for name, one in parts.items():
                after += one.last.after
                del self.owed[name]
            after += tuple(order.order_id for order in working if order.order_id not in after)
        self.tried[spec.order_id] = replace(self.tried[spec.order_id], after=after)

    def _doubtful(self, spec: OrderSpec, ledger: Ledger) -> dict[str, list[Order]]:
        """Return the orders at market, not known to have ended, of older exits that one repeats, by the exit.

        What another has taken the place of is that one's.
        """
        replaced = {one for other in self.attempts() for one in other.after}
        found: dict[str, list[Order]] = {}
        for order in older_at_market(spec, ledger):
            if is_same(spec, order.spec) and (order.leaving is None or comes_again(order)):
                if order.order_id not in replaced:
                    found.setdefault(self.tried[order.order_id].first, []).append(order)
        return found

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

    def older(self, ledger: Ledger, is_asked_once: Callable[[Order], bool]) -> Iterator[OlderExit]:
        """Yield what older closes have asked for, works under no limit, and may still close: in doubt, on its way, or owed."""
        for spec, lots in (*self.still_closing(ledger, ledger.bar), *self._to_rest(ledger)):
            last = ledger.orders.get(spec.order_id)
            yield OlderExit(spec, lots, last is not None and is_asked_once(last))

    def _to_rest(self, ledger: Ledger) -> Iterator[tuple[OrderSpec, int]]:
        """Yield what comes again at a limit for the position that is held, with its lots."""
        held = 0 if ledger.position is None else ledger.position.quantity
        for one in self.owed.values():
            if one.is_to_rest(ledger):
                yield one.spec, min(one.lots, held)

    def of_card(self, ledger: Ledger) -> int:
        """Return the lots held that exits of the card at market are to close, its last close's too, turns apart."""
        asked = self.still_closing(ledger, ledger.bar + 1)
        lots = whole(lots for spec, lots in asked if spec.role is Role.EXIT)
        return 0 if ledger.position is None else min(lots, ledger.position.quantity)

    def still_closing(self, ledger: Ledger, bar: int) -> Iterator[tuple[OrderSpec, int]]:
        """Yield what was asked for at market before the close of a bar, with the lots that it may still close."""
        position, remaining = ledger.position, dict[str, int]()
        if position is None:
            return
        for order in ledger.book:
            lots = still_closes(order, ledger) if order.spec.created_bar < bar else 0
            if lots:
                remaining[order.order_id] = lots
                yield order.spec, lots
        for one in self.owed.values():
            if one.spec.order_type is not OrderType.MARKET or one.last.position != position.number:
                continue
            lots = one.lots - whole(remaining.get(order_id, 0) for order_id in one.last.after)
            if lots > 0:
                yield one.spec, lots

    def goes_on(self, order_id: str) -> bool:
        """Return whether an exit that has ended is carried out in pieces, none of which was refused."""
        return any(part.first == order_id and not part.failed for part in self.attempts())

    def due(self, ledger: Ledger, ts: int) -> list[Command]:
        """Return what a timer asks for; no exit of a position that is gone, none beside a close of everything."""
        number = None if ledger.position is None else ledger.position.number
        self.owed = {name: one for name, one in self.owed.items() if one.last.position == number}
        if any(closes_everything(order.spec) for order in ledger.book):
            return []
        alive = {one.first for one in self.attempts()}
        self.parts = {first: count for first, count in self.parts.items() if first in alive}
        commands: list[Command] = []
        for name, one in list(self.owed.items()):
            if waits(one, ledger, ts, self.patience_ms) or ts - one.since < wait_ms(
                one.last.failed
            ):
                continue
            del self.owed[name]
            if is_past(one.spec, ledger):
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
        first = ledger.orders.get(last.first)
        is_known = first is not None and first.spec.effect is Effect.REDUCE  # else a turn owes it
        at_market = one.spec.order_type is OrderType.MARKET
        most = max(1, ledger.instrument.max_market_lots) if at_market else None
        for n, part in enumerate(pieces(lots, most)):
            owed_by = last.owed_by
            if n:
                self.parts[last.first] = self.parts.get(last.first, 0) + 1
                owed_by = f"{last.first}p{self.parts[last.first]}"
            spec = replace(
                one.spec, order_id=f"{owed_by}r{last.tries}", quantity=part,
                created_bar=ledger.bar, created_at=ts, ttl_bars=bars_left(one.spec, ledger), rearm=rearm,
                again_of=last.first if is_known else None,
            )  # fmt: skip
            yield replace(last, owed_by=owed_by, after=(), closed=0), spec
