"""An average of a market that does not move is its price, to the last digit."""

from __future__ import annotations

import pytest

from tests.runtime.features.markets import flat
from tests.runtime.features.test_laws import compute


@pytest.mark.parametrize(
    "type_",
    [
        "sma", "wma", "stdev", "bbands", "linreg", "alma", "highest", "ema", "rma", "dema", "tema", "zlma", "kc",
        "hlc3", "vwma", "vwap", "vwap_bands", "pivots", "trima", "hma", "kama", "median",
    ],
)  # fmt: skip
@pytest.mark.parametrize("price", [0.1, 60_003.7, 97_123.7, 1.3337])
def test_averages_of_a_flat_market_are_its_price(type_: str, price: float) -> None:
    """`close > ema(20)` would be true of it for ever by a last digit of the seed."""
    column = next(iter(compute(type_, flat(150, price, is_uneven=True), short=False).values()))
    assert set(column[120:]) == {0.0 if type_ == "stdev" else price}
