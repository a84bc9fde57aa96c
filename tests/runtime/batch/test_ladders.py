"""Ladders are orders like any other: the account kernel and the engine tell them alike."""

from __future__ import annotations

from random import Random

from runtime.batch.machine_code import in_machine_code
from tests.batch_equal.runs import compare

CARD = """\
name: made
symbol: AAAUSDT
tf: 15m
account: {{ max_leverage: 3 }}
execution: {{ fill_model: {model} }}
blocks:
  - id: enter
    cases:
      - when: bar_index >= 3 and not order_pending(dca) and position_side == flat
        emit:
          - action: place_{kind}_{side}
            metadata:
              {key}: close {sign} 0.1%
              size: {size}
              stop_loss: close {behind} 9%
              order_ref: dca
              ttl_bars: {ttl}
              ladder: {{ orders: {orders}, step: 0.{step}%, step_scale: {grows}, size_scale: {scale}, size_of: total }}
  - id: leave
    cases:
      - when: bars_since_entry > {held}
        emit: [exit_all, {{ action: cancel_order, metadata: {{ order_ref: dca }} }}]
"""


def made_card(seed: int) -> str:
    rng = Random(f"ladder/{seed}")
    side, kind = rng.choice(("long", "short")), rng.choice(("limit", "stop"))
    behind, ahead = ("-", "+") if side == "long" else ("+", "-")
    return CARD.format(
        model=rng.choice(("touch", "volume_weighted", "queue")),
        side=side,
        kind=kind,
        key="price" if kind == "limit" else "trigger",
        sign=behind if kind == "limit" else ahead,
        behind=behind,
        size=rng.choice(("20% of equity", "900 usdt", "risk 1%")),
        ttl=rng.randint(2, 20),
        orders=rng.randint(2, 6),
        step=rng.randint(1, 5),
        grows=rng.choice((0.8, 1, 1.4)),
        scale=rng.choice((0.7, 1, 1.5)),
        held=rng.randint(1, 9),
    )


def test_the_account_kernel_runs_ladders_as_the_engine_does() -> None:
    kernels = in_machine_code()
    outcomes = [compare(seed, 300, kernels, text=made_card(seed)) for seed in range(12)]
    assert [o.difference for o in outcomes if o.difference] == []
    assert [o.given_up for o in outcomes if o.given_up] == []
    assert sum(o.fills > 0 for o in outcomes) > 8
