"""Is every open lot covered by a stop that stands at the venue, whenever the card gives one?

The law: what is asked for is no cover, only a confirmed order is; and it covers where it should stand, and what it is of:
a layer's stop that is too large covers no other layer. What is not covered within `timeout_ms` is asked for again; after
`ATTEMPTS` failures the position is closed and the session halts. Refusals are counted in the ledger, silence is counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from runtime.account.absence import Scope, protects, refusals
from runtime.account.ledger import Ledger
from runtime.account.uncut import too_large
from runtime.account.wanted import wanted
from runtime.backends.base import Loudness, Notice
from runtime.backends.bybit.given_up import REDUCE
from runtime.consequences import upkeep
from runtime.formulas.sums import whole
from runtime.live.owed import closes_everything
from runtime.live.targets import Targets
from runtime.orders.commands import Command, SetProtection, SubmitOrder
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role
from runtime.orders.patience import ATTEMPTS
from runtime.orders.pieces import pieces

PROTECT_MS = 5_000  # a stop may stay unconfirmed for so long


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A stop or target that the venue did not make smaller, as often as is borne; since when, ms UTC."""

    order_id: str
    since: int
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """Lots of one scope without a confirmed stop: since when, ms UTC, how often its stop had been refused in a row by then,
    and how often nobody has answered in time since then."""

    since: int
    before: int
    silences: int = 0


