"""A newer word of one close takes the place of an order in the account kernel as in the readable engine."""

from __future__ import annotations

import pytest

from runtime.batch.account_run import Kernels
from tests.batch_equal.runs import compare
from tests.runtime.batch.test_rearm import _HEAD

_PLACED = (
    "  - { id: %s, cases: [{ when: %s, emit: [\n"
    "      { action: %s, metadata: { %s, order_ref: a, on_live_ref: replace }}]}]}\n"
)
_LIMIT = "price: close - %s, size: 100 usdt, ttl_bars: 4, stop_loss: close - 2"
_TWICE = _PLACED % ("one", "position_side == flat", "place_limit_long", _LIMIT % "0.1")
_GRID = (
    "  - { id: grid, cases: [{ when: 'mod(bar_index, 7) == 0 or bars_since_exit == 0', emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.1, size: 60 usdt, order_ref: dca,\n"
    "          on_live_ref: replace, rearm: true, ladder: { orders: 3, step: 0.2 }, on_fill: [\n"
    "            { action: place_limit_exit_long, metadata: { price: rung_price + 0.3, size: fill }}]}}]}]}\n"
)
_OUT = (
    "  - { id: in, cases: [{ when: bar_index == 20, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.1, size: 100 usdt, order_ref: dip,\n"
    "          rearm: true, on_fill: [{ action: place_limit_exit_long, metadata: { order_ref: out,\n"
    "            price: close + 0.9, size: fill }}]}}]}]}\n"
    "  - { id: out, cases: [{ when: position_side == long, emit: [\n"
    "      { action: place_limit_exit_long, metadata: { order_ref: out, price: close + 0.3,\n"
    "          size: 100% of position, on_live_ref: replace }}]}]}\n"
)
_FLIPS = "mode: long_short, allow_flip: true"
_CARDS = {
    "blocks": _HEAD + _TWICE + _PLACED % ("two", "close > open", "place_limit_long", _LIMIT % "0.3"),
    "stop": _HEAD + _TWICE
    + _PLACED % ("two", "close > open", "place_stop_long", "trigger: close + 0.2, size: 100 usdt"),
    "other_side": _HEAD.replace("mode: long_short", _FLIPS) + _TWICE
    + _PLACED % ("two", "close > open", "place_limit_short", "price: close + 0.2, size: 100 usdt")
    + _PLACED % ("three", "close > open", "place_limit_short", "price: close + 0.3, size: 90 usdt"),
    "too_large": _HEAD + _TWICE
    + _PLACED % ("two", "close > open", "place_limit_long", "price: close - 0.3, size: 9000 usdt"),
    "cut": _HEAD + (_PLACED % ("one", "position_side == flat", "place_limit_long", _LIMIT % "0.1")).replace("100 usdt", "300% of max")
    + _PLACED % ("two", "close > open", "place_limit_long", _LIMIT % "0.3"),
    "after_market": _HEAD + (_PLACED % ("one", "position_side == flat", "entry_long", "size: 100 usdt")).replace(", on_live_ref: replace", "")
    + _PLACED % ("two", "close > open", "place_limit_long", _LIMIT % "0.3"),
    "grid": _HEAD + _GRID,
    "exit": _HEAD + _OUT,
}  # fmt: skip


@pytest.mark.parametrize("name", _CARDS)
def test_the_newer_word_of_a_close_is_the_same_in_the_kernel(name: str, kernels: Kernels) -> None:
    for seed in range(2):
        outcome = compare(seed, 300, kernels, text=_CARDS[name])
        assert (outcome.difference, outcome.given_up) == ("", "")
