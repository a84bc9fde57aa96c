"""A session of the rule graph in plain English."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.catalog.bar_clock import WEEKDAYS
from compiler.catalog.types import ParamValue
from compiler.graph.rule_graph import FeatureNode
from compiler.syntax.printer import clock_text, day_text


def session_words(feature: FeatureNode) -> str:
    """Return what a session is: its span, its days, and how far east of UTC it is counted."""
    params = dict(feature.params)
    span = f"{_time(params['begin'])} to {_time(params['end'])}"
    days = [WEEKDAYS[int(day)] for day in _list(params, "days")]
    when = "every day" if len(days) == len(WEEKDAYS) else ", ".join(days)
    closed = [day_text(int(day)) for day in _list(params, "closed") if day >= 0]
    without = f", but not on {', '.join(closed)}" if closed else ""
    offsets = sorted(set(_list(params, "zone")[1::2]))
    zone = " or ".join(_offset(minutes) for minutes in offsets)
    turns = " as its zone turns the clock" if len(offsets) > 1 else ""
    clock = (
        f"the clock of {feature.tz} ({zone}{turns})" if feature.tz else f"a clock at {zone}{turns}"
    )
    return (
        f"{feature.id}: the {feature.timeframe} bars that open from {span}, the end left out, by {clock}; "
        f"it begins on {when}{without}"
    )


def _list(params: Mapping[str, ParamValue], name: str) -> tuple[float, ...]:
    value = params[name]
    assert isinstance(value, tuple)
    return value


def _time(minutes: ParamValue) -> str:
    assert isinstance(minutes, int)
    return clock_text(minutes)


def _offset(minutes: float) -> str:
    if not minutes:
        return "UTC"
    return f"UTC{'+' if minutes > 0 else '-'}{clock_text(abs(int(minutes)))}"