@dataclass(slots=True)
class Coverage:
    """How long which part of the position has been without its stop; times in ms."""

    timeout_ms: int = PROTECT_MS
    open: dict[Scope, Open] = field(
        default_factory=dict
    )  # scopes with lots without a confirmed stop
    asked_at: int = 0
    counted_from: int = 0  # when the session started
    misplaced: tuple[tuple[str, float], ...] = ()  # stops not where they should be: id and trigger
    misplaced_since: int = 0
    unmoved: dict[Scope, int] = field(default_factory=dict)  # refusals before a scope was misplaced
    too_large: tuple[TooLarge, ...] = ()  # what the venue did not make smaller
    took_ms: list[int] = field(default_factory=list)  # from fill to confirmed stop
    targets: Targets = field(default_factory=Targets)  # those that do not stand

    @property
    def since(self) -> int | None:
        """Return since when lots have been without a confirmed stop, ms UTC; None where none are."""
        return min((one.since for one in self.open.values()), default=None)

    def open_lots(self, ledger: Ledger) -> int:
        """Return how many lots should be covered and are not, by orders the venue has confirmed."""
        return whole(_short(ledger).values())

    def look(self, ledger: Ledger, ts: int) -> None:
        """Note since when something is open, or how long it took until it was covered.

        What was refused before a scope was short is no failure to cover it.
        """
        short = _short(ledger)
        if short and not self.open:
            self.asked_at = ts
        for scope in [scope for scope in self.open if scope not in short]:
            self.took_ms.append(ts - self.open.pop(scope).since)
            del self.took_ms[:-1_000]
        for scope in short:
            count = refusals(ledger.absences, scope)
            one = self.open.get(scope) or Open(ts, count)
            self.open[scope] = replace(one, before=min(count, one.before))

        self._look_where(ledger, ts)
        known = {one.order_id: one for one in self.too_large}
        self.too_large = tuple(
            known.get(order_id, TooLarge(order_id, ts)) for order_id in _too_large(ledger)
        )
        self.targets.look(ledger, ts)

    def _look_where(self, ledger: Ledger, ts: int) -> None:
        """Note since when which stops stand elsewhere than they should; one that moves is on its way."""
        orders = [order for order, _ in _elsewhere(ledger)]
        found = tuple((order.order_id, order.trigger_price or 0.0) for order in orders)
        scopes = [(order.spec.role, order.spec.layer) for order in orders]
        self.unmoved = _refused_before(ledger, scopes, self.unmoved)
        if found != self.misplaced:
            self.misplaced, self.misplaced_since = found, ts

    def is_stuck(self, ledger: Ledger, ts: int) -> bool:
        """Return whether a stop that should stand elsewhere was refused there, or silent, as often as is borne."""
        if not self.misplaced:
            return False
        refused = max(_refused_since(ledger, self.unmoved), default=0)
        return refused >= ATTEMPTS or self._misplaced_for(ts) >= ATTEMPTS * self.timeout_ms

    def news(self, ledger: Ledger, ts: int) -> Iterator[Notice]:
        """Yield what is told of stops and targets that have been too large for a while: each once."""
        for n, one in enumerate(self.too_large):
            if one.is_told or self._for(one.since, ts) < self.timeout_ms:
                continue
            told = replace(one, is_told=True)
            self.too_large = (*self.too_large[:n], told, *self.too_large[n + 1 :])
            order, lots = ledger.orders[one.order_id], _too_large(ledger)[one.order_id]
            kind, price = ("target", order.limit_price) if order.is_target else ("stop", None)
            price = order.trigger_price if price is None else price
            text = (
                f"{one.order_id}, a {kind} at {price}, stands for {order.remaining} lots where {lots} are its: making it "
                f"smaller failed {order.uncut} times (refused, lost or no room); it is asked for again, and for another in "
                f"its place"
            )
            yield Notice(kind=f"{kind}_too_large", loudness=Loudness.ALARM, text=text, ts=ts)

    def closes_others(self, ledger: Ledger, ts: int) -> bool:
        """Return whether a stop has been too large for longer than is borne, and would close lots that are not its own."""
        position = ledger.position
        if position is None or not self.too_large:
            return False
        lots = _too_large(ledger)
        return any(
            self._for(one.since, ts) >= ATTEMPTS * self.timeout_ms
            and not ledger.orders[one.order_id].is_target  # its stop bounds what that costs
            and lots.get(one.order_id, position.quantity) < position.quantity
            for one in self.too_large
        )

    def is_passed(self, ledger: Ledger, price: float, ts: int) -> bool:
        """Return whether the market is beyond where a stop should stand and has not stood for so long."""
        if not self.misplaced or self._misplaced_for(ts) < self.timeout_ms:
            return False
        return any((goal - price) * -order.side.sign >= 0 for order, goal in _elsewhere(ledger))

    def _misplaced_for(self, ts: int) -> int:
        return self._for(self.misplaced_since, ts)

    def _for(self, since: int, ts: int) -> int:
        return ts - max(since, self.counted_from)

    def restarted(self, ts: int) -> None:
        """Let the time in which nobody was there count for nobody's failure."""
        self.counted_from = self.asked_at = self.targets.counted_from = ts

    def has_failed(self, ledger: Ledger) -> bool:
        """Return whether a stop that is missing was refused, or not confirmed, as often as is borne: that of one scope."""
        return any(
            one.silences + refusals(ledger.absences, scope) - one.before >= ATTEMPTS
            for scope, one in self.open.items()
        )

    def due(self, ledger: Ledger, ts: int) -> list[Command]:
        """Return what a timer asks for: protection that is missing, requests that did not get through."""
        if self.open and ts - self.asked_at < self.timeout_ms // ATTEMPTS:
            return []
        commands = self.again(ledger, ts)
        if self.open:
            self.asked_at = ts
            asked = set(_scopes(commands, ledger))
            for scope, one in self.open.items():
                # Asked for, not refused, and still not there for one more timeout: what is asked for another says nothing.
                if (
                    scope not in asked
                    and self._for(one.since, ts) >= (one.silences + 1) * self.timeout_ms
                ):
                    self.open[scope] = replace(one, silences=one.silences + 1)
        return commands

    def again(self, ledger: Ledger, ts: int) -> list[Command]:
        """Return what is demanded and is not there, or did not get through while a link was down."""
        reached = self.targets.reached(ledger, ts)
        return list(upkeep(ledger, ledger.bar + 1, ts, again=True, reached=reached))


def _scopes(commands: Iterable[Command], ledger: Ledger) -> Iterator[Scope]:
    """Yield what commands are about: the role and layer of their orders."""
    for command in commands:
        if isinstance(command, SubmitOrder):
            yield command.spec.role, command.spec.layer
        elif not isinstance(command, SetProtection):
            spec = ledger.orders[command.order_id].spec
            yield spec.role, spec.layer


def _refused_before(
    ledger: Ledger, scopes: Iterable[Scope], before: Mapping[Scope, int]
) -> dict[Scope, int]:
    """Return how often in a row a stop of each scope had been refused when it began to be amiss."""
    counts = {scope: refusals(ledger.absences, scope) for scope in scopes}
    return {scope: min(count, before.get(scope, count)) for scope, count in counts.items()}


