"""What came of positions and entries so far, in numbers: for builtins that remember.

The law: as `runtime/account/results.py` has it: changed by executions and funding only.
"""

from __future__ import annotations

from math import fabs, isnan, nan

from runtime.batch.layers import layer_of
from runtime.batch.layout import (
    CLOSE,
    DECISION,
    EXIT,
    EXIT_WORD,
    FIRST_AT_OPEN,
    FIRST_ENTRY,
    FIRST_STOP,
    IS_TRAILED,
    KIND,
    LAST_ENTRY,
    LAST_EXIT,
    LAST_PNL,
    LAST_R,
    LIMITED,
    LIQUIDATED,
    LOSSES,
    LOST,
    MARKET,
    MOST_NETS,
    NETS,
    NEWEST_ENTRY,
    NUMBER,
    PLANNED_RISK,
    ROLE,
    STOP_LOSS,
    TAKE_PROFIT,
    TRADE_ROWS,
    TRIP_NET,
    WAY,
    WHOLE,
    WINS,
)  # fmt: skip
from runtime.batch.money import base_of, remaining
from runtime.batch.orders import reference_price
from runtime.batch.protection import stop_price
from runtime.kernel import IntState, State

# Places in the words of `last_exit_reason`.
_SIGNAL, _STOP, _TARGET, _TRAIL, _LIQUIDATION, _LIMIT = range(1, 7)
_WIN_RATE, _WIN, _LOSS, _TRADE = range(4)


def forget_trade(f: State) -> None:
    """Begin without a trade."""
    f[TRIP_NET] = 0.0
    f[NEWEST_ENTRY] = nan
    f[FIRST_ENTRY] = nan
    f[FIRST_STOP] = nan
    f[PLANNED_RISK] = nan


def take_in(
    f: State, z: IntState, s: int, lots: int, closed: int, realized: float, price: float, fee: float,
    has_ended: bool,
) -> None:  # fmt: skip
    """Take in an execution that was booked, with the protection it brought."""
    share = fee / lots
    if closed > 0:
        f[TRIP_NET] = f[TRIP_NET] + realized - share * closed
        f[LAST_EXIT] = price
        z[EXIT_WORD] = _word(z, s)
    if has_ended:
        f[LAST_PNL] = f[TRIP_NET]
        f[NETS + (z[TRADE_ROWS] - 1) % MOST_NETS] = f[TRIP_NET]
        is_risked = not isnan(f[PLANNED_RISK]) and f[PLANNED_RISK] != 0.0
        f[LAST_R] = f[TRIP_NET] / f[PLANNED_RISK] if is_risked else nan
        z[WINS] = z[WINS] + 1 if f[TRIP_NET] > 0.0 else 0
        z[LOSSES] = z[LOSSES] + 1 if f[TRIP_NET] < 0.0 else 0
        if f[TRIP_NET] < 0.0:
            z[LOST] = z[LOST] + 1
        forget_trade(f)
    opened = lots - closed
    if opened > 0:
        f[TRIP_NET] = f[TRIP_NET] - share * opened
        f[LAST_ENTRY] = price
        f[NEWEST_ENTRY] = price
        if f[FIRST_ENTRY] != f[FIRST_ENTRY]:
            f[FIRST_ENTRY] = price
            f[FIRST_STOP] = _stop_of(f, z, s)
            f[PLANNED_RISK] = _risk(f, z, s, price, opened)
            z[FIRST_AT_OPEN] = 1 if z[s + KIND] == MARKET else 0


def _stop_of(f: State, z: IntState, s: int) -> float:
    """Return the stop of what an entry opened: its layer's own, else the position's."""
    y = layer_of(z, z[s + NUMBER])
    own = nan if y < 0 else stop_price(f, z, y)
    return stop_price(f, z, WHOLE) if isnan(own) else own


def _risk(f: State, z: IntState, s: int, price: float, opened: int) -> float:
    """Return what the first order of a position would lose at its stop, had it been filled whole; NaN without one."""
    stop = f[FIRST_STOP]
    distance = z[s + WAY] * (price - stop)
    if distance <= 0.0:  # the price had passed it: planned from the price the order was meant for
        close = f[s + DECISION]
        distance = fabs(reference_price(f, s, f[CLOSE] if isnan(close) else close) - stop)
    return distance * (float(remaining(z, s) + opened) * base_of(f, 1))


def _word(z: IntState, s: int) -> int:
    if z[s + ROLE] == STOP_LOSS:
        return _TRAIL if z[IS_TRAILED] == 1 else _STOP
    if z[s + ROLE] == TAKE_PROFIT:
        return _TARGET
    if z[s + ROLE] == LIQUIDATED:
        return _LIQUIDATION
    if z[s + ROLE] == EXIT and z[s + KIND] == LIMITED:
        return _LIMIT
    return _SIGNAL


def figure(f: State, z: IntState, what: int, count: int) -> float:
    """Return a figure of the newest `count` trades, NaN before there are so many.

    `what`: the part that was won, the mean of those won, of those lost, of all; added up oldest first.
    """
    if z[TRADE_ROWS] < count:
        return nan
    found = 0
    total = 0.0
    for k in range(z[TRADE_ROWS] - count, z[TRADE_ROWS]):
        net = f[NETS + k % MOST_NETS]
        is_won = (what == _WIN_RATE or what == _WIN) and net > 0.0
        if is_won or what == _TRADE or (what == _LOSS and net < 0.0):
            found += 1
            total += -net if what == _LOSS else net
    if what == _WIN_RATE:
        return float(found) / float(count)
    return nan if found == 0 else total / float(found)
