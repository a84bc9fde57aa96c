"""IC508 of ladders on both sides: what it advises is what a ladder takes."""

from __future__ import annotations

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
