"""Run a card on the bars of its own comment and say what came of it, in the words of the comment."""

from __future__ import annotations

from array import array
from dataclasses import replace

from compiler.catalog.timeframes import TIMEFRAMES
from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.formulas.sums import whole
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_table import instrument_for
from runtime.records.rows import FillRow, OrderRow, RunRecord
from tests.validation.answers import Answer, FillAnswer, OrderAnswer, Sheet

CONSERVATIVE = (("execution.fill_model", "conservative"),)


def run_sheet(
    source: Source, sheet: Sheet, overrides: tuple[tuple[str, str], ...] = ()
) -> tuple[Program, RunRecord]:
    """Compile a card and run it on its own market."""
    program = compile_card(source, overrides)
    symbol, timeframe = program.graph.symbols[0], program.graph.timeframe
    bars = _frame(symbol, timeframe, sheet.bars)
    fine_tf = program.graph.settings.execution.magnify_tf
    data = MarketData(
        exec=bars,
        mark=_frame(symbol, timeframe, sheet.mark) if sheet.mark else None,
        fine=_frame(symbol, fine_tf, sheet.fine) if fine_tf and sheet.fine else None,
        funding=FundingSeries(
            array("q", [(place + 1) * bars.interval_ms for place, _ in sheet.funding]),
            array("d", [rate for _, rate in sheet.funding]),
        )
        if sheet.funding
        else None,
    )
    return program, run_backtest(program, data, instrument_for(symbol), source=source)


def _frame(symbol: str, timeframe: str, rows: tuple[tuple[float, ...], ...]) -> Frame:
    interval = TIMEFRAMES[timeframe]
    made = Frame(symbol, timeframe, interval)
    for place, open_, high, low, close, volume in rows:
        made.append(int(place) * interval, open_, high, low, close, volume)
    return made


def outcome(record: RunRecord, wanted: Answer) -> Answer:
    """Return what a run came to, with the parts that `wanted` speaks of."""
    position = record.equity.position[-1]
    realized = {trade.trade_id: trade for trade in record.trades}
    values = {
        "position": position,
        "balance": record.equity.balance[-1],
        "equity": record.equity.equity[-1],
        "fees": record.fees_paid,
        "funding": record.funding_paid,
        "liquidations": float(record.liquidations),
        "trades": float(sum(not trade.is_open for trade in realized.values())),
        "ambiguous": float(record.ambiguity.count),
        "fallback": float(record.magnify_fallback_bars),
        "bounded": float(record.matching.bounded_by_bankruptcy),
        "borne": record.matching.borne_by_the_fund_usdt,
        "broken": float(whole(promise.times for promise in record.promises)),
        "broken_closes": float(whole(promise.closes for promise in record.promises)),
    }
    layers = [
        (row.order_ref or "-", row.quantity, round(row.entry_price, 6), round(row.pnl_layer, 6))
        for row in record.layers
    ]
    return Answer(
        orders=tuple(sorted(_order(row) for row in record.orders)),
        fills=_fills(record.fills, wanted.fills),
        refused=tuple((row.bar, row.order_ref or row.action, row.code) for row in record.refusals),
        layers=None if wanted.layers is None else tuple(layers),
        end=tuple((name, round(values[name], 6)) for name, _ in wanted.end),
    )


def _order(row: OrderRow) -> OrderAnswer:
    prices = [f"{p:g}" for p in (row.trigger_price, row.limit_price) if p is not None]
    is_filled = row.status == "filled"
    return OrderAnswer(
        row.order_ref or row.role, row.side, row.order_type, "/".join(prices) or "-", row.quantity,
        row.status, "" if is_filled else row.reason, -1 if row.end_bar is None else row.end_bar,
    )  # fmt: skip


def _fills(rows: list[FillRow], wanted: tuple[FillAnswer, ...]) -> tuple[FillAnswer, ...]:
    """Return the executions, each with the details its counterpart in the answer names."""
    made = []
    for index, row in enumerate(rows):
        fill = FillAnswer(
            row.bar, row.order_ref or row.role, row.side, row.quantity, row.price,
            "maker" if row.is_maker else "taker", round(row.fee, 6), row.reason,
        )  # fmt: skip
        if index < len(wanted):
            asked = wanted[index]
            fill = replace(
                fill,
                how=None if asked.how is None else fill.how,
                fee=None if asked.fee is None else fill.fee,
                reason=None if asked.reason is None else fill.reason,
            )
        made.append(fill)
    return tuple(made)
