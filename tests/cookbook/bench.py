"""A made market as a frame of pandas, and what a card of the cookbook trades on it.

The law: both sides see the same bars and nothing else of each other. A run is free of fees and
slippage and fills what is touched, so that a difference is one of the rule.
"""

from __future__ import annotations

from array import array
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_table import instrument_for
from runtime.market.timeframe import TIMEFRAMES

CARDS = Path(__file__).resolve().parents[2] / "cards" / "cookbook"
START = pd.Timestamp("2024-02-26", tz="UTC")  # a Monday, two weeks before New York's clocks change
FREE = (
    ("account.slippage_bps", "0"),
    ("account.fee_model.taker_bps", "0"),
    ("account.fee_model.maker_bps", "0"),
    ("execution.fill_model", "touch"),
)
TICK = {"BTCUSDT": 0.1, "ETHUSDT": 0.01}
EIGHT_HOURS = pd.Timedelta("8h")
_DAY_MS, _DAILY = 86_400_000, 0.035
PRICES = ("open", "high", "low", "close")


class Fill(NamedTuple):
    """One execution: the bar's row, buy or sell, the price, the base units where a statement knows them."""

    bar: int
    side: str
    price: float
    quantity: float | None = None


@cache
def bars(timeframe: str, count: int, seed: int = 1, symbol: str = "BTCUSDT") -> pd.DataFrame:
    """Return made bars by their open: spells of drift and of calm, and jumps between some of them."""
    rng = np.random.default_rng(seed)
    span, tick = TIMEFRAMES[timeframe], TICK[symbol]
    sigma = _DAILY * (span / _DAY_MS) ** 0.5
    spells = -(-count // 30)
    drift = np.repeat(rng.normal(0, 0.25, spells), 30)[:count]
    calm = np.repeat(rng.choice([0.4, 1.0, 1.8], spells), 30)[:count]
    jump = rng.normal(0, 0.3, count) * (rng.random(count) < 0.2)
    steps = (rng.normal(0, 0.5, (count, 4)) + drift[:, None] / 4) * calm[:, None]
    moves = np.column_stack([jump, steps]) * sigma
    path = np.exp(np.cumsum(moves.ravel())).reshape(count, 5) * (60_000 if tick == 0.1 else 3_000)
    wick = 1 + np.abs(rng.normal(0, 0.15, (2, count))) * sigma
    top, bottom = path.max(axis=1) * wick[0], path.min(axis=1) / wick[1]
    made = {"open": path[:, 0], "high": top, "low": bottom, "close": path[:, 4]}
    rounded = {name: np.round(np.round(p / tick) * tick, 2) for name, p in made.items()}
    index = START + pd.to_timedelta(np.arange(count) * span, unit="ms")
    made = pd.DataFrame({**rounded, "volume": np.round(rng.uniform(1e5, 4e5, count), 0)}, index)
    return made.assign(funding=_funding(index + pd.to_timedelta(span, unit="ms"), rng))


def _funding(closes: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """Return the rate paid last at each close: every eight hours, wandering around its usual 0.01 %."""
    times = pd.date_range(START + EIGHT_HOURS, closes[-1], freq=EIGHT_HOURS)
    rates = 1e-4 + pd.Series(rng.normal(0, 5e-4, len(times))).ewm(alpha=0.3).mean().to_numpy()
    return pd.Series(rates.round(8), times).reindex(closes, method="ffill").to_numpy()


def follower(leader: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    """Return ETHUSDT bars that move as the leader's do, in some spells loosely, at a ratio that comes back."""
    rng = np.random.default_rng(seed)
    apart = np.repeat(rng.choice([0.5, 4.0], -(-len(leader) // 150)), 150)[: len(leader)]
    shocks = rng.normal(0, 0.003, len(leader)) * apart
    ratio = np.exp(pd.Series(shocks).ewm(alpha=0.04, adjust=False).mean() * 25).to_numpy() / 20
    before = np.concatenate([ratio[:1], ratio[:-1]])
    made = {"open": leader.open * before, "close": leader.close * ratio}
    ends = pd.DataFrame(made)
    made["high"] = np.maximum(ends.max(axis=1), leader.high * np.minimum(before, ratio))
    made["low"] = np.minimum(ends.min(axis=1), leader.low * np.maximum(before, ratio))
    return pd.DataFrame({n: made[n].round(2) for n in PRICES} | {"volume": leader.volume}).assign(
        funding=leader.funding
    )


def framed(market: pd.DataFrame, timeframe: str, symbol: str) -> Frame:
    """Return the bars as the product holds them."""
    made = Frame(symbol, timeframe, TIMEFRAMES[timeframe])
    columns = [market[name].tolist() for name in (*PRICES, "volume")]
    for ts, *values in zip(market.index.as_unit("ms").asi8.tolist(), *columns, strict=True):
        made.append(ts, *values)
    return made


def _paid(market: pd.DataFrame) -> FundingSeries:
    """Return the funding of a market at the times at which it was paid."""
    span = market.index[1] - market.index[0]
    known = market.funding.set_axis(market.index + span).dropna()
    paid = known[(known.index - START) % EIGHT_HOURS == pd.Timedelta(0)]
    return FundingSeries(
        array("q", paid.index.as_unit("ms").asi8.tolist()), array("d", paid.tolist())
    )


def played(
    path: Path,
    market: pd.DataFrame,
    others: dict[str, pd.DataFrame] | None = None,
    *,
    paid: bool = False,
) -> list[Fill]:
    """Return what a card trades on a market; parts of one order at one price are one fill.

    `others` are further symbols the card reads; with `paid` the funding is paid, else there is none.
    """
    program = compile_card(Source(path.name, path.read_text(encoding="utf-8")), FREE)
    (symbol,), timeframe = program.graph.symbols, program.graph.timeframe
    frames = {
        (name, timeframe): framed(bars, timeframe, name) for name, bars in (others or {}).items()
    }
    data = MarketData(
        framed(market, timeframe, symbol), frames, funding=_paid(market) if paid else None
    )
    record = run_backtest(program, data, instrument_for(symbol), flip=False)
    made: list[Fill] = []
    for row in record.fills:
        same = bool(made) and made[-1][:3] == (row.bar, row.side, row.price)
        before = made.pop().quantity or 0.0 if same else 0.0
        made.append(Fill(row.bar, row.side, row.price, before + row.quantity))
    return made
