"""What every desk is, whatever answers it: items in, commands out, one account, one guard.

The law: pure. The same items give the same events, commands and state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from compiler.graph.program import Program
from runtime.account.ledger import Ledger
from runtime.account.room import scopes_of
from runtime.account.standing import followed
from runtime.backends.base import Notice
from runtime.backends.bybit.given_up import REDUCE
from runtime.decide.refusals import RefusalCode
from runtime.engine import Engine
from runtime.live.coverage import Coverage, closing
from runtime.live.guard import Guard
from runtime.live.items import BarArrived, FactsChanged, Item, Ordered
from runtime.live.owed import is_exit
from runtime.live.promised import Promised
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import (
    AmendOrder,
    CancelOrder,
    Command,
    Decided,
    SetProtection,
    SubmitOrder,
)
from runtime.orders.events import (
    Event,
    OrderRejected,
    RequestRefused,
)
from runtime.orders.order_spec import PROTECTIVE, Effect
from runtime.rules.market_stage import MarketStage
from runtime.rules.rows_needed import rows_needed

Row = tuple[int, float, float, float, float, float]
_BLOCK = 1_000  # bars


class Decider(Protocol):
    """The deciding part of a session. `brought`: the events that the last item led to, in order.

    `archived`: orders the last item took out of the ledger. `lost`: what is told after it, of what was asked for once.
    `agreed_at`: when ledger and venue last agreed.
    """

    ledger: Ledger
    market: MarketStage
    engine: Engine
    guard: Guard
    coverage: Coverage
    promised: Promised
    brought: list[Event]
    archived: list[str]
    lost: list[Notice]
    agreed_at: int | None

    def take(self, item: Item) -> list[Command]:
        """Take one item and return what is to be asked of the venue, in order."""
        ...

    @property
    def to_close(self) -> int:
        """Return the lots of the position that were to be closed and for which nothing is on its way just now."""
        ...

    @property
    def uncompared_since(self) -> int | None:
        """Return when a person wanted flat what the venue holds, where no look since then has found both to agree."""
        ...

    @property
    def to_ask(self) -> list[str]:
        """Return the exits, by ref, that are to leave or to change and for which nothing is on its way just now."""
        ...

    @property
    def to_come(self) -> list[str]:
        """Return the exits that come again or wait, by ref or id: each may be cancelled."""
        ...

    def parts(self, name: str) -> list[str]:
        """Return the orders of an exit that have not ended, by the id of any order of it."""
        ...

    def comes(self, name: str) -> bool:
        """Return whether something of a ref or an order comes again, or waits, though no order of it works."""
        ...

    @property
    def in_doubt(self) -> list[str]:
        """Return the entries that were given up so lately that they may fill yet."""
        ...

    @property
    def kept(self) -> Collection[str]:
        """Return the entries that leave when entries are held back no more."""
        ...

    def state_hash(self) -> str:
        """Return a digest of everything the account has become."""
        ...


class HoldsBars:
    """What the market has shown a desk."""

    market: MarketStage
    _data: MarketData
    _has_begun: bool

    @property
    def first(self) -> int:
        """Return the number of the first bar that may be decided on; of the next one, where there is none."""
        return self._data.first

    @property
    def bars(self) -> Frame:
        """The closed bars, in order. The oldest were let go of; those that stay keep their numbers."""
        return self._data.exec

    def take_bars(self, rows: Iterable[Row], first: int) -> None:
        """Take the bars of a snapshot; nothing is decided on them. `first`: as it was then."""
        self._data.first = first
        take_in(rows, self._data.exec, self.market)

    def _begin(self, item: BarArrived, bar: int) -> None:
        """Count bars from the first that may be decided on, as a back-test does from the first that is traded."""
        self._has_begun = self._has_begun or item.decides
        if not self._has_begun:
            self._data.first = bar + 1


def state_hash(ledger: Ledger, guard: Guard) -> str:
    """Return a digest of everything an account has become, and of what holds its entries."""
    text = repr((ledger.state(), guard.halted, sorted(guard.blocked)))
    return hashlib.sha256(text.encode()).hexdigest()


def cancels(ledger: Ledger, reason: str, order_id: str = "") -> list[Command]:
    """Return the cancels of what would open more, or of one order; protection stays."""
    return [
        CancelOrder(order_id=order.order_id, reason=reason)
        for order in ledger.book
        if not order.is_going
        and (order.is_own or is_exit(order.spec))
        and (order.order_id == order_id if order_id else order.spec.effect is Effect.OPEN)
    ]


def protects(command: Command, ledger: Ledger) -> bool:
    """Return whether a command protects, reduces or cancels: it leaves whatever becomes of the journal."""
    match command:
        case SubmitOrder(spec=spec):
            return spec.effect is Effect.REDUCE
        case AmendOrder(order_id=order_id):
            return ledger.orders[order_id].spec.effect is Effect.REDUCE
        case CancelOrder():
            return True
        case SetProtection():
            return False


def unfollowed(item: Item, engine: Engine) -> list[str]:
    """Return what is told after a close of late lots whose `on_fill` was refused: nothing asks for it again."""
    if not isinstance(item, BarArrived):
        return []
    bar, closed = engine.ledger.bar, RefusalCode.FILL_ALREADY_CLOSED
    return [
        f"{late.lots} lots of {late.order_id} filled after its `on_fill` was asked for, and `{one.intent.kind}` of "
        f"them was refused: {one.code}, {one.text}"
        for one in engine.refusals
        if one.bar == bar and (late := one.intent.late) is not None
        if one.code not in (closed, RefusalCode.IN_FLIGHT, RefusalCode.VENUE_UNCERTAIN)
    ]


def moves_since(frame: Frame, ledger: Ledger, ts: int) -> Iterator[Event]:
    """Yield what the bars bring that closed between a fill at `ts` and the news of it: its trail has lived through them.

    Apply one before the next is taken.
    """
    first = len(frame)
    while first > frame.first and frame.close_time(first - 1) > ts:
        first -= 1
    for bar in range(first, len(frame)):
        prices = {"high": frame.high[bar], "low": frame.low[bar], "close": frame.close[bar]}
        yield from followed(ledger, bar, frame.ts[bar], frame.close_time(bar), **prices)


def take_facts(item: FactsChanged, engine: Engine, guard: Guard) -> None:
    """Take other facts of the contract; one whose grid is another is another contract."""
    held, told = engine.ledger.instrument, item.instrument
    guard.is_regridded = held.lot != told.lot
    if (held.tick, held.lot) != (told.tick, told.lot):
        guard.halt(
            f"the grid of {told.symbol} is tick {told.tick}, lot {told.lot} now, it was "
            f"{held.tick}, {held.lot}: start anew when flat"
        )
    else:
        engine.take_facts(told)
    if item.closed:
        guard.block("market", item.closed)
    else:
        guard.lift("market")


def is_back(told: Instrument, desk: Decider) -> bool:
    """Return whether a contract whose grid was another counts as the ledger does again: news to a start, too."""
    return desk.guard.is_regridded and told.lot == desk.ledger.instrument.lot


_LEAST_BARS = 2_000  # people ask about so many, and a fill may be told so late


def recent_bars(program: Program) -> int:
    """Return how many bars a session holds at least; it holds twice as many at most."""
    return max(_LEAST_BARS, rows_needed(program))


def holding_recent(data: MarketData) -> MarketData:
    """Return the feeds of a session: its bars can be let go of."""
    bars = data.exec
    assert not len(bars), "a session's bars come one by one"
    return replace(data, exec=Frame.recent(bars.symbol, bars.timeframe, bars.interval_ms))


def take_in(rows: Iterable[Row], bars: Frame, market: MarketStage) -> None:
    """Take bars (start in ms UTC, open, high, low, close, volume) that are only to be computed on, a block at a time."""
    for row in rows:
        bars.append(*row)
        if len(bars) - market.done >= _BLOCK:
            market.advance(len(bars))
    market.advance(len(bars))


ENDING = "ending"  # why entries wait while a session ends; the next start lifts it
CLOSING = "closing"  # why they wait after a `resume`, until all that was to be closed is

Give = Callable[[Sequence[Decided]], list[Command]]


def obey(
    item: Ordered, engine: Engine, guard: Guard, ts: int, give: Give, exiting: int = 0
) -> list[Command]:
    """Do what a person said and return what it asks for; `give` announces commands (`Engine.give`).

    `exiting`: the lots of what is held that exits of the card, on their way, are to close.
    """
    ledger = engine.ledger
    match item.word:
        case "pause":
            guard.block("paused", f"by {item.by}")
        case "resume":
            guard.resume()
        case "halt":
            guard.halt(f"by {item.by}")
        case "limit" | "limit_set":
            guard.limit(item.name, item.value, by_start=item.word == "limit_set")
            if guard.is_over(ledger):  # what stands was let out under the looser one
                return give(cancels(ledger, "limit"))
        case "stop":
            # An entry that fills when nobody is there would have no stop.
            guard.block(ENDING, f"stopped by {item.by}")
            return give(cancels(ledger, "stop"))
        case "flatten":
            guard.block("paused", f"flattened by {item.by}")
            return give(cancels(ledger, "flatten")) + give(closing(ledger, ts, "flatten"))
        case "reduce" if item.value < 100 and guard.is_regridded:
            pass  # a part in the old lot is none of the new one
        case "reduce":
            share = min(1.0, max(0.0, item.value / 100))
            return give(closing(ledger, ts, REDUCE, share, exiting))
        case "cancel":
            return give([*cancels(ledger, "user", item.name), *engine.coming(item.name)])
        case _:
            pass  # a word of another version says nothing
    return []


def permitted(
    commands: Sequence[Command],
    ledger: Ledger,
    guard: Guard,
    ts: int,
    refuse: Callable[[SubmitOrder | AmendOrder, str, str], list[Command]],
) -> list[Command]:
    """Drop what the guard holds back; `refuse` ends its request and returns what that demands."""
    kept: list[Command] = []
    asked = [one for wish in commands if isinstance(wish, SetProtection) for one in scopes_of(wish)]
    for command in commands:
        if isinstance(command, SubmitOrder):
            why = guard.refusal(command.spec, ledger, ts, asked)
            if why is not None:
                kept += refuse(command, *why)
                continue
            if command.spec.role not in PROTECTIVE:
                guard.count_order(ts)
        elif isinstance(command, AmendOrder):
            why = guard.refusal_of_change(ledger.orders[command.order_id], command, ledger, ts)
            if why is not None:
                kept += refuse(command, *why)
                continue
        kept.append(command)
    return kept


def rejected(
    command: SubmitOrder | AmendOrder, code: str, text: str, ledger: Ledger, ts: int
) -> OrderRejected | RequestRefused:
    """Return the end of a request that does not leave."""
    bar = ledger.bar + 1
    match command:
        case SubmitOrder(spec=spec):
            return OrderRejected(order_id=spec.order_id, code=code, text=text, bar=bar, ts=ts)
        case AmendOrder(order_id=order_id):
            return RequestRefused(order_id=order_id, request="amend", code=code, bar=bar, ts=ts)
