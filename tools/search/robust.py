"""`ideacard robust`: one card, its market and the mirrors of it, through the engine that trades.

The law: what is compared went the same way: the same engine, costs, fills and feeds; what a mirror lacks is taken
from the run it is compared with, too. Same seed, same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from compiler.graph.program import Program
from runtime.backtest import market_stage, run_backtest
from runtime.formulas.sums import total
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.records.rows import RunRecord
from tools.search.mirrors import Mirrors, mean_log_return, mirrors_of
from tools.search.pay import Pay, break_even_bps, pay, with_costs
from tools.search.runs import Runs
from tools.search.timing import Luck, Timing, compare, timing
from tools.search.words import Conclusion, Search, conclusion

MIRRORS = 999
BLOCKS = (4, 16, 64, 256)
Progress = Callable[[str, int, int], None]
Stops = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How much is done. `mirrors`: of step 1; `horizon`: of each block length, 0 for none."""

    mirrors: int = MIRRORS
    horizon: int = 0
    seed: int = 1
    tried: int = 0  # tries elsewhere, as said by hand


@dataclass(frozen=True, slots=True)
class Robust:
    """What came of it. `is_whole`: nobody stopped it on the way; `horizon`: p by block length, in bars."""

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


def robust(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    asked: Asked,
    progress: Progress = lambda _what, _done, _total: None,
    stops: Stops = lambda: False,
) -> Robust:
    """Run a card on a market and on its mirrors and say how far the first stands out."""
    mirrors = mirrors_of(data, instrument)
    start = program.graph.settings.account.starting_equity_usdt
    market = market_stage(program, mirrors.data)  # the same whatever a trade costs
    record = run_backtest(program, mirrors.data, instrument, flip=False, market=market)
    runs = Runs(program, mirrors.data, instrument)
    mean = mean_log_return(mirrors.data.exec, mirrors.data.first)
    run = timing(record, mirrors.data.traded().exec, start, mean)
    luck = None
    if run.t is not None:
        luck = compare(run.t, _mirrored(runs, mirrors, asked, 1, progress, stops))
    paid = pay(record, start, run.trades, asked.seed)

    def net_at(bps: float) -> float:
        dearer = Runs(with_costs(program, bps), mirrors.data, instrument)
        return dearer.timing(mirrors.data, market).net

    break_even = break_even_bps(net_at) if run.trades and not stops() else None
    account = program.graph.settings.account
    assumed = account.taker_bps + account.slippage_bps
    search = Search(1, None, asked.tried)
    horizon = dict[int, Luck]()
    for block in BLOCKS if asked.horizon and run.t is not None else ():
        fewer = Asked(mirrors=asked.horizon, seed=asked.seed)
        drawn = _mirrored(runs, mirrors, fewer, block, progress, stops)
        horizon[block] = compare(run.t or 0.0, drawn)
    cost_bp = 2.0 * assumed * _mean_exposure(record)
    return Robust(
        run, luck, search, paid, break_even, assumed,
        conclusion(run, luck, search, paid, cost_bp), mirrors.left_out, not stops(), horizon,
    )  # fmt: skip


def _mirrored(
    runs: Runs,
    mirrors: Mirrors,
    asked: Asked,
    block: int,
    progress: Progress,
    stops: Stops,
) -> Iterator[Timing]:
    """Yield the timing of the card on one mirror after the other, until told to stop."""
    what = "mirrors" if block == 1 else f"mirrors of {block} bars"
    for number in range(asked.mirrors):
        if stops():
            return
        one = runs.timing(mirrors.mirror(number, asked.seed, block))
        progress(what, number + 1, asked.mirrors)
        yield one


def _mean_exposure(record: RunRecord) -> float:
    """Return what a trade's position was worth at most, as a share of the starting equity, on average; 1 for none."""
    worth = [trade.max_quantity * trade.entry_price for trade in record.trades if not trade.is_open]
    return total(worth) / len(worth) / record.equity.equity[0] if worth else 1.0
