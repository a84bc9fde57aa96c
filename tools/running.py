"""Wiring a compiled card to the runtime, as the commands that run one share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.findings.source import Source
from tools.cards import Overrides

if TYPE_CHECKING:
    from compiler.findings.diagnostics import Diagnostic
    from compiler.graph.program import Program
    from runtime.market.data import MarketData
    from runtime.market.instrument_facts import Instrument
    from runtime.reports import Extra, RunFiles
    from runtime.reports.trust_note import TrustNote
    from runtime.rules.market_stage import MarketStage
    from tools.feeds import Feeds

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one back-test left: its files and the text for the terminal."""

    files: RunFiles
    summary: str


def compile_for(
    source: Source,
    overrides: Overrides = (),
    *,
    despite_lint: bool = False,
    symbol: str | None = None,
) -> Program:
    """Compile a card that is to run, on `symbol` or its first; CompileFailed carries every finding.

    What lint calls an error stops it too, unless `despite_lint`: a card that can never trade is no
    answer to a question about its results.
    """
    from compiler.findings.diagnostics import CompileFailed
    from compiler.pipeline import check, compile_card, compile_graph

    if despite_lint:
        return compile_card(source, overrides, symbol=symbol)
    checked = check(source, overrides, symbol=symbol)
    if checked.graph is None or checked.has_errors:
        raise CompileFailed(source, checked.diagnostics)
    return compile_graph(checked.graph)


def compile_on(
    source: Source, overrides: Overrides, feeds: Feeds, *, despite_lint: bool = False
) -> Program:
    """Compile a card that is to run on one symbol: that of `feeds` if it says one, else its first."""
    return compile_for(source, overrides, despite_lint=despite_lint, symbol=feeds.symbol)


def run_card(
    source: Source,
    feeds: Feeds,
    overrides: Overrides,
    out: Path,
    *,
    report: bool = True,
    flip: bool = True,
    progress: Progress | None = None,
    despite_lint: bool = False,
    tier: str = "auto",
    told: Callable[[str], None] | None = None,
) -> list[Outcome]:
    """Compile a card and run it on each of its symbols (or on that of `feeds`), one outcome each.

    `tier` and `told` as in `run_program`.
    """
    program = compile_on(source, overrides, feeds, despite_lint=despite_lint)
    symbols = (feeds.symbol,) if feeds.symbol else program.graph.symbols
    outcomes = []
    for name in symbols:
        moved = program
        if name != program.graph.symbols[0]:
            moved = compile_for(source, overrides, despite_lint=despite_lint, symbol=name)
        data, instrument = feeds.load(moved.graph, name)
        refuse_short_data(source, moved, data, None if despite_lint else instrument)
        outcomes.append(
            run_program(
                source,
                moved,
                data,
                out,
                overrides=overrides,
                report=report,
                flip=flip,
                tier=tier,
                told=told,
                progress=progress,
                instrument=instrument,
            )
        )
    return outcomes


def refuse_short_data(
    source: Source, program: Program, data: MarketData, instrument: Instrument | None = None
) -> None:
    """Raise CompileFailed where the data end before something the card reads can be known.

    With an instrument, also where it forbids the card's leverage.
    """
    from compiler.findings.diagnostics import CompileFailed

    found = data_findings(source, program, data, instrument)
    if found:
        raise CompileFailed(source, tuple(found))


def data_findings(
    source: Source, program: Program, data: MarketData | None, instrument: Instrument | None
) -> list[Diagnostic]:
    """Return what is wrong with a card beside these bars (IC702) and this instrument (IC706)."""
    from compiler.lints.leverage_over_instrument import leverage_over
    from compiler.lints.warmup_exceeds_data import warmup_exceeds
    from compiler.pipeline import check
    from runtime.rules.data_fit import closed_bars

    found: list[Diagnostic] = []
    if data is not None:
        have = closed_bars(program, data)
        found += warmup_exceeds(program.graph, lambda symbol, timeframe: have[symbol, timeframe])
    asked = program.graph.settings.account.max_leverage
    if instrument is not None and asked > instrument.max_leverage:
        card = check(source, lints=False).card
        found += leverage_over(program.graph, card, instrument.symbol, instrument.max_leverage)
    return found


def run_program(
    source: Source,
    program: Program,
    data: MarketData,
    out: Path,
    *,
    overrides: Overrides = (),
    report: bool = True,
    flip: bool = True,
    progress: Progress | None = None,
    instrument: Instrument | None = None,
    tier: str = "auto",
    told: Callable[[str], None] | None = None,
) -> Outcome:
    """Back-test a program on given feeds and write its run folder.

    `overrides` are those it was compiled with: they are kept beside the card's text. `instrument` is that of the table if it is not given; `tier` is a word of `Tier`;
    `told` hears why the account kernel did not make the run.
    """
    import hashlib

    from runtime.backtest import market_stage, run_backtest
    from runtime.market.instrument_table import instrument_for
    from runtime.reports import write_run
    from runtime.reports.summary import summary
    from runtime.rules.tier import Tier

    instrument = instrument or instrument_for(data.exec.symbol)
    market = market_stage(program, data, Tier(tier))
    record = run_backtest(
        program,
        data,
        instrument,
        progress=progress,
        flip=flip,
        source=source,
        market=market,
        tier=Tier(tier),
        told=told,
    )
    seen = _seen(program, market, data, report)
    further = _luck(program, data, instrument) if report else ()
    del market  # COST: the columns of a long history, which nobody reads any more
    files = write_run(
        out,
        program=program,
        data=data.traded(),
        instrument=instrument,
        record=record,
        extra={
            "card_hash": hashlib.sha256(source.text.encode("utf-8")).hexdigest(),
            "card_text": source.text,
            "overrides": overrides,
            "report": report,
            "further": further,
            **seen,
        },
    )
    return Outcome(files, summary(files.made, further))


def _luck(program: Program, data: MarketData, instrument: Instrument) -> tuple[TrustNote, ...]:
    """Return the first step of `ideacard robust`, where it is cheap."""
    from tools.search.first_step import first_step

    note = first_step(program, data, instrument)
    return () if note is None else (note,)


def _seen(program: Program, market: MarketStage, data: MarketData, drawn: bool) -> Extra:
    """Return what the result says of the market as the card reads it, and what a page draws of it."""
    from runtime.reports.conditions import conditions_of
    from runtime.reports.lines import lines_of
    from runtime.reports.zones import zones_of

    counted = conditions_of(program.graph, market.node, data.first)
    if not drawn:
        return {"conditions": counted}
    return {
        "conditions": counted,
        "zones": zones_of(program.graph, market.feature, market.clock_close_time),
        "lines": lines_of(program.graph, market.feature, market.view, data.exec, data.first),
    }
