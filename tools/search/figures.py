"""What one parameter set comes to on one stretch of the market, and what a search may aim at.

The law: figures are those of the run's record, to the bit, whichever engine made it; a figure that the run does not
have is None and stands behind all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass

from compiler.findings.errors import IdeaCardError
from runtime.batch import ends, layout
from runtime.batch.account_run import (
    TRADE_TABLE,
    AccountRun,
    Feed,
    Kept,
    Kernels,
    Memory,
    run_account,
)
from runtime.batch.tables import Lowered
from runtime.formulas.sums import total
from runtime.market.data import MarketData
from runtime.records.rows import RunRecord
from runtime.reports.measures import run_view
from tools.search.measured import measured
from tools.search.mirrors import mean_log_return
from tools.search.timing import timing

_OPENED, _CLOSED, _END = 1, 3, 10  # places in a row of the table of trades
_AT_END = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Money in quote, `drawdown` a fraction of the peak, `trades` those closed by the card or the market."""

    start: float
    equity: float
    drawdown: float
    drawdown_usdt: float
    trades: int
    won: int
    lost: int
    gains: float
    losses: float
    fees: float
    fills: int
    liquidations: int
    longest_hold: int  # bars, of all trades, also of one that is still open
    timing: float | None  # T: see `tools.search.timing`
    growth: float  # log growth of equity

    def row(self) -> list[float | int | None]:
        """Return the figures in their order, for a file."""
        return list(astuple(self))

    @classmethod
    def of_row(cls, row: list[float | int | None]) -> Figures:
        """Return what `row` told."""
        return cls(**dict(zip(cls.__slots__, row, strict=True)))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Objective:
    """Something a search may aim at; `sign` −1: the lower the better. Names as in `result.json`."""

    name: str
    title: str
    sign: int
    of: Callable[[Figures], float | None]

    def rank(self, figures: Figures) -> float | None:
        """Return what is to be high."""
        value = self.of(figures)
        return None if value is None else self.sign * value


OBJECTIVES = (
    Objective("timing", "T of the timing", 1, lambda f: f.timing),
    Objective("net_profit_usdt", "net profit, USDT", 1, lambda f: f.equity - f.start),
    Objective("net_return_pct", "net return, %", 1, lambda f: 100.0 * (f.equity / f.start - 1.0)),
    Objective("max_drawdown_pct", "max drawdown, %", -1, lambda f: 100.0 * f.drawdown),
    Objective(
        "recovery_factor", "net profit over max drawdown", 1,
        lambda f: (f.equity - f.start) / f.drawdown_usdt if f.drawdown_usdt > 0.0 else None,
    ),
    Objective("profit_factor", "profit factor", 1, lambda f: -f.gains / f.losses if f.losses else None),
    Objective("win_rate_pct", "win rate, %", 1, lambda f: 100.0 * f.won / f.trades if f.trades else None),
    Objective(
        "expectancy_usdt", "net a trade, USDT", 1,
        lambda f: (f.gains + f.losses) / f.trades if f.trades else None,
    ),
    Objective("total_trades", "trades", 1, lambda f: float(f.trades)),
)  # fmt: skip


def objective(name: str) -> Objective:
    """Return the objective of a name; IdeaCardError for another."""
    for one in OBJECTIVES:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in OBJECTIVES)
    raise IdeaCardError(f"no objective `{name}`; there are: {known}")


def by_kernel(
    lowered: Lowered, feed: Feed, kernels: Kernels, start: float, memory: Memory
) -> Figures:
    """Return the figures of a run by the account kernel, made in `memory`; GivenUp where only the readable engine can."""
    run = run_account(lowered, feed, kernels, kept=Kept.POSITION, memory=memory)
    row, timed = measured(run, feed, kernels, start)
    return Figures(
        start=start,
        equity=row[ends.E_EQUITY],
        drawdown=row[ends.E_DRAWDOWN],
        drawdown_usdt=row[ends.E_DRAWDOWN_USDT],
        trades=timed.trades,
        won=int(row[ends.E_WON]),
        lost=int(row[ends.E_LOST]),
        gains=row[ends.E_GAINS],
        losses=row[ends.E_LOSSES],
        fees=row[ends.E_FEES],
        fills=int(row[ends.E_FILLS]),
        liquidations=int(row[ends.E_LIQUIDATIONS]),
        longest_hold=_longest_hold(run, len(feed.frame)),
        timing=timed.t,
        growth=timed.net,
    )


def _longest_hold(run: AccountRun, count: int) -> int:
    at, _, rows = run.table(TRADE_TABLE)
    longest = 0
    for row in range(at, at + rows * layout.TRADE_INTS, layout.TRADE_INTS):
        closed = run.rows_z[row + _CLOSED]
        longest = max(longest, (closed if closed >= 0 else count - 1) - run.rows_z[row + _OPENED])
    return longest


def of_record(record: RunRecord, data: MarketData, start: float) -> Figures:
    """Return the figures of a run that left a record."""
    traded = data.traded().exec
    view = run_view(record, traded, start)
    nets = [trade.net_pnl for trade in view.closed]
    timed = timing(record, traded, start, mean_log_return(data.exec, data.first))
    return Figures(
        start=start,
        equity=view.final_equity,
        drawdown=max(view.drawdowns),
        drawdown_usdt=max(
            peak - equity for peak, equity in zip(view.peaks, view.equity, strict=True)
        ),
        trades=len(view.closed),
        won=sum(1 for net in nets if net > 0.0),
        lost=sum(1 for net in nets if net < 0.0),
        gains=total(net for net in nets if net > 0.0),
        losses=total(net for net in nets if net < 0.0),
        fees=record.fees_paid,
        fills=len(record.fills),
        liquidations=record.liquidations,
        longest_hold=max((trade.bars_held for trade in record.trades), default=0),
        timing=timed.t,
        growth=timed.net,
    )
