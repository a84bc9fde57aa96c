"""One program over a history: bars into the simulator, events into the engine, rows out.

The law: the market stage is computed for the whole history first, which is safe because its rows
never depend on later bars; the account stage then lives through one bar after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from compiler.catalog.builtins import FUNDINGS
from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.account.ledger import Ledger
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.engine import Engine
from runtime.formulas.sums import whole
from runtime.market.checks import guess_interval
from runtime.market.data import MarketData
from runtime.market.frame import Closes
from runtime.market.instrument_facts import Instrument
from runtime.market.whole_columns import missing_rows
from runtime.records.fired_cases import case_rows
from runtime.records.kept_promises import KeptPromises
from runtime.records.recorder import Recorder
from runtime.records.rows import Matching, RunRecord, renumber
from runtime.rules.begun_before import begun_before, waits_for_times
from runtime.rules.data_fit import check_fit, lacking_series
from runtime.rules.ended_in_holes import ended_in_holes
from runtime.rules.market_stage import MarketStage
from runtime.rules.same_times import SameTimes
from runtime.rules.tier import Tier

Progress = Callable[[int, int], None]
_TELLS_ITSELF = 20  # rows from which on a funding series says by itself how often it is paid
_REPORT_EVERY = 1024
_AHEAD = 256  # bars that are looked at for quiet ones; looked at again after what a close decides


def run_backtest(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    *,
    progress: Progress | None = None,
    flip: bool = True,
    source: Source | None = None,
    market: MarketStage | None = None,
    tier: Tier = Tier.PLAIN,
    told: Callable[[str], None] | None = None,
) -> RunRecord:
    """Run a program over `data.exec` from row `data.first` on and return what it left behind.

    Bars of the record are counted from that row: `data.traded()` holds the bars they number.

    With `flip`, a run in which bars settled decisions by their path is run once more with those bars
    walked the other way, for `ambiguity.pnl_if_flipped`. `source` gives rows their card lines,
    `market` is what `market_stage` returned for the same program and data, computed here if absent.
    `tier` says whether the account kernel may make the run; `told` hears why it does not, where it is
    asked for. DataError where data and program do not fit.
    """
    check_fit(program, data, instrument)
    market = market or market_stage(program, data)
    made = None
    if tier is not Tier.PLAIN:
        made = _by_kernel(
            program, data, instrument, market, tier=tier, told=told, source=source, flip=flip
        )
    if made is not None:
        if progress is not None:
            progress(len(data.exec), len(data.exec))
        return _told_of(made, program, data, instrument)
    record = _run(program, data, instrument, market, source=source, progress=progress)
    bars = frozenset(record.ambiguity.bars)
    if flip and bars:
        other = _run(program, data, instrument, market, source=None, flipped=bars)
        start = program.graph.settings.account.starting_equity_usdt
        record.ambiguity.pnl_if_flipped = other.equity.equity[-1] - start
    return _told_of(record, program, data, instrument)


def _told_of(
    record: RunRecord, program: Program, data: MarketData, instrument: Instrument
) -> RunRecord:
    """Count a record's bars from the first that was traded, and say what its reader must know."""
    renumber(record, data.first)
    record.warnings = warnings_for(program, data, instrument, record)
    return record


def _by_kernel(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    market: MarketStage,
    *,
    tier: Tier,
    told: Callable[[str], None] | None,
    source: Source | None,
    flip: bool,
) -> RunRecord | None:
    """Return the record of the account kernel, None where the readable engine has to make it."""
    from runtime.batch.choose import kernels_for

    kernels = kernels_for(tier, len(data.exec))
    if kernels is None:
        return None
    from runtime.batch.account_run import GivenUp
    from runtime.batch.backtest import attempt

    try:
        return attempt(program, data, instrument, market, kernels, source=source, flip=flip)
    except GivenUp as given_up:
        if told is not None:
            told(str(given_up))
        return None


def market_stage(
    program: Program,
    data: MarketData,
    tier: Tier = Tier.AUTO,
    *,
    only_columns: bool = False,
    known: SameTimes | None = None,
) -> MarketStage:
    """Return features, structures and market rules of the whole history: once for all its readers.

    `only_columns` and `known` as `MarketStage` has them.
    """
    market = MarketStage(program, data, tier=tier, only_columns=only_columns, known=known)
    market.advance(len(data.exec))
    return market


def wire(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    market: MarketStage,
    flipped: frozenset[int] = frozenset(),
) -> tuple[Engine, SimulatedExchange]:
    """Return a fresh engine and the simulator that answers it."""
    settings = program.graph.settings
    ledger = Ledger(instrument, settings)
    engine = Engine(program, ledger, market, instrument)
    exchange = SimulatedExchange(ledger, data, instrument, settings, engine.apply, flipped=flipped)
    return engine, exchange


