"""What a session was started with: enough to make its desk again, for a restart and for a replay.

The law: the journal carries it whole. A replay reads no card, no table and no venue of today.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.backends.bybit.pace import Pace, waited
from runtime.errors import DataError
from runtime.live.coverage import PROTECT_MS, Coverage
from runtime.live.decider import Decider
from runtime.live.desk import Desk
from runtime.live.exits import Exits
from runtime.live.guard import SessionLimits
from runtime.live.journal import Journal
from runtime.live.paper import PaperDesk
from runtime.live.targets import Targets
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.market.timeframe import TIMEFRAMES
from runtime.orders.patience import ATTEMPTS
from tools.cards import Overrides
from tools.running import compile_for

_META = "session"
PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What was asked for. `since` ms UTC; `card` is the text of the card, `path` its name."""

    card: str
    path: str
    symbol: str
    venue: str
    instrument: Instrument
    overrides: Overrides = ()
    limits: SessionLimits = SessionLimits()
    run: str = "1"  # names its orders at a venue: one that others trade on needs a fresh one
    since: int = 0
    speed: float = 1.0  # ms of its time in one of the wall: what waits for the wire waits as long

    @property
    def card_hash(self) -> str:
        """Return the digest that stands in order ids and results."""
        return hashlib.sha256(self.card.encode()).hexdigest()

    @property
    def source(self) -> Source:
        return Source(self.path, self.card)

    def write(self, journal: Journal) -> None:
        """Leave it in a journal that has none yet."""
        journal.set_meta(_META, json.dumps(asdict(self)))


def read_facts(journal: Journal) -> SessionFacts | None:
    """Return what a journal says about its session, None for one that was only just made."""
    text = journal.meta(_META)
    return None if text is None else facts_of(text)


def facts_of(text: str) -> SessionFacts:
    """Return the facts that a journal carries as text."""
    row = json.loads(text)
    tiers = tuple(RiskTier(**tier) for tier in row["instrument"].pop("tiers"))
    return SessionFacts(
        **{
            **row,
            "instrument": Instrument(**row["instrument"], tiers=tiers),
            "limits": SessionLimits(**row["limits"]),
            "overrides": tuple((name, value) for name, value in row["overrides"]),
        }
    )


def same_session(held: SessionFacts, asked: SessionFacts) -> None:
    """Raise DataError where a journal was begun with another card, symbol or venue."""
    for name in ("symbol", "venue", "overrides", "card"):
        if getattr(held, name) != getattr(asked, name):
            raise begun_with_another(name)


def begun_with_another(name: str) -> DataError:
    """Return the refusal of a journal whose session was started with another `name`."""
    return DataError(
        f"the journal was begun with another {name}: finish that session first (flat, no orders), "
        "then start in another folder with --out or --name"
    )


def empty_market(program: Program, symbol: str) -> MarketData:
    """Return the feed of a session before its first bar."""
    timeframe = program.graph.timeframe
    return MarketData(exec=Frame(symbol, timeframe, TIMEFRAMES[timeframe]))


def fresh_desk(facts: SessionFacts, program: Program | None = None) -> Decider:
    """Return the desk of a session as it was before its first item."""
    made = program or compile_for(facts.source, facts.overrides, symbol=facts.symbol)
    data = empty_market(made, facts.symbol)
    if facts.venue == PAPER:
        return PaperDesk(made, data, facts.instrument, limits=facts.limits)
    timeout_ms, patience_ms = waited(PROTECT_MS, facts.speed), Pace().at(facts.speed).unheard_ms
    targets = Targets(borne_ms=ATTEMPTS * timeout_ms, patience_ms=patience_ms)
    coverage = Coverage(timeout_ms=timeout_ms, targets=targets)
    exits = Exits(patience_ms=patience_ms)
    return Desk(made, data, facts.instrument, limits=facts.limits, coverage=coverage, exits=exits)
