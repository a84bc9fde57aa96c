"""Which targets do not stand at the venue, since when, and which of them the market has reached meanwhile.

The law: a target is an exit and is not given up silently. What it is short of is asked for again as long as its position is
held (`upkeep`). Where the market is seen at its price while its lots do not stand, they are closed at market: the card says
that the position ends there, and a back-test has ended it; at a limit the price must have been passed, which would have
filled it. What was reached stays so when the market turns, and when the target stands again: it is owed, as an exit that
was refused is, until the card moves the target or the position is gone. Owed are the lots that did not stand then: what an
entry adds later is for the target, wherever that entry puts it. Nothing is closed twice: beside an order that may
still fill nothing leaves, and where it is a part of what is held, one that is not found is waited for as long as it is
sought.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from runtime.account.absence import Scope, refusals
from runtime.account.ledger import Ledger
from runtime.account.short import short_targets
from runtime.account.wanted import Wanted, wanted
from runtime.backends.base import Loudness, Notice
from runtime.backends.bybit.given_up import NOT_RECEIVED
from runtime.backends.bybit.pace import Pace
from runtime.live.items import BarArrived
from runtime.live.owed import closes_everything, position_number
from runtime.orders.events import Event, OrderFilled, ProtectionChanged
from runtime.orders.order_spec import OrderType, Role
from runtime.orders.patience import ATTEMPTS

_WATCHED_MS = 1_000  # a target without an answer for so long is watched: the market may pass it
_LATE_MS = 5_000  # after so long it was not there to be met; a stop's timeout
_BORNE_MS = 15_000  # a target may stay away for so long before it is told; a stop's three timeouts


@dataclass(frozen=True, slots=True)
class Missing:
    """A target that does not stand: what is short, since when (ms UTC), and how many lots were since when (`grew`).

    `has_failed`: a request of it was refused, was lost or has no answer.
    """

    short: Wanted
    since: int
    grew: tuple[tuple[int, int], ...] = ()
    has_failed: bool = False

    def of(self, short: Wanted, ts: int) -> Missing:
        """Return it with what is short now."""
        kept = tuple((since, min(lots, short.lots)) for since, lots in self.grew)
        kept = tuple(one for n, one in enumerate(kept) if not n or one[1] > kept[n - 1][1])
        if not kept or kept[-1][1] < short.lots:
            kept = (*kept, (ts, short.lots))
        return replace(self, short=short, grew=kept)

    def lots(self, since: int) -> int:
        """Return how many lots have not stood since a time."""
        return max((lots for began, lots in self.grew if began <= since), default=0)


@dataclass(frozen=True, slots=True)
class Reached:
    """What the market has reached at `at` (ms UTC) while it did not stand: its lots that are still to be closed.

    `since`: when it began not to stand. `has_failed`: a request of it was refused, was lost or has had no answer: it is
    owed, standing or not. Else it is on its way, and met by the venue.
    """

    short: Wanted
    since: int
    at: int
    has_failed: bool = False


@dataclass(slots=True)
class Targets:
    """The targets that do not stand, and the sentences about those that are told of; times in ms."""

    borne_ms: int = _BORNE_MS
    patience_ms: int = Pace().unheard_ms
    missing: dict[Scope, Missing] = field(default_factory=dict)
    met: dict[Scope, Reached] = field(default_factory=dict)
    told: dict[Scope, str] = field(default_factory=dict)
    position: int = 0  # number of the one that they are of
    counted_from: int = 0  # when the session started
    is_watched: bool = False  # one was refused, or stays away: what is traded is to be looked at

    def look(self, ledger: Ledger, ts: int) -> None:
        """Note what is short, since when, and what is to be told."""
        number = position_number(ledger)
        if number != self.position:
            self.position, self.missing, self.met, self.told = number, {}, {}, {}
        found: dict[Scope, Missing] = {}
        for scope, short in short_targets(ledger).items():
            before = self.missing.get(scope)
            one = (before or Missing(short, ts)).of(short, ts)
            if before is not None and not _is_at(one.short, before.short):
                grew = ((ts, short.lots),)  # what came before is no price of it
                one = replace(one, since=ts, grew=grew)
            found[scope] = replace(one, has_failed=self._has_failed(ledger, scope, one, ts))
        away, goal = set(found), wanted(ledger) if self.met else {}
        for scope, met in list(self.met.items()):
            known = found.get(scope)
            if known is not None and known.has_failed and _is_at(known.short, met.short):
                met = self.met[scope] = replace(met, has_failed=True)
            if scope not in goal or not (met.has_failed or known is not None):
                del self.met[scope]
            elif known is None:
                found[scope] = Missing(met.short, met.since, has_failed=True)
        self.missing = found
        self.told = {scope: text for scope, text in self.told.items() if scope in found}
        self.is_watched = False
        for scope in away:
            one = found[scope]
            refused, silent = refusals(ledger.absences, scope), self._silent(one, ts)
            self.is_watched |= one.has_failed or silent >= _WATCHED_MS
            if refused >= ATTEMPTS or silent >= self.borne_ms:
                self.told.setdefault(scope, _told(ledger, scope, one.short))

    def traded(self, ledger: Ledger, price: float, ts: int) -> None:
        """Note which missing targets are reached by a price that was traded now."""
        self._reached(ledger, price, price, ts)

    def closed(self, ledger: Ledger, bar: BarArrived, ts: int) -> None:
        """Note what a bar has reached that closed at `ts`: all of it counts where it began after the target was missing."""
        self._reached(ledger, bar.close, bar.close, ts)
        self._reached(ledger, bar.low, bar.high, ts, since=bar.start)

    def heard(self, event: Event, ledger: Ledger) -> None:
        """Take an applied event: what closed lots that were reached, and where the card moves a target, which ends that."""
        if isinstance(event, OrderFilled):
            spec = ledger.orders[event.order_id].spec
            met = self.met.get((spec.role, spec.layer))
            if met is not None and spec.order_type is OrderType.MARKET:
                self._left((spec.role, spec.layer), met, met.short.lots - event.quantity)
            goal = wanted(ledger) if self.met else {}
            for scope, met in list(self.met.items()):  # another exit may have closed some of them
                held = goal[scope].lots if scope in goal else 0
                self._left(scope, met, min(held, met.short.lots))
        elif isinstance(event, ProtectionChanged):
            scope, booking = (Role.TAKE_PROFIT, event.layer), ledger.booking
            met, is_brought = self.met.get(scope), booking is not None and booking.brought is event
            if met is not None and not is_brought:
                if not _is_at(wanted(ledger).get(scope), met.short):
                    del self.met[scope]

    def _left(self, scope: Scope, met: Reached, lots: int) -> None:
        """Note how many lots of what was reached are left, if any."""
        if lots > 0:
            self.met[scope] = replace(met, short=replace(met.short, lots=lots))
        else:
            del self.met[scope]

    def _reached(
        self, ledger: Ledger, low: float, high: float, ts: int, since: int | None = None
    ) -> None:
        position = ledger.position
        if position is None:
            return
        best = high if position.side.sign > 0 else low
        for scope, one in self.missing.items():
            lots, met = one.lots(ts if since is None else since), self.met.get(scope)
            if not lots or (met is not None and met.short.lots >= lots):
                continue
            past = (best - one.short.price) * position.side.sign
            is_there = past > 0 or (past == 0 and not one.short.is_limit)
            if is_there:
                is_late = self._silent(one, ts) >= _LATE_MS
                short = replace(one.short, lots=lots)
                self.met[scope] = Reached(short, one.since, ts, one.has_failed or is_late)

    def reached(self, ledger: Ledger, ts: int) -> dict[Scope, tuple[int, int]]:
        """Return what is to be closed at market: since when, and how many lots; nothing beside a close of everything.

        One that was never refused is on its way, and the venue meets it; not for ever. The ledger may know more than what was
        looked at last: another position.
        """
        if any(closes_everything(order.spec) for order in ledger.book):
            return {}
        owed = {scope: self.met[scope] for scope in self.owed(ledger, ts)}
        return {
            scope: (one.at, one.short.lots)
            for scope, one in owed.items()
            if not self._is_sought(ledger, scope, one, ts)
        }

    def owed(self, ledger: Ledger, ts: int) -> dict[Scope, int]:
        """Return the lots that are owed, those first that were reached first; an order for them may be sought yet."""
        if not self.met or self.position != position_number(ledger):
            return {}
        goal = wanted(ledger)
        return {
            scope: one.short.lots
            for scope, one in sorted(self.met.items(), key=lambda met: met[1].at)
            if scope in goal and self._has_failed(ledger, scope, one, ts)
        }

    def closed_by_others(self, scope: Scope, lots: int) -> None:
        """Take lots that somebody else closes off what is owed."""
        met = self.met[scope]
        self._left(scope, met, met.short.lots - lots)

    def _is_sought(self, ledger: Ledger, scope: Scope, one: Reached, ts: int) -> bool:
        """Return whether a request that nobody found may still come true, and would close what another target is for."""
        position = ledger.position
        if position is None or one.short.lots >= position.quantity:
            return False
        if _is_in_doubt(ledger, scope):
            return self._silent(one, ts) < self.patience_ms
        return any(
            ts - order.spec.created_at < self.patience_ms
            for order in ledger.orders.values()  # another in its place may stand meanwhile
            if order.reason == NOT_RECEIVED and (order.spec.role, order.spec.layer) == scope
        )

    def _has_failed(self, ledger: Ledger, scope: Scope, one: Missing | Reached, ts: int) -> bool:
        is_refused = one.has_failed or refusals(ledger.absences, scope) > 0
        return is_refused or _is_in_doubt(ledger, scope) or self._silent(one, ts) >= self.borne_ms

    def _silent(self, one: Missing | Reached, ts: int) -> int:
        return ts - max(one.since, self.counted_from)


def _is_at(target: Wanted | None, other: Wanted) -> bool:
    return target is not None and (target.price, target.is_limit) == (other.price, other.is_limit)


def _is_in_doubt(ledger: Ledger, scope: Scope) -> bool:
    """Return whether a request about a target's order went out and nobody knows what became of it."""
    return any(
        order.uncertain for order in ledger.book if (order.spec.role, order.spec.layer) == scope
    )