def _run(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    market: MarketStage,
    *,
    source: Source | None,
    progress: Progress | None = None,
    flipped: frozenset[int] = frozenset(),
) -> RunRecord:
    engine, exchange = wire(program, data, instrument, market, flipped)
    line_of = (lambda _: 0) if source is None else (lambda at: source.location(at).line)
    recorder = Recorder(engine.ledger, data.exec, exchange.paths_of, line_of)
    engine.listeners.append(recorder)
    kept = None
    if program.graph.invariants and not flipped:
        kept = KeptPromises(program, engine, line_of)
    total = len(data.exec)
    closes = Closes(data.exec, exchange.marks.close)
    bar = told = data.first
    if progress is not None:
        progress(bar, total)
    while bar < total:
        stop = bar
        if kept is None or not kept.wants_every_close:
            stop = exchange.quiet_until(bar, min(total, bar + _AHEAD))
        if stop > bar:
            first, bar = bar, engine.pass_by(bar, stop, closes)
            recorder.pass_by(first, bar + 1)
            exchange.pass_by(first, bar + 1)
        else:
            exchange.step(bar)
            engine.observe(bar)
        if kept is not None:
            kept.at_close(bar)
        commands = engine.close_bar(bar, ticked=True)
        if commands:
            exchange.submit(commands)
        if progress is not None and bar - told >= _REPORT_EVERY:
            told = bar
            progress(bar, total)
        bar += 1
    exchange.end_of_data(total - 1)
    record = recorder.finish(engine.refusals, engine.cuts)
    record.promises = [] if kept is None else kept.rows
    record.cases = case_rows(program.graph, engine.fired, line_of)
    _note_tally(record, exchange)
    if progress is not None:
        progress(total, total)
    return record


def _note_tally(record: RunRecord, exchange: SimulatedExchange) -> None:
    """Write down what the simulated market counted of its own doing."""
    tally = exchange.tally
    record.ambiguity.count = tally.ambiguous_decisions
    record.ambiguity.bars = list(tally.ambiguous_bars)
    record.magnify_fallback_bars = exchange.parts.fallbacks
    record.matching = Matching(
        fill_before_cancel=tally.fill_before_cancel,
        denied_by_model=tally.denied_by_model,
        remainder_improvement_usdt=tally.remainder_improvement,
        market_above_volume=tally.above_volume,
        most_of_a_bars_volume=tally.most_of_volume or None,
        bars_without_volume=exchange.data.exec.volume.count(0.0),
        bounded_by_bankruptcy=tally.bounded,
        borne_by_the_fund_usdt=tally.borne,
    )


def warnings_for(
    program: Program, data: MarketData, instrument: Instrument, record: RunRecord
) -> list[str]:
    """Return what a reader of the result must know about the run."""
    said = list(data.notes)
    notes = " ".join(data.notes)
    if data.first:
        said.append(
            f"{data.first:,} bars before the first traded one warmed up what the card reads "
            f"(it asks for {program.warmup_bars - 1:,})"
        )
    if cold := data.cold(program.warmup_bars):
        first = "the first bar warms" if cold == 1 else f"the first {cold:,} bars warm"
        said.append(f"{first} up what the card reads")
    if data.first + data.before == 0:
        said.extend(begun_before(program.graph.features, data.exec.ts[:1]))
    said.extend(waits_for_times(program.graph))
    said.extend(ended_in_holes(program.graph, data.exec))
    if data.synthetic:
        said.append("the market is synthetic")
    if data.mark is None and "mark" not in notes:
        said.append("no mark prices: liquidation and funding use traded prices")
    if data.funding is None and "funding" not in notes:
        said.append("no funding rates: funding is not counted")
    said.extend(lacking_series(program.graph, data))
    if data.funding is None and any(name == FUNDINGS for name, _ in program.accounts):
        said.append(f"`{FUNDINGS}`, which the card reads, stays 0: there are no funding rates")
    lacking = lacking_funding(data, instrument)
    if lacking:
        said.append(
            f"{lacking:,} funding times of the run are not in the funding series: nothing was charged there"
        )
    if (missing := missing_bars(data)) and "missing" not in notes:
        said.append(f"{missing} bars are missing; nothing is matched in a hole")
    if record.magnify_fallback_bars:
        said.append(f"{record.magnify_fallback_bars} bars had no finer bars to look into")
    said.append(f"instrument facts of {instrument.symbol} as of {instrument.as_of}")
    return said


def lacking_funding(data: MarketData, instrument: Instrument) -> int:
    """Return how many funding times a series lacks between two that it has, inside the run.

    It has one so often as it mostly has; a series of few rows as the instrument says.
    """
    if data.funding is None or not len(data.exec):
        return 0
    times = data.funding.ts
    usual = guess_interval(times) if len(times) >= _TELLS_ITSELF else 0
    usual = usual or instrument.funding_interval_minutes * 60_000
    begin, end = data.exec.ts[data.first], data.exec.close_time(-1)
    held = ((a, b) for a, b in pairwise(times) if b > begin and a < end)
    return whole(max(0, (b - a) // usual - 1) for a, b in held)


def missing_bars(data: MarketData) -> int:
    """Return how many bars the execution feed lacks between its first and its last."""
    return missing_rows(data.exec.ts, data.exec.interval_ms)
