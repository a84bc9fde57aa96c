"""Random scripts from a seed: the market, the settings; the commands are `writing.py`'s.

Law: `script(seed, knobs)` is the same script on every machine.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random

from tests.reference.knobs import ALL, Knobs
from tests.reference.script import (
    Attached,
    Bar,
    Funding,
    Instrument,
    Intrabar,
    Method,
    Mode,
    Ohlc,
    Percent,
    Points,
    RestingGap,
    RewardRisk,
    Script,
    Settings,
    Tier,
)
from tests.reference.writing import Writer

MIDDLE = 1000  # ticks around which prices start


def script(seed: int, knobs: Knobs = ALL) -> Script:
    """The script of that seed."""
    r = Random(seed)
    bars = _bars(r, knobs)
    settings = _settings(r, knobs)
    commands = Writer(r, knobs)
    return Script(
        bars=bars,
        # Of a generator of its own: what a seed was before is what it is with them.
        hole_marks=_hole_marks(Random(f"hole {seed}"), knobs, bars),
        commands=tuple(commands.at(bar) for bar in bars),
        funding=_funding(r, knobs, bars),
        settings=settings,
        instrument=_instrument(r, knobs),
        bar_length=60,
    )


# --- the market ----------------------------------------------------------------------------------


def _bars(r: Random, knobs: Knobs) -> tuple[Bar, ...]:
    wild = r.choice((4, 8, 15))
    marked = knobs.marks and r.random() < 0.4
    ts, close, bars = 0, MIDDLE, list[Bar]()
    for i in range(r.randint(*knobs.bars)):
        if knobs.holes and i and r.random() < 0.08:
            ts += 60 * r.randint(1, 12)
        if knobs.empty_bars and i > 1 and r.random() < 0.06:
            bar = Bar(ts, close, close, close, close, 0)
        else:
            bar = _bar(r, knobs, ts, close, wild)
            close = bar.close
        if marked and r.random() < 0.9:
            bar = Bar(ts, bar.open, bar.high, bar.low, bar.close, bar.volume, _mark(r, bar))
        bars.append(bar)
        ts += 60
    return tuple(bars)


def _bar(r: Random, knobs: Knobs, ts: int, before: int, wild: int) -> Bar:
    start = before
    if knobs.jumps and r.random() < 0.45:
        start = max(100, before + r.randint(-2 * wild, 2 * wild))
    end = max(100, start + r.randint(-wild, wild))
    if not knobs.dojis and end == start:
        end += r.choice((-1, 1))
    high = max(start, end) + r.choice((0, 0, 1, r.randint(0, wild)))
    low = min(start, end) - r.choice((0, 0, 1, r.randint(0, wild)))
    return Bar(ts, start, high, low, end, r.choice((10, 60, 150, 400, 1000)))


def _hole_marks(r: Random, knobs: Knobs, bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """Mark bars in some of the holes, some of which go far; only where mark is known at all."""
    if not knobs.hole_marks or not any(bar.mark for bar in bars):
        return ()
    made = list[Bar]()
    for before, behind in pairwise(bars):
        at = before.close
        if r.random() < 0.2:
            continue
        for ts in range(before.ts + 60, behind.ts, 60):
            if r.random() < 0.8:
                wild = r.choice((4, 4, 15, 15, 60, 300))
                o, c = at + r.randint(-3, 3), max(100, at + r.randint(-wild, wild))
                high, low = max(o, c) + r.randint(0, wild), max(50, min(o, c) - r.randint(0, wild))
                made.append(Bar(ts, o, high, low, c, 0, Ohlc(o, high, low, c)))
                at = r.choice((at, c))
    return tuple(made)


def _mark(r: Random, bar: Bar) -> Ohlc:
    shift = r.randint(-3, 3)
    o, c = bar.open + shift, bar.close + r.randint(-3, 3)
    high, low = max(o, c, bar.high + shift), min(o, c, bar.low + shift)
    return Ohlc(o, high, low, c)


def _funding(r: Random, knobs: Knobs, bars: tuple[Bar, ...]) -> tuple[Funding, ...]:
    if not knobs.funding or r.random() < 0.5:
        return ()
    step = r.choice((20, 60, 90, 240, 480))
    last = bars[-1].ts + 60
    return tuple(
        Funding(ts, Fraction(r.randint(-20, 30), 10_000)) for ts in range(step, last + 1, step)
    )


# --- settings ------------------------------------------------------------------------------------


def _settings(r: Random, knobs: Knobs) -> Settings:
    intrabar = r.choice(knobs.intrabar)
    if knobs.both_paths and r.random() < 0.1:
        intrabar = r.choice((Intrabar.ADVERSE, Intrabar.FAVOURABLE))
    tight = knobs.tight_margin and r.random() < 0.5
    costs = knobs.costs and r.random() < 0.5
    return Settings(
        fill_model=r.choice(knobs.models),
        through_ticks=r.choice((1, 1, 2)),
        volume_participation_max=r.choice((Fraction(1, 10), Fraction(1, 10), Fraction(1, 3))),
        assume_queue_position=r.choice((Fraction(1, 2), Fraction(1, 2), Fraction(0))),
        require_close_through=r.random() < 0.7,
        intrabar=intrabar,
        attached=Attached.NEXT_BAR if knobs.next_bar and r.random() < 0.1 else Attached.NOW,
        resting_gap=RestingGap.OPEN if knobs.gap_open and r.random() < 0.1 else RestingGap.LIMIT,
        method=r.choice(tuple(Method)),
        mode=Mode.LONG_SHORT if knobs.shorts else Mode.LONG_ONLY,
        allow_flip=knobs.flips and r.random() < 0.3,
        max_layers=r.choice((2, 3, 4)) if knobs.max_layers and r.random() < 0.2 else None,
        leverage=Fraction(r.choice((1, 3, 10, 25, 50)) if knobs.leverage else 1),
        taker_bps=Fraction(11, 2) if costs else Fraction(0),
        maker_bps=Fraction(2) if costs else Fraction(0),
        slippage_ticks=r.choice((0, 1)) if knobs.slippage and r.random() < 0.3 else 0,
        start_balance=Fraction(r.randint(200, 3000) if tight else 1_000_000),
        risk_stop=_risk_stop(r, knobs),
        risk_target=_risk_target(r, knobs),
    )


def _risk_stop(r: Random, knobs: Knobs) -> Percent | Points | None:
    if not knobs.risk_model or r.random() < 0.6:
        return None
    return Percent(Fraction(r.randint(3, 20), 10)) if r.random() < 0.6 else Points(r.randint(2, 15))


def _risk_target(r: Random, knobs: Knobs) -> Percent | Points | RewardRisk | None:
    if not knobs.risk_model or r.random() < 0.6:
        return None
    kind = r.randint(0, 2)
    if kind == 0:
        return Percent(Fraction(r.randint(3, 20), 10))
    return Points(r.randint(2, 15)) if kind == 1 else RewardRisk(Fraction(r.randint(1, 6), 2))


def _instrument(r: Random, knobs: Knobs) -> Instrument:
    tiers: tuple[Tier, ...] = (Tier(Fraction(10**9), Fraction(1, 100), Fraction(100)),)
    if knobs.leverage and r.random() < 0.3:
        tiers = (
            Tier(Fraction(3_000), Fraction(1, 200), Fraction(100)),
            Tier(Fraction(10**9), Fraction(1, 50), Fraction(50)),
        )
    return Instrument(tick=Fraction(1, 10), lot=Fraction(1), tiers=tiers)
