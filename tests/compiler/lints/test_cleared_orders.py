"""What a case cancels before it places it anew does not wait beside the new one: IC502, IC507 and IC604 count it once."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

_HEAD = "name: x\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: lay\n    cases:\n"
BUYS = (
    "{ action: place_limit_long, metadata: { price: close - 1%, size: 20% of equity, stop_loss: close * 0.8, order_ref: buys, "
    "ttl_bars: 99, ladder: { orders: 4, step: 1% } } }"
)
_OUT = "on_fill: [{ action: place_limit_exit_long, metadata: { price: high, size: fill, order_ref: out } }]"
ONE = (
    "{ action: place_limit_long, metadata: { price: close - 1%, size: 20% of equity, stop_loss: close * 0.8, order_ref: one, ttl_bars: 99, "
    f"{_OUT} }} }}"
)
FLAT = "position_side == flat and close > open"
COUNTED = {"IC502", "IC507", "IC604"}


def told(emit: str, when: str = FLAT) -> list[str]:
    checked = check(Source("x", f"{_HEAD}      - when: {when}\n        emit: [{emit}]\n"))
    assert checked.graph is not None, checked.diagnostics
    return sorted({one.code for one in checked.diagnostics} & COUNTED)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", ["IC502", "IC507", "IC604"]),
        ("cancel_all_orders, ", []),
        ("{ action: cancel_order, metadata: { order_ref: buys } }, ", []),
        ("{ action: cancel_all_orders, metadata: { order_group: buys } }, ", []),
        ("{ action: cancel_all_orders, metadata: { side: buy } }, ", []),
        # These take something else away.
        ("{ action: cancel_all_orders, metadata: { side: sell } }, ", ["IC502", "IC507", "IC604"]),
        ("{ action: cancel_all_orders, metadata: { order_group: b } }, ", ["IC502", "IC507", "IC604"]),
    ],
)  # fmt: skip
def test_a_ladder_that_is_cancelled_before_it_is_laid_is_counted_once(
    before: str, expected: list[str]
) -> None:
    assert told(f"{before}{BUYS}") == expected


def test_a_cancel_behind_the_order_is_none_of_it() -> None:
    assert told(f"{BUYS}, cancel_all_orders") == ["IC502", "IC507", "IC604"]


def test_what_is_cleared_and_adds_to_what_it_filled_is_told_of_the_position() -> None:
    assert told(f"cancel_all_orders, {BUYS}", "close > open") == ["IC507"]


@pytest.mark.parametrize(
    ("when", "first", "expected"),
    [
        (FLAT, "cancel_all_orders, ", []),
        (FLAT, "", ["IC502", "IC507", "IC604"]),
        # Held, the exit of the lots before still waits when the next lots ask for theirs.
        ("close > open", "cancel_all_orders, ", ["IC502", "IC507"]),
    ],
)
def test_an_exit_that_a_fill_asks_for_goes_with_the_position(
    when: str, first: str, expected: list[str]
) -> None:
    assert told(f"{first}{ONE}", when) == expected


def test_an_exit_that_the_fills_of_two_entries_ask_for_is_told() -> None:
    assert told(f"cancel_all_orders, {ONE}, {ONE.replace('order_ref: one', 'order_ref: two')}") == [
        "IC502"
    ]
    other = ONE.replace("order_ref: one", "order_ref: two").replace(
        "order_ref: out", "order_ref: away"
    )
    assert told(f"cancel_all_orders, {ONE}, {other}") == []
