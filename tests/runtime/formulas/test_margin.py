"""Tier limits and what a liquidation takes. The venue's own worked examples: `test_worked_examples`."""

from __future__ import annotations

from array import array

import pytest

from runtime.formulas.margin import (
    bankruptcy_price,
    closing_fee,
    initial_margin,
    largest_value,
    liquidation_price,
)
from runtime.market.instrument_table import INSTRUMENTS

LIMITS, LEVERAGES = array("d", [1_000.0, 5_000.0, 20_000.0]), array("d", [50.0, 20.0, 5.0])


@pytest.mark.parametrize(
    ("leverage", "most"),
    [
        (1.0, 20_000.0),
        (5.0, 20_000.0),
        (5.1, 5_000.0),
        (20.0, 5_000.0),
        (50.0, 1_000.0),
        (51.0, 0.0),
    ],
)
def test_the_largest_value_is_the_last_tier_that_carries_the_leverage(
    leverage: float, most: float
) -> None:
    assert largest_value(leverage, LIMITS, LEVERAGES) == most


def test_an_instrument_knows_its_largest_value_at_a_leverage() -> None:
    btc = INSTRUMENTS["BTCUSDT"]
    assert btc.largest_value_usdt(100.0) == 2_000_000.0
    assert btc.largest_value_usdt(90.0) == 2_600_000.0
    assert btc.largest_value_usdt(101.0) == 0.0  # above the instrument's own maximum
    # Guessed tiers, not recorded ones: they never refuse a leverage the instrument itself allows.
    assert INSTRUMENTS["SOLUSDT"].largest_value_usdt(60.0) == 200_000.0


def test_the_reserve_for_closing_is_at_the_bankruptcy_price() -> None:
    """A long at 1x cannot be worth less than nothing: no reserve. A short at 1x: twice its value."""
    assert closing_fee(1, 4_000.0, 1.0, 0.001) == 0.0
    assert closing_fee(-1, 4_000.0, 1.0, 0.001) == 8.0
    assert initial_margin(-1, 4_000.0, 4.0, 0.001) == 1_000.0 + 5.0


def test_a_liquidation_takes_the_margin_and_the_fee_to_close() -> None:
    """40 left at an average of 25 with 5x: 200 of margin and the fee at the bankruptcy price of 20."""
    out = bankruptcy_price(1, 25.0, 5.0)
    assert 40 * (25.0 - out) == pytest.approx(40 * 25.0 / 5.0)
    assert closing_fee(1, 40 * 25.0, 5.0, 0.0005) == pytest.approx(40 * out * 0.0005)
    assert out < liquidation_price(1, 25.0, 5.0, 0.01, 0.0) < 25.0
