"""Mirrored markets: the same bars, hours, ranges and volumes, with ups and downs exchanged by coin.

For every bar a fair coin. Tails: the bar is turned over in log space around its open (gap, high, low and close
change sign, high and low swap) and moves by twice the drift more, so that the drift of the whole stays. Bars are
chained, prices lie on the tick. What is destroyed is direction alone: volatility, its clustering, volume, hour and
weekday stay where they were (a randomisation test with Rademacher signs: Wu 1986, Liu 1988).

The law: the coin belongs to a time. Every feed of a market is turned by the coins of the execution bars, so what
moves together still does; nothing but the seed decides.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from random import Random

from runtime.features.elementary import exp, log
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from tools.search.calls import call_ratios, call_turn, call_turn_mark

_Ratios = tuple["array[float]", "array[float]"]
_COINS = bytes.maketrans(b"01", b"\0\1")


@dataclass(frozen=True, slots=True)
class Mirrors:
    """A market whose mirrors can be made. `left_out`: what the mirrors, and what is compared with them, lack."""

    data: MarketData
    drift: float  # mean log return of a bar, from the first traded one on
    left_out: tuple[str, ...]
    _instrument: Instrument
    _turned: tuple[tuple[str, str], ...]  # further feeds, by their key
    _ratios: _Ratios  # COST: of the execution bars, the same for every mirror

    def mirror(self, number: int, seed: int, block: int = 1) -> MarketData:
        """Return mirror `number`; with `block` one coin is thrown for so many bars in a row."""
        coins = self._coins(number, seed, block)
        data, tick = self.data, self._instrument.tick
        drift = exp(2.0 * self.drift)
        turned = _turn(data.exec, self._ratios, coins, drift, tick, data.first)
        mark = None if data.mark is None else _mark(data.mark, data.exec, turned, coins)
        frames = dict(data.frames)
        for key in self._turned:
            frames[key] = self._other(frames[key], coins)
        return replace(data, exec=turned, mark=mark, frames=frames, content_hash="", notes=())

    def _coins(self, number: int, seed: int, block: int) -> array[int]:
        """Return per execution bar whether it is turned over (1); bars that only warm up are not."""
        first, rows = self.data.first, len(self.data.exec)
        throws = (rows - first + block - 1) // block
        # COST: one draw for all coins, read as the digits of a number.
        bits = Random(f"{seed}:{block}:{number}").getrandbits(max(throws, 1))
        thrown = f"{bits:0{max(throws, 1)}b}".encode().translate(_COINS)
        coins = array("b", bytes(first))
        for coin in thrown if block > 1 else ():
            coins.extend(repeat(coin, block))
        if block == 1:
            coins.frombytes(thrown)
        return coins[:rows]

    def _other(self, frame: Frame, coins: Sequence[int]) -> Frame:
        """Turn a feed of another symbol by the coins of the bars in which its bars begin."""
        ts = self.data.exec.ts
        own = [bisect_right(ts, start) - 1 for start in frame.ts]
        taken = array("b", (coins[row] if row >= self.data.first else 0 for row in own))
        tick = _finest(frame)
        return _turn(frame, _ratios(frame, 0), taken, exp(2.0 * mean_log_return(frame, 0)), tick, 0)


def mirrors_of(data: MarketData, instrument: Instrument) -> Mirrors:
    """Return what makes the mirrors of a market.

    Feeds that cannot be turned by the same coins are left out, of the run that is compared as well.
    """
    left: list[str] = []
    frames, traded = dict(data.frames), data.exec.symbol
    for symbol, timeframe in data.frames:
        if symbol == traded:
            left.append(
                f"{timeframe} bars of their own: higher timeframes are built from {data.exec.timeframe}"
            )
            del frames[symbol, timeframe]
        elif data.frames[symbol, timeframe].interval_ms > data.exec.interval_ms:
            left.append(f"{symbol} {timeframe} is turned whole bar by whole bar")
    mark, fine = data.mark, data.fine
    if mark is not None and (
        mark.interval_ms != data.exec.interval_ms or list(mark.ts) != list(data.exec.ts)
    ):
        left.append("mark prices, which are not bar by bar those of the execution timeframe")
        mark = None
    if fine is not None:
        left.append("finer bars: paths inside a bar follow its open, high, low and close")
        fine = None
    kept = replace(data, frames=frames, mark=mark, fine=fine)
    drift = mean_log_return(data.exec, data.first)
    ratios = _ratios(data.exec, data.first)
    return Mirrors(kept, drift, tuple(left), instrument, tuple(frames), ratios)


def mean_log_return(frame: Frame, first: int) -> float:
    """Return the mean log return of a bar from the close of row `first` to the last; 0 for fewer than two."""
    rows = len(frame) - 1 - first
    return log(frame.close[-1] / frame.close[first]) / rows if rows > 0 else 0.0


def _ratios(frame: Frame, first: int) -> tuple[array[float], array[float]]:
    """Return what the bars after row `first` are to each other, as they are and turned over, by `kernels.ratios`."""
    rows = len(frame)
    onward, over = (array("d", bytes(32 * rows)) for _ in range(2))
    call_ratios(frame.open, frame.high, frame.low, frame.close, onward, over, first, rows)
    return onward, over


def _turn(
    frame: Frame, ratios: _Ratios, coins: array[int], drift: float, tick: float, first: int
) -> Frame:
    """Return a frame chained anew from row `first` on, by `kernels.turn`."""
    rows = len(frame)
    made = Frame(frame.symbol, frame.timeframe, frame.interval_ms)
    made.ts, made.volume = frame.ts, frame.volume
    made.open, made.high = frame.open[:], frame.high[:]
    made.low, made.close = frame.low[:], frame.close[:]
    call_turn(
        *ratios, frame.close[first], coins, drift, tick,
        made.open, made.high, made.low, made.close, first, rows,
    )  # fmt: skip
    return made


def _mark(mark: Frame, real: Frame, turned: Frame, coins: array[int]) -> Frame:
    """Return the mark of a mirror: as far from the turned price as it was from the real one, on the same side."""
    made = Frame(mark.symbol, mark.timeframe, mark.interval_ms)
    made.ts, made.volume = mark.ts, mark.volume
    made.open, made.high = turned.open[:], turned.high[:]
    made.low, made.close = turned.low[:], turned.close[:]
    call_turn_mark(
        real.open, real.high, real.low, real.close, mark.open, mark.high, mark.low, mark.close, coins,
        made.open, made.high, made.low, made.close, 0, len(coins),
    )  # fmt: skip
    return made


def _finest(frame: Frame) -> float:
    """Return a step fine enough for every price of a feed nobody trades."""
    return min(frame.low) * 1e-6 if len(frame) else 1e-9
