"""What a run paid, and how wide that is: an interval of the mean daily equity change, and the cost it breaks even at.

Stationary bootstrap (Politis & Romano 1994) of daily log changes, expected block by Politis & White 2004 (corrected
2009), studentised by the sums of its blocks (Ledoit & Wolf 2008). The law: one seed, one interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, fabs, sqrt
from random import Random

from compiler.graph.program import Program
from runtime.features.elementary import log
from runtime.formulas.sums import total
from runtime.records.rows import RunRecord
from tools.search.kernels import NOTHING

DAY_MS = 86_400_000
SAMPLES = 2_000
_LEVEL = 0.90
_FEWEST_DAYS = 10
_MOST_BPS = 100.0
_STEPS = 14


@dataclass(frozen=True, slots=True)
class Pay:
    """Net log growth of a mean trade in basis points, with its interval; None where days or trades are too few."""

    per_trade_bp: float | None
    low_bp: float | None
    high_bp: float | None
    days: int
    block: float  # expected length of a block, days


def pay(record: RunRecord, start: float, trades: int, seed: int) -> Pay:
    """Return what a run paid a trade; `start` is the starting equity, `trades` those that closed."""
    changes = daily_changes(record, start)
    if not trades:
        return Pay(None, None, None, len(changes), 1.0)
    to_bp = 1e4 * len(changes) / trades
    mean = total(changes) / len(changes)
    if len(changes) < _FEWEST_DAYS or not any(change != changes[0] for change in changes):
        return Pay(mean * to_bp, None, None, len(changes), 1.0)
    block = block_length(changes)
    low, high = _interval(changes, block, seed)
    return Pay(mean * to_bp, low * to_bp, high * to_bp, len(changes), block)


def daily_changes(record: RunRecord, start: float) -> list[float]:
    """Return the log change of equity of every day (UTC) of a run, its parts of days included."""
    rows, ends = record.equity, dict[int, float]()
    for ts, equity in zip(rows.ts, rows.equity, strict=True):
        ends[(ts - 1) // DAY_MS] = equity
    changes, before = [], start
    for equity in ends.values():
        now = max(equity, start * NOTHING)
        changes.append(log(now / before))
        before = now
    return changes


def block_length(values: Sequence[float]) -> float:
    """Return the expected block of the stationary bootstrap that suits a series, at least 1, at most a third of it."""
    n = len(values)
    mean = total(values) / n
    centred = [value - mean for value in values]
    most = max(5, ceil(sqrt(n)))
    covariance = [
        total(centred[i] * centred[i + lag] for i in range(n - lag)) / n
        for lag in range(min(2 * most + 1, n))
    ]
    if covariance[0] <= 0.0:
        return 1.0
    near = 2.0 * sqrt(log(float(n)) / n / log(10.0))
    window = min(most, n - 1)
    last = 0
    for lag in range(1, window + 1):  # the last lag before five small correlations in a row
        after = covariance[lag : lag + 5]
        if all(fabs(one) < near * covariance[0] for one in after):
            break
        last = lag
    width = min(2 * max(last, 1), len(covariance) - 1)
    g, spectrum = 0.0, covariance[0]
    for lag in range(1, width + 1):
        share = lag / width
        weight = 1.0 if share <= 0.5 else 2.0 * (1.0 - share)
        g += 2.0 * weight * lag * covariance[lag]
        spectrum += 2.0 * weight * covariance[lag]
    if spectrum <= 0.0:
        return 1.0
    length: float = (2.0 * g * g / (2.0 * spectrum * spectrum) * n) ** (1.0 / 3.0)
    return min(max(length, 1.0), n / 3.0)


def _interval(values: Sequence[float], block: float, seed: int) -> tuple[float, float]:
    n, chance = len(values), Random(f"{seed}:pay")
    mean = total(values) / n
    means, ratios = [], []
    for _ in range(SAMPLES):
        sample, ends = _resample(values, block, chance)
        middle = total(sample) / n
        error = _block_error(sample, ends, middle)
        means.append(middle)
        if error > 0.0:
            ratios.append((middle - mean) / error)
    spread = sqrt(total((one - mean) ** 2 for one in means) / len(means))
    ratios.sort()
    tail = (1.0 - _LEVEL) / 2.0
    high, low = ratios[ceil((1.0 - tail) * len(ratios)) - 1], ratios[int(tail * len(ratios))]
    return mean - high * spread, mean - low * spread


def _resample(
    values: Sequence[float], block: float, chance: Random
) -> tuple[list[float], list[int]]:
    """Return a sample of blocks of random length, around the end of the series to its start, and where they end."""
    n, stay = len(values), 1.0 - 1.0 / block
    sample, ends, at = [], [], 0
    for place in range(n):
        if place == 0 or chance.random() >= stay:
            at = chance.randrange(n)
            if place:
                ends.append(place)
        else:
            at = (at + 1) % n
        sample.append(values[at])
    return sample, [*ends, n]


def _block_error(sample: Sequence[float], ends: Sequence[int], mean: float) -> float:
    """Return the standard error of a sample's mean, from the sums of its blocks."""
    begin, squares = 0, 0.0
    for end in ends:
        part = total(sample[begin:end]) - mean * (end - begin)
        squares += part * part
        begin = end
    return sqrt(squares) / len(sample)


def with_costs(program: Program, bps: float) -> Program:
    """Return the program with one cost a side, in basis points: maker and taker alike, no slippage."""
    settings = program.graph.settings
    account = replace(settings.account, taker_bps=bps, maker_bps=bps, slippage_bps=0.0)
    graph = replace(program.graph, settings=replace(settings, account=account))
    return replace(program, graph=graph)


def break_even_bps(net_at: Callable[[float], float]) -> float | None:
    """Return the cost a side, in basis points, at which nothing is left, to a fifth of a basis point.

    None where even without costs nothing is left; the most that is looked at where it is still left there.
    """
    if net_at(0.0) <= 0.0:
        return None
    low, high = 0.0, 5.0
    while net_at(high) > 0.0:
        low, high = high, 2.0 * high
        if high > _MOST_BPS:
            return _MOST_BPS
    for _ in range(_STEPS):
        if high - low <= 0.2:
            break
        middle = (low + high) / 2.0
        if net_at(middle) > 0.0:
            low = middle
        else:
            high = middle
    return low
