"""Markets without an edge, and cards to try on them: what a test of luck is calibrated with.

The law: given the past and the size of the next bar, up and down are as likely around the drift; what else makes
markets hard (clusters, fat tails, hours, leverage) stays in. Same family and seed, same bars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, sin, sqrt
from random import Random

from runtime.market.data import MarketData
from runtime.market.frame import Frame

_STEPS = 8  # price steps inside a bar
_INTERVAL = 900_000
_START = 1_704_067_200_000
_SIGMA = 0.003  # of a bar
_TICK = 0.1


@dataclass(slots=True)
class Shocks:
    """One draw after another of the log return of a bar, around nothing, and the noise of its path."""

    chance: Random
    row: int = 0
    variance: float = _SIGMA**2
    last: float = 0.0


def _walk(_state: Shocks) -> float:
    return _SIGMA


def _clusters(state: Shocks) -> float:
    """GARCH(1, 1): Bollerslev 1986."""
    state.variance = 0.05 * _SIGMA**2 + 0.12 * state.last**2 + 0.83 * state.variance
    return sqrt(state.variance)


def _leverage(state: Shocks) -> float:
    """A fall raises what comes next more than a rise: Glosten, Jagannathan, Runkle 1993."""
    fell = state.last if state.last < 0.0 else 0.0
    state.variance = (
        0.05 * _SIGMA**2 + 0.04 * state.last**2 + 0.16 * fell**2 + 0.83 * state.variance
    )
    return sqrt(state.variance)


def _tails(state: Shocks) -> float:
    """Student's t with 3 degrees of freedom, at the same variance, cut off at 12 of them."""
    return min(_SIGMA * sqrt(1.0 / (2.0 * state.chance.gammavariate(1.5, 1.0))), 12.0 * _SIGMA)


def _hours(state: Shocks) -> float:
    return _SIGMA * (1.0 + 0.7 * sin(state.row * 6.283185307179586 / 96.0))


# family: the standard deviation of its next bar; drift a bar
FAMILIES: Mapping[str, tuple[Callable[[Shocks], float], float]] = {
    "random walk": (_walk, 0.0),
    "rising": (_walk, 0.0003),
    "clustered volatility": (_clusters, 0.0),
    "leverage effect": (_leverage, 0.0),
    "fat tails": (_tails, 0.0),
    "busy hours": (_hours, 0.0),
}


def null_market(family: str, seed: int, bars: int, *, momentum: float = 0.0) -> MarketData:
    """Return bars of a family; `momentum` above 0 plants an edge: so much of the last return comes again."""
    sigma, drift = FAMILIES[family]
    state = Shocks(Random(f"{family}:{seed}"))
    frame, price = Frame("BTCUSDT", "15m", _INTERVAL), 60_000.0
    before = 0.0
    for row in range(bars):
        state.row = row
        width = sigma(state)
        path, at = [_on(price)], price
        for _ in range(_STEPS):
            step = state.chance.gauss(0.0, 1.0) * width / sqrt(_STEPS)
            at *= exp(step + (drift + momentum * before) / _STEPS)
            path.append(_on(at))
        state.last = before = at / price - 1.0
        frame.append(_START + row * _INTERVAL, path[0], max(path), min(path), path[-1], 1_000.0)
        price = at
    return MarketData(exec=frame, content_hash="", source=f"{family}, seed {seed}", synthetic=True)


def _on(price: float) -> float:
    return round(max(round(price / _TICK), 1) * _TICK, 1)


