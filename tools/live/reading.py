"""A journal read by people's tools: never written, whether its session runs or not.

The law: a journal of another version is not guessed at; what is read is what was flushed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runtime.live.codec import decode
from runtime.live.decider import Decider
from runtime.live.items import BarArrived, Ordered
from runtime.live.journal import (
    JournalError,
    Record,
    RecordKind,
    copy_records,
    last_in,
    meta_in,
    open_to_read,
    records_in,
)
from runtime.live.paper import PaperDesk
from runtime.live.replay import Replayed, replay
from runtime.market.data import FundingSeries, MarketData
from runtime.orders.events import Event, FundingPaid, OrderSubmitted
from runtime.orders.order import Order
from tools.live.facts import SessionFacts, empty_market, facts_of, fresh_desk
from tools.live.folders import JOURNAL
from tools.running import compile_for

_MINUTE_MS = 60_000
_WANTED = ('"BarArrived"', '"Ordered"')


class ReadJournal:
    """One journal, open for reading. A folder stands for the journal in it."""

    def __init__(self, path: Path) -> None:
        """Open it; JournalError for what is none, or of another version."""
        self.path = path / JOURNAL if path.is_dir() else path
        self._db = open_to_read(self.path)

    def meta(self, name: str) -> str | None:
        return meta_in(self._db, name)

    def records(self, start: int = 1) -> Iterator[Record]:
        """Yield records from a sequence number on."""
        return records_in(self._db, start)

    def facts(self) -> SessionFacts:
        """Return what the session was started with; JournalError where nothing says so."""
        text = self.meta("session")
        if text is None:
            raise JournalError(f"{self.path}: the session never started")
        return facts_of(text)

    def __len__(self) -> int:
        return last_in(self._db)

    def copy(self, path: Path) -> None:
        """Copy its records into a new file, consistent, while a session may write."""
        copy_records(self._db, path)

    def close(self) -> None:
        self._db.close()


@dataclass(slots=True)
class Lived:
    """A session lived through again. `orders`: every one it ever had, also those it let go of."""

    facts: SessionFacts
    desk: Decider
    done: Replayed
    orders: dict[str, Order] = field(default_factory=dict)
    bars: list[BarArrived] = field(default_factory=list)
    words: list[Ordered] = field(default_factory=list)


def live_again(
    journal: ReadJournal, watch: Callable[[Decider], None] = lambda _desk: None
) -> Lived:
    """Replay a journal into a fresh desk; Differs where it does not do as it did."""
    facts = journal.facts()
    desk = fresh_desk(facts)
    orders: dict[str, Order] = {}

    def heard(event: Event) -> None:
        if isinstance(event, OrderSubmitted):
            orders[event.spec.order_id] = desk.ledger.orders[event.spec.order_id]

    desk.engine.listeners.append(heard)
    watch(desk)
    done = replay(journal.records(), desk)
    bars, words = list[BarArrived](), list[Ordered]()
    for record in journal.records():
        # COST: only what is looked for is decoded.
        if record.kind is RecordKind.ITEM and any(name in record.body for name in _WANTED):
            item = decode(record.body)
            if isinstance(item, BarArrived):
                bars.append(item)
            elif isinstance(item, Ordered):
                words.append(item)
    return Lived(facts, desk, done, orders, bars, words)


def market_of(lived: Lived) -> MarketData:
    """Return the bars of a session as a history: what warmed up comes before `first`.

    Funding rates are those the session knew: all of them on paper, else those at which it paid.
    """
    program = compile_for(lived.facts.source, lived.facts.overrides, symbol=lived.facts.symbol)
    data = empty_market(program, lived.facts.symbol)
    frame = data.exec
    first: int | None = None
    for bar in lived.bars:
        if len(frame) and bar.start <= frame.ts[-1]:
            continue
        if bar.decides and first is None:
            first = len(frame)
        frame.append(bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume)
    data.first = first if first is not None else len(frame)
    data.funding = lived.desk.funding if isinstance(lived.desk, PaperDesk) else _paid(lived)
    return data


def _paid(lived: Lived) -> FundingSeries:
    """Return the rates at which a session paid; the word of them comes a moment after their time."""
    found = {
        event.ts // _MINUTE_MS * _MINUTE_MS: event.rate
        for event in lived.done.events
        if isinstance(event, FundingPaid)
    }
    series = FundingSeries()
    for due in sorted(found):
        series.ts.append(due)
        series.rate.append(found[due])
    return series
