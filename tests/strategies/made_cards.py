"""Made-up cards that the compiler accepts, the market they ask for, and the laws of what they leave."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from random import Random

from compiler.findings.source import Source
from compiler.graph.rule_graph import RuleGraph
from compiler.pipeline import check
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.market.resample import resample
from runtime.market.timeframe import TIMEFRAMES
from runtime.records.rows import RunRecord
from tests.strategies.runs import SMALL
from tools.made_inputs.cards import text_of, valid_data
from tools.made_inputs.damage import damaged_card

_TRIES = 40


def right_card(seed: int) -> str:
    """Return a made-up card without mistakes for the test instrument."""
    rng = Random(seed)
    return text_of(valid_data(rng, symbol="TESTUSDT"), rng)


def odd_card(seed: int) -> str:
    """Return a card that something happened to, which `check` accepts all the same."""
    for attempt in range(_TRIES):
        text = damaged_card(Random(f"{seed}/{attempt}"))
        if not check(Source("card.yaml", text), lints=False).has_errors:
            return text
    return right_card(seed)


def market(graph: RuleGraph, seed: int, bars: int) -> MarketData:
    """Return random bars for every feed a graph reads: ties, jumps, dead bars, holes."""
    rng = Random(seed)
    exec_frame = _frame(graph.symbols[0], graph.timeframe, bars, rng)
    data = MarketData(exec=exec_frame)
    for feature in graph.features:
        if feature.symbol in ("", exec_frame.symbol):
            continue
        other = _frame(feature.symbol, graph.timeframe, bars, rng)
        if feature.timeframe != graph.timeframe:
            other = resample(other, feature.timeframe, TIMEFRAMES[feature.timeframe])
        data.frames[feature.symbol, feature.timeframe] = other
    if rng.random() < 0.3:
        data.funding = FundingSeries()
        for ts in exec_frame.ts[::30]:
            data.funding.ts.append(ts)
            data.funding.rate.append(rng.choice((-0.001, 0.0, 0.0003)))
    return data


def _frame(symbol: str, timeframe: str, bars: int, rng: Random) -> Frame:
    interval = TIMEFRAMES[timeframe]
    frame = Frame(symbol, timeframe, interval)
    close, ts = 100.0, 1_700_006_400_000 // interval * interval
    wild = rng.choice((0.002, 0.01, 0.03))
    for _ in range(bars):
        open_ = _grid(close * (1 + rng.choice((0, 0, 0, 0.01, -0.01))))
        close = _grid(open_ * math.exp(rng.gauss(0, wild)))
        high = max(open_, close) + rng.choice((0, 0.1, 0.5, 2))
        low = max(0.1, min(open_, close) - rng.choice((0, 0.1, 0.5, 2)))
        volume = rng.choice((0.0, 3.0, 1e4, 1e6))
        frame.append(ts, open_, _grid(high), _grid(low), close, volume)
        ts += interval * (1 if rng.random() < 0.98 else rng.randint(2, 9))
    return frame


def _grid(price: float) -> float:
    return max(0.1, round(price, 1))


def instrument(graph: RuleGraph) -> Instrument:
    """Return the test instrument under the card's symbol."""
    return replace(SMALL, symbol=graph.symbols[0])


def broken_laws(record: RunRecord, start_equity: float) -> list[str]:
    """Return what does not add up in a record, as text; nothing when all is well."""
    columns, said = record.equity, []
    scale = max(1.0, start_equity, *map(abs, columns.equity))

    def near(a: float, b: float) -> bool:
        return abs(a - b) <= 1e-9 * scale * max(1, len(record.fills))

    for bar, (equity, balance, open_pnl) in enumerate(
        zip(columns.equity, columns.balance, columns.unrealized, strict=True)
    ):
        if not math.isfinite(equity) or not near(equity, balance + open_pnl):
            said.append(f"bar {bar}: equity {equity} is not {balance} + {open_pnl}")
    change = columns.equity[-1] - start_equity
    if not near(sum(t.net_pnl for t in record.trades), change):
        said.append(f"trades make {sum(t.net_pnl for t in record.trades)}, equity {change}")
    if not near(sum(t.fees for t in record.trades), record.fees_paid):
        said.append("fees of trades and fees paid differ")
    said += [
        f"trade {t.trade_id}: {t.gross_pnl} - {t.fees} - {t.funding} is not {t.net_pnl}"
        for t in record.trades
        if not near(t.gross_pnl - t.fees - t.funding, t.net_pnl)
    ]
    return said + _broken_by_orders(record)


def _broken_by_orders(record: RunRecord) -> list[str]:
    said: list[str] = []
    filled: dict[str, float] = defaultdict(float)
    position = 0.0
    for fill in record.fills:
        filled[fill.order_id] += fill.quantity
        position += fill.quantity if fill.side == "buy" else -fill.quantity
        if fill.quantity <= 0 or fill.price <= 0:
            said.append(f"fill {fill.execution_id}: {fill.quantity} at {fill.price}")
        if not math.isclose(position, fill.position_after, abs_tol=1e-6):
            said.append(f"fill {fill.execution_id}: {position} is not {fill.position_after}")
    ids = [order.order_id for order in record.orders]
    if len(ids) != len(set(ids)):
        said.append("two orders have one id")
    for order in record.orders:
        if order.filled > order.quantity * (1 + 1e-9):
            said.append(f"order {order.order_id}: filled {order.filled} of {order.quantity}")
        if not math.isclose(filled[order.order_id], order.filled, abs_tol=1e-6):
            said.append(f"order {order.order_id}: fills {filled[order.order_id]}, {order.filled}")
    return said
