"""What the fill of an order asks for is decided in the account kernel as in the readable engine."""

from __future__ import annotations

import pytest

from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from tests.batch_equal.runs import by_kernel, compare

_HEAD = (
    "name: filled\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000, max_leverage: 3 }\n"
    "execution: { fill_model: touch }\n"
    "position_policy: { mode: long_short }\n"
    "risk_model: { stop_loss: { type: percent, value: 0.6 } }\n"
    "blocks:\n"
)
_TARGETS = (
    "  - { id: in, cases: [{ when: close < open and not order_pending(dip) and not order_due(again), emit: [\n"
    "      { action: place_limit_long, metadata: { price_offset_pct: -0.1, size: 200 usdt, order_ref: dip, ttl_bars: 3,\n"
    "          on_fill: [\n"
    "            { action: place_limit_exit_long, metadata: { price: position_avg_entry + 0.5, size: fill,\n"
    "                order_ref: out, on_fill: [\n"
    "                  { action: place_limit_long, metadata: { price: close - 0.2, size: 50 usdt, order_ref: again }}]}},\n"
    "            { action: place_limit_exit_long, metadata: { price: position_avg_entry + 1, order_ref: rest }}]}}]}]}\n"
)
_GRID = (
    "  - { id: grid, cases: [{ when: not order_pending(dca) and position_side == flat, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.1, size: 60 usdt, order_ref: dca,\n"
    "          ladder: { orders: 3, step: 0.3 }, on_fill: [\n"
    "            { action: place_limit_exit_long, metadata: { price: rung_price + 0.4, size: fill,\n"
    "                order_ref: out }}]}}]}]}\n"
)
# At 0.2 above the close the first orders trade at once, at another price than they were placed at.
_AT_ONCE = _GRID.replace("close - 0.1", "close + 0.2").replace("rung_price", "fill_price")
_AGAIN = _AT_ONCE.replace("order_ref: dca,", "order_ref: dca, rearm: 3, stop_loss: close - 2,")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "text", [_HEAD + _TARGETS, _HEAD + _GRID, _HEAD + _AT_ONCE, _HEAD + _AGAIN]
)
def test_what_a_fill_asks_for_is_placed_in_the_kernel_as_in_the_engine(
    text: str, seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 300, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.reasons.count("place_limit_exit_long") > 3


def test_what_a_fill_asks_for_is_placed_by_the_loop_in_python_too() -> None:
    outcome = compare(1, 120, InPython(), text=_HEAD + _TARGETS)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert "place_limit_exit_long" in outcome.reasons


def test_a_fill_that_is_closed_again_asks_for_nothing_and_that_is_said(kernels: Kernels) -> None:
    record = by_kernel(_HEAD + _TARGETS, 1, kernels)
    refused = {(row.code, row.order_ref) for row in record.refusals}
    assert {("fill_already_closed", "out"), ("fill_already_closed", "rest")} <= refused
    assert {"dip", "out", "rest", "again"} <= {order.order_ref for order in record.orders}
