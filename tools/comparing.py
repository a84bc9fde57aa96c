"""What two or more runs share and where they part: data, settings, figures, trades.

The law: every run is held against the first one; what is the same is counted, not repeated.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.run_folders import StoredRun, flat

# The figures people look at first; `--all` shows every one that differs.
MAIN = (
    "net_profit_usdt", "net_return_pct", "max_drawdown_pct", "total_trades", "win_rate_pct",
    "profit_factor", "expectancy_usdt", "sharpe", "total_fees_usdt", "total_funding_usdt",
    "time_in_market_pct",
)  # fmt: skip
_POINTS = 800


@dataclass(frozen=True, slots=True)
class Row:
    """One name and its value in every run, in the order of the runs."""

    name: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Return whether any run has another value than the first."""
        return any(value != self.values[0] for value in self.values[1:])


@dataclass(frozen=True, slots=True)
class Trades:
    """Trades of one run against those of the first: by the bar of the first fill and the side."""

    same: int
    other_end: tuple[tuple[dict[str, Any], dict[str, Any]], ...]  # (first run's, this run's)
    missing: tuple[dict[str, Any], ...]  # the first run has them
    added: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`curves` are (ms, return in %) of every run at its closes, thinned to what a screen shows."""

    runs: tuple[StoredRun, ...]
    facts: tuple[Row, ...]
    settings: tuple[Row, ...]
    figures: tuple[Row, ...]
    trades: tuple[Trades, ...]  # one for every run but the first
    curves: tuple[tuple[tuple[int, float], ...], ...]


def compare(runs: Sequence[StoredRun]) -> Comparison:
    """Return what runs share and where they part."""
    rows = [run.table("trades") for run in runs]
    interval = max(run.made["data"]["interval_ms"] for run in runs)
    return Comparison(
        runs=tuple(runs),
        facts=tuple(_facts(runs)),
        settings=tuple(row for row in _rows(runs, "settings") if row.differs),
        figures=tuple(_rows(runs, "metrics")),
        trades=tuple(_trades(rows[0], other, interval) for other in rows[1:]),
        curves=tuple(_curve(run) for run in runs),
    )


def _facts(runs: Sequence[StoredRun]) -> list[Row]:
    places = (
        ("card", ("card", "name")),
        ("card's meaning", ("card", "graph_hash")),
        ("symbol", ("data", "symbol")),
        ("timeframe", ("data", "timeframe")),
        ("venue", ("data", "venue")),
        ("from", ("data", "from")),
        ("to", ("data", "to")),
        ("bars", ("data", "bars")),
        ("bars' content", ("data", "hash")),
        ("instrument", ("hashes", "instrument")),
        ("engine", ("engine", "version")),
    )
    broken = tuple(", ".join(run.broken_promises()) or "none" for run in runs)
    facts = [Row(name, tuple(run.made[a].get(b) for run in runs)) for name, (a, b) in places]
    return [*facts, Row("promises broken", broken)]


def _rows(runs: Sequence[StoredRun], key: str) -> list[Row]:
    leaves = [dict(flat(run.made[key])) for run in runs]
    names = list(dict.fromkeys(name for leaf in leaves for name in leaf))
    return [Row(name, tuple(leaf.get(name) for leaf in leaves)) for name in names]


def _trades(
    first: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]], interval: int
) -> Trades:
    mine, theirs = _by_entry(first, interval), _by_entry(other, interval)
    both = [key for key in mine if key in theirs]
    same = [key for key in both if _is_same(mine[key], theirs[key])]
    return Trades(
        same=len(same),
        other_end=tuple((mine[k], theirs[k]) for k in both if k not in set(same)),
        missing=tuple(row for key, row in mine.items() if key not in theirs),
        added=tuple(row for key, row in theirs.items() if key not in mine),
    )


def _by_entry(
    rows: Sequence[dict[str, Any]], interval: int
) -> dict[tuple[int, str, int], dict[str, Any]]:
    """Return trades by bar, side and number in that bar.

    The moment inside a bar is the path's guess: a first fill of the same bar and side is the same entry.
    """
    found: dict[tuple[int, str, int], dict[str, Any]] = {}
    counts: Counter[tuple[int, str]] = Counter()
    for row in rows:
        key = (row["entry_ts"] // interval, row["side"])
        found[*key, counts[key]] = row
        counts[key] += 1
    return found


def _is_same(one: dict[str, Any], two: dict[str, Any]) -> bool:
    ends = [row["exit_bar"] and row["exit_bar"] - row["entry_bar"] for row in (one, two)]
    return ends[0] == ends[1] and math.isclose(
        one["net_pnl"], two["net_pnl"], rel_tol=1e-9, abs_tol=1e-9
    )


def _curve(run: StoredRun) -> tuple[tuple[int, float], ...]:
    rows = run.table("equity")
    start = run.made["metrics"]["starting_equity_usdt"]
    step = max(1, len(rows) // _POINTS)
    kept = [*rows[::step], *rows[-1:]]
    return tuple((row["ts"], (row["equity"] / start - 1.0) * 100.0) for row in kept)


def letter(place: int) -> str:
    """Return how a run is called beside the others: a, b, c, …"""
    return chr(ord("a") + place) if place < 26 else str(place)


def short(value: object) -> str:
    """Return a value in few letters: hashes cut, numbers rounded, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 10 else f"{value:,.2f}"
    words = str(value)
    return words[:12] if len(words) == 64 else words
