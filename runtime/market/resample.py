"""Coarser bars from finer ones. Only complete bars are ever emitted.

A coarse bar is complete when the last fine slot inside it has been seen or passed; a bar with a
hole inside (a missing fine bar) is emitted from the bars that exist, as venues do, unless all of
them are missing.
"""

from __future__ import annotations

from runtime.market.frame import Frame
from runtime.market.timeframe import bucket_open


class Resampler:
    """Feeds `target` from `source`; resumable: `advance(stop)` reads source rows up to `stop`.

    INVARIANT: a target bar appears only when time has reached its close, so it can never contain or
    reveal a later price. Any chunking of `advance` gives the same target.
    A first bucket that starts before the first source bar is dropped: it would be partial.
    """

    def __init__(self, source: Frame, target: Frame) -> None:
        if target.interval_ms % source.interval_ms:
            raise ValueError(
                f"{target.timeframe} bars cannot be built from {source.timeframe} bars"
            )
        self.source = source
        self.target = target
        self._done = 0
        self._bucket: int | None = None
        self._partial = False  # the bucket's beginning is not in the data
        self._bar = [0.0, 0.0, 0.0, 0.0, 0.0]

    def advance(self, stop: int) -> None:
        """Read source rows [done, stop) and append every target bar that has closed."""
        source, width = self.source, self.target.interval_ms
        step = source.interval_ms
        bar = self._bar
        for row in range(self._done, stop):
            ts = source.ts[row]
            bucket = bucket_open(ts, width)
            if bucket != self._bucket:
                self._flush()
                self._partial = self._bucket is None and ts != bucket
                self._bucket = bucket
                bar[0] = source.open[row]
                bar[1] = source.high[row]
                bar[2] = source.low[row]
                bar[4] = 0.0
            else:
                if source.high[row] > bar[1]:
                    bar[1] = source.high[row]
                if source.low[row] < bar[2]:
                    bar[2] = source.low[row]
            bar[3] = source.close[row]
            bar[4] += source.volume[row]
            if ts + step == bucket + width:
                self._flush()
        self._done = max(self._done, stop)

    def _flush(self) -> None:
        bucket = self._bucket
        if bucket is None or (len(self.target) and self.target.ts[-1] >= bucket):
            return
        if not self._partial:
            open_, high, low, close, volume = self._bar
            # Eight decimals are finer than any lot; rounding drops the binary noise of the sum, so
            # 5m and 15m bars give the same 4h volume as the venue's own bar.
            self.target.append(bucket, open_, high, low, close, round(volume, 8))


def resample(source: Frame, timeframe: str, interval_ms: int) -> Frame:
    """Return a whole frame on a coarser timeframe (complete bars only)."""
    target = Frame(source.symbol, timeframe, interval_ms)
    Resampler(source, target).advance(len(source))
    return target
