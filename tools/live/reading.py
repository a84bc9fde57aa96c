"""A journal read by people's tools: never written, whether its session runs or not.

The law: a journal of another version is not guessed at; what is read is what was flushed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runtime.live.codec import decode
from runtime.live.decider import Decider
from runtime.live.items import BarArrived
from runtime.live.journal import JournalError, Record, RecordKind, version
from runtime.live.replay import Replayed, replay
from runtime.market.data import MarketData
from runtime.orders.events import Event, OrderSubmitted
from runtime.orders.order import Order
from tools.live.facts import SessionFacts, empty_market, facts_of, fresh_desk, program_of
from tools.live.folders import JOURNAL


class ReadJournal:
    """One journal, open for reading. A folder stands for the journal in it."""

    def __init__(self, path: Path) -> None:
        """Open it; JournalError for what is none, or of another version."""
        self.path = path / JOURNAL if path.is_dir() else path
        if not self.path.exists():
            raise JournalError(f"{self.path}: no such journal")
        try:
            uri = f"{self.path.resolve().as_uri()}?mode=ro"
            self._db = sqlite3.connect(uri, uri=True, isolation_level=None)
            held = self.meta("version")
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: not a journal of a session ({error})") from None
        if held != version():
            raise JournalError(
                f"{self.path} is of version {held}, this is {version()}: the version that wrote it "
                "reads it"
            )

    def meta(self, name: str) -> str | None:
        row = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def records(self, start: int = 1) -> Iterator[Record]:
        """Yield records from a sequence number on."""
        rows = self._db.execute("select * from records where seq >= ? order by seq", (start,))
        for seq, ts, kind, body in rows:
            yield Record(seq, ts, RecordKind(kind), body)

    def facts(self) -> SessionFacts:
        """Return what the session was started with; JournalError where nothing says so."""
        text = self.meta("session")
        if text is None:
            raise JournalError(f"{self.path}: the session never started")
        return facts_of(text)

    def __len__(self) -> int:
        return int(self._db.execute("select coalesce(max(seq), 0) from records").fetchone()[0])

    def backup(self, into: sqlite3.Connection) -> None:
        """Copy everything that was flushed, consistent, while a session may write."""
        self._db.backup(into)

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
    found = [
        item
        for record in journal.records()
        if record.kind is RecordKind.ITEM and '"BarArrived"' in record.body
        if isinstance(item := decode(record.body), BarArrived)
    ]
    return Lived(facts, desk, done, orders, found)


def market_of(lived: Lived) -> MarketData:
    """Return the bars of a session as a history: what warmed up comes before `first`."""
    program = program_of(lived.facts.source, lived.facts.overrides, lived.facts.symbol)
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
    return data
