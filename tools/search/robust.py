"""`ideacard robust`: one card, its market and the mirrors of it, through the engine that trades.

The law: what is compared went the same way: the same engine, costs, fills and feeds; what a mirror lacks is taken
from the run it is compared with, too. Same seed, same figures.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from compiler.findings.errors import IdeaCardError
from compiler.graph.program import Program
from runtime.backtest import market_stage, run_backtest
from runtime.formulas.sums import total
from runtime.market.checks import utc
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.records.rows import RunRecord
from runtime.rules.market_stage import MarketStage
from tools.search.drawing import Drawing, Progress, Stops
from tools.search.fragility import DRAWS, Card, Fragility, fragility
from tools.search.ledger import Ledger
from tools.search.mirrors import mean_log_return, mirrors_of
from tools.search.pay import Pay, break_even_bps, pay, with_costs
from tools.search.pieces import Pieces, pieces
from tools.search.promises import Broken, broken
from tools.search.runs import Runs, threads_for
from tools.search.seal import after
from tools.search.searching import SEARCH_MIRRORS, search
from tools.search.timing import Luck, Timing, compare, timing
from tools.search.words import Conclusion, Search, conclusion

MIRRORS = 999
BLOCKS = (4, 16, 64, 256)
_FRESH_MIRRORS = 199


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How much is done. `mirrors`: of step 1; `horizon`: of each block length, 0 for none.

    `tried`: further tries elsewhere, as said by hand; `ledger`: those that run folders know. `card`: whose numbers are
    moved, `draws` times all at once; None for none.
    """

    mirrors: int = MIRRORS
    horizon: int = 0
    seed: int = 1
    tried: int = 0
    ledger: Ledger = Ledger()
    search_mirrors: int = SEARCH_MIRRORS
    card: Card | None = None
    draws: int = DRAWS


@dataclass(frozen=True, slots=True)
class Fresh:
    """Bars that this card had not seen when it was first run, from `since` on; `seen_by` other variants have."""

    since: str
    bars: int
    run: Timing
    luck: Luck | None
    seen_by: int


@dataclass(frozen=True, slots=True)
class Robust:
    """What came of it. `is_whole`: nobody stopped it on the way; `horizon`: p by block length, in bars.

    `unread`: files that may tell of further tries; `broken`: promises of the card that the run broke.
    """

    run: Timing
    luck: Luck | None
    search: Search
    paid: Pay
    break_even: float | None
    assumed_bps: float
    conclusion: Conclusion
    left_out: tuple[str, ...]
    is_whole: bool
    horizon: dict[int, Luck] = field(default_factory=dict)
    fragility: Fragility | None = None
    pieces: Pieces | None = None
    fresh: Fresh | None = None
    unread: tuple[str, ...] = ()
    broken: Broken = ()


@dataclass(frozen=True, slots=True)
class _Work:
    """One card on its market, and the mirrors of that."""

    program: Program
    instrument: Instrument
    drawing: Drawing
    market: MarketStage  # the same whatever a trade costs
    runs: Runs
    record: RunRecord
    run: Timing

    @property
    def data(self) -> MarketData:
        return self.drawing.mirrors.data


def robust(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    asked: Asked,
    progress: Progress = lambda _what, _done, _total: None,
    stops: Stops = lambda: False,
) -> Robust:
    """Run a card on a market and on its mirrors and say how far the first stands out."""
    work = _work(
        program, instrument, Drawing(mirrors_of(data, instrument), asked.seed, progress, stops)
    )
    run, account = work.run, program.graph.settings.account
    luck = _luck(work, asked.mirrors)
    found = search(
        work.runs, run.t, asked.ledger.others, asked.ledger.lost, work.drawing, instrument,
        elsewhere=asked.tried, count=asked.search_mirrors,
    )  # fmt: skip
    paid = pay(work.record, account.starting_equity_usdt, run.trades, asked.seed)
    break_even = _break_even(work) if run.trades and not stops() else None
    assumed = account.taker_bps + account.slippage_bps
    horizon = {
        block: one
        for block in BLOCKS
        if asked.horizon and (one := _luck(work, asked.horizon, block))
    }
    moved = _fragility(work, asked.card, asked) if asked.card is not None and not stops() else None
    fresh = (
        _fresh(work, data, asked) if asked.ledger.seen_until is not None and not stops() else None
    )
    cost_bp = 2.0 * assumed * _mean_exposure(work.record)
    return Robust(
        run, luck, found, paid, break_even, assumed, conclusion(run, luck, found, paid, cost_bp),
        work.drawing.mirrors.left_out, not stops(), horizon, moved, pieces(work.record), fresh,
        asked.ledger.unread, broken(work.record),
    )  # fmt: skip


def _work(program: Program, instrument: Instrument, drawing: Drawing) -> _Work:
    real = drawing.mirrors.data
    market = market_stage(program, real)
    record = run_backtest(program, real, instrument, flip=False, market=market)
    mean = mean_log_return(real.exec, real.first)
    start = program.graph.settings.account.starting_equity_usdt
    run = timing(record, real.traded().exec, start, mean)
    return _Work(program, instrument, drawing, market, Runs(program, real, instrument), record, run)


def _luck(work: _Work, count: int, block: int = 1) -> Luck | None:
    if work.run.t is None:
        return None
    what = "mirrors" if block == 1 else f"mirrors of {block} bars"
    drawn = work.drawing.each(what, count, work.runs.timing, block, threads=threads_for(work.runs))
    luck = compare(work.run.t, drawn)
    return luck if luck.drawn else None


def _break_even(work: _Work) -> float | None:
    def net_at(bps: float) -> float:
        dearer = Runs(with_costs(work.program, bps), work.data, work.instrument)
        return dearer.timing(work.data, work.market).net

    return break_even_bps(net_at)


def _fragility(work: _Work, card: Card, asked: Asked) -> Fragility:
    def run(program: Program) -> Timing | None:
        try:
            return Runs(program, work.data, work.instrument).timing(work.data)
        except IdeaCardError:  # longer to warm up than there are bars
            return None

    drawing = work.drawing
    return fragility(
        card, work.run, run, asked.seed, drawing.progress, drawing.stops, draws=asked.draws
    )


def _fresh(work: _Work, data: MarketData, asked: Asked) -> Fresh | None:
    """Return the card on the bars after those of its first run, against the mirrors of these alone."""
    since = asked.ledger.seen_until
    assert since is not None
    row = bisect_left(data.exec.ts, since, key=utc)
    fresh = after(data, data.exec.ts[row]) if row < len(data.exec) else None
    if fresh is None:
        return None
    again = Drawing(
        mirrors_of(fresh, work.instrument), asked.seed, work.drawing.progress, work.drawing.stops
    )
    only = _work(work.program, work.instrument, again)
    seen_by = sum(1 for end in asked.ledger.ends if end > since)
    return Fresh(
        since, len(fresh.exec) - fresh.first, only.run, _luck(only, _FRESH_MIRRORS), seen_by
    )


def _mean_exposure(record: RunRecord) -> float:
    """Return what a trade's position was worth at most, as a share of the starting equity, on average; 1 for none."""
    worth = [trade.max_quantity * trade.entry_price for trade in record.trades if not trade.is_open]
    return total(worth) / len(worth) / record.equity.equity[0] if worth else 1.0
