"""A script as text a person can work through by hand: bars as lines, commands as actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from fractions import Fraction

from tests.reference.card import LAYERS, card
from tests.reference.script import Bar, Ohlc, Script, Settings


def told(script: Script, layers: LAYERS) -> str:
    """Settings that are not the default, bars, then the whole card."""
    return "\n".join([*_settings(script.settings), *_bars(script), card(script, "X", "1h", layers)])


def _settings(settings: Settings) -> Iterator[str]:
    standard = Settings()
    for field in fields(settings):
        value = getattr(settings, field.name)
        if value != getattr(standard, field.name):
            yield f"{field.name} {value}"


def _bars(script: Script) -> Iterator[str]:
    tick = script.instrument.tick
    for t, bar in enumerate(script.bars):
        hole = t and bar.ts != script.bars[t - 1].ts + script.bar_length
        line = f"bar {t}{' after a hole' if hole else ''}: {_prices(bar, tick)} volume {bar.volume}"
        yield line if bar.mark is None else f"{line} | mark {_prices(bar.mark, tick)}"
    for paid in script.funding:
        yield f"funding at minute {paid.ts}: {float(paid.rate):g}"


def _prices(bar: Bar | Ohlc, tick: Fraction) -> str:
    return " ".join(f"{float(x * tick):g}" for x in (bar.open, bar.high, bar.low, bar.close))
