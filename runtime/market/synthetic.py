"""A seeded synthetic market: regimes, clustered volatility, volume that follows movement.

It exists so that a demo and a first test need no download. It is a made-up market and every result
computed on it says so. Same seed, same bars with one C library (its `exp`, `log` and `sin`);
results name the bars by their hash.

Model: a Markov chain over regimes sets drift and the long-run variance; the variance follows
GARCH(1,1) (Bollerslev 1986) with fat-tailed shocks; each bar is walked in small steps that give its
high and low; volume is log-normal around the bar's relative range and the hour of the day.
"""

from __future__ import annotations

import math
import random
from array import array
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import mul

from runtime.market.bar_files import content_hash
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.plausible import decimals_of
from runtime.market.timeframe import HOUR_MS, TIMEFRAMES

START_TS = 1_704_067_200_000  # 2024-01-01 00:00 UTC
_STEPS = 12  # price steps inside a bar
_FUNDING_MS = 8 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Regime:
    """Drift and volatility per day, and the mean length in days."""

    name: str
    drift: float
    volatility: float
    mean_days: float


REGIMES = (
    Regime("range", 0.0, 0.018, 9.0),
    Regime("bull", 0.006, 0.024, 7.0),
    Regime("bear", -0.006, 0.030, 6.0),
    Regime("storm", -0.004, 0.065, 1.5),
)
_NEXT = {0: (1, 1, 2, 2, 3), 1: (0, 0, 0, 2, 3), 2: (0, 0, 0, 1, 3), 3: (0, 0, 1, 2, 2)}


@dataclass(frozen=True, slots=True)
class SyntheticSpec:
    """What to generate: `tick` and `lot` are the grid of prices and volumes."""

    symbol: str = "BTCUSDT"
    timeframe: str = "15m"
    bars: int = 35_040
    seed: int = 7
    start_price: float = 60_000.0
    tick: float = 0.1
    lot: float = 0.001
    daily_turnover_base: float = 45_000.0


def on_grid(spec: SyntheticSpec, tick: float, lot: float) -> SyntheticSpec:
    """Return the same market in other units: as many ticks to a price, as much money traded in a day."""
    scale = tick / spec.tick
    return replace(
        spec,
        tick=tick,
        lot=lot,
        start_price=spec.start_price * scale,
        daily_turnover_base=spec.daily_turnover_base / scale,
    )


class _Walk:
    """The hidden state of the generator between bars."""

    def __init__(self, spec: SyntheticSpec) -> None:
        self.random = random.Random(spec.seed)
        self.per_day = 24 * HOUR_MS / TIMEFRAMES[spec.timeframe]
        self.regime = 0
        self.variance = REGIMES[0].volatility ** 2 / self.per_day
        self.shock = 0.0
        self.price = spec.start_price
        self.basis = 0.0
        self.spare: float | None = None

    def normals(self, count: int) -> list[float]:
        """Return standard normal numbers, two of each angle and radius (Box and Muller 1958).

        COST: those that `random.gauss` draws, in a third of the time.
        """
        draw = self.random.random
        drawn = [] if self.spare is None else [self.spare]
        while len(drawn) < count:
            angle, radius = draw() * math.tau, math.sqrt(-2.0 * math.log(1.0 - draw()))
            drawn += (math.cos(angle) * radius, math.sin(angle) * radius)
        self.spare = drawn.pop() if len(drawn) > count else None
        return drawn

    def normal(self, mean: float, deviation: float) -> float:
        """Return one normal number."""
        return mean + self.normals(1)[0] * deviation

    def next_regime(self) -> Regime:
        regime = REGIMES[self.regime]
        if self.random.random() < 1.0 / (regime.mean_days * self.per_day):
            self.regime = self.random.choice(_NEXT[self.regime])
            regime = REGIMES[self.regime]
        return regime

    def ends(self, regime: Regime) -> tuple[float, float, float]:
        """Walk one bar; return the highest and lowest price of its steps and the last one."""
        long_run = regime.volatility**2 / self.per_day
        self.variance = 0.06 * long_run + 0.08 * self.shock**2 + 0.86 * self.variance
        tail = math.sqrt(self.random.gammavariate(4.0, 1.0) / 4.0)
        sigma = math.sqrt(self.variance) / max(tail, 0.35)
        drift = regime.drift / self.per_day
        step, each = sigma / math.sqrt(_STEPS), drift / _STEPS
        moves = [math.exp(each + step * shock) for shock in self.normals(_STEPS)]
        prices = list(accumulate(moves, mul, initial=self.price))
        start, self.price = self.price, prices[-1]
        self.shock = math.log(self.price / start)
        return max(prices[1:]), min(prices[1:]), self.price


def synthetic_market(spec: SyntheticSpec) -> MarketData:
    """Return bars, a mark series and funding for a made-up market."""
    interval = TIMEFRAMES[spec.timeframe]
    bars = Frame(spec.symbol, spec.timeframe, interval)
    mark = Frame(spec.symbol, spec.timeframe, interval)
    funding = FundingSeries(array("q"), array("d"))
    walk = _Walk(spec)
    decimals = decimals_of(spec.tick)
    typical = 1.6 * REGIMES[0].volatility / math.sqrt(walk.per_day)

    def grid(price: float) -> float:
        return round(max(1, round(price / spec.tick)) * spec.tick, decimals)

    close = grid(walk.price)
    mark_close = close
    for index in range(spec.bars):
        ts = START_TS + index * interval
        raw = walk.ends(walk.next_regime())
        # COST: the grid keeps prices in order, so the highest step is the highest on it, too.
        high, low, last = map(grid, raw)
        high, low = max(close, high), min(close, low)
        hour = ts // HOUR_MS % 24
        season = 1.0 + 0.45 * math.sin((hour - 8) / 24 * 2 * math.pi)
        span = (high - low) / close
        level = spec.daily_turnover_base / walk.per_day * season * (0.35 + 0.65 * span / typical)
        lots = round(level * math.exp(walk.normal(-0.08, 0.4)) / spec.lot)
        bars.append(ts, close, high, low, last, round(max(1, lots) * spec.lot, 8))
        walk.basis = 0.97 * walk.basis + walk.normal(0.0, 0.00006)
        high, low, marked = (grid(price * (1.0 + walk.basis)) for price in raw)
        mark.append(ts, mark_close, max(mark_close, high), min(mark_close, low), marked, 0.0)
        close, mark_close = last, marked
        if (ts + interval) % _FUNDING_MS == 0:
            rate = 0.0001 + 1.5 * walk.basis + walk.normal(0.0, 0.00003)
            funding.ts.append(ts + interval)
            funding.rate.append(round(min(0.003, max(-0.003, rate)), 8))
    return MarketData(
        exec=bars,
        mark=mark,
        funding=funding,
        content_hash=content_hash(bars),
        source=f"synthetic seed {spec.seed}",
        synthetic=True,
    )
