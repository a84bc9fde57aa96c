"""Everything that can change a decision of a session, as values: what the journal holds and a replay takes.

The law: the desk sees nothing else. Clocks, streams, people and limits reach it as items or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.backends.base import Notice
from runtime.market.instrument_facts import Instrument
from runtime.orders.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The backend tells an event of an order or of the account."""

    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BarArrived:
    """A bar has closed. `start` ms UTC; `decides`: the newest one, on which rules decide."""

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    mark: float
    source: str  # stream | rest
    received: int
    decides: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSaid:
    """A stream is up or down. `mark` of the process that starts, where it is not its journal's first (`Naming`)."""

    link: str
    is_up: bool
    why: str
    ts: int
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """A person, or the session for one, says a word: pause resume halt flatten cancel reduce limit stop."""

    word: str
    by: str
    ts: int
    name: str = ""  # of the limit or the order
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """Time has passed; `ts` ms UTC."""

    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Ledger and venue were compared and agree; `ts`: when the venue was asked, ms UTC."""

    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What the venue values the position at between two closes: its mark price, in USDT.

    `is_traded`: not that, but what was traded last, told while an entry waits to leave, or a target was refused.
    """

    price: float
    ts: int
    is_traded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingKnown:
    """The rate of a funding time `due` (ms UTC), a fraction: longs pay when it is positive."""

    due: int
    rate: float
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsChanged:
    """The venue says other facts of the contract. `closed`: why nothing new may be opened, "" if it may."""

    instrument: Instrument
    closed: str
    ts: int


Item = (
    Told
    | BarArrived
    | Notice
    | LinkSaid
    | Ordered
    | TimerFired
    | Reconciled
    | Marked
    | FundingKnown
    | FactsChanged
)
