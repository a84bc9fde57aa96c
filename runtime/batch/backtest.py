"""A back-test by the account kernel: the record that `runtime.backtest` would leave.

The law: `attempt` gives the whole record or says why the readable engine has to make it.
"""

from __future__ import annotations

from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.batch import layout as at
from runtime.batch.account_run import (
    FILL_TABLE,
    LAYER_TABLE,
    ORDER_TABLE,
    TRADE_TABLE,
    AccountRun,
    Feed,
    GivenUp,
    Kept,
    Kernels,
    run_account,
)
from runtime.batch.lower import lower
from runtime.batch.promised import promises
from runtime.batch.rows import Reader
from runtime.batch.said import ambiguous_bars, refusals, remarks
from runtime.batch.supported import reasons
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.market.whole_columns import counts, later
from runtime.records.fired_cases import case_rows
from runtime.records.rows import EquityColumns, Matching, RunRecord
from runtime.rules.machine import Columns


def attempt(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    market: Columns,
    kernels: Kernels,
    *,
    source: Source | None = None,
    flip: bool = True,
) -> RunRecord:
    """Return the record of a run; bars are those of `data.exec`, warnings are not written.

    `GivenUp` where only the readable engine can make it.
    """
    against = reasons(program, data)
    if against:
        raise GivenUp(", ".join(against))
    lowered, feed = lower(program, instrument), Feed.of(program, data, market)
    made = run_account(lowered, feed, kernels)
    line_of = (lambda _: 0) if source is None else (lambda offset: source.location(offset).line)
    reader = Reader(made, program, instrument, line_of)
    record = record_of(reader, data)
    record.promises = promises(reader)
    record.cases = case_rows(program.graph, _fired(made, program), line_of)
    if flip and record.ambiguity.bars:
        other = run_account(lowered, feed, kernels, flipped=record.ambiguity.bars, kept=Kept.EQUITY)
        start = program.graph.settings.account.starting_equity_usdt
        record.ambiguity.pnl_if_flipped = other.columns[len(data.exec) - 1] - start
    return record


def record_of(reader: Reader, data: MarketData) -> RunRecord:
    """Return the record of a run."""
    run = reader.run
    f, z = run.f, run.z
    record = RunRecord()
    record.orders = [reader.order(i) for i in range(run.table(ORDER_TABLE)[2])]
    record.fills = [reader.fill(i) for i in range(run.table(FILL_TABLE)[2])]
    record.layers = [reader.layer(i) for i in range(run.table(LAYER_TABLE)[2])]
    record.trades = [reader.trade(i) for i in range(run.table(TRADE_TABLE)[2])]
    record.refusals, record.remarks = refusals(reader), remarks(reader)
    record.equity = _equity(run, data)
    record.ambiguity.count = z[at.AMBIGUOUS]
    record.ambiguity.bars = ambiguous_bars(reader)
    record.matching = Matching(
        fill_before_cancel=z[at.BEFORE_CANCEL],
        denied_by_model=z[at.DENIED],
        remainder_improvement_usdt=f[at.IMPROVED],
        market_above_volume=z[at.ABOVE_VOLUME],
        most_of_a_bars_volume=f[at.MOST_OF_VOLUME] or None,
        bars_without_volume=data.exec.volume.count(0.0),
        bounded_by_bankruptcy=z[at.BOUNDED],
        borne_by_the_fund_usdt=f[at.BORNE],
    )
    record.funding_paid, record.fees_paid = f[at.FUNDING], f[at.FEES]
    record.liquidations = z[at.LIQUIDATIONS]
    return record


def _fired(run: AccountRun, program: Program) -> list[list[int]]:
    """Return at how many closes each case of each block fired."""
    firsts = [run.z[run.z[at.BLOCKS_AT] + b * at.BLOCK_WIDTH] for b in range(len(program.blocks))]
    return [
        [
            run.z[run.z[at.CASES_AT] + (first + c) * at.CASE_WIDTH + 4]
            for c in range(len(block.cases))
        ]
        for first, block in zip(firsts, program.blocks, strict=True)
    ]


def _equity(run: AccountRun, data: MarketData) -> EquityColumns:
    """Return the account at every close from the first traded bar on."""
    frame, first, count = data.exec, data.first, len(data.exec)
    cut = [run.columns[i * count + first : (i + 1) * count] for i in range(Kept.ALL)]
    made = EquityColumns()
    made.ts = later(frame.ts[first:], frame.interval_ms)
    made.equity, made.position, made.balance, made.unrealized, made.used_margin = cut[:5]
    made.working_orders = counts(cut[5])
    return made


__all__ = ["GivenUp", "attempt", "record_of"]
