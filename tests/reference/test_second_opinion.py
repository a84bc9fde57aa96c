"""Another tool fills the product's scripts as the product does (the extra `second-opinion`)."""

from __future__ import annotations

import pytest

pytest.importorskip("nautilus_trader")


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_another_tool_fills_the_same_orders_at_the_same_prices_for_the_same_money(
    first: int,
) -> None:
    from tests.reference.second_opinion import differ

    told = [differ(seed) for seed in range(first, first + 10)]
    assert [found for _, found in told if found is not None] == []
    assert sum(fills for fills, _ in told) > 80
