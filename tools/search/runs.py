"""Many runs of one program: by the account kernel where it knows the card, else by the readable engine.

The law: which of the two it was cannot be seen in a figure.
"""

from __future__ import annotations

import os
import threading

from compiler.graph.program import Program
from runtime.backtest import market_stage, run_backtest
from runtime.batch.account_run import Feed, GivenUp, Kept, Kernels, Memory, run_account
from runtime.batch.choose import kernels_for
from runtime.batch.lower import lower
from runtime.batch.supported import reasons
from runtime.batch.tables import Lowered
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.native import NativeMissing
from runtime.rules.market_stage import MarketStage
from runtime.rules.same_times import SameTimes
from runtime.rules.tier import Tier
from tools.search.measured import measured
from tools.search.mirrors import mean_log_return
from tools.search.timing import Timing, timing

_MOST_THREADS = 4  # what is Python in a run waits for that of the others


class _Own(threading.local):
    """What a thread makes its runs in."""

    def __init__(self) -> None:
        self.memory = Memory()


_OWN = _Own()


class Runs:
    """Times one program on one market after another.

    `keeps_times`: what is the same on markets of the same times is kept for the next one; not for many programs
    at once, since it takes memory for each.
    """

    def __init__(
        self,
        program: Program,
        data: MarketData,
        instrument: Instrument,
        *,
        keeps_times: bool = True,
    ) -> None:
        self._keeps_times = keeps_times
        self._program = program
        self._instrument = instrument
        self._start = program.graph.settings.account.starting_equity_usdt
        self._times: SameTimes | None = None
        self._kernels: Kernels | None = None
        self._lowered: Lowered | None = None
        if not reasons(program, data):
            try:
                self._kernels = kernels_for(Tier.NATIVE, len(data.exec))
                self._lowered = lower(program, instrument)
            except NativeMissing:
                self._kernels = None

    @property
    def is_fast(self) -> bool:
        """Return whether the account kernel knows the card and its feeds."""
        return self._kernels is not None

    def by_kernel(self, data: MarketData, market: MarketStage | None = None) -> Timing:
        """Return the figures of the program on a market, as `timing`; `GivenUp` where the kernel cannot make them."""
        if self._kernels is None or self._lowered is None:
            raise GivenUp("the account kernel does not know the card")
        return self._fast(self._kernels, self._lowered, data, market)

    def timing(self, data: MarketData, market: MarketStage | None = None) -> Timing:
        """Return the figures of the program on a market; `market` is its market stage, made here if absent."""
        if self._kernels is not None:
            try:
                return self.by_kernel(data, market)
            except GivenUp:
                pass  # what only a run can show: the readable engine makes it
        record = run_backtest(
            self._program, data, self._instrument, flip=False, tier=Tier.PLAIN, market=market
        )
        mean = mean_log_return(data.exec, data.first)
        return timing(record, data.traded().exec, self._start, mean)

    def _fast(
        self, kernels: Kernels, lowered: Lowered, data: MarketData, market: MarketStage | None
    ) -> Timing:
        market = market or self._market(data)
        feed = Feed.of(self._program, data, market, _OWN.memory)
        run = run_account(lowered, feed, kernels, kept=Kept.POSITION, memory=_OWN.memory)
        return measured(run, feed, kernels, self._start)[1]

    def _market(self, data: MarketData) -> MarketStage:
        """Return the columns of a market. COST: mirrors have the same times, and what hangs on them is the same."""
        known = self._times if self._times is not None and self._times.fits(data) else None
        market = market_stage(self._program, data, Tier.NATIVE, only_columns=True, known=known)
        if known is None and self._keeps_times:
            self._times = market.of_its_times()
        return market


def threads_for(*runs: Runs) -> int:
    """Return how many threads make runs at once: machine code beside Python; the readable engine alone."""
    return min(os.cpu_count() or 1, _MOST_THREADS) if all(one.is_fast for one in runs) else 1
