"""An entry that comes again does so in the account kernel as in the readable engine."""

from __future__ import annotations

from itertools import pairwise

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from tests.batch_equal.runs import by_kernel, compare, data_of
from tests.strategies.made_cards import instrument

_HEAD = (
    "name: again\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000, max_leverage: 3 }\n"
    "execution: { fill_model: touch }\n"
    "position_policy: { mode: long_short }\n"
    "blocks:\n"
)
_DIP = (
    "  - { id: in, cases: [{ when: bar_index == 20 or (bar_index > 20 and not order_pending(dip) and not order_due(dip)\n"
    "      and position_side == flat), emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.1, size: 100 usdt, order_ref: dip,\n"
    "          rearm: %s, take_profit: close + 3, on_fill: [\n"
    "            { action: place_limit_exit_long, metadata: { price: position_avg_entry + 0.3, size: fill,\n"
    "                order_ref: out }}]}}]}]}\n"
)
_DIP_STOPPED = _DIP.replace("take_profit: close + 3", "stop_loss: close - 0.6")
_CANCELLED = (
    "  - { id: off, cases: [{ when: position_side != flat and close > open, emit: [\n"
    "      { action: cancel_order, metadata: { order_ref: dip }}]}]}\n"
)
_CANCELLED_AT_ONCE = (
    "  - { id: off, cases: [{ when: bars_since_entry == 0 and close > open, emit: [\n"
    "      { action: cancel_all_orders, metadata: { side: buy }}]}]}\n"
)
_GRID = (
    "  - { id: grid, cases: [{ when: not order_pending(dca) and position_side == flat, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.1, size: 60 usdt, order_ref: dca,\n"
    "          rearm: 4, ladder: { orders: 3, step: 0.3 }, on_fill: [\n"
    "            { action: place_limit_exit_long, metadata: { price: rung_price + 0.4, size: fill,\n"
    "                order_ref: out }}]}}]}]}\n"
)
_GRID_STOPPED = _GRID.replace("rearm: 4", "rearm: 4, stop_loss: rung_price - 0.2")
_GRID_LAID_ANEW = _GRID.replace(",\n                order_ref: out", "").replace(
    "not order_pending(dca) and position_side == flat", "not order_pending(dca) and bar_index > 20"
) + (
    "  - { id: off, cases: [{ when: 'mod(bar_index, 20) == 0', emit: [\n"
    "      { action: cancel_order, metadata: { order_ref: dca }}]}]}\n"
)
_OF_A_FILL = (
    "  - { id: in, cases: [{ when: position_side == flat and not order_pending(dca) and not order_due(dca), emit: [\n"
    "      { action: entry_long, metadata: { size: 100 usdt, order_ref: core, stop_loss: close - 3, on_fill: [\n"
    "       { action: place_limit_long, metadata: { price: close - 0.1, size: fill, order_ref: dca, rearm: true,\n"
    "          on_fill: [{ action: place_limit_exit_long, metadata: { price: close + 0.3, size: fill,\n"
    "                order_ref: out }}]}}]}}]}]}\n"
)
_CARDS = {
    "of_a_fill": _HEAD + _OF_A_FILL,
    "dip": _HEAD + _DIP % "true",
    "stopped": _HEAD + _DIP_STOPPED % "true",
    "counted": _HEAD + _DIP % "2",
    "cancelled": _HEAD + _DIP_STOPPED % "true" + _CANCELLED,
    "cancelled_at_once": _HEAD + _DIP % "true" + _CANCELLED_AT_ONCE,
    "grid": _HEAD + _GRID,
    "nameless": _HEAD + (_DIP % "true").replace(",\n                order_ref: out", ""),
    "grid_nameless": _HEAD + _GRID_LAID_ANEW,
    "grid_cancelled_at_once": _HEAD + _GRID + _CANCELLED_AT_ONCE,
    "grid_stopped": _HEAD + _GRID_STOPPED,
}


@pytest.mark.parametrize("name", _CARDS)
def test_an_entry_comes_again_in_the_kernel_as_in_the_engine(name: str, kernels: Kernels) -> None:
    for seed in range(3):
        outcome = compare(seed, 300, kernels, text=_CARDS[name])
        assert (outcome.difference, outcome.given_up) == ("", "")


def test_an_entry_comes_again_in_the_loop_in_python_too() -> None:
    outcome = compare(1, 120, InPython(), text=_CARDS["dip"])
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.reasons.count("place_limit_long") > 1


def test_an_entry_that_comes_again_stands_at_its_first_price(kernels: Kernels) -> None:
    prices = [
        one.limit_price
        for one in by_kernel(_CARDS["dip"], 1, kernels).orders
        if one.order_ref == "dip"
    ]
    assert any(one == after for one, after in pairwise(prices))


def test_an_entry_of_the_size_of_a_fill_comes_again_with_the_lots_its_exit_closed() -> None:
    program = compile_card(Source("card.yaml", _CARDS["of_a_fill"]))
    data = data_of(program.graph, 1, 300)
    made = run_backtest(program, data, instrument(program.graph))
    core, *others = (one for one in made.orders if one.order_ref in ("core", "dca", "out"))
    until = next(at for at, one in enumerate(others) if one.order_ref == "core")
    assert until > 2
    assert {one.quantity for one in others[:until]} == {core.quantity}
