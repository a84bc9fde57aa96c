"""IC508 of ladders on both sides: what it advises is what a ladder takes."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """name: both
symbol: BTCUSDT
tf: 15m
blocks:
  - id: wait
    cases:
      - when: position_side == flat and pending_order_count == 0
        emit:
          - action: place_stop_long
            metadata: {{ order_ref: buy, trigger: high + tick, size: 5% of equity, ttl_bars: 5, stop_loss: low - 1%{rungs} }}
          - action: place_stop_short
            metadata: {{ order_ref: sell, trigger: low - tick, size: 5% of equity, ttl_bars: 5, stop_loss: high + 1%{rungs} }}
{more}"""
RUNGS = ", ladder: { orders: 2, step: 1% }"
ADVISED = """  - id: apart
    cases:
      - when: position_side == long and order_pending(sell)
        emit: [{ action: cancel_order, metadata: { order_ref: sell } }]
      - when: position_side == short and order_pending(buy)
        emit: [{ action: cancel_order, metadata: { order_ref: buy } }]
"""


def helps(rungs: str) -> set[str]:
    found = check(Source("card.yaml", CARD.format(rungs=rungs, more=""))).diagnostics
    return {one.help or "" for one in found if one.code == "IC508"}


def test_two_ladders_are_not_advised_what_a_ladder_does_not_take() -> None:
    (told,) = helps(RUNGS)
    assert "`oco" not in told
    assert "`cancel_order` of `sell` when `position_side == long and order_pending(sell)`" in told
    assert "of `buy` when `position_side == short and order_pending(buy)`" in told
    advised = check(Source("card.yaml", CARD.format(rungs=RUNGS, more=ADVISED)))
    assert [one for one in advised.diagnostics if one.severity == "error"] == []


def test_two_single_orders_are_advised_one_group() -> None:
    (told,) = helps("")
    assert "`oco: true`" in told


HALF = ADVISED.split("      - when: position_side == short", maxsplit=1)[0]
ON_FLAT = ADVISED.replace("position_side == long and ", "").replace(
    "position_side == short and ", ""
)


@pytest.mark.parametrize(("more", "told"), [(ADVISED, 0), (HALF, 1), (ON_FLAT, 1)])
def test_ladders_of_which_each_fill_cancels_the_other_are_what_was_advised(
    more: str, told: int
) -> None:
    """One side alone is not enough, nor a cancel that does not ask for the position."""
    found = check(Source("card.yaml", CARD.format(rungs=RUNGS, more=more))).diagnostics
    assert [one.code for one in found].count("IC508") == told


def test_orders_whose_fill_itself_cancels_the_other_are_apart() -> None:
    text = CARD.format(rungs="", more="")
    for side, other in (("low - 1%", "sell"), ("high + 1%", "buy")):
        cancel = f"on_fill: [{{ action: cancel_order, metadata: {{ order_ref: {other} }} }}]"
        text = text.replace(f"stop_loss: {side}", f"stop_loss: {side}, {cancel}")
    found = check(Source("card.yaml", text)).diagnostics
    assert [one for one in found if one.is_error or one.code == "IC508"] == []
