"""Plots that need no script: a frame with its scales, bars and lines inside, each with a sentence.

INVARIANT: every plot says its unit on its axis and what it shows in a sentence above it; every text that is
not ours passes `html.escape`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from runtime.reports.page_words import number, power_of_ten

WIDE, HIGH = 420, 210  # CSS pixels before the plot is fitted to its column
_LEFT, _RIGHT, _TOP, _FOOT = 46, 8, 10, 24
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Area:
    """Maps values to pixels: `left`..`right` across, `low`..`high` up."""

    left: float
    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        share = (value - self.left) / (self.right - self.left)
        return _LEFT + share * (WIDE - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return HIGH - _FOOT - share * (HIGH - _FOOT - _TOP)


def nice_step(low: float, high: float, count: int) -> float:
    """Return the round step (1, 2, 2.5 or 5 times a power of ten) that cuts a range in about `count`."""
    raw = (high - low) / count
    power = float(f"1e{power_of_ten(raw)}")
    return power * next((m for m in _STEPS if m * power >= raw * (1 - 1e-9)), 10.0)


def digits_of(step: float) -> int:
    """Return the decimals that show multiples of a step: 0.25 has two."""
    return next((d for d in range(7) if abs(round(step, d) - step) < step * 1e-6), 7)


def ticks(low: float, high: float, count: int = 4) -> tuple[list[float], int]:
    """Return the round values inside a range and the decimals that show them."""
    step = nice_step(low, high, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)], digits_of(step)


def across(area: Area, named: Sequence[tuple[float, str]]) -> str:
    """Return the names along the foot of an area, each at its value."""
    return "".join(
        f'<text x="{area.x(value):.1f}" y="{HIGH - 7}" text-anchor="middle">{escape(text)}</text>'
        for value, text in named
    )


def up(area: Area, unit: str = "", count: int = 4) -> str:
    """Return the lines across an area with their values and unit at its left."""
    values, digits = ticks(area.low, area.high, count)
    return "".join(
        f'<path d="M{_LEFT} {area.y(value):.1f}H{WIDE - _RIGHT}" class="{"zero" if value == 0 else "grid"}"/>'
        f'<text x="{_LEFT - 5}" y="{area.y(value) + 4:.1f}" text-anchor="end">'
        f"{number(value, digits)}{unit}</text>"
        for value in values
    )


def line(area: Area, points: Sequence[tuple[float, float | None]], colour: str) -> str:
    """Return a line through points; it is broken where a value is undefined."""
    path: list[str] = []
    pen = "M"
    for at, value in points:
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{area.x(at):.1f} {area.y(value):.1f}")
        pen = "L"
    return f'<path d="{"".join(path)}" fill="none" stroke="var(--{colour})" stroke-width="1.5"/>'


def bar(area: Area, left: float, right: float, value: float, *, tone: str, said: str) -> str:
    """Return a bar from zero to `value` with the words that a pointer on it shows."""
    x, top, foot = area.x(left), area.y(max(value, 0.0)), area.y(min(value, 0.0))
    return (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{max(1.0, area.x(right) - x - 1):.1f}" '
        f'height="{max(0.5, foot - top):.1f}" fill="var(--{tone})" fill-opacity="0.75">'
        f"<title>{escape(said)}</title></rect>"
    )


def mark(area: Area, value: float, text: str) -> str:
    """Return a dashed line up through an area at a value, with its name at the top."""
    x = area.x(value)
    return (
        f'<path d="M{x:.1f} {_TOP}V{HIGH - _FOOT}" class="mark"/>'
        f'<text x="{x + 4:.1f}" y="{_TOP + 10}">{escape(text)}</text>'
    )


def figure(title: str, sentence: str, inside: str) -> str:
    """Return a plot under its title and the sentence that says what it shows and in what unit."""
    return (
        f"<figure><figcaption><b>{escape(title)}</b><span>{escape(sentence)}</span></figcaption>"
        f'<svg viewBox="0 0 {WIDE} {HIGH}" class="dots" role="img" aria-label="{escape(sentence)}">'
        f"{inside}</svg></figure>"
    )


def without(title: str, sentence: str) -> str:
    """Return the place of a plot that has nothing to show, and why."""
    return (
        f"<figure><figcaption><b>{escape(title)}</b><span>{escape(sentence)}</span></figcaption>"
        "</figure>"
    )
