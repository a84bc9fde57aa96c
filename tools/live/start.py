"""From a plan to a session that has lived: made, run, told of.

The law: what protects stays as it is when a session ends, however it ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from compiler.graph.program import Program
from runtime.backends.bybit.names import fresh_run
from runtime.backends.bybit.pybit_http import Keys
from runtime.backends.bybit.reconcile import OnMismatch
from runtime.errors import DataError
from runtime.live.journal import Journal
from runtime.live.lock import lock_account
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from tools.live.checks import Check, Report, check_text, failed, merged, passed
from tools.live.door import Door
from tools.live.facts import (
    SessionFacts,
    begun_with_another,
    facts_of,
    read_facts,
    same_session,
)
from tools.live.folders import JOURNAL, kept_folder, new_folder
from tools.live.local import LocalRun
from tools.live.local_venue import cut, make_venue
from tools.live.plan import Place, Plan
from tools.live.preflight import (
    account_checks,
    card_checks,
    contract_checks,
    instrument_checks,
    key_checks,
    limit_checks,
    machine_checks,
    venue_checks,
)
from tools.live.reading import ReadJournal
from tools.live.venue_facts import prepare, read_account, read_contract, refused
from tools.live.warm_up import bars_wanted
from tools.live.wire import Made, WireRun
from tools.running import compile_for, compile_on, refuse_short_data

_DAY_MS = 86_400_000
_GRACE_MS = 1_000  # of the venue's time after the last close


def market_of(plan: Plan, program: Program) -> tuple[MarketData, Instrument]:
    """Return the bars a local session lives through, recorded or made up, and their instrument."""
    from runtime.market.synthetic import SyntheticSpec, synthetic_market
    from runtime.market.timeframe import TIMEFRAMES

    symbol, graph = program.graph.symbols[0], program.graph
    if plan.feeds.data is not None:
        data, instrument = plan.feeds.load(graph, symbol)
        refuse_short_data(plan.source, program, data, instrument)
        return data, instrument
    if not plan.is_made_up:
        raise DataError(
            "a local session needs a market: --data FILE|STORE lives through recorded bars, "
            "--synthetic through made-up ones"
        )
    count = plan.bars or _DAY_MS // TIMEFRAMES[graph.timeframe]
    warm = bars_wanted(program)
    instrument = plan.feeds.instrument(symbol)
    spec = SyntheticSpec(
        symbol=symbol,
        timeframe=graph.timeframe,
        bars=warm + count,
        seed=plan.seed,
        tick=instrument.tick,
        lot=instrument.lot,
    )
    data = synthetic_market(spec)
    data.first = warm
    return data, instrument


def local_run(plan: Plan) -> tuple[LocalRun, Path]:
    """Return a local session that is ready to run, and its folder."""
    program = compile_on(plan.source, plan.overrides, plan.feeds)
    data, instrument = market_of(plan, program)
    feed = cut(program, data, plan.bars)
    folder = new_folder(plan.out, plan.stem)
    facts = _asked(plan, data.exec.symbol, instrument, feed.frame.ts[feed.start])
    run = LocalRun(
        program, facts, feed, folder, speed=plan.speed, seed=plan.seed, faults=plan.faults
    )
    return run, folder


def local_report(plan: Plan) -> Report:
    """Return what pre-flight can say before a local session: the card, the market, this machine."""
    program = compile_on(plan.source, plan.overrides, plan.feeds)
    data, instrument = market_of(plan, program)
    feed = cut(program, data, plan.bars)
    market = passed("market", f"{feed.stop - feed.start} bars after {feed.start} of warm-up")
    return merged(
        card_checks(plan, program),
        [market],
        instrument_checks(instrument, program),
        machine_checks(plan, plan.out / plan.stem),
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """A session over sockets that may start or not: the report says which.

    `taken_up`: one that was taken up already; where it may not start it `stands_down`.
    """

    report: Report
    make: Callable[[], WireRun]
    folder: Path
    taken_up: WireRun | None = None

    def stand_down(self) -> Report:
        """End what may not start; return the report, with what becomes of what it holds.

        What refuses entries must not keep a fill that nobody has heard of from its stop.
        """
        if self.taken_up is None:
            return self.report
        line = _stood_down(self.taken_up)
        return replace(self.report, checks=(*self.report.checks, line))


def wire_ready(plan: Plan, door: Door, *, starts: bool = False) -> Ready:
    """Look at everything a session on a venue rests on; nothing is written but what `--prepare` sets.

    `starts`: the session is meant to start. One that has lived before is taken up first, by its own card, then
    looked at: the stop that the end of its process has eaten waits neither for a report nor for a card that
    compiles. DataError for a journal of another session, CompileFailed for a card; a note of either says what
    stands.
    """
    folder = plan.out / plan.stem
    taken = _taken_up(plan, door, folder) if starts and door.keys is not None else None
    try:
        if taken is not None:
            taken.hear()
        program = compile_on(plan.source, plan.overrides, plan.feeds)
        if taken is not None:
            symbol = program.graph.symbols[0]
            same_session(taken.facts, _asked(plan, symbol, taken.facts.instrument, door.now()))
        report, facts = _look(plan, program, door, folder)
    except BaseException as fault:
        if taken is not None and isinstance(fault, Exception):
            fault.add_note(check_text(_stood_down(taken)))
        elif taken is not None:
            taken.close()
        raise

    def make() -> WireRun:
        return taken or _wire_run(program, facts, door, folder, plan.on_mismatch)

    return Ready(report, make, folder, taken)


def _stood_down(run: WireRun) -> Check:
    """Have a session that may not start protect what it holds, take its entries away, and end."""
    left = run.stand_down("pre-flight")
    held = run.watch.ledger.position
    what = "nothing is held" if held is None else f"{held.quantity} lots are held"
    if left:
        return failed("stands", f"{what}; {left}", "look at the venue now")
    return passed(
        "stands", f"{what}, with the stops and targets that the card gives; entries were cancelled"
    )


def _taken_up(plan: Plan, door: Door, folder: Path) -> WireRun | None:
    """Take up the session of a journal that says what it is; such a session asks the venue for no facts.

    None where there is none. DataError for one of another venue: this one cannot be asked about it.
    """
    held = _lived(folder / JOURNAL)
    if held is None:
        return None
    if held.venue != plan.venue.value:
        raise begun_with_another("venue")
    program = compile_for(held.source, held.overrides, symbol=held.symbol)
    asked = replace(held, limits=plan.limits)
    return _wire_run(program, asked, door, folder, plan.on_mismatch)


def _lived(journal: Path) -> SessionFacts | None:
    """Return what a journal says of its session; it stays closed to nobody."""
    if not journal.exists():
        return None
    read = ReadJournal(journal)
    try:
        text = read.meta("session")
        return None if text is None else facts_of(text)
    finally:
        read.close()


def _asked(plan: Plan, symbol: str, instrument: Instrument, since: int) -> SessionFacts:
    """Return what a new session is started with; `since` ms UTC."""
    return SessionFacts(
        card=plan.source.text,
        path=plan.source.path,
        symbol=symbol,
        venue=plan.venue.value,
        instrument=instrument,
        overrides=plan.overrides,
        limits=plan.limits,
        since=since,
    )


def _look(plan: Plan, program: Program, door: Door, folder: Path) -> tuple[Report, SessionFacts]:
    """Return the pre-flight report, and what a new session would be started with."""
    symbol, rest = program.graph.symbols[0], door.rest()
    contract = read_contract(rest, symbol, time.strftime("%Y-%m-%d", time.gmtime()))
    instrument = plan.feeds.instrument(symbol) if contract is None else contract.instrument
    is_taken_up = (folder / JOURNAL).exists()
    parts = [card_checks(plan, program), machine_checks(plan, folder)]
    parts.append(venue_checks(rest, door, program))
    parts.append(contract_checks(contract, program, is_taken_up=is_taken_up))
    facts = _asked(plan, symbol, instrument, door.now())
    parts.append(key_checks(door))
    if door.keys is not None:
        done = prepare(rest, symbol, program.graph.settings, door.now()) if plan.prepares else []
        account = read_account(rest, symbol)
        parts.append(account_checks(account, rest, door, program, done, is_taken_up=is_taken_up))
        parts.append(limit_checks(plan.limits, plan.venue))
    return merged(*parts, is_strict=plan.venue is Place.MAINNET), facts


def _wire_run(
    program: Program, asked: SessionFacts, door: Door, folder: Path, on_mismatch: OnMismatch
) -> WireRun:
    """Take the locks, open the journal, take up what it holds, start."""
    with ExitStack() as undone:
        # Before anything is made: a start that is refused leaves no folder.
        lock = None
        if door.keys is not None:
            lock = lock_account(asked.venue, door.keys.key, asked.symbol)
            undone.callback(lock.release)
        kept_folder(folder.parent, folder.name)
        journal = Journal(folder / JOURNAL)
        undone.callback(journal.close)
        held = read_facts(journal)
        if held is None:
            facts = replace(asked, run=fresh_run())
            facts.write(journal)
        else:
            same_session(held, asked)
            facts = replace(held, limits=asked.limits) if not len(journal) else held
        made = Made(
            program=program,
            facts=facts,
            door=door,
            journal=journal,
            folder=folder,
            limits=asked.limits,
            lock=lock,
            on_mismatch=on_mismatch,
        )
        run = WireRun(made)
        undone.pop_all()
        return run


Loopback = tuple[WireRun, Path, Callable[[], bool]]


@contextmanager
def on_loopback(plan: Plan) -> Iterator[Loopback]:
    """Serve the stand-in venue on loopback and yield a session on it, its folder, and whether it is over."""
    from tools.fakebybit.server import serving  # aiohttp is in the extra `live`

    assert plan.speed is not None
    program = compile_on(plan.source, plan.overrides, plan.feeds)
    data, instrument = market_of(plan, program)
    feed = cut(program, data, plan.bars)
    venue = make_venue(instrument, program.graph.settings, feed, plan.seed, faults=plan.faults)
    keys = Keys(venue.settings.key, venue.settings.secret)
    with serving(venue, speed=plan.speed) as served:
        door = Door(
            venue=plan.venue,
            http=served.http,
            streams=served.streams,
            keys=keys,
            now=lambda: venue.now,
        )
        rest, symbol = door.rest(), data.exec.symbol
        failed = refused(prepare(rest, symbol, program.graph.settings, door.now()))
        if failed:
            raise DataError(f"the account cannot be prepared: {'; '.join(failed)}")
        folder = new_folder(plan.out, plan.stem)
        facts = replace(_asked(plan, symbol, instrument, door.now()), speed=plan.speed)
        journal = Journal(folder / JOURNAL)
        facts.write(journal)
        made = Made(program=program, facts=facts, door=door, journal=journal, folder=folder)
        yield WireRun(made), folder, lambda: venue.now > feed.end + _GRACE_MS


def run_until(run: LocalRun, stops: Callable[[], bool], tell: Callable[[int, int], None]) -> None:
    """Live through the feed; a wish to stop ends it between two steps."""

    def told(done: int, total: int) -> None:
        if stops() and not run.cockpit.wish.stops:
            run.cockpit.stop("Ctrl-C", closes=False)
        tell(done, total)

    run.run(told)