def _refused_since(ledger: Ledger, before: Mapping[Scope, int]) -> Iterator[int]:
    for scope, count in before.items():
        yield refusals(ledger.absences, scope) - count


def _short(ledger: Ledger) -> dict[Scope, int]:
    """Return the lots that should be covered and are not, of each scope that has such."""
    lots = {
        scope: goal.lots for scope, goal in wanted(ledger).items() if scope[0] is Role.STOP_LOSS
    }
    for order in _stops(ledger) if lots else ():
        scope = order.spec.role, order.spec.layer
        if scope in lots:
            lots[scope] -= order.stands
    return {scope: left for scope, left in lots.items() if left > 0}


def _too_large(ledger: Ledger) -> dict[str, int]:
    """Return the stops and targets that the venue did not make smaller as often as is borne, with the lots that they are of."""
    stands = _standing(ledger)
    if not any(order.uncut for order in stands):
        return {}
    orders: dict[Scope, list[Order]] = {}
    for order in stands:
        orders.setdefault((order.spec.role, order.spec.layer), []).append(order)
    goal = wanted(ledger)
    lots = {scope: goal[scope].lots if scope in goal else 0 for scope in orders}
    return {
        order.order_id: lots[scope]
        for scope, of_it in orders.items()
        for order in too_large(of_it, lots[scope])
    }


def oversized(ledger: Ledger) -> dict[Scope, tuple[int, int]]:
    """Return the lots for which stops or targets stand and those that are theirs, of each scope that has too many."""
    goal, stands = wanted(ledger), dict[Scope, int]()
    for order in _standing(ledger):
        if order.spec.order_type is not OrderType.MARKET:
            scope = order.spec.role, order.spec.layer
            stands[scope] = stands.get(scope, 0) + order.remaining
    lots = {scope: goal[scope].lots if scope in goal else 0 for scope in stands}
    return {scope: (n, lots[scope]) for scope, n in stands.items() if n > lots[scope]}


def _standing(ledger: Ledger) -> list[Order]:
    """Return the confirmed stops and targets of the position; those of one that is gone are none of it."""
    return [o for o in ledger.book if o.is_accepted and protects(o, ledger.position)]


def _stops(ledger: Ledger) -> list[Order]:
    return [order for order in _standing(ledger) if order.spec.role is Role.STOP_LOSS]


def _elsewhere(ledger: Ledger) -> list[tuple[Order, float]]:
    """Return the confirmed stops that stand elsewhere than the card wants them, with where that is."""
    goal = wanted(ledger)
    found: list[tuple[Order, float]] = []
    for order in _stops(ledger):
        target = goal.get((order.spec.role, order.spec.layer))
        if target is None:
            continue
        if order.is_armed_stop and order.trigger_price != target.price:
            found.append((order, target.price))
    return found


def closing(
    ledger: Ledger, ts: int, reason: str, share: float = 1.0, exiting: int = 0
) -> list[Command]:
    """Return what closes a share of the position at market, nothing where a close is on its way.

    A person's `reduce`, which may be in doubt for long, holds back no close of everything. Less than the whole is a share
    of what exits of the card, on their way for so many lots (`exiting`), leave.
    The venue takes no market order above its largest: a larger close is several.
    """
    position = ledger.position
    if position is None or any(_closes_already(order.spec, reason) for order in ledger.book):
        return []
    left = position.quantity if share >= 1 else position.quantity - exiting
    if left <= 0:
        return []
    lots = min(left, max(1, round(left * share)))
    spec = OrderSpec(
        order_id="",
        symbol=position.symbol,
        side=position.side.opposite,
        effect=Effect.REDUCE,
        order_type=OrderType.MARKET,
        quantity=lots,
        role=Role.CLOSE_AT_END,
        reduce_only=True,
        created_bar=ledger.bar,
        created_at=ts,
        reason=reason,
    )
    return [
        SubmitOrder(spec=replace(spec, order_id=ledger.made_id(n), quantity=part))
        for n, part in enumerate(pieces(lots, max(1, ledger.instrument.max_market_lots)))
    ]


def _closes_already(spec: OrderSpec, reason: str) -> bool:
    return closes_everything(spec) or (spec.role is Role.CLOSE_AT_END and reason == REDUCE)
