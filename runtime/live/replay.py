"""A journal lived through again: the same items must bring the same events, commands and state.

The law: a difference is named with its place and never ignored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from runtime.errors import IdeaCardError
from runtime.live.codec import decode, encode
from runtime.live.decider import Decider
from runtime.live.items import Item, Told
from runtime.live.journal import Record, RecordKind
from runtime.orders.events import Event


class Differs(IdeaCardError):
    """A replay brought something else than what the journal holds."""


@dataclass(slots=True)
class Replayed:
    """What a journal held: its items, and every event in order."""

    items: int = 0
    hashes: int = 0
    events: list[Event] = field(default_factory=list)


def replay(records: Iterable[Record], desk: Decider) -> Replayed:
    """Let a fresh desk take the items of a journal; Differs where it does not do as it did."""
    done = Replayed()
    due: list[tuple[RecordKind, str]] = []
    for record in records:
        if record.kind is RecordKind.HASH:
            done.hashes += 1
            found = desk.state_hash()
            if found != record.body:
                raise Differs(f"record {record.seq}: another state, {found[:12]}")
            continue
        if record.kind is RecordKind.ITEM:
            if due:
                raise Differs(f"record {record.seq}: {due[0][1]} is brought and not in the journal")
            due = _take(record, desk, done)
            continue
        if not due or due[0] != (record.kind, record.body):
            brought = due[0][1] if due else "nothing"
            raise Differs(f"record {record.seq}: holds {record.body}, brought is {brought}")
        due.pop(0)
    if due:
        raise Differs(f"at the end: {due[0][1]} is brought and not in the journal")
    return done


def _take(record: Record, desk: Decider, done: Replayed) -> list[tuple[RecordKind, str]]:
    item = decode(record.body)
    if not isinstance(item, Item):
        raise Differs(f"record {record.seq}: a {type(item).__name__} is nothing that comes in")
    commands = desk.take(item)
    done.items += 1
    done.events += desk.brought
    told = item.event if isinstance(item, Told) else None
    return [(RecordKind.EVENT, encode(event)) for event in desk.brought if event is not told] + [
        (RecordKind.COMMAND, encode(command)) for command in commands
    ]
