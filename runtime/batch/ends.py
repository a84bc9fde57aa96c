"""What a run comes to, in a row of numbers: for whoever makes many and reads no report.

The law: equity, its peaks and counts are those of the record; sums of trades run from left to right.
"""

from __future__ import annotations

from runtime.batch.layout import (
    FEES,
    FILLS,
    LIQUIDATIONS,
    START_EQUITY,
    TRADE_FLOATS,
    TRADE_INTS,
    TRADE_ROWS,
    TRADES_F,
    TRADES_ROW,
)  # fmt: skip
from runtime.kernel import IntState, Numbers, State

(
    E_EQUITY, E_DRAWDOWN, E_DRAWDOWN_USDT, E_TRADES, E_WON, E_LOST, E_GAINS, E_LOSSES, E_FEES, E_FILLS,
    E_LIQUIDATIONS, E_HELD,
) = range(12)  # fmt: skip
WIDTH = 12


def measure(
    f: State, z: IntState, lf: State, lz: IntState, rows: Numbers, out: State, first: int, last: int
) -> None:
    """Write what a run over the bars [first, last) comes to: closed trades, money, drawdown (a fraction)."""
    peak = f[START_EQUITY]
    deepest = 0.0
    most = 0.0
    for bar in range(first, last):
        equity = rows[bar]
        peak = max(peak, equity)
        most = max(most, peak - equity)
        if peak > 0.0:
            deepest = max(deepest, (peak - equity) / peak)
    out[E_EQUITY] = rows[last - 1] if last > first else f[START_EQUITY]
    out[E_DRAWDOWN] = deepest
    out[E_DRAWDOWN_USDT] = most
    out[E_FEES] = f[FEES]
    out[E_FILLS] = float(z[FILLS])
    out[E_LIQUIDATIONS] = float(z[LIQUIDATIONS])
    _sum_trades(z, lf, lz, out)


def _sum_trades(z: IntState, lf: State, lz: IntState, out: State) -> None:
    """Add up the trades that were closed by the card or the market, not by the end of the data."""
    for i in range(E_TRADES, E_LOSSES + 1):
        out[i] = 0.0
    out[E_HELD] = 0.0
    for k in range(z[TRADE_ROWS]):
        row = z[TRADES_ROW] + k * TRADE_INTS
        if lz[row + 3] < 0 or lz[row + 10] == 5:
            continue
        at = z[TRADES_F] + k * TRADE_FLOATS
        net = lf[at + 2] - lf[at + 3] - lf[at + 4]
        out[E_TRADES] += 1.0
        out[E_HELD] += float(lz[row + 3] - lz[row + 1])
        if net > 0.0:
            out[E_WON] += 1.0
            out[E_GAINS] += net
        elif net < 0.0:
            out[E_LOST] += 1.0
            out[E_LOSSES] += net