_HEAD = """\
name: NAME
symbol: BTCUSDT
tf: 15m
account: { starting_equity_usdt: 10000 }
position_policy: { mode: long_short }
"""
_CARDS = {
    "cross": """\
features:
  - { type: sma, id: fast, params: { length: 10 } }
  - { type: sma, id: slow, params: { length: 40 } }
blocks:
  - id: in
    cases:
      - when: fast crosses above slow and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity } }]
      - when: fast crosses below slow and position_side == flat
        emit: [{ action: entry_short, metadata: { size: 50% of equity } }]
  - id: out
    cases:
      - when: position_side == long and fast < slow
        emit: [exit_long]
      - when: position_side == short and fast > slow
        emit: [exit_short]
""",
    "long only": """\
features:
  - { type: ema, id: fast, params: { length: 5 } }
  - { type: ema, id: slow, params: { length: 20 } }
blocks:
  - id: in
    cases:
      - when: fast crosses above slow and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity, stop_loss_offset_pct: -3 } }]
  - id: out
    cases:
      - when: fast crosses below slow and position_side == long
        emit: [exit_long]
""",
    "mean reversion": """\
features:
  - { type: bbands, id: bb, params: { length: 20, std: 2.0 } }
  - { type: atr, id: atr, params: { length: 14 } }
blocks:
  - id: in
    cases:
      - when: close < bb.lower and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity, stop_loss: close - 4 * atr } }]
      - when: close > bb.upper and position_side == flat
        emit: [{ action: entry_short, metadata: { size: 50% of equity, stop_loss: close + 4 * atr } }]
  - id: out
    cases:
      - when: position_side == long and close > bb.middle
        emit: [exit_long]
      - when: position_side == short and close < bb.middle
        emit: [exit_short]
""",
    "breakout, trailed": """\
features:
  - { type: donchian, id: box, params: { lower_length: 40, upper_length: 40 } }
  - { type: atr, id: atr, params: { length: 14 } }
blocks:
  - id: in
    cases:
      - when: close >= box.upper and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity, stop_loss: close - 3 * atr } }]
      - when: close <= box.lower and position_side == flat
        emit: [{ action: entry_short, metadata: { size: 50% of equity, stop_loss: close + 3 * atr } }]
  - id: trail
    cases:
      - when: position_side == long
        emit: [{ action: adjust_stop, metadata: { price: close - 3 * atr, only_tighten: true } }]
      - when: position_side == short
        emit: [{ action: adjust_stop, metadata: { price: close + 3 * atr, only_tighten: true } }]
""",
    "volatility burst": """\
features:
  - { type: atr, id: atr, params: { length: 14 } }
blocks:
  - id: in
    cases:
      - when: high - low > 2 * atr and close > open and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity } }]
      - when: high - low > 2 * atr and close < open and position_side == flat
        emit: [{ action: entry_short, metadata: { size: 50% of equity } }]
  - id: out
    cases:
      - when: bars_since_entry >= 10
        emit: [exit_all]
""",
    "resting limits": """\
features:
  - { type: atr, id: atr, params: { length: 14 } }
blocks:
  - id: in
    cases:
      - when: position_side == flat and pending_order_count == 0
        emit:
          - action: place_limit_long
            metadata:
              { price: close - 1.5 * atr, size: 50% of equity, ttl_bars: 8, order_ref: dip,
                stop_loss: close - 4 * atr, take_profit: close + 0.5 * atr }
  - id: out
    cases:
      - when: bars_since_entry >= 40
        emit: [exit_all]
""",
    "stop and target": """\
features:
  - { type: rsi, id: rsi, params: { length: 10 } }
  - { type: atr, id: atr, params: { length: 14 } }
blocks:
  - id: in
    cases:
      - when: rsi crosses below 30 and position_side == flat
        emit:
          - action: entry_long
            metadata: { size: 50% of equity, stop_loss: close - 2 * atr, take_profit: close + 3 * atr }
      - when: rsi crosses above 70 and position_side == flat
        emit:
          - action: entry_short
            metadata: { size: 50% of equity, stop_loss: close + 2 * atr, take_profit: close - 3 * atr }
""",
    "hours of the day": """\
blocks:
  - id: in
    cases:
      - when: hour_utc == 8 and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity } }]
  - id: out
    cases:
      - when: hour_utc == 16 and position_side == long
        emit: [exit_long]
""",
}
# The search that is calibrated: 48 lengths of one idea.
SEARCHED = tuple((fast, slow) for fast in (2, 3, 5, 8, 10, 12, 15, 20) for slow in (30, 40, 50, 60, 80, 100))  # fmt: skip


def cards() -> dict[str, str]:
    """Return the eight cards, as their authors would write them, by what they do."""
    return {
        name: _HEAD.replace("NAME", name.replace(" ", "_").replace(",", "")) + body
        for name, body in _CARDS.items()
    }


def searched_cards() -> list[str]:
    """Return the variants of a search: one idea with other lengths."""
    follow = _HEAD.replace("NAME", "cross") + _CARDS["cross"]
    return [
        follow.replace("length: 10", f"length: {fast}").replace("length: 40", f"length: {slow}")
        for fast, slow in SEARCHED
    ]
