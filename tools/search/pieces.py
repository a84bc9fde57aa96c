"""What a result hangs on: its best trades, its best month, its years.

The law: parts of one run, taken away on paper; nothing is run again, so what a trade made possible stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from runtime.formulas.sums import total
from runtime.records.rows import RunRecord, TradeRow

_MANY = 5


@dataclass(frozen=True, slots=True)
class Year:
    """Trades that ended in a year (UTC): how many, their net in quote."""

    year: int
    trades: int
    net_usdt: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """Net of the closed trades in quote, whole and without some. `share_of_five`: of all gains, a fraction."""

    net_usdt: float
    without_best: float
    without_five: float
    without_month: float
    best_month: str
    share_of_five: float | None
    years: tuple[Year, ...]


def pieces(record: RunRecord) -> Pieces | None:
    """Return the parts of a run; None where no trade was closed. A trade belongs to where it ends."""
    closed = [trade for trade in record.trades if not trade.is_open and trade.exit_ts is not None]
    if not closed:
        return None
    nets = sorted((trade.net_pnl for trade in closed), reverse=True)
    months, years = _by(closed, "%Y-%m"), _by(closed, "%Y")
    best = max(months, key=lambda month: (total(months[month]), month))
    gains = total(net for net in nets if net > 0)
    net = total(nets)
    return Pieces(
        net,
        total(nets[1:]),
        total(nets[_MANY:]),
        net - total(months[best]),
        best,
        total(one for one in nets[:_MANY] if one > 0) / gains if gains else None,
        tuple(Year(int(year), len(made), total(made)) for year, made in years.items()),
    )


def _by(trades: list[TradeRow], form: str) -> dict[str, list[float]]:
    found = dict[str, list[float]]()
    for trade in sorted(trades, key=lambda one: one.exit_ts or 0):
        ended = datetime.fromtimestamp((trade.exit_ts or 0) / 1000, UTC)
        found.setdefault(ended.strftime(form), []).append(trade.net_pnl)
    return found
