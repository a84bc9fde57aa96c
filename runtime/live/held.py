"""Entries that wait until what makes room for them has ended.

The law: two requests over a wire arrive in any order, and an acknowledged cancel has no effect yet. An entry
of the other side that came before the exit of its close would net the position, and the exit would find
nothing to reduce; so it leaves when the exit has ended, and not at all where that left something of the
position. An entry whose margin an order that is being cancelled still ties up leaves when that has ended. One
that nothing asks for again leaves when what holds entries back has passed, where that passes by itself; one
that is to turn a position does not wait, for it is as large as that was. What waits is at no venue: a change of it is
done at once, and it leaves as it is by then: not where the market has passed its own stop or target meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from runtime.account.ledger import Ledger
from runtime.account.margin import closing_gain, free_margin, missing_margin
from runtime.account.turning import turns
from runtime.backends.base import HELD_MS, STALE_MS
from runtime.decide.levels import check_levels
from runtime.decide.refusals import Refused
from runtime.orders.changes import amended, as_changed
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SubmitOrder
from runtime.orders.events import OrderAmended
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Side

_SEEN_MS = 60_000  # a price so old says where the market was


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest price of the market that was told, and when, ms UTC."""

    price: float = 0.0
    ts: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry, with the ids of the exits and of the entries, leaving or older, that it waits for, since when (ms UTC).

    `is_held`: it waits until entries are held back no more.
    """

    order_type: OrderType
    exits: tuple[str, ...]
    entries: tuple[str, ...]
    since: int
    is_held: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        return self.exits + self.entries

    @property
    def patience(self) -> int:
        """Return how long it may wait, in ms: what rests at a price may longer than what is at market."""
        return HELD_MS if self.is_held and self.rests else STALE_MS

    @property
    def rests(self) -> bool:
        return self.order_type is not OrderType.MARKET

    def waits_on(self, ts: int, seen: Seen, *, is_held: bool) -> bool:
        """Return whether it waits for what holds entries back, an answer, or somebody to see the market again."""
        is_blind = self.rests and ts - seen.ts > _SEEN_MS
        return self.is_held and (is_held or is_blind) and ts - self.since <= self.patience


@dataclass(slots=True)
class Held:
    """Entries by order id, each with what it waits for."""

    waits: dict[str, Waiting] = field(default_factory=dict)

    @property
    def kept(self) -> set[str]:
        """Return the entries that wait until entries are held back no more."""
        return {order_id for order_id, waiting in self.waits.items() if waiting.is_held}

    def keep(
        self,
        commands: Sequence[Command],
        ledger: Ledger,
        ts: int,
        is_held: Callable[[SubmitOrder], bool],
        *,
        is_closed: bool,
    ) -> list[Command]:
        """Return what may leave of the commands of one close; a cancel of what is held is none.

        `is_held`: whether an entry is to wait until entries are held back no more; `is_closed`: whether they are held back,
        or the fate of a request is unknown.
        """
        exits = [
            command.spec
            for command in commands
            if isinstance(command, SubmitOrder) and _closes(command.spec)
        ]
        kept: list[Command] = []
        for command in commands:
            if isinstance(command, SubmitOrder) and command.spec.effect is Effect.OPEN:
                spec = command.spec
                before = tuple(x.order_id for x in exits if x.side is spec.side)
                is_way_out = is_closed and _closes_now(spec, ledger)
                waiting = Waiting(
                    spec.order_type,
                    () if spec.carries else before,
                    _in_the_way(ledger.orders[spec.order_id], ledger)
                    + (() if is_way_out else self._to_open_first(spec, ledger)),
                    ts,
                    is_held(command),
                )
                if waiting.ids or waiting.is_held:
                    self.waits[spec.order_id] = waiting
                    continue
            if not (isinstance(command, CancelOrder) and command.order_id in self.waits):
                kept.append(command)
        return kept

    def _to_open_first(self, spec: OrderSpec, ledger: Ledger) -> tuple[str, ...]:
        """Return the older entries at market that wait and open the other side: a close counts them as filled."""
        return tuple(
            order_id
            for order_id, waiting in self.waits.items()
            if not waiting.rests and ledger.orders[order_id].side is not spec.side
        )

    def resized(self, ledger: Ledger) -> list[Command]:
        """Return the changes of entries that turn a position and wait no more: each closes what is held by now."""
        ready = (
            ledger.orders[order_id]
            for order_id, waiting in self.waits.items()
            if all(_has_ended(ledger, one) for one in waiting.ids)
        )
        return [
            AmendOrder(order_id=x.order_id, quantity=_total_now(x, ledger), opens=x.opens)
            for x in ready
            if not _is_as_large(x, ledger)
        ]

    def changed(self, asked: Command, ledger: Ledger, ts: int) -> OrderAmended | None:
        """Return the change of an order that waits, which is done at once; None for anything else asked."""
        if not isinstance(asked, AmendOrder) or asked.order_id not in self.waits:
            return None
        waiting = self.waits[asked.order_id]
        going = _in_the_way(ledger.orders[asked.order_id], ledger)  # larger, it may need more
        self.waits[asked.order_id] = replace(
            waiting, entries=tuple(dict.fromkeys(waiting.entries + going))
        )
        return amended(asked, ledger.bar + 1, ts, before_leaving=True)

    def due(
        self,
        ledger: Ledger,
        ts: int,
        goes_on: Callable[[str], bool],
        *,
        is_held: bool,
        seen: Seen,
    ) -> Iterator[tuple[SubmitOrder, str, str]]:
        """Yield what waits no more, with why it is not to leave, as code and text, "" where it may.

        `goes_on`: whether an exit that has ended is being carried out in pieces; `is_held`: whether entries are
        held back by what passes by itself; `seen`: where the market is. What was held back leaves when that is known,
        and the fate of every request.
        """
        for order_id, waiting in list(self.waits.items()):
            order = ledger.orders[order_id]
            command = SubmitOrder(spec=as_changed(order))
            if order.is_terminal:  # nobody has it, and the venue was asked
                del self.waits[order_id]
            elif order.leaving is not None:
                del self.waits[order_id]
                yield command, order.leaving.reason, ""
            elif waiting.waits_on(ts, seen, is_held=is_held or ledger.book.is_unsure):
                pass
            elif all(
                _has_ended(ledger, one) and not goes_on(one) for one in waiting.ids
            ) and _is_as_large(order, ledger):  # else it is resized first
                del self.waits[order_id]
                is_kept = waiting.is_held and is_held  # that is the guard's to say
                why = ("", "") if is_kept else _not_after_all(waiting, order, ledger, ts, seen)
                yield command, *why


def _not_after_all(
    waiting: Waiting, order: Order, ledger: Ledger, ts: int, seen: Seen
) -> tuple[str, str]:
    """Return why an entry that has waited is not to leave, as code and text, "" where it may."""
    position = ledger.position
    if waiting.exits and position is not None and position.side is not order.side:
        return "would_flip", "what it waited for did not make room"
    if ts - waiting.since > waiting.patience:
        text = "what it waited for took too long: it was decided on another market"
        return "too_old", text
    try:
        check_levels(order, seen.price, ledger.instrument)
    except Refused as refused:
        return refused.code, f"{refused.text}: the market has come there while it waited"
    return "", ""


def _closes(spec: OrderSpec) -> bool:
    return spec.effect is Effect.REDUCE and spec.order_type is OrderType.MARKET


def _closes_now(spec: OrderSpec, ledger: Ledger) -> bool:
    """Return whether an entry at market is the way out of what is held, not only of what is to be opened."""
    return turns(spec) and _against(spec.side, ledger) > 0


def _total_now(order: Order, ledger: Ledger) -> int:
    """Return the total by which an entry that has not left closes what is held now and opens its own size."""
    return order.total_with(_against(order.side, ledger))


def _against(side: Side, ledger: Ledger) -> int:
    """Return the lots that are held of the other side."""
    position = ledger.position
    return 0 if position is None or position.side is side else position.quantity


def _is_as_large(order: Order, ledger: Ledger) -> bool:
    """Return whether an entry that has not left closes what is held, where it is to turn that."""
    return (
        order.is_terminal or not order.spec.carries or order.quantity == _total_now(order, ledger)
    )


def _in_the_way(order: Order, ledger: Ledger) -> tuple[str, ...]:
    """Return the entries whose cancel is on its way, where an entry needs the margin they tie up.

    An armed stop needs none until it triggers.
    """
    going = tuple(x.order_id for x in ledger.book if x.is_going and x.spec.effect is Effect.OPEN)
    if not going or order.is_armed_stop:
        return ()
    return going if _is_short(ledger, order) else ()


def _is_short(ledger: Ledger, order: Order) -> bool:
    """Return whether margin could be short for an order while all others stand.

    Of several that turn a position only the oldest closes it: the venue counts the others as opening.
    """
    price = order.reference_price(ledger.close)
    if missing_margin(ledger, order, price, order.remaining) is not None:
        return True
    position, loss = ledger.position, 0.0
    if position is not None and position.side is not order.side:
        lots = min(order.remaining, position.quantity)
        gain = closing_gain(ledger, position.side, position.avg_entry_price, lots, price)
        loss = max(0.0, -gain)
    return free_margin(ledger, order.side) < loss


def _has_ended(ledger: Ledger, order_id: str) -> bool:
    """Return whether an order has ended; one that the ledger has let go of has."""
    order = ledger.orders.get(order_id)
    return order is None or order.is_terminal
