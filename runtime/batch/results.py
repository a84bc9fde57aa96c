"""What came of positions and entries so far, in numbers: for builtins that remember.

The law: as `runtime/account/results.py` has it: changed by executions and funding only.
"""

from __future__ import annotations

from math import nan

from runtime.batch.layout import (
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
    LIMITED,
    LIQUIDATED,
    LOSSES,
    LOST,
    MARKET,
    NEWEST_ENTRY,
    ROLE,
    STOP_LOSS,
    TAKE_PROFIT,
    TRIP_NET,
    WINS,
)  # fmt: skip
from runtime.batch.protection import stop_price
from runtime.kernel import IntState, State

# Places in the words of `last_exit_reason`.
_SIGNAL, _STOP, _TARGET, _TRAIL, _LIQUIDATION, _LIMIT = range(1, 7)


def forget_trade(f: State) -> None:
    """Begin without a trade."""
    f[TRIP_NET] = 0.0
    f[NEWEST_ENTRY] = nan
    f[FIRST_ENTRY] = nan
    f[FIRST_STOP] = nan


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
            f[FIRST_STOP] = stop_price(f, z)
            z[FIRST_AT_OPEN] = 1 if z[s + KIND] == MARKET else 0


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