def _name(scope: Scope) -> str:
    layer = scope[1]
    return "the target" if layer is None else f"the target of layer {layer}"


def _told(ledger: Ledger, scope: Scope, short: Wanted) -> str:
    absence = ledger.absences.get(scope)
    why = "what was asked for has no answer"
    if absence is not None and absence.refusals:
        why = f"what was asked for failed {absence.refusals} times in a row, the last with `{absence.code}`"
    return (
        f"{_name(scope)} of {short.lots} lots at {short.price} does not stand: {why}; it is asked for again until it "
        "does, and closed at market where the market reaches it"
    )


@dataclass(slots=True)
class TargetNews:
    """What people were told of the targets that do not stand, by this process: each once, and its end."""

    told: dict[Scope, str] = field(default_factory=dict)

    def news(self, targets: Targets, ledger: Ledger, ts: int) -> list[Notice]:
        """Return what is new."""
        if targets.told == self.told:
            return []
        before, self.told = self.told, dict(targets.told)
        return list(self._between(before, ledger, ts))

    def _between(self, before: dict[Scope, str], ledger: Ledger, ts: int) -> Iterator[Notice]:
        for scope, text in self.told.items():
            if scope not in before:
                yield Notice(kind="target_missing", loudness=Loudness.ALARM, text=text, ts=ts)
        for scope in [one for one in before if one not in self.told]:
            layer, position = scope[1], ledger.position
            if position is not None and (layer is None or position.layer(layer) is not None):
                text = f"{_name(scope)} that did not stand does, or is done"
                yield Notice(kind="target_back", loudness=Loudness.NOTE, text=text, ts=ts)
