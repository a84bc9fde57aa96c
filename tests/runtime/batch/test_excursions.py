"""Excursions of a resized trade in the account kernel: by the average entry as it stood, as the readable engine has them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from runtime.market.data import MarketData
from tests.batch_equal.runs import differences, kernel_record
from tests.strategies.runs import SMALL, Row, at_bar, card_text, emit, flat, frame

LOTS = replace(SMALL, lot=1.0)
LONG, SHORT = emit("entry_long", size="5 base"), emit("entry_short", size="5 base")
STILL = flat(100, 2)
IN = at_bar(0, LONG)  # filled at the open of bar 1, at 100


def limit(price: float) -> str:
    return emit("place_limit_long", price=price, size="5 base")


# What a card does, the bars after the first two, and (MAE, MFE) of its one trade by hand.
_TRIPS: dict[str, tuple[str, list[Row], tuple[float, float]]] = {
    # From 100 to 200, 5 more: by their average of 150 nothing was lost since.
    "far away": (
        IN + at_bar(2, LONG), [(100, 200, 100, 200), (200, 210, 190, 205)], (0.0, 100.0),
    ),
    # Best at 50 by 100, worst at 80 by 75; what comes after it left does not count.
    "short": (
        at_bar(0, SHORT) + at_bar(2, SHORT) + at_bar(3, "exit_all"),
        [(100, 100, 50, 50), (50, 80, 45, 60), (60, 120, 40, 60)], (-500 / 75, 50.0),
    ),
    # O-L-H-C: 98 by 100, 5 more at 104 on the way up; 106 and 105 by 102.
    "inside a bar": (
        IN + at_bar(1, emit("place_stop_long", trigger=104.0, size="5 base")), [(100, 106, 98, 105)], (-2.0, 4.0),
    ),
    # O-H-L-C: 101 and 96 by 100, 92 by 98, the close of 99 by 96.
    "two in one bar": (
        IN + at_bar(1, limit(96.0), limit(92.0)), [(100, 101, 92, 99)], (-600 / 98, 3.125),
    ),
    "the bar after": (
        IN + at_bar(1, limit(96.0)), [(100, 101, 92, 99), (99, 130, 80, 100)], (-1800 / 98, 3200 / 98),
    ),
    # 10 from 100, 5 sold, 5 more at 90: the average is 95, though all entries together have 96.67.
    "reduced between": (
        at_bar(0, emit("entry_long", size="10 base")) + at_bar(1, emit("exit_long", size_pct=0.5))
        + at_bar(2, limit(90.0)),
        [(100, 110, 100, 104), (104, 104, 90, 94), (94, 114, 76, 110)], (-20.0, 20.0),
    ),
    # One average: from the entry that the row shows.
    "two at one price": (
        IN + at_bar(1, LONG), [(100, 104, 97, 100)], (-3.0, 4.0),
    ),
}  # fmt: skip


def excursions(name: str, kernels: Kernels) -> tuple[float, float]:
    """Return (MAE, MFE) of the one trade in percent, after both engines recorded the same, digits and all."""
    blocks, rows, _ = _TRIPS[name]
    source = Source("card.yaml", card_text(blocks, account="max_leverage: 3"))
    program, data = compile_card(source), MarketData(exec=frame([*STILL, *rows]))
    columns = market_stage(program, data)
    record = run_backtest(program, data, LOTS, source=source, market=columns)
    record.warnings = []
    made = kernel_record(program, data, LOTS, columns, kernels, source)
    assert list(differences(record, made)) == []
    (trade,) = made.trades
    return trade.mae_pct, trade.mfe_pct


@pytest.mark.parametrize("name", _TRIPS)
def test_each_price_of_a_trip_is_held_against_the_average_entry_as_it_stood_then(
    name: str, kernels: Kernels
) -> None:
    assert excursions(name, kernels) == pytest.approx(_TRIPS[name][2])


def test_the_loop_in_python_has_the_same_averages() -> None:
    assert excursions("two in one bar", InPython()) == pytest.approx((-600 / 98, 3.125))
