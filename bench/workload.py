"""The work every tool is given: seeded bars, and one strategy as every tool follows it.

bar i  1. a queued market exit fills at the open                                      taker
       2. low <= stop: all out at min(open, stop), taker; else high >= target: all out, maker;
          flat cancels a waiting entry
       3. a waiting limit buy fills at min(open, limit) when low <= limit, maker; average entry by
          size, stop and target anew; an unfilled one ages and is gone after its time to live
       4. indicators take the close
       5. rules at the close, from bar WARM on:
          entry  flat, nothing waiting, ema20 > ema50, close crosses above the upper band
                 -> limit buy 0.5 % below, 10 % of equity, for 30 bars
          scale  long, fewer than 3 layers, nothing waiting, close < 0.98 * average
                 -> limit buy 0.5 % below, 15 % of equity, for 20 bars
          part   long, not yet done, close >= 1.01 * average -> sell half at the next open
Prices are rounded to 0.01, sizes down to 1e-6.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SYMBOL, TICK, LOT = "W1USDT", 0.01, 0.000001
CASH = 100_000.0
WARM = 500
_SIGMA = 0.0015
_START_MS, _BAR_MS = 1_577_836_800_000, 60_000  # ten million end in 2039


def bars(count: int, seed: int = 7) -> Any:
    """Return open, high, low, close, volume of some seeded bars: five rows of a numpy array."""
    import numpy as np  # here: who only starts others stays small, for they inherit its peak memory

    rng = np.random.default_rng(seed)
    steps = rng.standard_normal(count) * _SIGMA - 0.5 * _SIGMA * _SIGMA
    close = np.round(50_000.0 * np.exp(np.cumsum(steps)), 2)
    open_ = np.concatenate([[50_000.0], close[:-1]])
    up = np.abs(rng.standard_normal(count)) * _SIGMA * 0.5
    down = np.abs(rng.standard_normal(count)) * _SIGMA * 0.5
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    high = np.maximum(np.round(top * (1 + up), 2), top)
    low = np.minimum(np.round(bottom * (1 - down), 2), bottom)
    volume = np.round(np.exp(rng.standard_normal(count) * 0.8 + 3), 3)
    return np.ascontiguousarray(np.stack([open_, high, low, close, volume]))


def parquet(count: int, folder: Path) -> Path:
    """Return a Parquet file of these bars, written if it is not there."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / f"bars_{count}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        times = _START_MS + np.arange(count, dtype=np.int64) * _BAR_MS
        columns = dict(zip(("open", "high", "low", "close", "volume"), bars(count), strict=True))
        pq.write_table(pa.table({"ts": times, **columns}), path)
    return path


@dataclass(frozen=True, slots=True)
class Took:
    """Wall clock and processor seconds of a piece of work."""

    seconds: float
    cpu: float

    @classmethod
    def since(cls, begun: Took) -> Took:
        now = cls.now()
        return cls(now.seconds - begun.seconds, now.cpu - begun.cpu)

    @classmethod
    def now(cls) -> Took:
        return cls(time.perf_counter(), time.process_time())


def say(took: Took, count: int, **more: object) -> None:
    """Print what the engine alone took for `count` bars as a line of JSON."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = {"seconds": took.seconds, "cpu": took.cpu, "bars_per_s": count / took.cpu}
    print(json.dumps({**line, "peak_mb": round(peak), **more}))
    sys.stdout.flush()
