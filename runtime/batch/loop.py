"""A run as one loop over its bars: what `runtime/backtest.py` does with objects.

The law: a call takes up where the last one stopped, so whoever calls may make room for more rows.
"""

from __future__ import annotations

from runtime.batch.bars import close_bar, could_matter, end_of_data, expire, live_through, remember
from runtime.batch.breaches import judge_close
from runtime.batch.course import demands, follow_close
from runtime.batch.decide import decide, fires
from runtime.batch.funding import begin
from runtime.batch.layers import write_trip
from runtime.batch.layout import (
    ASKED,
    AVERAGE,
    BAIL,
    BAR,
    BAR_CLOSE,
    BAR_MS,
    BAR_TS,
    CLOSE,
    DEMANDS,
    DIRTY,
    EXIT,
    FILLS,
    FILLS_MOST,
    FOLLOWS,
    FUNDING_TIMES,
    HAS_MARKET,
    HELD,
    HELD_ROW,
    HIGH,
    INTERVAL,
    IS_OPEN_TRIP,
    KEPT_COLUMNS,
    KIND,
    LAYER_ROWS,
    LAYERS_MOST,
    LOW,
    MARGIN_ROW,
    MARK_C,
    MARK_H,
    MARK_L,
    MARK_O,
    MARKET,
    MEMOS,
    MONEY_ROW,
    NOTES,
    NOTES_MOST,
    OPEN_,
    ORDERS_MOST,
    ROLE,
    ROWS,
    SIDE,
    STALE,
    TRADE_FLOATS,
    TRADE_ROWS,
    TRADES_F,
    TRADES_MOST,
    VOLUME,
    WATCHES,
    WORK,
    WORK_OWN,
    WORKING,
)  # fmt: skip
from runtime.batch.money import balance, base_of, unrealized, used_margin
from runtime.batch.orders import survey
from runtime.batch.quiet import pass_by
from runtime.batch.values import tick
from runtime.kernel import ByteColumn, Column, IntColumn, IntState, Numbers, State

# Rows that one bar and its close may write at most: more than all places of orders, several times over.
SLACK = 1024


def has_room(z: IntState) -> bool:
    """Return whether every table has room for what one bar may write."""
    return (
        z[ASKED] + SLACK < z[ORDERS_MOST]
        and z[FILLS] + SLACK < z[FILLS_MOST]
        and z[LAYER_ROWS] + SLACK < z[LAYERS_MOST]
        and z[TRADE_ROWS] + SLACK < z[TRADES_MOST]
        and z[NOTES] + SLACK < z[NOTES_MOST]
    )


def _take_down(f: State, z: IntState) -> None:
    """Note what of a row only events change. COST: most rows differ in the close alone."""
    f[MONEY_ROW] = balance(f)
    f[HELD_ROW] = z[SIDE] * base_of(f, z[HELD]) if z[HELD] > 0 else 0.0
    z[HAS_MARKET] = 0
    own = 0
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT:
            own += 1
        if z[s + KIND] == MARKET:
            z[HAS_MARKET] = 1
    z[WORK_OWN] = own
    if z[KEPT_COLUMNS] > 2:
        f[MARGIN_ROW] = used_margin(f, z)
    z[DIRTY] = 0


def write_row(f: State, z: IntState, rows: State, bar: int) -> None:
    """Write the account at a close: equity, the position, what equity is made of, as far as it is kept."""
    # An order that waits at market is valued at each close.
    if z[DIRTY] == 1 or z[HAS_MARKET] == 1:
        _take_down(f, z)
    money = f[MONEY_ROW]
    profit = 0.0
    if z[HELD] > 0:
        profit = f[HELD_ROW] * (f[CLOSE] - f[AVERAGE])
    rows[bar] = money + profit
    if z[KEPT_COLUMNS] == 1:
        return
    count = z[ROWS]
    rows[count + bar] = f[HELD_ROW]
    if z[KEPT_COLUMNS] == 2:
        return
    rows[2 * count + bar] = money
    rows[3 * count + bar] = profit
    rows[4 * count + bar] = f[MARGIN_ROW]
    rows[5 * count + bar] = float(z[WORK_OWN])


# Long by its parameters: the columns of the market, which a kernel cannot keep.
def run(
    ts: IntColumn, opens: Column, highs: Column, lows: Column, closes: Column, volumes: Column,
    mark_opens: Column, mark_highs: Column, mark_lows: Column, mark_closes: Column, flips: ByteColumn,
    columns: Numbers, f: State, z: IntState, lf: State, lz: IntState, rows: State, start: int, stop: int,
) -> int:  # fmt: skip
    """Live through the bars [start, stop); return where to go on: `stop`, or where room is short."""
    t = start
    while t < stop:
        t = pass_by(
            highs, lows, closes, volumes, mark_opens, mark_highs, mark_lows, mark_closes, columns, f, z, rows,
            t, stop,
        )  # fmt: skip
        moved = False
        z[BAR] = t
        z[BAR_TS] = ts[t]
        z[BAR_MS] = z[INTERVAL]
        f[OPEN_] = opens[t]
        f[HIGH] = highs[t]
        f[LOW] = lows[t]
        f[BAR_CLOSE] = closes[t]
        f[VOLUME] = volumes[t]
        f[MARK_O] = mark_opens[t]
        f[MARK_H] = mark_highs[t]
        f[MARK_L] = mark_lows[t]
        f[MARK_C] = mark_closes[t]
        if z[FUNDING_TIMES] > 0:
            begin(f, z, lf, lz)
        if could_matter(f, z):
            live_through(f, z, lf, lz, flips[t] != 0)
            survey(f, z)
            moved = True
        remember(f, z)
        close_bar(f, z)
        if z[FOLLOWS] == 1:
            follow_close(f, z)
        write_row(f, z, rows, t)
        if t >= z[DEMANDS]:
            expire(f, z, lf, lz)
        if z[MEMOS] > 0:
            tick(f, z, columns)
        if z[WATCHES] > 0:
            judge_close(f, z, lf, lz, columns)
        if fires(f, z, columns) or demands(z):
            decide(f, z, lf, lz, columns)
            moved = True
        if z[STALE] == 1:
            survey(f, z)
        if moved and (z[BAIL] != 0 or not has_room(z)):
            return t + 1
        t += 1
    return stop


def finish(f: State, z: IntState, lf: State, lz: IntState, rows: State, last: int) -> None:
    """End a run after its last bar."""
    end_of_data(f, z, lf, lz)
    write_row(f, z, rows, last)
    if z[IS_OPEN_TRIP] == 1:
        at = z[TRADES_F] + z[TRADE_ROWS] * TRADE_FLOATS + 8
        write_trip(f, z, lf, lz, -1, 0, -1, 0)
        lf[at] = unrealized(f, z)
