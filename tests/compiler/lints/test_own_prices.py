"""A price by `order_price`: of the order itself there is none before it works, of another one it may be gone."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

_HEAD = "name: x\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: enter\n    cases:\n"
IDLE = "position_side == flat and close > open"


def told(price: str, when: str = IDLE, *, more: str = "", ref: str = "buy") -> dict[str, str]:
    order = (
        f"{{ action: place_stop_long, metadata: {{ trigger: '{price}', stop_loss: low - 1%, size: 1% of equity, "
        f"order_ref: {ref}, ttl_bars: 9, on_live_ref: replace }} }}"
    )
    checked = check(Source("x", f"{_HEAD}      - when: {when}\n        emit: [{order}]\n{more}"))
    assert checked.graph is not None, checked.diagnostics
    return {o.code: o.message for o in checked.diagnostics if o.code in ("IC308", "IC512")}


FIRST = (
    "  - id: first\n    cases:\n      - when: position_side == flat and close < open\n        emit: [{ action: place_stop_long, "
    "metadata: { trigger: high + 1%, stop_loss: low, size: 1% of equity, order_ref: buy, ttl_bars: 9, on_live_ref: replace } }]\n"
)


def test_an_order_priced_by_itself_alone_is_never_placed() -> None:
    found = told("min(high + 1 tick, order_price(buy))")
    assert list(found) == ["IC512"]
    assert "`order_price(buy)` is known only while an order `buy` works" in found["IC512"]


@pytest.mark.parametrize("price", ["min(order_price(buy) ?? high, high) + 1 tick", "high + 1 tick"])
def test_with_a_first_price_it_is_placed(price: str) -> None:
    assert told(price) == {}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (IDLE, ["IC308"]),
        (f"{IDLE} and pending_order_count > 0", ["IC308"]),
        (f"{IDLE} and order_price(buy) is not missing", []),
        (f"{IDLE} and order_price(buy) > close", []),
    ],
)
def test_one_that_another_action_places_may_be_gone(when: str, expected: list[str]) -> None:
    price = "min(high + 1 tick, order_price(buy))"
    assert list(told(price, when, more=FIRST)) == expected
    assert list(told(price, when, more=FIRST, ref="other")) == expected
