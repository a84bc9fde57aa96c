"""From a plan to a session that has lived: made, run, told of.

The law: what protects stays as it is when a session ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from compiler.graph.program import Program
from runtime.errors import DataError
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from tools.live.facts import SessionFacts, program_of
from tools.live.folders import new_folder
from tools.live.local import LocalRun
from tools.live.local_venue import cut
from tools.live.plan import Plan
from tools.live.warm_up import bars_wanted
from tools.running import refuse_short_data

_DAY_MS = 86_400_000


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
        symbol=symbol, timeframe=graph.timeframe, bars=warm + count, seed=plan.seed,
        tick=instrument.tick, lot=instrument.lot,
    )  # fmt: skip
    data = synthetic_market(spec)
    data.first = warm
    return data, instrument


def local_run(plan: Plan) -> tuple[LocalRun, Path]:
    """Return a local session that is ready to run, and its folder."""
    program = program_of(plan.source, plan.overrides, plan.feeds.symbol)
    data, instrument = market_of(plan, program)
    feed = cut(program, data, plan.bars)
    folder = new_folder(plan.out, plan.stem)
    facts = SessionFacts(
        card=plan.source.text, path=plan.source.path, symbol=data.exec.symbol,
        venue=plan.venue.value, instrument=instrument, overrides=plan.overrides,
        limits=plan.limits, since=feed.frame.ts[feed.start],
    )  # fmt: skip
    return LocalRun(program, facts, feed, folder, speed=plan.speed, seed=plan.seed), folder


def run_until(run: LocalRun, stops: Callable[[], bool], tell: Callable[[int, int], None]) -> None:
    """Live through the feed; a wish to stop ends it between two steps."""

    def told(done: int, total: int) -> None:
        if stops() and not run.cockpit.wish.stops:
            run.cockpit.stop("Ctrl-C", closes=False)
        tell(done, total)

    run.run(told)
