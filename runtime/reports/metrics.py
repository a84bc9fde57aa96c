"""The table of standard metrics: every run reports each of them, undefined as null.

Undefined is never 0, 100 or infinity. Percent figures are in percent (12.5 = 12.5 %).
"""

from __future__ import annotations

import math

from runtime.market.frame import Frame
from runtime.records.rows import RunRecord
from runtime.reports.measures import Metric, RunView, Value, run_view
from runtime.reports.metrics_equity import EQUITY
from runtime.reports.metrics_money import MONEY
from runtime.reports.metrics_trades import TRADES

THEMES: tuple[tuple[str, tuple[Metric, ...]], ...] = (
    ("Money", MONEY),
    ("Trades", TRADES),
    ("Drawdown, risk and exposure", EQUITY),
)
METRICS: tuple[Metric, ...] = tuple(metric for _theme, rows in THEMES for metric in rows)


def metrics(record: RunRecord, frame: Frame, start: float) -> dict[str, Value]:
    """Return every standard metric by name, in table order; `start` is the starting equity."""
    return measure(run_view(record, frame, start), METRICS)


def measure(view: RunView, table: tuple[Metric, ...]) -> dict[str, Value]:
    """Return the metrics of a table; what is beyond the range of a float is undefined too."""
    return {metric.name: _clean(metric.compute(view)) for metric in table}


def _clean(value: Value) -> Value:
    if isinstance(value, int) or value is None:
        return value
    # Adding zero turns -0.0 into 0.0.
    return value + 0.0 if math.isfinite(value) else None
